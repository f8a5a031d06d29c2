"""What whoever has just subscribed is told: one summary of each incident that is open."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from domain.audience import concerns, if_told_during, is_told
from domain.conditions import since_it_began
from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import Incident, fold
from domain.rewriting import takes_back, untold
from domain.routine import Routine
from domain.vocabulary import Audience
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import decode, written
from infrastructure.log.routines import Routines
from infrastructure.outbox.planning import WHOEVER, delivery
from infrastructure.outbox.readers import anybody
from infrastructure.read_models.board import Board
from infrastructure.registers.one_each import one_each

PORTION = 500
"""Subscribers whose summaries are planned at a time: what is urgent meanwhile is planned and sent before the next."""

# Those who subscribed before the board had come to where the log now is: it says what is open for them.
NEW = f"""
NOT welcomed AND after_position <= (SELECT coalesce(max(position), 0) FROM tracking WHERE projection = '{Board.name}')
"""
SOME = f"SELECT id, audience, systems, areas, after_position FROM subscribers WHERE {NEW} LIMIT ?"
OPEN = "SELECT number FROM incidents WHERE open"
OF_OPEN_INCIDENTS = f"SELECT bytes, position FROM facts WHERE incident IN ({OPEN}) ORDER BY position"
NOBODY_TO_TELL = f"UPDATE subscribers SET welcomed = true WHERE {NEW} AND NOT EXISTS ({OPEN})"


class Alike(NamedTuple):
    """What subscribers have in common who are told the same."""

    audience: Audience
    systems: str
    areas: str
    after_position: int


def backfill(
    database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC), portion: int = PORTION
) -> bool:
    """Plan one summary of each open incident for whoever has subscribed since the last look, for so many of them at the
    most; True where there may be more of them. Where nothing is open there is nothing to tell to any of them.
    """
    with database.reading() as connection:
        new = connection.execute(SOME, (portion,)).fetchall()
        incidents = _open_incidents(connection, Routines(database)) if new else []
    if not new:
        return False
    alike = defaultdict[Alike, list[str]](list)
    for subscriber, audience, systems, areas, after_position in new:
        alike[Alike(Audience(audience), systems, areas, after_position)].append(subscriber)
    told = [([incident.newest_told(group) for incident in incidents], ids) for group, ids in alike.items()]
    now = written(clock())
    with database.writing() as connection:
        connection.execute(NOBODY_TO_TELL)
        for newest, ids in told:
            these = f"id IN ({', '.join('?' * len(ids))}) AND NOT welcomed"
            for recorded in filter(None, newest):
                row = delivery(recorded, now, summary=True)
                connection.execute(f"{WHOEVER}{these} ON CONFLICT DO NOTHING", (*row, *ids))
            connection.execute(f"UPDATE subscribers SET welcomed = true WHERE {these}", ids)
        positions = {recorded.position or 0 for newest, _ids in told for recorded in newest if recorded}
        if positions:
            connection.execute(one_each(min(positions), max(positions)))
    return len(new) == portion


class _OpenIncident:
    """The facts of an open incident, and of each audience what it has been told of."""

    def __init__(self, facts: Sequence[Recorded], routine: Routine) -> None:
        self._facts = facts
        self._routine = routine
        self._told = cache(self._told_to)
        self._as_of = cache(self._incident)

    def newest_told(self, to: Alike) -> Recorded | None:
        """The newest fact that was there when they subscribed, that counts and that their audience was told of; None
        where there is none, or the incident did not concern them."""
        known = [recorded for recorded in self._told(to.audience) if (recorded.position or 0) <= to.after_position]
        newest = max(known, key=lambda recorded: recorded.entry, default=None)
        concerned = newest and concerns(anybody(to.audience, to.systems, to.areas), self._as_of(newest.entry))
        return newest if concerned else None

    def _told_to(self, audience: Audience) -> list[Recorded]:
        """What whoever has been of this audience from the beginning was told of, without what counts for nothing."""
        gone, happened, told = untold(self._facts), as_happened(self._facts), dict[int, Recorded]()
        for recorded in self._facts:
            if recorded.entry in gone or takes_back(recorded.fact) or not is_told(audience, recorded, self._routine):
                continue
            condition = if_told_during(audience, recorded, self._routine)
            if condition and not told.keys() & since_it_began(condition, recorded, happened, self._routine):
                continue
            told[recorded.entry] = recorded
        return list(told.values())

    def _incident(self, entry: int) -> Incident:
        return fold(as_happened(recorded for recorded in self._facts if recorded.entry <= entry), self._routine)


def _open_incidents(connection: Connection, routines: Routines) -> list[_OpenIncident]:
    facts = defaultdict[str, list[Recorded]](list)
    for stored, position in connection.execute(OF_OPEN_INCIDENTS):
        recorded = decode(stored, position)
        facts[recorded.incident].append(recorded)
    return [_OpenIncident(of_one, routines.of_incident(incident)) for incident, of_one in facts.items()]
