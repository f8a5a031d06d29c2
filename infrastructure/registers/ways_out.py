"""The way out that stands in every mail: a token by which its reader leaves, good for one subscription alone.

It is worth nothing once its subscription has ended.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from domain.audience import Subscriber
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.database.tables import subscribers, ways_out
from infrastructure.log.codec import written
from infrastructure.registers.subscribers import subscriber_of
from infrastructure.registers.tokens import hash_of, new_token

NEW = "new (id text, subscriber text, made_at text)"
KEEP = "INSERT INTO ways_out (id, subscriber, made_at) SELECT * FROM {new}"


def make_ways_out(connection: Connection, subscriber_ids: Collection[str], now: datetime) -> dict[str, str]:
    """A new token for each of these. `now` is aware."""
    made, at = {id_: new_token() for id_ in subscriber_ids}, written(now)
    if made:
        new, values = connection.rows(NEW, [(hash_of(token), id_, at) for id_, token in made.items()])
        connection.execute(KEEP.format(new=new), values)
    return made


def reader_of(database: Database, hashed: str) -> Subscriber | None:
    """The subscriber whose token has this hash, without an address once they have left; None for one that was never
    given."""
    found = select(subscribers).join(ways_out, ways_out.c.subscriber == subscribers.c.id)
    with database.engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(found.where(ways_out.c.id == hashed)).first()
    return subscriber_of(row) if row else None
