"""An incident's course: how it stands, when the routine's conditions held, and what was done towards each duty.

One pass over the facts as they happened, and all that `domain.review` needs to judge them. A course goes on with
each fact that happens later, so it need not begin at the first: `infrastructure.log.snapshots` keeps those of long
incidents.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.conditions import Conditions, Spans
from domain.fact import Fact, Recorded
from domain.history import rewrites
from domain.incident import Incident, go_on
from domain.routine import Duty, Pattern, Routine

Match = tuple[datetime, int]
"""A fact that matches what a duty looks for: when it happened, in UTC, and its entry."""


@dataclass(slots=True)
class Matches:
    """Of one duty, as it happened: the facts that start it, that it is done by, that end it, that undo what was done,
    and that try."""

    starting: list[Match] = field(default_factory=list)
    doing: list[Match] = field(default_factory=list)
    ending: list[Match] = field(default_factory=list)
    undoing: list[Match] = field(default_factory=list)
    trying: list[Match] = field(default_factory=list)

    def copy(self) -> "Matches":
        return Matches([*self.starting], [*self.doing], [*self.ending], [*self.undoing], [*self.trying])


class Outage(NamedTuple):
    """When an outage was detected, and when it had begun by what had happened up to `by` (Q21); in UTC. Also one of the
    systems alone that start the reserve routine's clock (Q26)."""

    detected_at: datetime
    by: datetime
    began_at: datetime


@dataclass(slots=True)
class Course:
    """A history gone through as it happened. Built by `go_through` and `go_on`; whoever else holds one reads it.

    `matches` are by the duty's id; `measures` are the measures and decisions of those whom an instruction bars from
    them; `outages` are all outages, each again where it proved to have begun earlier, and `clocks` those of the systems
    that start the reserve routine's clock.
    """

    incident: Incident
    conditions: Conditions = field(default_factory=Conditions)
    matches: dict[str, Matches] = field(default_factory=dict)
    measures: list[Match] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    clocks: list[Outage] = field(default_factory=list)
    _looked_for: dict[str, list[tuple[list[Match], Pattern]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._looked_for = {}
        for duty in self.routine.duties:
            matches = self.matches.setdefault(duty.id, Matches())
            for found, patterns in (
                (matches.starting, duty.starts),
                (matches.doing, duty.done_by),
                (matches.ending, duty.ends_by),
                (matches.undoing, duty.undone_by),
                (matches.trying, duty.tried_by),
            ):
                for pattern in patterns:
                    self._looked_for.setdefault(pattern.fact, []).append((found, pattern))

    @property
    def routine(self) -> Routine:
        return self.incident.routine

    @property
    def spans(self) -> Spans:
        """When each condition held or, where time alone will end it, will hold."""
        return self.conditions.spans()

    def began_at(self, duty: Duty, at: datetime, by: datetime | None = None) -> datetime | None:
        """When what the duty counts from began that had last been detected by `at`, None where it counts from its own
        start; by what had happened up to `by`."""
        if duty.since != "outage":
            return None
        found = self.clocks if "clock-runs" in duty.during else self.outages
        known = (outage for outage in reversed(found) if by is None or outage.by <= by)
        return next((outage.began_at for outage in known if outage.detected_at <= at), None)

    def leads_to(self, *written: Recorded) -> bool:
        """Whether these facts, written after all that is here, only add to it: they happened last and change none."""
        latest_at = self.incident.latest_at
        return not any(
            rewrites(recorded.fact) or (latest_at is not None and recorded.occurred_at < latest_at)
            for recorded in written
        )

    def go_on(self, written: Iterable[Recorded]) -> None:
        """Add these facts, to which the course leads, as they happened."""
        for recorded in sorted(written, key=lambda recorded: (recorded.occurred_at, recorded.entry)):
            self.add(recorded)

    def copy(self) -> "Course":
        """One that goes on by itself."""
        return Course(
            self.incident.copy(),
            self.conditions.copy(),
            {duty: matches.copy() for duty, matches in self.matches.items()},
            [*self.measures],
            [*self.outages],
            [*self.clocks],
        )

    def add(self, recorded: Recorded) -> None:
        """Add the fact that happened next."""
        incident, at = self.incident, recorded.occurred_at
        down_since, clock_since = incident.down_since, incident.clock_since
        go_on(incident, recorded)
        self.conditions.settle(incident)
        _note_beginning(self.outages, down_since, incident.down_since, at)
        _note_beginning(self.clocks, clock_since, incident.clock_since, at)
        fact = recorded.fact
        match = (at, recorded.entry)
        for found, pattern in self._looked_for.get(fact.wire, ()):
            if (not found or found[-1] != match) and pattern.matches(fact):
                found.append(match)
        if _is_barred(fact) and recorded.recorded_as in self.routine.instruction.no_measures_by:
            self.measures.append(match)


def go_through(happened: Iterable[Recorded], routine: Routine, number: str = "") -> Course:
    """The course of these facts, which are given as they happened."""
    course = Course(Incident(number, routine))
    for recorded in happened:
        course.add(recorded)
    return course


def _note_beginning(outages: list[Outage], before: datetime | None, since: datetime | None, at: datetime) -> None:
    """Add that one has begun at `since`, or is now known to have, which had begun at `before`."""
    if since is not None and since != before:
        outages.append(Outage(outages[-1].detected_at if before is not None else at, at, since))


def _is_barred(fact: Fact) -> bool:
    return fact.measure or fact.decides
