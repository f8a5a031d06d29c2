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
from domain.routine import Pattern, Routine

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


class Outage(NamedTuple):
    """When an outage was detected, and when it had begun by what had happened up to `by` (Q21); in UTC."""

    detected_at: datetime
    by: datetime
    began_at: datetime


@dataclass(slots=True)
class Course:
    """A history gone through as it happened. Built by `go_through` and `go_on`; whoever else holds one reads it.

    `matches` are by the duty's id; `measures` are the measures and decisions of those whom an instruction bars from
    them; `outages` are all outages, each again where it proved to have begun earlier.
    """

    incident: Incident
    conditions: Conditions = field(default_factory=Conditions)
    matches: dict[str, Matches] = field(default_factory=dict)
    measures: list[Match] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
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
        return self.conditions.spans(self.incident)

    def began_at(self, at: datetime, by: datetime | None = None) -> datetime | None:
        """When the outage began that had last been detected by `at`; by what had happened up to `by`."""
        known = (outage for outage in reversed(self.outages) if by is None or outage.by <= by)
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

    def add(self, recorded: Recorded) -> None:
        """Add the fact that happened next."""
        incident, at = self.incident, recorded.occurred_at
        if incident.latest_at is not None and incident.latest_at < at:
            self.conditions.settle(incident)  # nothing more happened at that moment
        was_down = bool(incident.down)
        go_on(incident, recorded)
        if incident.down_since is not None and not (was_down and self.outages[-1].began_at == incident.down_since):
            self.outages.append(Outage(self.outages[-1].detected_at if was_down else at, at, incident.down_since))
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


def _is_barred(fact: Fact) -> bool:
    return fact.measure or fact.decides
