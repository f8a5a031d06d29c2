"""An incident as it stands: the JSON of the contract, and the few lines that people read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import click

from cli.terminal.command import wants_json
from cli.terminal.lines import WIDTH, labelled, wrap, wrapped
from domain.incident import Incident
from domain.verdict import Verdict, at_once, most_urgent
from domain.vocabulary import RoutineState, Status
from wording import times
from wording.sentences import flag, is_its_own, unjudged
from wording.words import _, name, ngettext, spoken

LABEL_WIDTH = 15
COLOURS = {Status.SUSPECTED: "yellow", Status.ONGOING: "red", Status.RESTORED: "green", Status.CLOSED: "cyan"}
SOON = timedelta(minutes=30)
HALF_A_MINUTE = timedelta(seconds=30)


def as_json(incident: Incident, now: datetime) -> dict[str, Any]:
    """The object that `show --json` prints."""
    prognosis = incident.prognosis_at(now)
    return {
        "incident": incident.number,
        "status": incident.status,
        "scope": incident.scope,
        "systems": list(incident.systems),
        "systems_down": list(incident.down),
        "areas": list(incident.areas),
        "detected_at": times.iso(incident.detected_at),
        "restored_at": times.iso(incident.restored_at),
        "closed_at": times.iso(incident.closed_at),
        "prognosis": {"restored_by": times.iso(prognosis.restored_by)} if prognosis else None,
        "reserve_routine": {
            "state": incident.routine_state(now),
            "due_at": times.iso(incident.routine_due_at),
            "activated_at": times.iso(incident.activated_at),
            "deactivated_at": times.iso(incident.deactivated_at),
        },
        "referrals": {
            "received": incident.received,
            "entered": incident.entered,
            "set_aside": incident.set_aside,
            "outstanding": list(incident.outstanding),
        },
        "deviations": deviations(incident),
        "entries": incident.entries,
    }


def deviations(incident: Incident) -> list[dict[str, Any]]:
    """Everything that does not fit the routine, with the reason where one was given."""
    found = [
        {"entry": i.entry, "code": i.code, "rule": i.rule, "reason": incident.stated.get(i.entry, "")}
        for i in incident.irregularities
    ]
    flagged = {deviation["entry"] for deviation in found}
    stated = [
        {"entry": entry, "code": "stated", "rule": "", "reason": reason}
        for entry, reason in incident.stated.items()
        if entry not in flagged
    ]
    return sorted([*found, *stated], key=lambda deviation: int(str(deviation["entry"])))


@contextmanager
def others_go_on(incident: str, blocks: list[str]) -> Iterator[None]:
    """Whatever keeps this incident from being judged is told among the blocks, to programs on standard error."""
    try:
        yield
    except Exception as error:  # whatever is wrong with this one, the others are shown
        if not is_its_own(error):
            raise
        said = unjudged(incident, error)
        if wants_json():
            click.echo(said, err=True)
        blocks.append(click.style(wrapped(said, 0), fg="red"))


def to_be_done(found: Sequence[Verdict], now: datetime) -> list[Verdict]:
    """Of these verdicts what is to be done, the most urgent first, each act once; last what to wait for."""
    waiting = [verdict for verdict in found if verdict.duty.forbids and verdict.word == "pending"]
    return [*at_once(most_urgent(found, now)), *waiting]


def lines(incident: Incident, to_do: Sequence[Verdict], now: datetime, *, most: int = 3) -> list[str]:
    """The incident in a few lines of at most 80 columns."""
    told = [labelled(label, words, LABEL_WIDTH) for label, words in rows(incident, to_do, now, most=most)]
    return [headline(incident), *told]


def rows(incident: Incident, to_do: Sequence[Verdict], now: datetime, *, most: int = 3) -> list[tuple[str, str]]:
    """What is said of how the incident stands, each with its label, if it has one of its own."""
    out: list[tuple[str, str]] = []
    if incident.down:
        out.append((_("Clock"), _clock(incident, now)))
        prognosis = incident.prognosis_at(now)
        said = _("none")
        if prognosis:
            said = _("restored by {time}").format(time=times.clock(prognosis.restored_by, now))
            said += f" – {prognosis.source}" if prognosis.source else ""
        out.append((_("Prognosis"), said))
    if incident.detected_at and incident.scope:
        out.append((_("Reserve routine"), _routine(incident, now)))
    if incident.received:
        out.append((_("Paper"), _paper(incident)))
    for deviation in deviations(incident)[-most:]:
        words = _("entry {entry}: {what}").format(entry=deviation["entry"], what=flag(deviation["code"]))
        out.append((_("Deviation"), words + (f" – {deviation['reason']}" if deviation["reason"] else "")))
    out += [(_("Next") if place == 0 else "", duty_line(verdict, now)) for place, verdict in enumerate(to_do[:most])]
    if len(to_do) > most:
        more = len(to_do) - most
        out.append(
            (
                "",
                ngettext("and {count} more: reservrutin due", "and {count} more: reservrutin due", more).format(
                    count=more
                ),
            )
        )
    return out


def duty_line(verdict: Verdict, now: datetime) -> str:
    """Who does what, and when it is or was due."""
    text = f"{verdict.duty.text.in_(spoken())} – {name(verdict.duty.who)}"
    if verdict.due_at is None:
        return text
    if verdict.due_at <= now:
        late = _("{span} late").format(span=times.span(now - verdict.due_at))
        return f"{text}, {click.style(late, fg='red', bold=True)}"
    left = _("by {time} (in {span})").format(
        time=times.clock(verdict.due_at, now), span=times.span(verdict.due_at - now + HALF_A_MINUTE)
    )
    return f"{text}, {click.style(left, fg='yellow') if verdict.due_at - now <= SOON else left}"


def headline(incident: Incident, width: int = WIDTH) -> str:
    """Its number, its status, and what it is about."""
    status = click.style(name(incident.status).upper(), fg=COLOURS[incident.status], bold=True)
    systems = ", ".join(name(system) for system in incident.systems) or _("system unknown")
    parts = [click.style(incident.number, bold=True), status, systems]
    if incident.scope:
        parts.append(name(incident.scope))
    return wrap("  ".join(parts[:2]) + "  " + " · ".join(parts[2:]), width, subsequent_indent="  ")


def _clock(incident: Incident, now: datetime) -> str:
    began = incident.down_since or now
    words = _("down since {time}, {span}").format(time=times.clock(began, now), span=times.span(now - began))
    if len(incident.down) < len(incident.systems):
        words += _("; still down: {systems}").format(systems=", ".join(name(system) for system in incident.down))
    return words


def _routine(incident: Incident, now: datetime) -> str:
    state, due_at = incident.routine_state(now), incident.routine_due_at
    words = name(state)
    if state is RoutineState.ACTIVE and incident.activated_at:
        return click.style(
            _("active since {time}").format(time=times.clock(incident.activated_at, now)), fg="magenta", bold=True
        )
    if state is RoutineState.DUE and due_at:
        words = _("due since {time}: {span} without the systems").format(
            time=times.clock(due_at, now), span=times.span(incident.routine.reserve_routine.after)
        )
        return click.style(words, fg="red", bold=True)
    if state is RoutineState.ENDED and incident.deactivated_at:
        return _("ended {time}").format(time=times.clock(incident.deactivated_at, now))
    if incident.deferred_at(now) and incident.deferral:
        return _("deferred until {time}").format(time=times.clock(incident.deferral.until, now))
    if due_at and due_at > now:
        return _("inactive; due {time} (in {span})").format(
            time=times.clock(due_at, now), span=times.span(due_at - now)
        )
    if incident.waits_for_instruction:
        return _("inactive; an instruction is awaited")
    return words


def _paper(incident: Incident) -> str:
    words = _("{received} received, {entered} entered, {set_aside} set aside").format(
        received=incident.received, entered=incident.entered, set_aside=incident.set_aside
    )
    if not incident.outstanding:
        return f"{words}: " + _("all balanced")
    shown = list(incident.outstanding)[:6]
    more = "" if len(incident.outstanding) <= len(shown) else " …"
    left = _("{count} outstanding").format(count=len(incident.outstanding))
    return f"{words}, {click.style(left, bold=True)}: {', '.join(shown)}{more}"
