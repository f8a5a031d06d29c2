"""One SQLite file: how it is opened, how a transaction begins and ends, and that its schema is there.

The hot path (record, board, show) speaks to the driver, because importing SQLAlchemy alone costs more
than a whole command may (docs/decisions/0002). What knows the schema is `infrastructure.tables`.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from domain.refusals import Damaged, Invalid, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine

SCHEMA = "0003"
"""The newest migration in `infrastructure/migrations`; a test holds the two together."""

PATIENCE = 30.0
"""Seconds that a writer waits for the others before it gives up."""

PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON", "trusted_schema=OFF", "secure_delete=ON")
"""Of every connection. With secure_delete what is erased is written over with zeros, not only forgotten."""

Connection = sqlite3.Connection


class Database:
    """The log's database. Safe to share between threads: each gets a connection of its own.

    Raises Unavailable where the file can't be opened, is not ours, or is of a newer program.
    """

    def __init__(self, url: str) -> None:
        if not url.startswith("sqlite:///"):
            raise Invalid("database-url", url=url.split("@")[-1])
        self.url = url
        self.path = Path(url.removeprefix("sqlite:///"))
        self._of_thread = threading.local()
        self._ensure_schema()

    def connection(self) -> Connection:
        """This thread's connection, in autocommit."""
        connection: Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = self.open_connection()
        return connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One short transaction that takes its turn among all writers; durable once it has ended."""
        connection = self.connection()
        with _answering():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the log."""
        connection = self.connection()
        with _answering():
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    def is_own(self) -> bool:
        """Whether the file belongs to whoever runs this program."""
        return os.name != "posix" or self.path.stat().st_uid == os.getuid()

    def close(self) -> None:
        """Close this thread's connection. Another thread's closes with its thread: it may be reading just now."""
        connection: Connection | None = getattr(self._of_thread, "connection", None)
        if connection is not None:
            connection.close()
            del self._of_thread.connection
        if "engine" in self.__dict__:
            self.engine.dispose()

    @cached_property
    def engine(self) -> "Engine":
        """SQLAlchemy's way to the same file, for what is not on the hot path."""
        from infrastructure.engine import make_engine

        return make_engine(self.open_connection)

    def open_connection(self) -> Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.touch(mode=0o600)  # addresses stand in it
            connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise Unavailable("database", path=str(self.path), problem=str(error)) from error
        with _answering(str(self.path)):
            _until_unlocked(connection, "PRAGMA journal_mode=WAL")
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        return connection

    def _ensure_schema(self) -> None:
        found = schema_version(self.connection())
        if found == SCHEMA:
            return
        if found is not None and found > SCHEMA:
            raise Unavailable("newer-schema", found=found, known=SCHEMA)
        from infrastructure.migrations.upgrade import upgrade

        with _answering(str(self.path)):
            upgrade(self)


def is_there(url: str) -> bool:
    """Whether there is a log at this address yet."""
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


def schema_version(connection: Connection) -> str | None:
    """The schema's version, None where there is none yet."""
    with _answering():
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return row[0] if row else None


def _until_unlocked(connection: Connection, statement: str) -> None:
    """SQLite does not wait by itself when several processes turn on WAL at the same moment."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def _answering(path: str = "") -> Iterator[None]:
    """A database that does not answer is a reason to try again, told in the product's own words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable("database", path=path, problem=str(error)) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError):
            raise
        raise Damaged("damaged", path=path, problem=str(error)) from error
