"""Which incidents there is something published of, and when the log began."""

from collections.abc import Collection
from datetime import datetime

from domain.facts import OperatingInformationPublished
from infrastructure.database.backend import Connection
from infrastructure.log.codec import decode

OF_WHICH = "SELECT DISTINCT incident, fact FROM facts WHERE position > ? AND position <= ? ORDER BY incident"
NEWEST = "SELECT coalesce(max(position), 0) FROM facts"
FIRST = "SELECT position, bytes FROM facts ORDER BY position LIMIT 1"


def newest_position(connection: Connection) -> int:
    return int(connection.execute(NEWEST).fetchone()[0])


def published_incidents(connection: Connection, after: int, until: int, known: Collection[str]) -> list[str]:
    """The incidents that something was recorded of beyond one position and up to another, if it was published or they
    are `known` to have something published."""
    rows = connection.execute(OF_WHICH, (after, until)).fetchall()
    published = f"{OperatingInformationPublished.wire}:"
    return list(dict.fromkeys(incident for incident, fact in rows if fact.startswith(published) or incident in known))


def began_at(connection: Connection) -> datetime | None:
    """When the first fact was recorded; None in an empty log."""
    found = connection.execute(FIRST).fetchone()
    return decode(found[1], found[0]).recorded_at if found else None
