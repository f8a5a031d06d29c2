"""The one place that knows the schema. Migrations create it, statements elsewhere name its columns."""

import json
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    text,
    types,
)

metadata = MetaData()

Text = types.Text().with_variant(types.Text(collation="C"), "postgresql")
"""Compared as bytes on every server, whatever its language: numbers and times sort as they were written."""


class _Json(types.TypeDecorator[Any]):
    """JSON as the text that it was written as: rows can be told apart by it, and the driver gives a text."""

    impl = types.Text(collation="C")
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str:
        return json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else json.loads(value)


Json = JSON().with_variant(_Json(), "postgresql")

facts = Table(
    "facts",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("incident", Text, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("fact", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("command_id", Text, unique=True),
    UniqueConstraint("incident", "entry"),
    sqlite_autoincrement=True,
)

# The tree over the facts (infrastructure.log.tree): one row, one leaf a fact, and what was signed of it.
tree = Table(
    "tree",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("frontier", LargeBinary, nullable=False),  # the stored name of a compact range
)

leaves = Table(
    "leaves",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # the stored name of a compact range
    Column("note", Text, nullable=False),
)

tracking = Table(
    "tracking",
    metadata,
    Column("projection", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("problem", Text),
)

incidents = Table(
    "incidents",
    metadata,
    Column("number", Text, primary_key=True),
    Column("open", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("systems", Json, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("position", Integer, nullable=False),
)
Index("open_incidents", incidents.c.number, sqlite_where=text("open"), postgresql_where=text("open"))

# Snapshots (infrastructure.log.snapshots), by their stored name.
courses = Table(
    "courses",
    metadata,
    Column("incident", Text, primary_key=True),
    Column("entry", Integer, nullable=False),
    Column("course", Text, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, unique=True),
    Column("roles", Json, nullable=False),
    Column("added_at", Text, nullable=False),
    Column("seal", LargeBinary),  # the stored name of the row's checksum
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("address", Text),
    Column("audience", Text, nullable=False),
    Column("systems", Json, nullable=False),
    Column("areas", Json, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("added_at", Text, nullable=False),
    Column("after_position", Integer, nullable=False),
    Column("welcomed", Boolean, nullable=False),
    Column("score", Float, nullable=False, server_default=text("0")),
    Column("scored_at", Text),
    Column("bounced", Boolean, nullable=False, server_default=false()),
    Column("channel", Text, nullable=False, server_default=text("'email'")),
    Column("seal", LargeBinary),  # the stored name of the row's checksum
    UniqueConstraint("address", "audience"),
)

# How many rows the tables have to have that have checksums or signatures row by row
# (infrastructure.database.row_checksums).
registers = Table(
    "registers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rows", Integer, nullable=False),
)

# A delivery's life. `turn` is its priority, 0 for what goes before the rest; `next_try_at` is when the row is looked at
# again, in the state "sending" the end of its lease; `carrier` the lead row, whose mail it goes in, while that is
# settled; `unclear` says that an attempt may have reached its reader; `replaced_by` is the entry that made it stale,
# and `reason` why else it was not sent; `fault` whose fault a refusal is; `channel` by which way it goes, or went.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("incident", Text, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("fact", Text, nullable=False),
    Column("subscriber", Text, ForeignKey("subscribers.id"), nullable=False),
    Column("audience", Text, nullable=False),
    Column("summary", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("queued_at", Text, nullable=False),
    Column("next_try_at", Text),
    Column("worker", Text),
    Column("message_id", Text),
    Column("sent_at", Text),
    Column("turn", Integer, nullable=False, server_default=text("1")),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("unclear", Boolean, nullable=False, server_default=false()),
    Column("carrier", Integer),
    Column("replaced_by", Integer),
    Column("reason", Text),
    Column("fault", Text),
    Column("dated", Text),
    Column("channel", Text, nullable=False, server_default=text("'email'")),
    Column("seal", LargeBinary),  # the stored name of the row's checksum
    UniqueConstraint("position", "subscriber"),
    sqlite_autoincrement=True,
)


def _partial(name: str, where: str, *columns: "Column[Any]") -> None:
    """An index over the few rows that matter, however old the ledger grows."""
    Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


# In the order of their turn: a claim reads its first rows and sorts nothing, however many wait.
_partial(
    "deliveries_in_turn",
    "next_try_at IS NOT NULL",
    deliveries.c.turn,
    deliveries.c.position,
    deliveries.c.id,
    deliveries.c.next_try_at,
)
_partial(
    "deliveries_in_hand", "worker IS NOT NULL", deliveries.c.subscriber, deliveries.c.incident, deliveries.c.worker
)
_partial("mails_of_subscriber", "sent_at IS NOT NULL", deliveries.c.subscriber, deliveries.c.sent_at)
_partial("deliveries_refused", "state = 'refused'", deliveries.c.incident, deliveries.c.fault)
Index("deliveries_of_thread", deliveries.c.subscriber, deliveries.c.incident)
Index("deliveries_of_incident", deliveries.c.incident, deliveries.c.entry)
Index("deliveries_by_message", deliveries.c.message_id)

# The fingerprints of the reports that have come back and been read (infrastructure.outbox.bounces).
reports = Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seal", LargeBinary),  # the stored name of the row's checksum
)

# The tokens by which readers leave, as their hashes (infrastructure.registers.ways_out).
ways_out = Table(
    "ways_out",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subscriber", Text, ForeignKey("subscribers.id"), nullable=False),
    Column("made_at", Text, nullable=False),
    Column("seal", LargeBinary),  # the stored name of the row's checksum
)

# What has been asked for at the door (infrastructure.registers.wishes). Who carried it out strikes what names anybody.
# `way` is the hash of the token by which it was asked, `network` where from; `again_at` when it is looked at again.
wishes = Table(
    "wishes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("way", Text),
    Column("address", Text),
    Column("language", Text),
    Column("systems", Json),
    Column("areas", Json),
    Column("paused_until", Text),
    Column("network", Text),
    Column("again_at", Text),
    Column("done_at", Text),
    sqlite_autoincrement=True,
)
_partial("wishes_waiting", "done_at IS NULL", wishes.c.id)
_partial("wishes_by_way", "done_at IS NULL", wishes.c.kind, wishes.c.way)
Index("wishes_by_network", wishes.c.network, wishes.c.at)

# Letters that ask whether an address is its owner's wish, by the hash of their token: `moves` whose new address it is,
# `subscriber` who came of it.
confirmations = Table(
    "confirmations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("systems", Json, nullable=False),
    Column("areas", Json, nullable=False),
    Column("mailed_at", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("moves", Text, ForeignKey("subscribers.id")),
    Column("subscriber", Text, ForeignKey("subscribers.id")),
    Column("confirmed_at", Text),
)
Index("confirmations_by_address", confirmations.c.address)

# Until when those are told nothing who said so themselves.
pauses = Table(
    "pauses",
    metadata,
    Column("subscriber", Text, ForeignKey("subscribers.id"), primary_key=True),
    Column("until", Text, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery", Integer, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("at", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Integer),
    Column("reply", Text, nullable=False),
    Column("enhanced", Text, nullable=False, server_default=text("''")),
    Column("seal", LargeBinary),  # the stored name of the row's checksum
)
