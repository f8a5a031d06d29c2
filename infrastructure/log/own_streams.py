"""Facts of the log's own streams, appended in the transaction that does what they tell of: both happen, or neither."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from domain.fact import By, Fact, Recorded
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import encode, topic
from infrastructure.log.fact_store import NO_DIGITS, StoredFact, put

NEXT = "SELECT coalesce(max(entry), 0) + 1 FROM facts WHERE incident = ?"


def going_on_from(now: datetime) -> Callable[[], datetime]:
    """A clock that shows this moment and goes on: what is told at the end of a long work was not recorded when it
    began, which others' facts of meanwhile would belie (docs/decisions/0024)."""
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)


def append(
    database: Database, connection: Connection, facts: Sequence[Fact], by: By, clock: Callable[[], datetime]
) -> None:
    """Append these facts of one stream in the transaction of this connection, which waits until then for nobody who
    records; they are recorded when their turn has come, by this clock."""
    if not facts:
        return
    stream = facts[0].stream
    database.backend.take_turn_to_append(connection)
    at = clock()
    [entry] = connection.execute(NEXT, (stream,)).fetchone()
    told = [
        Recorded(stream, number, fact, at, at, by.function, by.person, uuid4().hex.translate(NO_DIGITS))
        for number, fact in enumerate(facts, entry)
    ]
    put(
        database,
        connection,
        [StoredFact(stream, each.entry, topic(each), encode(each), each.command_id) for each in told],
    )
