"""The eventsourcing library's recorder on one table of facts.

Positions are commit order: a writer holds the log's lock from before its position is given until it
has committed, so a reader that follows the log never skips one. On PostgreSQL a trigger sees to it, whoever writes, and
facts are appended by one function of the schema, in one trip (docs/decisions/0046).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)

from infrastructure.database.backend import Conflict, Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import at_its_turn
from infrastructure.log.tree import appended

if TYPE_CHECKING:
    from infrastructure.database.postgres import PostgresServer

INSERT = "INSERT INTO facts (incident, entry, fact, bytes, command_id) VALUES (?, ?, ?, ?, ?) RETURNING position"
APPEND = (
    "SELECT turn, first "
    "FROM append_facts(?::text[], ?::integer[], ?::text[], ?::bytea[], ?::text[], ?::integer[], ?::integer[])"
)
SELECT = "SELECT position, incident, entry, fact, bytes FROM facts"
NO_DIGITS = str.maketrans("0123456789", "ghijklmnop")
"""A command id of ours holds letters alone, so that it can't be taken for a personnummer."""
IDLE_WAIT = 0.1
"""Seconds between looks for new facts where someone subscribes."""


@dataclass(frozen=True)
class StoredFact(StoredEvent):
    """A stored event with the id of the command that brought it, so that a repeated command adds nothing. `places` is
    where in its bytes the moments stand that its turn decides; None where they are written as they are."""

    command_id: str | None = None
    places: tuple[int, int | None] | None = None

    def at_its_turn(self, now: datetime) -> "StoredFact":
        return replace(self, state=at_its_turn(self.state, self.places, now), places=None) if self.places else self


class Appended(NamedTuple):
    """At which positions facts were written, and the moment at which their turn to be written had come (aware)."""

    positions: list[int]
    at: datetime


def server_of(database: Database) -> "PostgresServer | None":
    """The server, where the log is on one."""
    return cast("PostgresServer", database.backend) if database.backend.name == "postgresql" else None


def put(database: Database, connection: Connection, facts: Sequence[StoredFact]) -> list[int]:
    """Add these facts, as they are, and their leaves in the transaction that has the turn to append; where they are."""
    if not facts:
        return []
    if server_of(database):
        _turn, first = connection.execute(APPEND, _columns(facts)).fetchone()
        return _positions(first, facts)
    positions = [connection.execute(INSERT, _row(fact)).fetchone()[0] for fact in facts]
    appended(connection, [fact.state for fact in facts], positions[0])
    return positions


class FactStore(ApplicationRecorder):
    """Appends facts and reads them, and can do nothing else with them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._server = server_of(database)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The facts as they are. Raises what `append` does."""
        facts = [
            StoredFact(_text(each.originator_id), each.originator_version, each.topic, each.state, _command_id(each))
            for each in stored_events
        ]
        return self.append(facts, self.database.now).positions if facts else []

    def append(self, facts: Sequence[StoredFact], clock: Callable[[], datetime]) -> Appended:
        """One durable transaction, of one fact at least, each written as recorded when nobody else could write before
        it any more, by this clock. A server's own is read there, in the one trip that all of it takes.

        Raises IntegrityError if an entry or a command id is already there, Unavailable.
        """
        with _conflicts_told():
            if self._server and clock == self.database.now:
                at, first = self._server.appended(self.database.connection(), APPEND, _columns(facts))
                return Appended(_positions(first, facts), at)
            with self.database.appending() as connection:
                at = clock()
                return Appended(put(self.database, connection, [fact.at_its_turn(at) for fact in facts]), at)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[Notification]:
        """An incident's facts by entry, each with its position in the whole log."""
        statement, values = f"{SELECT} WHERE incident = ?", [_text(originator_id)]
        statement, values = _bounded(statement, values, "entry", gt, lte)
        return self._select(f"{statement} ORDER BY entry {'DESC' if desc else 'ASC'}", values, limit)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The log by position, from `start` to `stop`."""
        after = start - 1 if start is not None and inclusive_of_start else start
        statement, values = _bounded(f"{SELECT} WHERE true", [], "position", after, stop)
        if topics:
            statement += f" AND fact IN ({', '.join('?' * len(topics))})"
            values += topics
        return self._select(f"{statement} ORDER BY position", values, limit)

    def max_notification_id(self) -> int | None:
        """The position of the newest fact, None while there is none."""
        position: int | None = self.database.connection().execute("SELECT max(position) FROM facts").fetchone()[0]
        return position

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "Subscription[ApplicationRecorder]":
        """The facts after `gt`, and then the new ones as they come."""
        return Following(self, gt, topics)

    def wait_for_others(self) -> None:
        """Come back once everybody who is appending just now has ended, one way or the other."""
        with self.database.appending():
            pass

    def entry_of_command(self, command_id: str) -> tuple[str, int] | None:
        """The incident and entry that this command once added."""
        found: tuple[str, int] | None = self.database.connection().execute(
            "SELECT incident, entry FROM facts WHERE command_id = ?", (command_id,)
        ).fetchone()  # fmt: skip
        return found

    def highest_number(self, year: int) -> str | None:
        """The newest incident of the year."""
        number: str | None = self.database.connection().execute(
            "SELECT max(incident) FROM facts WHERE incident > ? AND incident < ?", (f"{year}-", f"{year}.")
        ).fetchone()[0]  # fmt: skip
        return number

    def _select(self, statement: str, values: list[Any], limit: int | None) -> list[Notification]:
        if limit is not None:
            statement, values = f"{statement} LIMIT ?", [*values, limit]
        return [
            Notification(originator_id=incident, originator_version=entry, topic=fact, state=stored, id=position)
            for position, incident, entry, fact, stored in self.database.connection().execute(statement, values)
        ]


class Following(Subscription[ApplicationRecorder]):
    """Follows the log by looking again after a short wait."""

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            found = self._recorder.select_notifications(
                self._last_notification_id, 1, None, self._topics, inclusive_of_start=False
            )
            if found:
                self._last_notification_id = found[0].id
                return found[0]
            time.sleep(IDLE_WAIT)
        raise StopIteration


def _bounded(statement: str, values: list[Any], column: str, gt: int | None, lte: int | None) -> tuple[str, list[Any]]:
    if gt is not None:
        statement, values = f"{statement} AND {column} > ?", [*values, gt]
    if lte is not None:
        statement, values = f"{statement} AND {column} <= ?", [*values, lte]
    return statement, values


@contextmanager
def _conflicts_told() -> Iterator[None]:
    """In the library's own words."""
    try:
        yield
    except Conflict as error:
        raise IntegrityError(str(error)) from error


def _row(fact: StoredFact) -> tuple[Any, ...]:
    return fact.originator_id, fact.originator_version, fact.topic, fact.state, fact.command_id


def _columns(facts: Sequence[StoredFact]) -> tuple[list[Any], ...]:
    """The facts as `append_facts` takes them."""
    rows = [(*_row(fact), *(fact.places or (None, None))) for fact in facts]
    return tuple(map(list, zip(*rows, strict=True)))


def _positions(first: int, facts: Sequence[StoredFact]) -> list[int]:
    """Of facts that were appended together."""
    return list(range(first, first + len(facts)))


def _command_id(event: StoredEvent) -> str | None:
    return getattr(event, "command_id", None)


def _text(originator_id: UUID | str) -> str:
    return originator_id.hex if isinstance(originator_id, UUID) else originator_id
