"""Whether somebody follows the log, and whether this machine's clock agrees with it. Read on the driver alone."""

from datetime import datetime, timedelta

from infrastructure.database.database import Database
from infrastructure.log.codec import decode

UNFOLLOWED = """
SELECT position, bytes FROM facts
WHERE position > coalesce((SELECT position FROM tracking WHERE projection = 'clock'), 0) ORDER BY position LIMIT 1
"""
"""A worker scans every fact for deadlines within a second, whoever is to be mailed, and remembers how far it came."""

NEWEST = "SELECT position, bytes FROM facts ORDER BY position DESC LIMIT 1"


def unfollowed_since(database: Database) -> datetime | None:
    """When the oldest fact was recorded that no worker has seen (aware); None where they have seen all."""
    return _recorded_at(database, UNFOLLOWED)


def clock_ahead(database: Database, now: datetime) -> timedelta:
    """By how much a clock that says `now` is ahead of the log's; negative where it is behind. A server has a clock of
    its own. Of a file all that is known is that its newest entry has been written already."""
    connection = database.connection()
    server = database.backend.clock(connection)
    if server is not None:
        return now - server
    newest = _recorded_at(database, NEWEST)
    return min(now - newest, timedelta(0)) if newest else timedelta(0)


def _recorded_at(database: Database, statement: str) -> datetime | None:
    row = database.connection().execute(statement).fetchone()
    return decode(row[1], row[0]).recorded_at if row else None
