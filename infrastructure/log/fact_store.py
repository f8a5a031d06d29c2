"""The eventsourcing library's recorder on one table of facts.

Positions are commit order: a writer holds the log's lock from before its position is given until it
has committed, so a reader that follows the log never skips one. On PostgreSQL a trigger sees to it, whoever writes.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
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
from infrastructure.log.tree import AS_IT_STANDS, appended

INSERT = f"""
INSERT INTO facts (incident, entry, fact, bytes, command_id) VALUES (?, ?, ?, ?, ?) RETURNING position, {AS_IT_STANDS}
"""
SELECT = "SELECT position, incident, entry, fact, bytes FROM facts"
NO_DIGITS = str.maketrans("0123456789", "ghijklmnop")
"""A command id of ours holds letters alone, so that it can't be taken for a personnummer."""
AtTheirTurn = Callable[[], Sequence[StoredEvent]]
IDLE_WAIT = 0.1
"""Seconds between looks for new facts where someone subscribes."""


@dataclass(frozen=True)
class StoredFact(StoredEvent):
    """A stored event with the id of the command that brought it, so that a repeated command adds nothing."""

    command_id: str | None = None


def put(connection: Connection, rows: Sequence[tuple[Any, ...]], *, at_once: bool) -> list[int]:
    """Add these rows and their leaves in the transaction that has the turn to append; their positions."""
    answers = [connection.execute(INSERT, row).fetchone() for row in rows]
    if answers:
        first, *tree = answers[0]
        appended(connection, [row[3] for row in rows], first, (tree[0], tree[1]), at_once=at_once)
    return [position for position, *_ in answers]


class FactStore(ApplicationRecorder):
    """Appends facts and reads them, and can do nothing else with them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._at_once = database.backend.name == "postgresql"

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """One durable transaction. `at_their_turn` among the arguments is asked for the events as they are to be
        written once nobody else can write before them. Raises IntegrityError if an entry or a command id is already
        there."""
        at_their_turn: AtTheirTurn | None = kwargs.get("at_their_turn")
        try:
            with self.database.appending() as connection:
                rows = [_row(event) for event in (at_their_turn() if at_their_turn else stored_events)]
                return put(connection, rows, at_once=self._at_once)
        except Conflict as error:
            raise IntegrityError(str(error)) from error

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


def _row(event: StoredEvent) -> tuple[Any, ...]:
    command_id = getattr(event, "command_id", None)
    return _text(event.originator_id), event.originator_version, event.topic, event.state, command_id


def _text(originator_id: UUID | str) -> str:
    return originator_id.hex if isinstance(originator_id, UUID) else originator_id
