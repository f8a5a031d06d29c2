"""A history held against the routine: what is due, what was kept, late or missed, and by what evidence.

Everything is computed from the history as it happened, so a back-dated fact or a correction moves
deadlines too, also into the past. This is the one place that decides how a duty stands at a moment: whoever shows one
asks here. All times are aware and in UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from domain import judging
from domain.conditions import Span, Spans, conditions_at
from domain.course import Course, go_through
from domain.fact import Recorded
from domain.facts import DeadlinePassed
from domain.incident import Incident
from domain.routine import Condition, Duty, Routine
from domain.verdict import Verdict


def verdicts(happened: Sequence[Recorded], routine: Routine, now: datetime) -> list[Verdict]:
    """A verdict for every duty of the routine that this history, given as it happened, brought about."""
    return judged(go_through((recorded for recorded in happened if recorded.occurred_at <= now), routine), now)


def judged(course: Course, now: datetime) -> list[Verdict]:
    """A verdict for every duty of its routine that this course brought about; nothing in it happened after `now`. An
    incident that was voided is not judged (Q29)."""
    if course.incident.voided:
        return []
    spans = course.spans
    return [verdict for duty in course.routine.duties for verdict in _judge(duty, course, spans, now)]


def unrecorded(history: Iterable[Recorded], found: Iterable[Verdict], now: datetime) -> list[Verdict]:
    """Of these verdicts those whose deadline has passed by `now` without the clock having recorded it."""
    known = {(r.fact.duty, r.fact.due_at) for r in history if isinstance(r.fact, DeadlinePassed)}
    return [verdict for verdict in found if verdict.passed(now) and (verdict.duty.id, verdict.due_at) not in known]


class Unapplied(NamedTuple):
    """A duty that never came about: the conditions that never held, and the facts that never started it."""

    duty: Duty
    conditions: tuple[Condition, ...] = ()
    facts: tuple[str, ...] = ()


def unapplied(course: Course, found: Sequence[Verdict]) -> list[Unapplied]:
    """The duties of the routine that this course, with these verdicts, did not bring about, and why."""
    if course.incident.voided:
        return []
    spans, brought_about = course.spans, {verdict.duty.id for verdict in found}
    return [_unapplied(duty, course, spans) for duty in course.routine.duties if duty.id not in brought_about]


def _unapplied(duty: Duty, course: Course, spans: Spans) -> Unapplied:
    never = tuple(condition for condition in duty.during if not spans.get(condition))
    facts = tuple(dict.fromkeys(pattern.fact for pattern in duty.starts))
    if never or not duty.starts:
        return Unapplied(duty, never or duty.during)  # each may have held, but never all of them together
    return Unapplied(duty, duty.during if course.matches[duty.id].starting else (), facts)


def recorded_afterwards(written: Sequence[Recorded], routine: Routine) -> list[Recorded]:
    """What people wrote down longer after it happened than the routine takes for at once, by entry.

    The clock is no person, and says itself how late it is.
    """
    return [
        recorded
        for recorded in sorted(written, key=lambda recorded: recorded.entry)
        if not recorded.fact.clocks and recorded.recorded_at - recorded.occurred_at > routine.recorded_within
    ]


def due_as_known(verdict: Verdict, course: Course, spans: Spans, incident: Incident, at: datetime) -> datetime | None:
    """When the verdict's duty was due by what had happened up to `at`, where `incident` stood so.

    The course and its spans may know of more: a prognosis that came later does not put off what was due before it.
    """
    ahead = conditions_at(incident, at)
    known: Spans = {
        condition: [
            span if span.end is not None and span.end <= at else Span(span.start, ahead[condition])
            for span in spans.get(condition, [])
            if span.start <= at and (condition in ahead or (span.end is not None and span.end <= at))
        ]
        for condition in ("outage", *verdict.duty.unless)
    }
    duty, span = verdict.duty, Span(verdict.started_at)
    if incident.routine.edition == 1:
        from domain import first_edition  # of incidents long ago

        return first_edition.falls_due(duty, span, first_edition.joined(known))[0]
    return judging.falls_due(duty, span, course.began_at(duty, span.start, at), known)[0]


def _judge(duty: Duty, course: Course, spans: Spans, now: datetime) -> Iterator[Verdict]:
    if course.routine.edition == 1:
        from domain import first_edition  # of incidents long ago

        return first_edition.judge(duty, course, spans, now)
    return judging.judge(duty, course, spans, now)
