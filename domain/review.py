"""A history held against the routine: what is due, what was kept, late or missed, and by what evidence.

Everything is computed from the history as it happened, so a back-dated fact or a correction moves
deadlines too, also into the past. All times are aware and in UTC.
"""

from collections.abc import Sequence
from datetime import datetime

from domain import first_edition
from domain.conditions import Span, Spans, conditions_at
from domain.course import Course, go_through
from domain.fact import Recorded
from domain.incident import Incident
from domain.routine import Routine
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
    return [verdict for duty in course.routine.duties for verdict in first_edition.judge(duty, course, spans, now)]


def recorded_afterwards(written: Sequence[Recorded], routine: Routine) -> list[Recorded]:
    """What people wrote down longer after it happened than the routine takes for at once, by entry.

    The clock is no person, and says itself how late it is.
    """
    return [
        recorded
        for recorded in sorted(written, key=lambda recorded: recorded.entry)
        if not recorded.fact.clocks and recorded.recorded_at - recorded.occurred_at > routine.recorded_within
    ]


def due_as_known(verdict: Verdict, spans: Spans, incident: Incident, at: datetime) -> datetime | None:
    """When the verdict's duty was due by what had happened up to `at`, where `incident` stood so.

    `spans` may know of more: a prognosis that came later does not put off what was due before it.
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
    return first_edition.falls_due(verdict.duty, Span(verdict.started_at), known)[0]
