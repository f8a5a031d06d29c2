"""Letters that ask an address whether it wants our mail: what was asked, by the hash of the letter's token.

A token is good for two days, as often as it is pressed. An address is written to once an hour at most, whoever asks for
it how often: the letter is counted before it is sent. Addresses that nobody confirms are erased with their letter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, insert, or_, select, update

from domain.choices import Choices
from domain.vocabulary import Area, System
from infrastructure.database.database import Database
from infrastructure.database.tables import confirmations, wishes
from infrastructure.log.codec import written
from infrastructure.registers.tokens import hash_of
from infrastructure.registers.wishes import WishKind

VALID_FOR = timedelta(hours=48)
"""How long a letter's link can be pressed."""

BETWEEN_LETTERS = timedelta(hours=1)
"""How long an address is not written to again, whatever is asked."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is confirmed: this address with these choices, as somebody's new one where it `moves` a subscriber. It can
    be pressed until `until` (aware)."""

    address: str = field(repr=False)
    choices: Choices
    until: datetime
    moves: str | None = None


def count_letter(connection: Connection, token: str, wanted: Confirmation, now: datetime) -> bool:
    """Keep the letter that is about to be sent; False where the address was written to within the hour."""
    within_the_hour = (
        confirmations.c.mailed_at > written(now - BETWEEN_LETTERS),
        confirmations.c.mailed_at < written(now + BETWEEN_LETTERS),  # what lies further ahead a wrong clock has set
    )
    last = select(confirmations.c.id).where(confirmations.c.address == wanted.address, *within_the_hour)
    if connection.execute(last.limit(1)).first() is not None:
        return False
    row = {
        "id": hash_of(token),
        "address": wanted.address,
        "language": wanted.choices.language,
        "systems": list(wanted.choices.systems),
        "areas": list(wanted.choices.areas),
        "mailed_at": written(now),
        "until": written(wanted.until),
        "moves": wanted.moves,
    }
    connection.execute(insert(confirmations).values(**row))
    return True


def was_not_sent(database: Database, token: str) -> None:
    """The letter did not go out: its address may be written to again."""
    with database.engine.begin() as connection:
        connection.execute(delete(confirmations).where(confirmations.c.id == hash_of(token)))


def confirmed(database: Database, way: str) -> Confirmation | None:
    """What the letter with this hash of a token asked; None where there is none any more."""
    with database.engine.connect().execution_options(reading=True) as connection:
        row = connection.execute(select(confirmations).where(confirmations.c.id == way)).first()
    if row is None:
        return None
    choices = Choices(row.language, tuple(map(System, row.systems)), tuple(map(Area, row.areas)))
    return Confirmation(row.address, choices, datetime.fromisoformat(row.until), row.moves)


def mark_confirmed(database: Database, way: str, subscriber: str, now: datetime) -> bool:
    """False where the letter was erased meanwhile."""
    with database.engine.begin() as connection:
        values = {"confirmed_at": written(now), "subscriber": subscriber}
        return connection.execute(update(confirmations).where(confirmations.c.id == way).values(**values)).rowcount == 1


def erase_of(connection: Connection, subscriber: str, address: str, now: datetime) -> None:
    """Whoever is gone is not brought back by a letter that they were once sent; one by which another reader would move
    to their address goes its own way. One to somebody else's address, to which they would have moved, can't be pressed
    any more, and counts against that address for its hour."""
    answered = confirmations.c.confirmed_at.is_not(None)
    asked = and_(confirmations.c.address == address, or_(answered, confirmations.c.moves.is_(None)))
    connection.execute(delete(confirmations).where(or_(asked, confirmations.c.subscriber == subscriber)))
    moving = confirmations.c.moves == subscriber, confirmations.c.confirmed_at.is_(None)
    connection.execute(update(confirmations).where(*moving).values(until=written(now)))


def erase_lapsed(database: Database, now: datetime) -> Sequence[str]:
    """Erase what can't be pressed any more and counts no more, but for what was pressed in time; the addresses."""
    pressed = exists().where(wishes.c.way == confirmations.c.id, wishes.c.kind == WishKind.CONFIRM)
    counts = confirmations.c.mailed_at > written(now - BETWEEN_LETTERS)
    lapsed = (confirmations.c.until <= written(now), ~counts, ~pressed)
    with database.engine.connect().execution_options(reading=True) as connection:
        if connection.execute(select(confirmations.c.id).where(*lapsed).limit(1)).first() is None:
            return []
    with database.engine.begin() as connection:
        gone = connection.execute(select(confirmations.c.address).where(*lapsed)).scalars().all()
        connection.execute(delete(confirmations).where(*lapsed))
        return gone
