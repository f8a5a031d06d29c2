"""Pulls facts into read models, exactly once.

A projection moves its own position in the same transaction as its rows, and only from the position it
had read: of two that pull at once, one finds that the other was there and starts over. A projection
that raises stops itself alone, and the next reader is told its name.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from domain.fact import Recorded
from domain.refusals import NotAuthorised, Unavailable
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import decode

BATCH = 500

NEWEST = "SELECT max(position) FROM facts"
AFTER = "SELECT position, bytes FROM facts WHERE position > ? ORDER BY position LIMIT ?"


class Projection(Protocol):
    """Rows derived from the log. `apply` sees facts in the log's order and writes in their transaction."""

    name: str
    tables: tuple[str, ...]

    def apply(self, connection: Connection, facts: Sequence[Recorded]) -> None: ...


class Broken(NamedTuple):
    """A projection that could not read on, where it stands and what it said."""

    projection: str
    position: int
    problem: str


def catch_up(database: Database, projection: Projection) -> Broken | None:
    """Bring the projection's rows up to what is the newest fact now; None if it got there. What comes after that is
    for the next time: whoever went on while others write without a pause would end no sooner than they."""
    [newest] = database.connection().execute(NEWEST).fetchone()
    while (position := _position(database.connection(), projection.name)) < (newest or 0):
        found = database.connection().execute(AFTER, (position, BATCH)).fetchall()
        if not found:
            return None
        try:
            facts = _readable(found)
        except Exception as error:  # a fact that can't be read stops this projection alone
            return _note_problem(database, Broken(projection.name, position, f"{type(error).__name__}: {error}"))
        try:
            with _moving(database, projection) as connection:
                if not _moved(connection, projection.name, position, found[len(facts) - 1][0]):
                    continue
                projection.apply(connection, facts)
        except (Unavailable, NotAuthorised):
            raise
        except Exception as error:  # whatever a projection raises, facts go on being recorded
            return _note_problem(database, Broken(projection.name, position, f"{type(error).__name__}: {error}"))
    return None


def _readable(found: Sequence[tuple[int, bytes]]) -> list[Recorded]:
    """The facts up to the first that can't be read; raises what it raised if that is the very first."""
    facts: list[Recorded] = []
    for position, stored in found:
        try:
            facts.append(decode(stored, position))
        except Exception:  # whatever is wrong with it, those before it are whole
            if not facts:
                raise
            break
    return facts


def rebuild(database: Database, projections: Sequence[Projection]) -> list[Broken]:
    """Throw the projections' rows away and derive them again from the first fact."""
    broken = []
    for projection in projections:
        with _moving(database, projection) as connection:
            # Its position first: whoever is just pulling has to have ended before its rows go.
            connection.execute("DELETE FROM tracking WHERE projection = ?", (projection.name,))
            for table in projection.tables:
                connection.execute(f"DELETE FROM {table}")
        if problem := catch_up(database, projection):
            broken.append(problem)
    return broken


def _moving(database: Database, projection: Projection) -> AbstractContextManager[Connection]:
    """Its own tables are derived; one without writes the ledger."""
    return database.deriving() if projection.tables else database.writing()


def _position(connection: Connection, name: str) -> int:
    row = connection.execute("SELECT position FROM tracking WHERE projection = ?", (name,)).fetchone()
    return row[0] if row else 0


def _moved(connection: Connection, name: str, expected: int, last: int) -> bool:
    """Compare and set: True if nobody else has moved it since we read."""
    if expected == 0:
        connection.execute("INSERT INTO tracking (projection, position) VALUES (?, 0) ON CONFLICT DO NOTHING", (name,))
    changed = connection.execute(
        "UPDATE tracking SET position = ?, problem = NULL WHERE projection = ? AND position = ?", (last, name, expected)
    )
    return changed.rowcount == 1


def _note_problem(database: Database, broken: Broken) -> Broken:
    with database.deriving() as connection:
        connection.execute(
            "INSERT INTO tracking (projection, position, problem) VALUES (?, ?, ?) "
            "ON CONFLICT (projection) DO UPDATE SET problem = excluded.problem",
            (broken.projection, broken.position, broken.problem),
        )
    return broken
