"""The log's database, a SQLite file or a PostgreSQL server, behind one small interface.

The hot path (record, board, show) speaks to the driver, because importing SQLAlchemy alone costs more
than a whole command may (docs/decisions/0002). Its statements are written once, with `?` for a value, and
understood by both. What knows the schema is `infrastructure.database.tables`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from domain.refusals import Invalid, Unavailable
from infrastructure.database.backend import (
    APPENDING,
    POSTGRESQL,
    READING,
    SQLITE,
    WRITING,
    Backend,
    Connection,
    with_its_driver,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

SCHEMA = "0011"
"""The newest migration in `infrastructure/migrations`; a test holds the two together."""


class Database:
    """The log's database. Safe to share between threads: each gets a connection of its own.

    Raises Unavailable where it can't be reached or is of a newer program, Invalid for an address that names no
    database. With `upgrading=False` the schema is taken as it is found.
    """

    def __init__(self, url: str, *, upgrading: bool = True) -> None:
        self.url = url
        self.backend = _backend(url)
        self._of_thread = threading.local()
        if upgrading:
            self._ensure_schema()

    @property
    def path(self) -> Path:
        """The file; only a SQLite log has one."""
        return Path(self.url.removeprefix(SQLITE))

    def connection(self) -> Connection:
        """This thread's connection, in autocommit; a new one where the old was cut."""
        connection: Connection | None = getattr(self._of_thread, "connection", None)
        if connection is not None and not self.backend.is_usable(connection):
            connection = None
        if connection is None:
            connection = self._of_thread.connection = self.open_connection()
        return connection

    def appending(self) -> AbstractContextManager[Connection]:
        """One short transaction that takes its turn among all who append facts; durable once it has ended."""
        return self.backend.transaction(self.connection(), APPENDING)

    def writing(self) -> AbstractContextManager[Connection]:
        """The same among all who write read models, registers and the ledger. On PostgreSQL facts don't wait for it."""
        return self.backend.transaction(self.connection(), WRITING)

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent view of the log."""
        return self.backend.transaction(self.connection(), READING)

    def is_own(self) -> bool:
        """Whether the log belongs to whoever runs this program: the file's owner, the tables' owner."""
        return self.backend.is_own(self.connection())

    @cached_property
    def may_write(self) -> bool:
        """Whether read models can be kept up; a role that only reads derives them from the facts each time."""
        return self.backend.may_write(self.connection())

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
        """SQLAlchemy's way to the same database, for what is not on the hot path. Its transactions take their turn as
        `writing` does, unless begun with the execution option `reading`."""
        return self.backend.make_engine(checksums=True)

    @contextmanager
    def as_they_are(self) -> Iterator["Engine"]:
        """An engine for rows that come with their checksums: it makes and counts none."""
        engine = self.backend.make_engine(checksums=False)
        try:
            yield engine
        finally:
            engine.dispose()

    def listen(self, on_fact: Callable[[], None]) -> Callable[[], None]:
        """Have `on_fact` called, from another thread, as soon as facts are committed, where the database can tell; it
        may be called for nothing, and may never be. Returns what stops it."""
        return self.backend.listen(on_fact) or (lambda: None)

    def open_connection(self) -> Connection:
        connection: Connection = self.backend.open_connection()
        return connection

    def version(self) -> str | None:
        """The schema's version, None where there is none yet."""
        return self.backend.version(self.connection())

    def refuse_newer_schema(self) -> str | None:
        """The schema's version. Raises Unavailable if it is a newer program's, also where that came while we ran."""
        found = self.version()
        if found is not None and found > SCHEMA:
            raise Unavailable("newer-schema", found=found, known=SCHEMA)
        return found

    def _ensure_schema(self) -> None:
        found = self.refuse_newer_schema()
        if found == SCHEMA:
            return
        if not self.backend.may_upgrade(self.connection()):
            raise Unavailable("older-schema", found=found, known=SCHEMA)
        from infrastructure.database.migrations.upgrade import upgrade

        with self.as_they_are() as engine:
            upgrade(engine)


def _backend(url: str) -> Backend:
    """Raises Invalid, without the password, for an address of another kind."""
    if url.startswith(SQLITE):
        from infrastructure.database.sqlite import SqliteFile

        return SqliteFile(Path(url.removeprefix(SQLITE)))
    if url.startswith(POSTGRESQL):
        with with_its_driver():
            from infrastructure.database.postgres import PostgresServer

        return PostgresServer(url)
    raise Invalid("database-url", url=url.split("@")[-1])


def is_there(url: str) -> bool:
    """Whether there is a log at this address yet."""
    return not url.startswith(SQLITE) or Path(url.removeprefix(SQLITE)).exists()
