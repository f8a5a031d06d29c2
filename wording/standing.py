"""An incident as it stands, in the few lines that people read."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.incident import Incident, deviations
from domain.verdict import Verdict
from domain.vocabulary import RoutineState
from domain.whose_turn import Turn, Turns
from wording import times
from wording.facts import listed
from wording.marked import Mark, Marked, Phrase
from wording.sentences import flag
from wording.words import Words

SOON = timedelta(minutes=30)
HALF_A_MINUTE = timedelta(seconds=30)


Row = tuple[str, Phrase]
"""What is said, beside its label; the label is empty where the one above goes on."""


def rows(incident: Incident, words: Words, now: datetime, *, most: int = 3) -> list[Row]:
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
    if incident.detected_at and incident.scope and not incident.voided:
        out.append((_("Reserve routine"), (_routine(incident, words, now),)))
    if incident.received:
        out.append((_("Paper"), _paper(incident, words)))
    for deviation in deviations(incident)[-most:]:
        said = _("entry {entry}: {what}").format(entry=deviation.entry, what=flag(deviation.code, words))
        out.append((_("Deviation"), (said + (f" – {deviation.reason}" if deviation.reason else ""),)))
    if keeper := incident.keeper:
        said = _("{function} since {time}").format(
            function=words.name(keeper.function), time=times.clock(keeper.since, now)
        )
        out.append((_("Log kept by"), (said + (f" – {keeper.open_matters}" if keeper.open_matters else ""),)))
    return out


def turn_rows(turns: Turns, words: Words, now: datetime, *, most: int = 3) -> list[Row]:
    """What those who look have to do, and in a line each what others are waited for."""
    _ = words.gettext
    own = [(_("Next"), turn_line(turn, words, now)) for turn in turns.own[:most]]
    others = [(_("Waiting for"), waiting_line(turn, words, now)) for turn in turns.others[:most]]
    more = len(turns.own) + len(turns.others) - len(own) - len(others)
    said = words.ngettext("and {count} more: reservrutin due", "and {count} more: reservrutin due", more)
    return [*_labelled_once(own), *_labelled_once(others), *([("", (said.format(count=more),))] if more else [])]


def _labelled_once(some: list[Row]) -> list[Row]:
    return [(label if place == 0 else "", said) for place, (label, said) in enumerate(some)]


def turn_line(turn: Turn, words: Words, now: datetime) -> Phrase:
    """Something that is to be done: who does what, since when it was asked for, and when it is or was due."""
    return f"{_what(turn, words)} – {words.name(turn.who)}", *_when(turn, words, now)


def waiting_line(turn: Turn, words: Words, now: datetime) -> Phrase:
    """The same of what somebody else is waited for."""
    what = _what(turn, words)
    return f"{words.name(turn.who)}: {what[:1].lower()}{what[1:]}", *_when(turn, words, now)


def duty_line(verdict: Verdict, words: Words, now: datetime) -> Phrase:
    """Who does what, and when it is or was due."""
    return turn_line(Turn(verdict.duty.who, verdict), words, now)


def _what(turn: Turn, words: Words) -> str:
    if turn.verdict is None:
        return words.gettext("Publish operating information")
    return turn.verdict.duty.text.in_(words.language)


def _when(turn: Turn, words: Words, now: datetime) -> Iterator[str | Marked]:
    _ = words.gettext
    if turn.asked_at:
        yield ", " + _("asked for {time}").format(time=times.clock(turn.asked_at, now))
    verdict = turn.verdict
    if verdict is None or verdict.due_at is None:
        return
    yield ", "
    if verdict.word in ("overdue", "missed"):
        yield Marked(_("{span} late").format(span=times.span(verdict.late)), Mark.LATE)
    elif verdict.due_at <= now:
        yield Marked(_("due now, since {time}").format(time=times.clock(verdict.due_at, now)), Mark.WARNING)
    else:
        left = _("by {time} (in {span})").format(
            time=times.clock(verdict.due_at, now), span=times.span(verdict.due_at - now + HALF_A_MINUTE)
        )
        yield Marked(left, Mark.WARNING) if verdict.due_at - now <= SOON else left


def _clock(incident: Incident, words: Words, now: datetime) -> str:
    _ = words.gettext
    began = incident.down_since or now
    said = _("down since {time}, {span}").format(time=times.clock(began, now), span=times.span(now - began))
    if len(incident.down) < len(incident.systems):
        said += _("; still down: {systems}").format(systems=listed(words, incident.down))
    return said


def _routine(incident: Incident, words: Words, now: datetime) -> str | Marked:
    _ = words.gettext
    state, due_at = incident.routine_state(now), incident.routine_still_due_at
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
