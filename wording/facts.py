"""Facts, their fields and their moments as people read them: in mail, in a terminal, on a page."""

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from domain import facts as f
from domain.fact import Fact
from domain.incident import Incident
from domain.texts import N_
from domain.vocabulary import Word
from wording.times import clock, spoken
from wording.words import Texts, Words

FIELDS = {
    "unit": N_("Unit"),
    "systems": N_("Systems"),
    "description": N_("Description"),
    "referred_to_servicedesk": N_("Asked to call Servicedesk"),
    "to": N_("Passed on to"),
    "scope": N_("Scope"),
    "since": N_("Began"),
    "areas": N_("Product areas"),
    "cause": N_("Cause"),
    "summary": N_("Summary"),
    "reason": N_("Reason"),
    "outcome": N_("Outcome"),
    "channel": N_("Channel"),
    "reference": N_("Case number"),
    "count": N_("Number of callers"),
    "advice": N_("Advice"),
    "kind": N_("Kind of help"),
    "by": N_("Done by"),
    "text": N_("Text"),
    "orders": N_("Orders"),
    "channels": N_("Shown on"),
    "links": N_("Links"),
    "reserve_routine_applies": N_("Reserve routine applies"),
    "situation": N_("Situation"),
    "restored_by": N_("Expected back"),
    "source": N_("Source"),
    "message": N_("Message"),
    "until": N_("Until"),
    "serial": N_("Serial number"),
    "via": N_("Came by"),
    "acute": N_("Acute"),
    "area": N_("Product area"),
    "explanation": N_("Explanation"),
    "entry": N_("Entry"),
    "occurred_at": N_("Really happened"),
    "fields": N_("Right values"),
    "moved_to": N_("Moved to"),
    "same_as": N_("Same as"),
    "open_matters": N_("Open matters"),
    "decision": N_("Decision"),
    "decided_by": N_("Decided by"),
    "title": N_("Title"),
    "direction": N_("Direction"),
    "verdict": N_("Conclusion"),
    "findings": N_("Findings"),
    "duty": N_("Duty"),
    "due_at": N_("Due"),
    "routine": N_("Routine"),
    "routine_version": N_("Version"),
    "valid_from": N_("Valid from"),
    "valid_to": N_("Valid to"),
    "document": N_("Document"),
    "deliveries": N_("Deliveries"),
    "attempts": N_("Attempts"),
    "rows": N_("Rows"),
    "digest": N_("Digest"),
    "person": N_("Person"),
    "subscriber": N_("Subscriber"),
    "change": N_("Change"),
    "audience": N_("Told as"),
    "functions": N_("Functions"),
    "from_before": N_("Stood in the register before the log kept it"),
}
"""The short label of every field of every fact; its description in the fact is made for the command line's help."""


def field_label(field: str, words: Texts) -> str:
    """What people call a field; its own name, made readable, until somebody has found it a label."""
    return words.gettext(FIELDS[field]) if field in FIELDS else initial(field.replace("_", " "))


class Line(NamedTuple):
    """A label and what it says; the value may have several lines."""

    label: str
    value: str


def about(incident: Incident, words: Words) -> str:
    """Which systems it is about, and how far it reaches."""
    systems = listed(words, incident.systems) or words.gettext("system unknown")
    return f"{systems} · {words.name(incident.scope)}" if incident.scope else systems


def initial(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def running(text: str) -> str:
    """The text as it goes on in a sentence: with a small first letter, the rest as it is."""
    return text[:1].lower() + text[1:]


def listed(words: Words, values: Iterable[Word]) -> str:
    """The labels of these words, in their order."""
    return ", ".join(words.name(value) for value in values)


def headline(fact: Fact, words: Words, now: datetime) -> str:
    """What happened, as a mail is headed at `now`: with the datum that matters most, and nothing that people wrote
    freely."""
    _, at = words.gettext, partial(spoken, words=words, now=now, beside=now)
    match fact:
        case f.IncidentClosed():
            return _("Outage closed")
        case f.ReserveRoutineDeactivated():
            return _("The reserve routine no longer applies")
        case f.DeadlineApproaching(duty=duty, due_at=due_at) if words.routine.duty(duty):
            return _("Automatic reminder: {duty}, by {time}").format(duty=words.duty(duty), time=at(due_at))
        case f.DeadlinePassed(duty=duty, due_at=due_at) if words.routine.duty(duty):
            return _("Overdue: {duty}, was to be done {time}").format(duty=words.duty(duty), time=at(due_at))
    label, datum = initial(words.fact(fact.wire)), _key_datum(fact, words, at)
    return f"{label}: {datum}" if datum else label


def fact_lines(fact: Fact, words: Words, now: datetime, leave_out: Iterable[str] = ()) -> tuple[Line, ...]:
    """The fact's fields as a mail lists them at `now`, a line each, with yes and no; the empty ones and `leave_out`
    left out."""
    _, at = words.gettext, partial(spoken, words=words, now=now, beside=now)
    lines = []
    for field, value in _said(fact):
        if field in leave_out:
            continue
        if isinstance(value, dict):
            said = "\n".join(f"{label}: {text}" for label, text in _corrected(value, words, at))
        else:
            said = _("all of them") if _is_everywhere(value, words) else _in_words(field, value, words, at)
        lines.append(Line(field_label(field, words), said))
    return tuple(lines)


TELLING = ("duty", "serial", "outcome")
"""The field that says which one of its kind a fact is."""


def which(fact: Fact, words: Words) -> str:
    """Which duty, which paper or which outcome, beside the fact's name; empty where the name says enough."""
    field = next((field for field in TELLING if field in type(fact).model_fields), "")
    return _in_words(field, getattr(fact, field), words, clock) if field else ""


def said_of(
    fact: Fact, words: Words, now: datetime, reads: Fact | None = None, leave_out: Container[str] = ()
) -> list[tuple[str, str]]:
    """The fact's fields as an entry lists them, each with its label; the value is empty where the label says it all.

    What was not said, or is so as a matter of course, is left out, and `leave_out`. `reads` is the fact that a
    correction corrects, as it reads with its corrections.
    """
    at = partial(clock, now=now)
    pairs = []
    for field, value in _said(fact):
        if value is False or field in leave_out or (field == "areas" and _is_everywhere(value, words)):
            continue
        if isinstance(value, dict):
            right = {corrected: getattr(reads, corrected) for corrected in value} if reads else value
            said = ", ".join(f"{label} {text}" for label, text in _corrected(right, words, at))
        else:
            said = "" if value is True else _in_words(field, value, words, at)
        pairs.append((field_label(field, words), said))
    return pairs


def fields_of(
    fact: Fact, words: Words, now: datetime, reads: Fact | None = None, leave_out: Container[str] = ()
) -> str:
    """The same on one line."""
    said = said_of(fact, words, now, reads, leave_out)
    return "; ".join(f"{label}: {value}" if value else label for label, value in said)


def in_words(value: Any, words: Words, at: Callable[[datetime], str]) -> str:
    """A value of a fact or of an incident in people's words; `at` says how a moment is read."""
    if isinstance(value, bool):
        return words.gettext("yes") if value else words.gettext("no")
    if isinstance(value, Word):
        return words.name(value)
    if isinstance(value, datetime):
        return at(value)
    if isinstance(value, tuple | list):
        return ", ".join(in_words(part, words, at) for part in value)
    return str(value)


def _in_words(field: str, value: Any, words: Words, at: Callable[[datetime], str]) -> str:
    if field == "duty":
        return words.duty(value)
    if field == "channel" and not isinstance(value, Word):  # a subscriber's, which a fact has as text
        from domain.audience import ChannelName  # seldom needed

        value = ChannelName(value) if value in tuple(ChannelName) else value
    return in_words(value, words, at)


def _said(fact: Fact) -> Iterator[tuple[str, Any]]:
    """The fields that say something, in the fact's own order."""
    for field in type(fact).model_fields:
        value = getattr(fact, field)
        if value not in (None, "", (), {}):
            yield field, value


def _corrected(fields: dict[str, Any], words: Words, at: Callable[[datetime], str]) -> Iterator[tuple[str, str]]:
    for field, value in fields.items():
        yield field_label(field, words), in_words(value, words, at)


def _is_everywhere(value: Any, words: Words) -> bool:
    return isinstance(value, tuple) and set(value) == set(words.routine.areas)


def _key_datum(fact: Fact, words: Words, at: Callable[[datetime], str]) -> str:
    match fact:
        case f.OutageDetected(systems=systems) | f.ServiceRestored(systems=systems):
            return listed(words, systems)
        case f.ScopeReclassified(scope=scope):
            return words.name(scope)
        case f.PrognosisReceived(restored_by=moment) | f.ActivationDeferred(until=moment):
            return at(moment)
        case _:
            return ""
