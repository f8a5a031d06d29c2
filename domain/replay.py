"""A history step by step: what each fact changed, which duties it started or fulfilled, what was written late.

Two ways to go through it: in the order things happened, with everything that is known now; and in the order it
was written, where each step knows no more than was known then. Both are pure functions of the recorded facts, and
one pass: a step costs what its fact changes, not what came before. A back-dated entry or a correction is the
exception in the second: there all is read anew, as it was then.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from domain.conditions import Spans, conditions_at
from domain.course import go_through
from domain.fact import Recorded
from domain.history import as_happened, rewrites
from domain.incident import Incident, Irregularity, fold_steps
from domain.review import due_as_known, recorded_afterwards, verdicts
from domain.routine import Condition, Duty, Routine
from domain.verdict import Verdict
from domain.vocabulary import Area, RoutineState, Scope, Status, System

T = TypeVar("T")


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
    if happened:
        yield from _Teller(by_recording=False).tell(_Read(happened, routine), 0, happened[0])


def in_order_of_writing(written: Sequence[Recorded], routine: Routine) -> Iterator[tuple[Step, Incident]]:
    """Every step of a history that is given as written, with the incident as it was known once that was recorded:
    what `show` showed then."""
    teller = _Teller(by_recording=True)
    for run, known in _runs(written):
        read = _Read([*as_happened(known), *run[1:]], routine)
        yield from teller.tell(read, len(known) - 1, run[0])


def _runs(written: Sequence[Recorded]) -> Iterator[tuple[list[Recorded], list[Recorded]]]:
    """The entries in runs, where each after the first of its run comes last also in the order of events; and with
    each run what was known at its first."""
    run: list[Recorded] = []
    known: list[Recorded] = []
    latest: tuple[datetime, int] | None = None
    for place, recorded in enumerate(written):
        key = (recorded.occurred_at, recorded.entry)
        if latest is not None and key > latest and not rewrites(recorded.fact):
            run.append(recorded)
            latest = key
            continue
        if run:
            yield run, known
        run, known = [recorded], list(written[: place + 1])
        newest = as_happened(known)[-1]
        latest = (newest.occurred_at, newest.entry)
    if run:
        yield run, known


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
        for verdict in verdicts(happened, routine, self._moments[-1]):
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


class _Teller:
    """Goes through one history after another and tells of each step what had not been told before."""

    def __init__(self, *, by_recording: bool) -> None:
        self._by_recording = by_recording
        self._standing = Standing()
        self._incident: Incident | None = None
        self._said: dict[str, dict[Any, Any]] = {"flags": {}, "started": {}, "fulfilled": {}}

    def tell(self, read: _Read, place: int, first: Recorded) -> Iterator[tuple[Step, Incident]]:
        """The steps from `place` on, where the step is `first`'s. What lies before is told in it, if it is new."""
        steps = fold_steps(read.happened, read.routine)
        for _ in range(place):
            next(steps)
        flagged = 0
        for here in range(place, len(read.happened)):
            recorded = read.happened[here] if here > place else first
            at = recorded.recorded_at if self._by_recording else recorded.occurred_at
            waited = standing(self._incident, at) if self._incident else Standing()
            incident = self._incident = next(steps)
            before, self._standing = self._standing, standing(incident, at)
            anew = here == place
            reached = range(here + 1) if anew else (here,)
            began = [verdict for step in reached for verdict in read.started.get(step, ())]
            done = [verdict for step in reached for verdict in read.fulfilled.get(step, ())]
            known_at = read.happened[here].occurred_at
            flags, _ = self._new("flags", incident.irregularities[flagged:], lambda flag: flag, anew=anew)
            started, _ = self._new("started", began, _beginning, anew=anew)
            fulfilled, lost = self._new("fulfilled", done, _deed, anew=anew)
            again = {verdict.duty.id for verdict in fulfilled}
            yield (
                Step(
                    recorded=recorded,
                    at=at,
                    standing=self._standing,
                    changes=tuple(_changes(before, waited, self._standing)),
                    flags=tuple(flags),
                    started=tuple(
                        Begun(v.duty, v.started_at, due_as_known(v, read.course, read.spans, incident, known_at))
                        for v in started
                    ),
                    fulfilled=tuple(fulfilled),
                    undone=tuple(verdict.duty for verdict in lost if verdict.duty.id not in again),
                    late=recorded.recorded_at - recorded.occurred_at if _is_late(recorded, read.routine) else None,
                ),
                incident,
            )
            flagged = len(incident.irregularities)

    def _new(self, kind: str, found: Sequence[T], key: Callable[[T], Any], *, anew: bool) -> tuple[list[T], list[T]]:
        """What has not been said; and of what was, where the history is read anew, what no longer holds."""
        said, holding = self._said[kind], {key(one): one for one in found}
        unsaid = [one for this, one in holding.items() if this not in said]
        lost = [one for this, one in said.items() if this not in holding] if anew else []
        if anew:
            said.clear()
        said.update(holding)
        return unsaid, lost


def _changes(before: Standing, waited: Standing, after: Standing) -> Iterator[Change]:
    """What differs; by time alone where it was so already when the fact came."""
    for what, was, had_become, became in zip(Standing._fields, before, waited, after, strict=True):
        if was != became:
            yield Change(what, was, became, by_time=had_become == became)


def _beginning(verdict: Verdict) -> tuple[str, datetime]:
    return verdict.duty.id, verdict.started_at


def _deed(verdict: Verdict) -> tuple[str, datetime, datetime | None]:
    return verdict.duty.id, verdict.started_at, verdict.done_at


def _is_late(recorded: Recorded, routine: Routine) -> bool:
    return bool(recorded_afterwards([recorded], routine))
