"""The log's facts by the clocks that they were recorded by, in the order in which they were written.

It takes a pass over the whole log: order is proved between incidents too (docs/decisions/0024). A fact that can't be
read has no time; `verify` names it.
"""

from collections.abc import Iterator
from datetime import datetime

from domain.clock_order import SetBack, Timed, set_back
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import moment_recorded
from infrastructure.log.tree import stored_facts

END = 1 << 62
"""Beyond every position."""


def known_before(database: Database, at: datetime) -> int | None:
    """The position of the first fact that was recorded later: nothing from it on was known at that moment (aware).
    None where nothing was recorded later."""
    return next((fact.position for fact in timed(database.connection()) if fact.recorded_at > at), None)


def all_set_back(database: Database) -> dict[int, SetBack]:
    """By position, the facts whose clock does not agree with the order in which the log was written."""
    return {found.position: found for found in set_back(timed(database.connection()))}


def timed(connection: Connection) -> Iterator[Timed]:
    """Every fact by position."""
    for position, stored in stored_facts(connection, 0, END):
        if recorded_at := moment_recorded(stored):
            yield Timed(position, recorded_at)
