"""Which deliveries a fact brings about: the outbox, filled as a projection of the log.

One row for each fact and subscriber, unique on exactly those, written in the transaction that moves
the planner's position. So planning twice plans once. What takes something back is planned for whoever was told of it.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from domain.audience import Subscriber, concerns, is_told
from domain.delivery import DeliveryState
from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import Incident, fold
from domain.rewriting import rewriting, takes_back, untold
from domain.routine import Routine
from domain.staleness import goes_at_once
from domain.vocabulary import Area, Audience, System, Word
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import decode, written
from infrastructure.log.routines import STREAM, Routines

W = TypeVar("W", bound=Word)

WHOEVER = f"""
INSERT INTO deliveries
(position, incident, entry, fact, subscriber, audience, summary, state, queued_at, next_try_at, turn, channel)
SELECT ?, ?, ?, ?, id, audience, ?, '{DeliveryState.QUEUED}', ?, ?, ?, channel FROM subscribers
WHERE state = 'active'
"""
PLAN = WHOEVER + " AND audience = ? AND systems = ? AND areas = ?"
WAS_TOLD = f"""
 AND id IN (
    SELECT subscriber FROM deliveries WHERE incident = ? AND entry BETWEEN ? AND ?
    AND (unclear OR state IN ('{DeliveryState.SENT}', '{DeliveryState.SENDING}'))
    AND coalesce(dated, sent_at, queued_at) BETWEEN ? AND ?
)
"""
ADDED_BEFORE = " AND after_position < ? ON CONFLICT DO NOTHING"
BACKFILLED = "UPDATE subscribers SET welcomed = true WHERE id = ? AND NOT welcomed"
OF_OPEN_INCIDENTS = """
SELECT bytes, position FROM facts
WHERE incident IN (SELECT number FROM incidents WHERE open) ORDER BY position
"""
UP_TO = "SELECT bytes FROM facts WHERE incident = ? AND position <= ? ORDER BY entry"
THIS_ONE = " AND id = ? ON CONFLICT DO NOTHING"


class Planner:
    """The outbox as a projection. Its rows are a ledger and are never thrown away, so it is not rebuilt."""

    name = "outbox"
    tables: tuple[str, ...] = ()

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._routines = Routines(database)
        self._clock = clock

    def apply(self, connection: Connection, facts: Sequence[Recorded]) -> None:
        now = written(self._clock())
        for recorded in facts:
            if recorded.incident == STREAM:
                continue
            routine = self._routines.of_incident(recorded.incident)
            for audience in Audience:
                if is_told(audience, recorded, routine):
                    self._plan(connection, recorded, routine, audience, now)
            if takes_back(recorded.fact):
                _plan_for_the_told(connection, recorded, now)

    def _plan(self, connection: Connection, recorded: Recorded, routine: Routine, audience: Audience, now: str) -> None:
        filters = connection.execute(
            "SELECT DISTINCT systems, areas FROM subscribers WHERE state = 'active' AND audience = ?", (audience,)
        ).fetchall()
        if not filters:
            return
        incident = _incident(connection, recorded, routine)
        row = _row(recorded, now, summary=False)
        for systems, areas in filters:
            if concerns(_anybody(audience, systems, areas), incident):
                connection.execute(PLAN + ADDED_BEFORE, (*row, audience, systems, areas, recorded.position))


def _plan_for_the_told(connection: Connection, recorded: Recorded, now: str) -> None:
    """Whoever was told of what this rewrites, whatever else their audience is told of (Q30)."""
    rewritten = rewriting(recorded, _history(connection, recorded))
    row = _row(recorded, now, summary=False)
    for readers in rewritten.readers if rewritten else ():
        told_of = (recorded.incident, readers.first, readers.last, written(readers.since), written(readers.until))
        connection.execute(WHOEVER + WAS_TOLD + ADDED_BEFORE, (*row, *told_of, recorded.position))


def backfill(database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Plan one summary of each open incident for everybody who has subscribed since the last look."""
    new = database.connection().execute(
        "SELECT id, audience, systems, areas, after_position FROM subscribers WHERE NOT welcomed"
    ).fetchall()  # fmt: skip
    now, routines = written(clock()), Routines(database)
    for subscriber, audience, systems, areas, after_position in new:
        with database.writing() as connection:
            if connection.execute(BACKFILLED, (subscriber,)).rowcount == 0:
                continue  # another worker was faster
            anybody = _anybody(Audience(audience), systems, areas)
            for recorded in _newest_told(connection, routines, Audience(audience), after_position):
                incident = _incident(connection, recorded, routines.of_incident(recorded.incident))
                if concerns(anybody, incident):
                    row = _row(recorded, now, summary=True)
                    connection.execute(PLAN + THIS_ONE, (*row, audience, systems, areas, subscriber))


def _row(recorded: Recorded, now: str, *, summary: bool) -> tuple[object, ...]:
    """What every delivery of this fact has in common. It is due since the fact was recorded, however late this is
    planned. A summary waits like the rest: it tells nobody anything new."""
    due_at = min(now, written(recorded.recorded_at))  # the recorder's clock may be ahead of ours
    priority = 0 if goes_at_once(recorded.fact) and not summary else 1
    return (recorded.position, recorded.incident, recorded.entry, recorded.fact.wire, summary, now, due_at, priority)


def _newest_told(connection: Connection, routines: Routines, audience: Audience, until: int) -> list[Recorded]:
    """Of each open incident the newest fact, up to that position, that the audience was told of and that counts."""
    told: dict[str, list[Recorded]] = {}
    for stored, position in connection.execute(OF_OPEN_INCIDENTS):
        recorded = decode(stored, position)
        if takes_back(recorded.fact) or is_told(audience, recorded, routines.of_incident(recorded.incident)):
            told.setdefault(recorded.incident, []).append(recorded)
    return [newest for facts in told.values() if (newest := _newest(facts, until))]


def _newest(told: Sequence[Recorded], until: int) -> Recorded | None:
    gone = untold(told)
    count = (recorded for recorded in told if recorded.entry not in gone and not takes_back(recorded.fact))
    return max((r for r in count if (r.position or 0) <= until), key=lambda r: r.entry, default=None)


def _incident(connection: Connection, recorded: Recorded, routine: Routine) -> Incident:
    return fold(as_happened(_history(connection, recorded)), routine)


def _history(connection: Connection, recorded: Recorded) -> list[Recorded]:
    """The incident's facts up to this one."""
    rows = connection.execute(UP_TO, (recorded.incident, recorded.position))
    return [decode(stored) for (stored,) in rows]


def _anybody(audience: Audience, systems: str, areas: str) -> Subscriber:
    """Somebody with these filters, whoever it is."""
    return Subscriber("", "", audience, _words(System, systems), _words(Area, areas))


def _words(kind: type[W], stored: str) -> tuple[W, ...]:
    return tuple(kind(value) for value in json.loads(stored))
