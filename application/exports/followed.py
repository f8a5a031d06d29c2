"""An incident as process mining follows it: what changed with time and when, and each time that a duty came about.

A duty fares as it did when the newest entry was written: a deadline that passes is an entry.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.fact import Recorded
from domain.history import as_happened
from domain.replay import Change, Standing, Step, in_order_of_events
from domain.review import verdicts
from domain.routine import Routine
from domain.verdict import Verdict


class DutyCase(NamedTuple):
    """One time that a duty came about. `begun_by` is the entry that it began with, None where time alone brought it;
    `done_by` are those that fulfilled it."""

    id: str
    verdict: Verdict
    begun_by: int | None
    done_by: tuple[int, ...]

    @property
    def words(self) -> Iterator[tuple[datetime, str]]:
        """Its verdict from each moment on."""
        verdict = self.verdict
        yield verdict.started_at, "pending"
        ended_at = verdict.done_at or verdict.ended_at
        if verdict.overdue_at and verdict.word in ("overdue", "missed", "late"):
            yield verdict.overdue_at, "overdue"
        if ended_at and verdict.word not in ("pending", "overdue"):
            yield ended_at, verdict.word


@dataclass(frozen=True, slots=True)
class Moved:
    """What an object of the incident is from this moment on, in one of its attributes. `kind` and `name` say which
    object; `by` is the entry that made it so, None where time alone did."""

    kind: str
    name: str
    attribute: str
    at: datetime
    value: object
    by: int | None


@dataclass(frozen=True, slots=True)
class Followed:
    moves: list[Moved]
    duties: list[DutyCase]

    def started_by(self, entry: int) -> list[DutyCase]:
        return [one for one in self.duties if one.begun_by == entry]

    def done_by(self, entry: int) -> list[DutyCase]:
        return [one for one in self.duties if entry in one.done_by]


def followed(history: Sequence[Recorded], routine: Routine) -> Followed:
    """What became of the incident of this history, which is given as written."""
    happened = as_happened(history)
    steps = [step for step, _incident in in_order_of_events(happened, routine)]
    begun_by = {(begun.duty.id, begun.at): step.recorded.entry for step in steps for begun in step.started}
    newest = max(recorded.recorded_at for recorded in history)
    found = sorted(verdicts(happened, routine, newest), key=lambda verdict: verdict.started_at)
    counts: dict[str, int] = {}
    duties = []
    for verdict in found:
        name = verdict.duty.id
        counts[name] = counts.get(name, 0) + 1
        number = f"{history[0].incident}/{name}/{counts[name]}"
        duties.append(DutyCase(number, verdict, begun_by.get((name, verdict.started_at)), verdict.evidence))
    return Followed(list(_moves(steps, history[0].incident)), duties)


def _moves(steps: Sequence[Step], incident: str) -> Iterator[Moved]:
    before, at = Standing(), None
    for step in steps:
        for change in step.changes:
            when = _since(before, at, step.at) if change.by_time else step.at
            by = None if change.by_time else step.recorded.entry
            for kind, name, attribute, value in _parts(change, incident):
                yield Moved(kind, name, attribute, when, value, by)
        before, at = step.standing, step.at


def _parts(change: Change, incident: str) -> Iterator[tuple[str, str, str, object]]:
    """Which objects have moved in which attribute: each system that went down or came back is one."""
    match change.what:
        case "status" | "scope":
            yield "incident", incident, change.what, change.after
        case "reserve_routine":
            yield "reserve_routine", incident, "state", change.after
        case "reserve_routine_due_at":
            yield "reserve_routine", incident, "due_at", change.after
        case "prognosis":
            yield "prognosis", incident, "state", "in-force" if change.after else "none"
            yield "prognosis", incident, "restored_by", change.after
        case "systems_down":
            was, down = set(change.before or ()), set(change.after or ())
            for system in sorted(was ^ down):
                yield "affected_system", f"{incident}/{system}", "state", "down" if system in down else "up"


def _since(before: Standing, last: datetime | None, now: datetime) -> datetime:
    """When time alone made it so: the latest of what ran out or fell due between two entries."""
    candidates = (before.prognosis, before.deferred_until, before.reserve_routine_due_at)
    between = [at for at in candidates if at and at <= now and (last is None or at > last)]
    return max(between, default=now)
