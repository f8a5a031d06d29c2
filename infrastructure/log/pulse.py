"""Whether somebody follows the log, and whether this machine's clock agrees with it. Read on the driver alone."""

from datetime import datetime, timedelta
from typing import NamedTuple

from domain.clock_order import NOTICED
from infrastructure.database.backend import SQLITE
from infrastructure.database.database import Database
from infrastructure.log.codec import decode, moment_recorded

UNFOLLOWED = """
SELECT position, bytes FROM facts
WHERE position > coalesce((SELECT position FROM tracking WHERE projection = 'clock'), 0) ORDER BY position LIMIT 1
"""
"""A worker scans every fact for deadlines within a second, whoever is to be mailed, and remembers how far it came."""

NEWEST = "SELECT bytes FROM facts ORDER BY position DESC LIMIT 50"
"""So many, because what a clock that is behind has written itself says nothing of it."""


class ClockOff(NamedTuple):
    """That a clock is off, as the reason of a sentence, and by how many whole minutes."""

    reason: str
    by: timedelta


def unfollowed_since(database: Database) -> datetime | None:
    """When the oldest fact was recorded that no worker has seen (aware); None where they have seen all."""
    return _recorded_at(database, UNFOLLOWED)


def clock_off(database: Database, now: datetime) -> ClockOff | None:
    """Whether this machine's clock, or a server's, is so far off that people are told; `now` is by the log's (aware).

    A server has a clock of its own, by which the log goes. Of any clock it is known that it is behind where the log's
    newest entries were recorded later than it shows.
    """
    ahead, behind = database.backend.ahead, (newest_recorded(database) or now) - now
    if abs(ahead) >= NOTICED:
        return ClockOff("clock-ahead" if ahead > timedelta(0) else "clock-behind", _whole(abs(ahead)))
    if behind >= NOTICED:
        whose = "clock" if database.url.startswith(SQLITE) else "server"
        return ClockOff(f"{whose}-behind-newest", _whole(behind))
    return None


def _whole(span: timedelta) -> timedelta:
    return timedelta(minutes=round(span / timedelta(minutes=1)))


def newest_recorded(database: Database) -> datetime | None:
    """When the newest of the last entries was recorded, by its clock (aware); None in an empty log."""
    rows = database.connection().execute(NEWEST).fetchall()
    return max(filter(None, (moment_recorded(stored) for (stored,) in rows)), default=None)


def _recorded_at(database: Database, statement: str) -> datetime | None:
    row = database.connection().execute(statement).fetchone()
    return decode(row[1], row[0]).recorded_at if row else None
