"""When each condition of the routine's vocabulary held: what deadlines hang on, and what puts them off.

Found along a history as it happened (`domain.course`). All times are aware and in UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.fact import Recorded
from domain.incident import Incident, fold_steps
from domain.routine import Condition, Routine
from domain.vocabulary import Scope


class Span(NamedTuple):
    """A stretch of time that starts at `start` and lasts up to `end`, or still goes on if None."""

    start: datetime
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


Spans = dict[Condition, list[Span]]


class Held(NamedTuple):
    """A condition that holds since `since`; time alone will end it at `until`, where it is None only a fact can."""

    condition: Condition
    since: datetime
    until: datetime | None

    def over(self, at: datetime) -> Span:
        """It held up to `at` at the most."""
        return Span(self.since, min(self.until or at, at))


@dataclass(slots=True)
class Conditions:
    """When conditions held, along an incident whose facts come as they happened: those that are over, and those that
    hold since its latest fact."""

    settled: Spans = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    _holds: tuple[tuple[Condition, datetime | None], ...] = field(default=(), init=False, repr=False, compare=False)

    def settle(self, incident: Incident) -> None:
        """Take in what holds now that one more fact has happened.

        What happens at one moment happens in turn: a condition that a fact ends and the next one brings back begins
        anew, however short the time between them. One that lasted no time has never held.
        """
        at = incident.latest_at
        if at is None:
            return
        found = tuple(holding(incident, at))
        if found == self._holds:  # as after most facts: a thousand papers are one span
            return
        self._holds, holds = found, dict(found)
        since = {held.condition: held.since for held in self.held if held.until is None or held.until >= at}
        for held in self.held:
            if (held.condition not in holds or held.condition not in since) and held.since < at:
                self.settled.setdefault(held.condition, []).append(held.over(at))
        self.held = tuple(Held(condition, since.get(condition, at), until) for condition, until in holds.items())

    def copy(self) -> "Conditions":
        found = Conditions({condition: [*over] for condition, over in self.settled.items()}, self.held)
        found._holds = self._holds
        return found

    def spans(self) -> Spans:
        """When each condition of the routine's vocabulary held or, where time alone will end it, will hold."""
        found = {condition: list(over) for condition, over in self.settled.items()}
        for held in self.held:
            found.setdefault(held.condition, []).append(Span(held.since, held.until))
        return found


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


def since_it_began(
    condition: Condition, by: Recorded, happened: Sequence[Recorded], routine: Routine
) -> frozenset[int]:
    """What was written before `by` of all that has happened since this condition last began to hold: the entries, none
    where it never had. `happened` are the incident's facts as they happened."""
    began = None
    held = False
    for place, (recorded, incident) in enumerate(zip(happened, fold_steps(happened, routine), strict=True)):
        if recorded.entry == by.entry:
            break
        holds = any(held_now == condition for held_now, _until in holding(incident, recorded.occurred_at))
        if holds and not held:
            began = place
        held = holds
    return frozenset(recorded.entry for recorded in happened[began:] if recorded.entry < by.entry and began is not None)


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
