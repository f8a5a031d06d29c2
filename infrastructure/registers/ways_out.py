"""The way out that stands in every mail: a token by which its reader leaves, good for one subscription alone.

A token is 128 random bits, and the register keeps its SHA-256: whoever can read the register can't leave in anybody's
place. It is worth nothing once its subscription has ended.
"""

import secrets
from base64 import b32encode
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, bindparam, insert, select

from domain.audience import Subscriber
from infrastructure.database.batches import Batch
from infrastructure.database.database import Database
from infrastructure.database.tables import subscribers, ways_out
from infrastructure.log.codec import written
from infrastructure.registers.subscribers import subscriber_of

BITS = 128

KEEP = Batch(insert(ways_out).values({name: bindparam(name) for name in ("id", "subscriber", "made_at")}))


def make_ways_out(connection: Connection, subscriber_ids: Collection[str], now: datetime) -> dict[str, str]:
    """A new token for each of these. `now` is aware."""
    made = {id_: new_token() for id_ in subscriber_ids}
    rows = [{"id": hash_of(token), "subscriber": id_, "made_at": written(now)} for id_, token in made.items()]
    KEEP.execute(connection, rows)
    return made


def whose_way_out(database: Database, token: str) -> Subscriber | None:
    """The subscriber whose token it is, without an address once they have left; None for one that was never given."""
    found = select(subscribers).join(ways_out, ways_out.c.subscriber == subscribers.c.id)
    with database.engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(found.where(ways_out.c.id == hash_of(token))).first()
    return subscriber_of(row) if row else None


def new_token() -> str:
    """128 random bits in letters and digits that survive any mail program."""
    return b32encode(secrets.token_bytes(BITS // 8)).decode().rstrip("=").lower()


def hash_of(token: str) -> str:
    """What is kept of it."""
    return sha256(token.lower().encode()).hexdigest()
