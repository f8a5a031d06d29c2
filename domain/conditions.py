"""When each condition of the routine's vocabulary held: what deadlines hang on, and what puts them off.

Computed from a history as it happened. All times are aware and in UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.fact import Recorded
from domain.incident import Incident, fold_steps
from domain.routine import Condition, Routine
from domain.vocabulary import Scope


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that starts at `start` and lasts up to `end`, or still goes on if None."""

    start: datetime
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


Spans = dict[Condition, list[Span]]

Held = tuple[tuple[Condition, datetime | None], ...]
"""The conditions that hold, each with when time alone will end it; None where only a fact can."""


def condition_spans(happened: Sequence[Recorded], routine: Routine) -> Spans:
    """When each condition of the routine's vocabulary held or, where time alone will end it, will hold."""
    spans: Spans = {}
    moments = [recorded.occurred_at for recorded in happened]
    since: datetime | None = None
    held: Held = ()
    for place, incident in enumerate(fold_steps(happened, routine)):
        start = moments[place]
        if place + 1 < len(moments) and moments[place + 1] <= start:
            continue  # more happened at the same moment
        now_held = tuple(holding(incident, start))
        if now_held != held:  # most facts change nothing: a thousand referrals are one span
            if since:
                _add_spans(spans, held, since, start)
            since, held = start, now_held
    if since:
        _add_spans(spans, held, since, None)
    return spans


def _add_spans(spans: Spans, held: Held, start: datetime, end: datetime | None) -> None:
    for condition, until in held:
        if until is None or until > start:
            stop = min((t for t in (until, end) if t), default=None)
            found = spans.setdefault(condition, [])
            if found and found[-1].end == start:
                found[-1] = replace(found[-1], end=stop)
            else:
                found.append(Span(start, stop))


def conditions_at(incident: Incident, at: datetime) -> dict[Condition, datetime | None]:
    """The conditions that hold from `at` on, each with when time alone will end it; None where only a fact can."""
    return {condition: until for condition, until in holding(incident, at) if until is None or until > at}


def holding(i: Incident, at: datetime) -> Iterator[tuple[Condition, datetime | None]]:
    """The conditions that hold from `at`, each with when time alone will end it."""
    if i.down:
        yield "outage", None
        match i.scope:
            case Scope.ALL_USERS:
                yield "scope-all-users", None
            case Scope.REGION_WIDE:
                yield "scope-region-wide", None
            case Scope.LOCAL:
                yield "scope-local", None
        if i.routine_due_at:
            yield "clock-runs", None
        if i.waits_for_instruction:
            yield "awaiting-instruction", None
    elif i.detected_at:
        yield "restored", None
    prognosis = i.prognosis_at(at)
    if prognosis:
        yield "prognosis-in-force", prognosis.restored_by
        if i.deferral and i.deferral.until > at:
            yield "deferral-in-force", min(prognosis.restored_by, i.deferral.until)
    yield ("reserve-routine-active" if i.active else "reserve-routine-inactive"), None
    if i.outstanding:
        yield "paper-outstanding", None


def together(all_spans: list[list[Span]]) -> list[Span]:
    """When every one of these conditions holds."""
    if not all_spans:
        return []
    held = all_spans[0]
    for others in all_spans[1:]:
        held = [
            Span(max(a.start, b.start), min((t for t in (a.end, b.end) if t), default=None))
            for a in held
            for b in others
            if (a.end is None or b.start < a.end) and (b.end is None or a.start < b.end)
        ]
    return held
