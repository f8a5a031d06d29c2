"""One SQLite file: how it is opened, how a transaction begins and ends."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.refusals import Damaged, Unavailable
from infrastructure.database.backend import READING, WRITING, Conflict
from infrastructure.database.sqlite_checksums import ChecksummingConnection

if TYPE_CHECKING:
    from sqlalchemy import Engine

PATIENCE = 30.0
"""Seconds that a writer waits for the others before it gives up."""

LOOKED_AGAIN_AFTER = 0.002
"""Seconds after which a writer who waits looks whether it is its turn."""


WAL_AT_REST = 4 << 20
"""Bytes to which the write-ahead log is cut once all of it is in the file: as many as SQLite lets it grow to before it
writes them there. It is longer only while somebody reads an older state; left alone it never shrank again."""

PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
    "secure_delete=ON",
    f"journal_size_limit={WAL_AT_REST}",
)
"""Of every connection. With secure_delete what is erased is written over with zeros, not only forgotten."""


class SqliteFile:
    """Raises Unavailable where the file can't be opened or is locked for too long, Damaged where it is no database."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_known = False

    def open_connection(self) -> ChecksummingConnection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                if self._is_known:
                    raise Unavailable("log-gone", path=str(self.path))
                self.path.touch(mode=0o600)  # addresses stand in it
            connection = sqlite3.connect(
                self.path, PATIENCE, isolation_level=None, check_same_thread=False, factory=ChecksummingConnection
            )
        except (OSError, sqlite3.Error) as error:
            raise Unavailable("database", path=str(self.path), problem=str(error)) from error
        with answering(str(self.path)):
            _until_unlocked(connection, "PRAGMA journal_mode=WAL")
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        connection.inode, self._is_known = self._inode(), True
        return connection

    def is_usable(self, connection: ChecksummingConnection) -> bool:
        """Whether it still is of the file at the path. What is written to one that has been moved away is lost with
        it: raises Unavailable until it is back."""
        inode = self._inode()
        if inode is None:
            raise Unavailable("log-gone", path=str(self.path))
        return inode == connection.inode

    def _inode(self) -> int | None:
        try:
            return self.path.stat().st_ino
        except OSError:
            return None

    @contextmanager
    def transaction(self, connection: ChecksummingConnection, begin: str) -> Iterator[ChecksummingConnection]:
        """Writers take their turn from the first moment; a reader sees one state of the file throughout."""
        with answering():
            if begin == WRITING:
                connection.begin_checksums()
            if begin == READING:
                connection.execute("BEGIN")
            else:
                take_turn(connection)
            try:
                yield connection
                if begin == WRITING:
                    connection.end_checksums()
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def version(self, connection: sqlite3.Connection) -> str | None:
        with answering():
            known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
        return row[0] if row else None

    def make_engine(self, *, checksums: bool) -> "Engine":
        from infrastructure.database.engine import sqlite_engine

        return sqlite_engine(self.open_connection, take_turn, checksums=checksums)

    def stream(self, connection: sqlite3.Connection, statement: str) -> Iterator[Any]:
        return iter(connection.execute(statement))

    def may_read(self, connection: sqlite3.Connection, table: str) -> bool:
        return True

    def listen(self, on_fact: Callable[[], None]) -> None:
        """A file tells nobody."""

    def is_own(self, connection: sqlite3.Connection) -> bool:
        """Whether the file belongs to whoever runs this program."""
        return os.name != "posix" or self.path.stat().st_uid == os.getuid()

    def may_write(self, connection: sqlite3.Connection) -> bool:
        return True

    def may_upgrade(self, connection: sqlite3.Connection) -> bool:
        return True

    def clock(self, connection: sqlite3.Connection) -> None:
        """A file has no clock."""


def take_turn(connection: sqlite3.Connection) -> None:
    """Begin a transaction that writes, once whoever writes now has ended. Raises Unavailable when that takes too long.

    SQLite's own waiting looks again after a tenth of a second, and seldom meets the moment between two of a program
    that writes without a pause: beside an import a fact waited four seconds.
    """
    with answering():
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            _until_unlocked(connection, "BEGIN IMMEDIATE")
        finally:
            connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")


def _until_unlocked(connection: sqlite3.Connection, statement: str) -> None:
    """SQLite does not wait by itself when several processes turn on WAL at the same moment."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(LOOKED_AGAIN_AFTER)
        else:
            return


@contextmanager
def answering(path: str = "") -> Iterator[None]:
    """A database that does not answer is a reason to try again, told in the product's own words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable("database", path=path, problem=str(error)) from error
    except sqlite3.IntegrityError as error:
        raise Conflict(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise Damaged("damaged", path=path, problem=str(error)) from error
