"""Pauses that end by themselves: until when those are told nothing who have said so at the door."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from infrastructure.database.database import Database
from infrastructure.database.tables import pauses
from infrastructure.log.codec import written


def keep(connection: Connection, subscriber: str, until: datetime | None) -> None:
    """`until` is aware; with None no pause of theirs ends by itself."""
    connection.execute(delete(pauses).where(pauses.c.subscriber == subscriber))
    if until is not None:
        connection.execute(insert(pauses).values(subscriber=subscriber, until=written(until)))


def has_paused(connection: Connection, subscriber: str) -> bool:
    """Whether they have done so themselves."""
    return connection.execute(select(pauses).where(pauses.c.subscriber == subscriber)).first() is not None


def until(database: Database, subscriber: str) -> datetime | None:
    """When their own pause ends; None where there is none."""
    with database.engine.connect().execution_options(reading=True) as connection:
        found = connection.execute(select(pauses.c.until).where(pauses.c.subscriber == subscriber)).scalar()
    return datetime.fromisoformat(found) if found else None


def every(database: Database) -> dict[str, datetime]:
    """When the pauses end that end by themselves, by subscriber."""
    with database.engine.connect().execution_options(reading=True) as connection:
        rows = connection.execute(select(pauses.c.subscriber, pauses.c.until))
        return {subscriber: datetime.fromisoformat(until) for subscriber, until in rows}


def ended(database: Database, now: datetime) -> list[str]:
    """Whose pause is over."""
    over = select(pauses.c.subscriber).where(pauses.c.until <= written(now)).order_by(pauses.c.until)
    with database.engine.connect().execution_options(reading=True) as connection:
        return list(connection.execute(over).scalars())
