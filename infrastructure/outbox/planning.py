"""Which deliveries a fact brings about: the outbox, filled as a projection of the log.

One row for each fact and subscriber, unique on exactly those, written in the transaction that moves
the planner's position. So planning twice plans once. What takes something back is planned for whoever was told of it.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from domain.audience import is_no_news
from domain.delivery import DeliveryState
from domain.fact import Recorded
from domain.rewriting import rewriting, takes_back
from domain.staleness import goes_at_once
from domain.vocabulary import Audience
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import decode, written
from infrastructure.log.routines import Routines
from infrastructure.outbox.readers import ACTIVE, Moment, readers
from infrastructure.registers.one_each import TOLD, one_each

WHOEVER = f"""
INSERT INTO deliveries
(position, incident, entry, fact, subscriber, audience, summary, state, queued_at, next_try_at, turn, channel)
SELECT ?, ?, ?, ?, id, audience, ?, '{DeliveryState.QUEUED}', ?, ?, ?, channel FROM subscribers
WHERE {ACTIVE} AND """
WAS_TOLD = f"""id IN (
    SELECT subscriber FROM deliveries WHERE incident = ? AND entry BETWEEN ? AND ? AND ({TOLD})
    AND coalesce(dated, sent_at, queued_at) BETWEEN ? AND ?
)
"""
ADDED_BEFORE = " AND after_position < ? ON CONFLICT DO NOTHING"
FIRST_READER = f"SELECT min(after_position) FROM subscribers WHERE {ACTIVE}"
"""Nobody is told of what had been recorded by then."""

UP_TO = "SELECT bytes FROM facts WHERE incident = ? AND position <= ? ORDER BY entry"


class Planner:
    """The outbox as a projection. Its rows are a ledger and are never thrown away, so it is not rebuilt."""

    name = "outbox"
    tables: tuple[str, ...] = ()

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._routines = Routines(database)
        self._clock = clock

    def apply(self, connection: Connection, facts: Sequence[Recorded]) -> None:
        now, first = written(self._clock()), connection.execute(FIRST_READER).fetchone()[0]
        for recorded in facts:
            before_anybody = first is None or (recorded.position or 0) <= first
            if recorded.fact.stream or before_anybody or is_no_news(recorded):
                continue
            routine = self._routines.of_incident(recorded.incident)
            moment = Moment(recorded, routine, partial(_history, connection, recorded))
            for audience in Audience:
                for who in readers(connection, audience, moment):
                    values = (*delivery(recorded, now, summary=False), *who.values, recorded.position)
                    connection.execute(WHOEVER + who.where + ADDED_BEFORE, values)
            if takes_back(recorded.fact):
                _plan_for_the_told(connection, moment, now)
        connection.execute(one_each(facts[0].position or 0, facts[-1].position or 0))


def _plan_for_the_told(connection: Connection, moment: Moment, now: str) -> None:
    """Whoever was told of what this rewrites, whatever else their audience is told of (Q30)."""
    recorded, rewritten = moment.recorded, rewriting(moment.recorded, moment.history)
    row = delivery(recorded, now, summary=False)
    for told in rewritten.readers if rewritten else ():
        told_of = (recorded.incident, told.first, told.last, written(told.since), written(told.until))
        connection.execute(WHOEVER + WAS_TOLD + ADDED_BEFORE, (*row, *told_of, recorded.position))


def delivery(recorded: Recorded, now: str, *, summary: bool) -> tuple[object, ...]:
    """What every delivery of this fact has in common. It is due since the fact was recorded, however late this is
    planned. A summary waits like the rest: it tells nobody anything new."""
    due_at = min(now, written(recorded.recorded_at))  # the recorder's clock may be ahead of ours
    priority = 0 if goes_at_once(recorded.fact) and not summary else 1
    return (recorded.position, recorded.incident, recorded.entry, recorded.fact.wire, summary, now, due_at, priority)


def _history(connection: Connection, recorded: Recorded) -> list[Recorded]:
    """The incident's facts up to this one."""
    rows = connection.execute(UP_TO, (recorded.incident, recorded.position))
    return [decode(stored) for (stored,) in rows]
