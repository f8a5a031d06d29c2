"""The log's database, a SQLite file or a PostgreSQL server, behind one small interface.

The hot path (record, board, show) speaks to the driver, because importing SQLAlchemy alone costs more
than a whole command may (docs/decisions/0002). Its statements are written once, with `?` for a value, and
understood by both. What knows the schema is `infrastructure.database.tables`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from domain.refusals import Damaged, Invalid, NotFound
from infrastructure.database.backend import (
    APPENDING,
    DERIVING,
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

SCHEMA = "0020"
"""The newest migration in `infrastructure/database/migrations`; a test holds the two together."""


class Database:
    """The log's database. Safe to share between threads: each gets a connection of its own.

    Raises NotFound where there is no log (`infrastructure.database.making` makes one), Invalid for an address that
    names no database or another program's, Damaged where it is of a newer program or can't be read, NotAuthorised and
    Unavailable where it can't be reached. With `upgrading=False` the schema is taken as it is found.
    """

    def __init__(self, url: str, *, upgrading: bool = True) -> None:
        self.url = url
        self.backend = _backend(url)
        self._of_thread = threading.local()
        if upgrading:
            self._bring_up()

    @property
    def path(self) -> Path:
        """The file; only a SQLite log has one."""
        return Path(self.url.removeprefix(SQLITE))

    def now(self) -> datetime:
        """By the log's clock: a server's own, of a file this machine's."""
        return datetime.now(UTC) - self.backend.ahead

    def ask_time(self) -> None:
        """Have a server's clock told anew, for whoever stays long enough for the two to drift apart, or be set."""
        self.backend.ask_time(self.connection())

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
        """The same among all who write registers, the ledger and read models. On PostgreSQL facts don't wait for it."""
        return self.backend.transaction(self.connection(), WRITING)

    def deriving(self) -> AbstractContextManager[Connection]:
        """The same for what can be derived anew at any time: its rows have no checksums."""
        return self.backend.transaction(self.connection(), DERIVING)

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent view of the log."""
        return self.backend.transaction(self.connection(), READING)

    def is_own(self) -> bool:
        """Whether the log belongs to whoever runs this program: the file's owner, the tables' owner."""
        return self.backend.is_own(self.connection())

    @property
    def place(self) -> str:
        """Where it is, as people may be told: no login and no password."""
        return str(self.path.absolute()) if self.url.startswith(SQLITE) else self.url.split("@")[-1].partition("?")[0]

    def left_out(self) -> str | None:
        """The reason for which what was written last may be missing from what this thread has read; it asks nothing."""
        connection: Connection | None = getattr(self._of_thread, "connection", None)
        return self.backend.left_out(connection) if connection is not None else None

    def own_check(self) -> list[str] | None:
        """What the database itself finds wrong with what it keeps; None where it can't be asked."""
        return self.backend.own_check(self.connection())

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
        """The schema's version. Raises Damaged if it is a newer program's, also where that came while we ran; Invalid
        if it is no version of ours."""
        found = self.version()
        if found is not None and not (found.isdigit() and len(found) == len(SCHEMA)):
            raise Invalid("not-our-log", path=self.place)
        if found is not None and found > SCHEMA:
            raise Damaged("newer-schema", found=found, known=SCHEMA)
        return found

    def _bring_up(self) -> None:
        found = self.refuse_newer_schema()
        if found == SCHEMA:
            return
        if found is None:
            raise NotFound("no-log", path=self.place)
        if not self.backend.may_upgrade(self.connection()):
            raise Damaged("older-schema", found=found, known=SCHEMA)
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
