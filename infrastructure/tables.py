"""The one place that knows the schema. Migrations create it, statements elsewhere name its columns."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

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
    Column("systems", JSON, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("position", Integer, nullable=False),
)
Index("open_incidents", incidents.c.number, sqlite_where=text("open"))

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, unique=True),
    Column("roles", JSON, nullable=False),
    Column("added_at", Text, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("address", Text),
    Column("audience", Text, nullable=False),
    Column("systems", JSON, nullable=False),
    Column("areas", JSON, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("added_at", Text, nullable=False),
    Column("after_position", Integer, nullable=False),
    Column("welcomed", Boolean, nullable=False),
    UniqueConstraint("address", "audience"),
)

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
    UniqueConstraint("position", "subscriber"),
    sqlite_autoincrement=True,
)
Index("deliveries_waiting", deliveries.c.next_try_at, sqlite_where=text("next_try_at IS NOT NULL"))
Index("deliveries_of_incident", deliveries.c.incident, deliveries.c.entry)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery", Integer, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("at", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Integer),
    Column("reply", Text, nullable=False),
)
