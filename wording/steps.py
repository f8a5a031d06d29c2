"""One step of a replay: in words, each with its label, and as JSON says it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import click

from cli.commands.log import document, target
from cli.render import fields_of, shown
from domain.delivery import Told
from domain.fact import Recorded
from domain.history import as_happened, corrections
from domain.incident import Incident
from domain.replay import Begun, Change, Paper, Step
from domain.routine import Duty
from domain.texts import N_
from domain.verdict import Verdict
from domain.vocabulary import RoutineState, Word
from wording import times
from wording.sentences import flag
from wording.standing import as_json
from wording.words import _, fact_name, name, routine, spoken

Row = tuple[str | None, str]
"""A label and its words. It is empty where the label above goes on, None where the fact speaks for itself."""

A_MINUTE = timedelta(minutes=1)
LABEL_WIDTH = 8
WHAT = {
    "status": N_("status"),
    "scope": N_("scope"),
    "systems": N_("concerns"),
    "systems_down": N_("down"),
    "areas": N_("product areas"),
    "prognosis": N_("prognosis"),
    "deferred_until": N_("deferred until"),
    "reserve_routine": N_("reserve routine"),
    "reserve_routine_due_at": N_("to be activated"),
}
PAPER = {
    "received": N_("paper received"),
    "entered": N_("entered"),
    "set_aside": N_("set aside"),
    "outstanding": N_("outstanding"),
}
SAID_BY_THE_FACT = {
    "scope": "scope",
    "systems": "systems",
    "systems_down": "systems",
    "areas": "areas",
    "prognosis": "restored_by",
    "deferred_until": "until",
}
"""What of the standing first reads as a field of the fact does, and is not said twice."""


class Account:
    """What a replay is told with: the facts as written, and who was told of each."""

    def __init__(self, written: Sequence[Recorded], told: dict[int, list[Told]]) -> None:
        self._told = told
        self._corrected_by = corrections(written)
        self._read = {recorded.entry: recorded for recorded in as_happened(written)}

    def headline(self, step: Step) -> str:
        """The time by the clock that the replay goes by, what it is and who recorded it."""
        recorded = step.recorded
        label = click.style(fact_name(recorded.fact.wire, recorded.fact.label), bold=True)
        return f"{times.clock(step.at, step.at)}  {label}  {name(recorded.recorded_as)}"

    def rows(self, step: Step) -> Iterator[Row]:
        """Everything else about the step."""
        recorded = step.recorded
        if said := fields_of(recorded.fact, step.at, target(recorded, self._read)):
            yield None, said
        if recorded.note:
            yield None, _("note: {text}").format(text=recorded.note)
        if recorded.deviation:
            yield None, click.style(_("deviation: {text}").format(text=recorded.deviation), fg="yellow")
        yield from self._when(step)
        by = self._corrected_by.get(recorded.entry)
        if by and step.at == recorded.occurred_at == self._read[recorded.entry].occurred_at:
            said = _("so corrected by entry {entries}").format(entries=", ".join(map(str, by)))
            yield None, click.style(said, dim=True)
        if changes := "; ".join(said for change in step.changes if (said := _change(change, step))):
            yield _("Now"), changes
        for odd in step.flags:
            of = "" if odd.entry == recorded.entry else _("entry {entry}: ").format(entry=odd.entry)
            rule = f" ({odd.rule})" if odd.rule else ""
            yield _("Flagged"), click.style(f"{of}{flag(odd.code)}{rule}", fg="yellow")
        yield from _once(_("Begins"), [_begins(start, step) for start in step.started])
        yield from _once(_("Done"), [_done(verdict, step) for verdict in step.fulfilled])
        yield from _once(_("Undone"), [_undone(duty) for duty in step.undone])
        yield from _once(_("Told"), _told(self._told.get(recorded.entry, ()), step.at))

    def document(self, step: Step, incident: Incident, at: datetime) -> dict[str, Any]:
        """The step as JSON says it, with the incident's status `at` a moment."""
        return document(step.recorded, self._corrected_by) | {
            "status": as_json(incident, at),
            "status_at": times.iso(at),
            "changed": {
                change.what: {"before": _plain(change.before), "after": _plain(change.after), "by_time": change.by_time}
                for change in step.changes
            },
            "flags": [{"entry": odd.entry, "code": odd.code, "rule": odd.rule} for odd in step.flags],
            "duties_started": [
                {
                    "duty": start.duty.id,
                    "rules": start.duty.rules,
                    "who": start.duty.who,
                    "due_at": _plain(start.due_at),
                }
                for start in step.started
            ],
            "duties_fulfilled": [
                {
                    "duty": verdict.duty.id,
                    "rules": verdict.duty.rules,
                    "who": verdict.duty.who,
                    "verdict": verdict.word,
                    "late_seconds": int(verdict.late.total_seconds()),
                    "evidence": verdict.evidence,
                }
                for verdict in step.fulfilled
            ],
            "duties_undone": [{"duty": duty.id, "rules": duty.rules, "who": duty.who} for duty in step.undone],
            "recorded_late_seconds": int(step.late.total_seconds()) if step.late else 0,
            "told": [
                {
                    "audience": told.audience,
                    "state": told.state,
                    "subscribers": told.subscribers,
                    "first_sent_at": times.iso(told.first_at),
                    "last_sent_at": times.iso(told.last_at),
                }
                for told in self._told.get(step.recorded.entry, ())
            ],
        }

    def _when(self, step: Step) -> Iterator[Row]:
        """The other of the two clocks, where it shows another time."""
        recorded, later = step.recorded, step.recorded.recorded_at - step.recorded.occurred_at
        if later < A_MINUTE:
            return
        words = _("recorded {time}, {span} later")
        other = recorded.recorded_at
        if step.at != recorded.occurred_at:
            words, other = _("happened {time}, {span} earlier"), recorded.occurred_at
        said = words.format(time=times.clock(other, step.at), span=times.span(later))
        yield (_("Late"), click.style(said, fg="yellow")) if step.late else (None, click.style(said, dim=True))


def _once(label: str, told: Sequence[str]) -> Iterator[Row]:
    """The label beside the first alone."""
    for place, words in enumerate(told):
        yield label if place == 0 else "", words


def _change(change: Change, step: Step) -> str:
    """What became of one thing, empty where the fact's own words have said it."""
    what, before, after = change.what, change.before, change.after
    if isinstance(after, Paper):
        pairs = ((key, getattr(before, key), getattr(after, key)) for key in PAPER)
        return ", ".join(f"{_(PAPER[key])} {was} → {became}" for key, was, became in pairs if was != became)
    said_already = getattr(step.recorded.fact, SAID_BY_THE_FACT.get(what, ""), None) == after
    everywhere = what == "areas" and set(after) == set(routine().areas)
    if not before and (said_already or everywhere or after is RoutineState.INACTIVE):
        return ""
    words = _value(after, step.at) if before is None else f"{_value(before, step.at)} → {_value(after, step.at)}"
    words = f"{_(WHAT[what])} {words}"
    return _("{change} (as time went by)").format(change=words) if change.by_time else words


def _value(value: Any, at: datetime) -> str:
    return shown(value, at) if value else "–"


def _begins(start: Begun, step: Step) -> str:
    duty = start.duty
    said = f"{duty.text.in_(spoken())} – {name(duty.who)}"
    if start.due_at:
        said += ", " + _("due {time}").format(time=times.clock(start.due_at, step.at))
    return f"{said} ({', '.join(duty.rules)})"


def _done(verdict: Verdict, step: Step) -> str:
    how = click.style(_("in time"), fg="green")
    if verdict.word == "late":
        how = click.style(_("{span} late").format(span=times.span(verdict.late)), fg="red", bold=True)
    elif verdict.due_at is None:
        how = ""
    elsewhere = [entry for entry in verdict.evidence if entry != step.recorded.entry]
    by = _("entry {entries}").format(entries=", ".join(map(str, elsewhere))) if elsewhere else ""
    said = ", ".join(part for part in (verdict.duty.text.in_(spoken()), how, by) if part)
    return f"{said} ({', '.join(verdict.duty.rules)})"


def _undone(duty: Duty) -> str:
    said = _("no longer counts as done: {duty}").format(duty=duty.text.in_(spoken()))
    return f"{click.style(said, fg='yellow')} ({', '.join(duty.rules)})"


def _told(found: Sequence[Told], at: datetime) -> list[str]:
    """Who was told, and when the mail server took it, those of whom the same is to be said together."""
    said: dict[str, list[str]] = {}
    for told in found:
        said.setdefault(_taken(told, at), []).append(f"{name(told.audience)} {told.subscribers}")
    return [f"{', '.join(who)} – {words}" for words, who in said.items()]


def _taken(told: Told, at: datetime) -> str:
    if told.state is None:
        return _("not sent by then")
    if told.first_at is None or told.last_at is None:
        return name(told.state)
    first, last = times.clock(told.first_at, at), times.clock(told.last_at, at)
    if first == last:
        return _("the mail server took it {time}").format(time=first)
    return _("the mail server took it {first} to {last}").format(first=first, last=last)


def _plain(value: Any) -> Any:
    """As JSON says it."""
    if isinstance(value, datetime):
        return times.iso(value)
    if isinstance(value, Paper):
        return value._asdict()
    return value.value if isinstance(value, Word) else list(value) if isinstance(value, tuple) else value
