"""When each condition of the routine's vocabulary held: what deadlines hang on, and what puts them off.

Found along a history as it happened (`domain.course`). All times are aware and in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.incident import Incident
from domain.routine import Condition
from domain.vocabulary import Scope


class Span(NamedTuple):
    """A stretch of time that starts at `start` and lasts up to `end`, or still goes on if None."""

    start: datetime
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


Spans = dict[Condition, list[Span]]

Held = tuple[tuple[Condition, datetime | None], ...]
"""The conditions that hold, each with when time alone will end it; None where only a fact can."""


@dataclass(slots=True)
class Conditions:
    """When conditions held, along an incident whose facts come as they happened: `settled` up to `since`, from when
    on `held` do."""

    settled: Spans = field(default_factory=dict)
    since: datetime | None = None
    held: Held = ()

    def settle(self, incident: Incident) -> None:
        """Take in what holds from the incident's latest moment on, now that all that happened then is known."""
        if incident.latest_at is None:
            return
        held = tuple(holding(incident, incident.latest_at))
        if held != self.held:  # most facts change nothing: a thousand referrals are one span
            if self.since:
                _add_spans(self.settled, self.held, self.since, incident.latest_at)
            self.since, self.held = incident.latest_at, held

    def spans(self, incident: Incident) -> Spans:
        """When each condition of the routine's vocabulary held or, where time alone will end it, will hold."""
        on = Conditions({condition: list(found) for condition, found in self.settled.items()}, self.since, self.held)
        on.settle(incident)
        if on.since:
            _add_spans(on.settled, on.held, on.since, None)
        return on.settled


def _add_spans(spans: Spans, held: Held, start: datetime, end: datetime | None) -> None:
    for condition, until in held:
        if until is None or until > start:
            stop = min((t for t in (until, end) if t), default=None)
            found = spans.setdefault(condition, [])
            if found and found[-1].end == start:
                found[-1] = found[-1]._replace(end=stop)
            else:
                found.append(Span(start, stop))


def conditions_at(incident: Incident, at: datetime) -> dict[Condition, datetime | None]:
    """The conditions that hold from `at` on, each with when time alone will end it; None where only a fact can."""
    return {condition: until for condition, until in holding(incident, at) if until is None or until > at}


def holding(i: Incident, at: datetime) -> Iterator[tuple[Condition, datetime | None]]:
    """The conditions that hold from `at`, each with when time alone will end it."""
    if i.open:
        yield "incident-open", None
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
        if i.may_act:
            yield "own-measures", None
        if i.activation_ordered_at and i.routine_due_at:
            yield "activation-ordered", None
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
    if i.owner_unreached:
        yield "system-owner-unreached", None


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
