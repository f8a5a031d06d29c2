"""An incident as it stands, in the few lines that people read."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.incident import Incident, deviations
from domain.verdict import Verdict, at_once, most_urgent
from domain.vocabulary import RoutineState
from wording import times
from wording.facts import listed
from wording.marked import Mark, Marked, Phrase
from wording.sentences import flag
from wording.words import Words

SOON = timedelta(minutes=30)
HALF_A_MINUTE = timedelta(seconds=30)


def to_be_done(found: Sequence[Verdict], now: datetime) -> list[Verdict]:
    """Of these verdicts what is to be done, the most urgent first, each act once; last what to wait for."""
    waiting = [verdict for verdict in found if verdict.duty.forbids and verdict.word == "pending"]
    return [*at_once(most_urgent(found, now)), *waiting]


Row = tuple[str, Phrase]
"""What is said, beside its label; the label is empty where the one above goes on."""


def rows(incident: Incident, words: Words, to_do: Sequence[Verdict], now: datetime, *, most: int = 3) -> list[Row]:
    """What is said of how the incident stands."""
    _ = words.gettext
    out: list[Row] = []
    if incident.down:
        out.append((_("Clock"), (_clock(incident, words, now),)))
        prognosis = incident.prognosis_at(now)
        said = _("none")
        if prognosis:
            said = _("restored by {time}").format(time=times.clock(prognosis.restored_by, now))
            said += f" – {prognosis.source}" if prognosis.source else ""
        out.append((_("Prognosis"), (said,)))
    if incident.detected_at and incident.scope:
        out.append((_("Reserve routine"), (_routine(incident, words, now),)))
    if incident.received:
        out.append((_("Paper"), _paper(incident, words)))
    for deviation in deviations(incident)[-most:]:
        said = _("entry {entry}: {what}").format(entry=deviation.entry, what=flag(deviation.code, words))
        out.append((_("Deviation"), (said + (f" – {deviation.reason}" if deviation.reason else ""),)))
    for place, verdict in enumerate(to_do[:most]):
        out.append((_("Next") if place == 0 else "", duty_line(verdict, words, now)))
    if len(to_do) > most:
        more = len(to_do) - most
        said = words.ngettext("and {count} more: reservrutin due", "and {count} more: reservrutin due", more)
        out.append(("", (said.format(count=more),)))
    return out


def about(incident: Incident, words: Words) -> str:
    """Which systems it is about, and how far it reaches."""
    systems = listed(words, incident.systems) or words.gettext("system unknown")
    return f"{systems} · {words.name(incident.scope)}" if incident.scope else systems


def duty_line(verdict: Verdict, words: Words, now: datetime) -> Phrase:
    """Who does what, and when it is or was due."""
    _ = words.gettext
    text = f"{verdict.duty.text.in_(words.language)} – {words.name(verdict.duty.who)}"
    if verdict.due_at is None:
        return (text,)
    if verdict.word in ("overdue", "missed"):
        return f"{text}, ", Marked(_("{span} late").format(span=times.span(verdict.late)), Mark.LATE)
    if verdict.due_at <= now:
        due = _("due now, since {time}").format(time=times.clock(verdict.due_at, now))
        return f"{text}, ", Marked(due, Mark.WARNING)
    left = _("by {time} (in {span})").format(
        time=times.clock(verdict.due_at, now), span=times.span(verdict.due_at - now + HALF_A_MINUTE)
    )
    return f"{text}, ", Marked(left, Mark.WARNING) if verdict.due_at - now <= SOON else left


def _clock(incident: Incident, words: Words, now: datetime) -> str:
    _ = words.gettext
    began = incident.down_since or now
    said = _("down since {time}, {span}").format(time=times.clock(began, now), span=times.span(now - began))
    if len(incident.down) < len(incident.systems):
        said += _("; still down: {systems}").format(systems=listed(words, incident.down))
    return said


def _routine(incident: Incident, words: Words, now: datetime) -> str | Marked:
    _ = words.gettext
    state, due_at = incident.routine_state(now), incident.routine_due_at
    if state is RoutineState.ACTIVE and incident.activated_at:
        return Marked(_("active since {time}").format(time=times.clock(incident.activated_at, now)), Mark.ACTIVE)
    if state is RoutineState.DUE and due_at:
        said = _("due since {time}: {span} without the systems").format(
            time=times.clock(due_at, now), span=times.span(incident.routine.reserve_routine.after)
        )
        return Marked(said, Mark.LATE)
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
    return words.name(state)


def _paper(incident: Incident, words: Words) -> Phrase:
    _ = words.gettext
    said = _("{received} received, {entered} entered, {set_aside} set aside").format(
        received=incident.received, entered=incident.entered, set_aside=incident.set_aside
    )
    if not incident.outstanding:
        return (f"{said}: " + _("all balanced"),)
    shown = list(incident.outstanding)[:6]
    more = "" if len(incident.outstanding) <= len(shown) else " …"
    left = _("{count} outstanding").format(count=len(incident.outstanding))
    return f"{said}, ", Marked(left, Mark.STRONG), f": {', '.join(shown)}{more}"
