"""A history step by step: what each fact changed, which duties it started or fulfilled, what was written late.

Two ways to go through it: in the order things happened, with everything that is known now; and in the order it
was written, where each step knows no more than was known then (`domain.knowing`). Both are pure functions of the
recorded facts, and one pass: a step costs what its fact changes, not what came before.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from domain.conditions import Spans, conditions_at
from domain.course import Course, go_through
from domain.fact import Recorded
from domain.incident import Incident, Irregularity, fold_steps
from domain.knowing import courses_as_written
from domain.review import due_as_known, judged, recorded_afterwards
from domain.routine import Condition, Duty, Routine
from domain.verdict import Verdict
from domain.vocabulary import Area, RoutineState, Scope, Status, System


class Paper(NamedTuple):
    """The paper balance."""

    received: int = 0
    entered: int = 0
    set_aside: int = 0
    outstanding: int = 0


class Standing(NamedTuple):
    """How an incident stands, as far as a step may change it. Times are aware and in UTC."""

    status: Status | None = None
    scope: Scope | None = None
    systems: tuple[System, ...] = ()
    systems_down: tuple[System, ...] = ()
    areas: tuple[Area, ...] = ()
    prognosis: datetime | None = None
    deferred_until: datetime | None = None
    reserve_routine: RoutineState | None = None
    reserve_routine_due_at: datetime | None = None
    referrals: Paper = Paper()


@dataclass(frozen=True, slots=True)
class Change:
    """`what` of the standing was `before` and is `after`; `by_time` if the fact had no part in it."""

    what: str
    before: Any
    after: Any
    by_time: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A duty that began at this moment, due by what was known then."""

    duty: Duty
    at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One fact of a replay, as it reads there.

    `at` is the moment its standing is of: when it occurred, or when it was recorded. `started` are the duties that
    began with it, `fulfilled` those that are done since, `undone` those that a correction says were not. `late` is how
    long after it occurred it was recorded, where that is longer than the routine takes for at once.
    """

    recorded: Recorded
    at: datetime
    standing: Standing
    changes: tuple[Change, ...]
    flags: tuple[Irregularity, ...]
    started: tuple[Begun, ...]
    fulfilled: tuple[Verdict, ...]
    undone: tuple[Duty, ...]
    late: timedelta | None


def standing(incident: Incident, at: datetime) -> Standing:
    """How the incident stands at this moment."""
    prognosis = incident.prognosis_at(at)
    deferred = incident.deferral if incident.deferred_at(at) else None
    return Standing(
        status=incident.status,
        scope=incident.scope,
        systems=incident.systems,
        systems_down=incident.down,
        areas=incident.areas,
        prognosis=prognosis.restored_by if prognosis else None,
        deferred_until=deferred.until if deferred else None,
        reserve_routine=incident.routine_state(at),
        reserve_routine_due_at=incident.routine_due_at,
        referrals=Paper(incident.received, incident.entered, incident.set_aside, len(incident.outstanding)),
    )


def in_order_of_events(happened: Sequence[Recorded], routine: Routine) -> Iterator[tuple[Step, Incident]]:
    """Every step of a history that is given as it happened, with the incident after it.

    The incident is one and the same object, further along, as in `fold_steps`.
    """
    if not happened:
        return
    read, stands, steps, flagged = _Read(happened, routine), _Standings(), fold_steps(happened, routine), 0
    for place, recorded in enumerate(happened):
        at = recorded.occurred_at
        stands.waits(at)
        incident = next(steps)
        started = read.started.get(place, ())
        step = Step(
            recorded=recorded,
            at=at,
            changes=stands.changes(incident, at),
            standing=stands.now,
            flags=tuple(incident.irregularities[flagged:]),
            started=tuple(_begun(verdict, read.course, read.spans, incident) for verdict in started),
            fulfilled=tuple(read.fulfilled.get(place, ())),
            undone=(),
            late=_late(recorded, routine),
        )
        yield step, incident
        flagged = len(incident.irregularities)


def in_order_of_writing(written: Sequence[Recorded], routine: Routine) -> Iterator[tuple[Step, Incident]]:
    """Every step of a history that is given as written, with the incident as it was known once that was recorded:
    what `show` showed then."""
    stands, courses = _Standings(), courses_as_written(written, routine)
    flags, begun, deeds = set[Irregularity](), set[Any](), dict[Any, Duty]()
    for recorded in written:
        at = recorded.recorded_at
        stands.waits(at)
        course = next(courses)
        incident, spans, found = course.incident, course.spans, _judged(course)
        done = {_deed(v): v for v in sorted(found, key=_turn) if v.done_at and not v.duty.forbids}
        fulfilled = [verdict for deed, verdict in done.items() if deed not in deeds]
        again = {verdict.duty.id for verdict in fulfilled}
        started = [v for v in sorted(found, key=lambda v: v.started_at) if _beginning(v) not in begun]
        step = Step(
            recorded=recorded,
            at=at,
            changes=stands.changes(incident, at),
            standing=stands.now,
            flags=tuple(flag for flag in incident.irregularities if flag not in flags),
            started=tuple(_begun(verdict, course, spans, incident) for verdict in started),
            fulfilled=tuple(fulfilled),
            undone=tuple(duty for deed, duty in deeds.items() if deed not in done and duty.id not in again),
            late=_late(recorded, routine),
        )
        yield step, incident
        flags, begun = set(incident.irregularities), set(map(_beginning, found))
        deeds = {deed: verdict.duty for deed, verdict in done.items()}


class _Read:
    """A history in the order of events, read once for all its steps: which duties begin and are done where."""

    def __init__(self, happened: Sequence[Recorded], routine: Routine) -> None:
        self.happened = happened
        self.routine = routine
        self.course = go_through(happened, routine)
        self.spans: Spans = self.course.spans
        self.started: dict[int, list[Verdict]] = {}
        self.fulfilled: dict[int, list[Verdict]] = {}
        self._moments = [recorded.occurred_at for recorded in happened]
        self._held = [
            conditions_at(incident, at).keys()
            for incident, at in zip(fold_steps(happened, routine), self._moments, strict=True)
        ]
        place_of = {recorded.entry: place for place, recorded in enumerate(happened)}
        for verdict in judged(self.course, self._moments[-1]):
            began = self._began(verdict)
            if began is None:
                continue
            self.started.setdefault(began, []).append(verdict)
            if verdict.done_at is None or verdict.duty.forbids:
                continue
            over = verdict.duty.done_when_over
            done = self._turned(verdict.done_at, {over}, to=False) if over else place_of[verdict.evidence[0]]
            if done is not None:
                self.fulfilled.setdefault(max(done, began), []).append(verdict)

    def _began(self, verdict: Verdict) -> int | None:
        """Which fact the duty began with: one that starts it, else the one that made its conditions hold."""
        at, duty = verdict.started_at, verdict.duty
        for place in range(bisect_left(self._moments, at), bisect_right(self._moments, at)):
            if any(pattern.matches(self.happened[place].fact) for pattern in duty.starts):
                return place
        return self._turned(at, set(duty.during), to=True)

    def _turned(self, at: datetime, conditions: set[Condition], *, to: bool) -> int | None:
        """Which of the facts of that moment made these conditions hold together, or no longer: the last that did."""
        first = bisect_left(self._moments, at)
        held = [conditions <= here for here in self._held[first : bisect_right(self._moments, at)]]
        turned = [place for place, here in enumerate(held) if here is to and (place == 0 or held[place - 1] is not to)]
        return first + turned[-1] if turned else None


class _Standings:
    """How an incident stood before each step, how it came to stand while nothing happened, and how it stands now."""

    def __init__(self) -> None:
        self.now = self._waited = Standing()
        self._incident: Incident | None = None

    def waits(self, at: datetime) -> None:
        """Up to this moment, when the next fact comes."""
        self._waited = standing(self._incident, at) if self._incident else Standing()

    def changes(self, incident: Incident, at: datetime) -> tuple[Change, ...]:
        """What the fact has changed, now that the incident stands so."""
        before, self.now, self._incident = self.now, standing(incident, at), incident
        return tuple(_changes(before, self._waited, self.now))


def _changes(before: Standing, waited: Standing, after: Standing) -> Iterator[Change]:
    """What differs; by time alone where it was so already when the fact came."""
    for what, was, had_become, became in zip(Standing._fields, before, waited, after, strict=True):
        if was != became:
            yield Change(what, was, became, by_time=had_become == became)


def _beginning(verdict: Verdict) -> tuple[str, datetime]:
    return verdict.duty.id, verdict.started_at


def _deed(verdict: Verdict) -> tuple[str, datetime, datetime | None]:
    return verdict.duty.id, verdict.started_at, verdict.done_at


def _turn(verdict: Verdict) -> datetime:
    """When the duty was known to be done: not before it began."""
    return max(verdict.done_at or verdict.started_at, verdict.started_at)


def _judged(course: Course) -> list[Verdict]:
    """By what is known in it, when the latest of it happened."""
    latest_at = course.incident.latest_at
    return judged(course, latest_at) if latest_at else []


def _begun(verdict: Verdict, course: Course, spans: Spans, incident: Incident) -> Begun:
    """The duty that has begun, by what is known now that the incident stands so."""
    at = incident.latest_at or verdict.started_at
    return Begun(verdict.duty, verdict.started_at, due_as_known(verdict, course, spans, incident, at))


def _late(recorded: Recorded, routine: Routine) -> timedelta | None:
    late = recorded_afterwards([recorded], routine)
    return recorded.recorded_at - recorded.occurred_at if late else None
