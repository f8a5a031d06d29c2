"""What lasted from when until when in an incident, to be drawn and told. Pure; times are aware and in UTC.

`domain.conditions` says when the routine's conditions held; here is what lasts a while of its own:
each system, each prognosis, the reserve routine's clock, and the paper that was left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.conditions import Span
from domain.fact import Recorded
from domain.incident import Prognosis, fold_steps
from domain.routine import Routine
from domain.vocabulary import System


@dataclass(frozen=True, slots=True)
class Promise:
    """One prognosis, and when something other than its own time ended it; None while nothing has."""

    prognosis: Prognosis
    ended_at: datetime | None = None

    @property
    def held_until(self) -> datetime:
        """Up to when it was in force: its own time at the latest."""
        return min(self.ended_at or self.prognosis.restored_by, self.prognosis.restored_by)


@dataclass(frozen=True, slots=True)
class Countdown:
    """The reserve routine's clock, from the outage's beginning to when the routine falls due.

    `stopped_at` is when the outage was over, or of another scope; None while it goes on.
    """

    began_at: datetime
    due_at: datetime
    stopped_at: datetime | None = None

    @property
    def ran_out(self) -> bool:
        """Whether the outage went on past the time when the reserve routine fell due."""
        return self.stopped_at is None or self.stopped_at > self.due_at


@dataclass(frozen=True, slots=True)
class Periods:
    """Everything that lasted a while. `paper` holds each time at which the number of referrals that were neither
    entered nor set aside changed, with the number from then on."""

    systems: dict[System, list[Span]]
    promises: list[Promise]
    countdowns: list[Countdown]
    paper: list[tuple[datetime, int]]


def periods(happened: Sequence[Recorded], routine: Routine) -> Periods:
    """What lasted a while in an incident whose facts are given as they happened."""
    systems: dict[System, list[Span]] = {}
    promises: list[Promise] = []
    countdowns: list[Countdown] = []
    paper: list[tuple[datetime, int]] = []
    for recorded, incident in zip(happened, fold_steps(happened, routine), strict=True):
        at = recorded.occurred_at
        for system in incident.systems:
            _follow(systems.setdefault(system, []), at, system in incident.down)
        _promised(promises, incident.prognosis, at)
        _counted(countdowns, incident.clock_since, incident.routine_due_at, at)
        if len(incident.outstanding) != (paper[-1][1] if paper else 0):
            paper.append((at, len(incident.outstanding)))
    lasted = {system: [span for span in spans if span.end != span.start] for system, spans in systems.items()}
    return Periods({system: spans for system, spans in lasted.items() if spans}, promises, countdowns, paper)


def _follow(spans: list[Span], at: datetime, lasts: bool) -> None:
    going_on = bool(spans) and spans[-1].end is None
    if lasts and not going_on:
        spans.append(Span(at))
    elif going_on and not lasts:
        spans[-1] = spans[-1]._replace(end=at)


def _promised(promises: list[Promise], now: Prognosis | None, at: datetime) -> None:
    latest = promises[-1] if promises and promises[-1].ended_at is None else None
    if latest and latest.prognosis == now:
        return
    if latest:
        promises[-1] = replace(latest, ended_at=at)
    if now:
        promises.append(Promise(now))


def _counted(countdowns: list[Countdown], began_at: datetime | None, due_at: datetime | None, at: datetime) -> None:
    latest = countdowns[-1] if countdowns and countdowns[-1].stopped_at is None else None
    if latest and latest.began_at == began_at and due_at:
        countdowns[-1] = replace(latest, due_at=due_at)
        return
    if latest:
        countdowns[-1] = replace(latest, stopped_at=at)
    if began_at and due_at:
        countdowns.append(Countdown(began_at, due_at))
