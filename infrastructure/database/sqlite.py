"""One SQLite file: how it is opened, how a transaction begins and ends."""

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISGID, S_ISREG, S_IWGRP
from typing import TYPE_CHECKING, Any

from domain.refusals import Damaged, Invalid, NotAuthorised, NotFound, Refusal, Unavailable
from infrastructure.database.backend import READING, WRITING, Conflict
from infrastructure.database.faults import (
    BESIDE_READ_ONLY,
    NO_ROOM,
    NOT_OPENED,
    OF_SQLITE,
    OTHER_TABLES,
    READ_ONLY,
    of_sqlite,
)
from infrastructure.database.sqlite_checksums import ChecksummingConnection

if TYPE_CHECKING:
    from sqlalchemy import Connection as Transaction
    from sqlalchemy import Engine

APPLICATION_ID = 0x52525554
"""What SQLite keeps in the file's head of whose it is: “RRUT”. Logs from before schema 0011 have none, and are known by
their tables."""

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
    "temp_store=MEMORY",
    f"journal_size_limit={WAL_AT_REST}",
)
"""Of every connection. With secure_delete what is erased is written over with zeros, not only forgotten; what is sorted
needs no room on a disk that may be full."""


FULL = 2
"""SQLite's number for synchronous=FULL."""


class SqliteFile:
    """Raises what `infrastructure.database.faults` makes of SQLite's errors; NotFound where there is no file, Invalid
    where what is there is no log, Unavailable where the log was there and has gone."""

    name = "sqlite"
    ahead = timedelta(0)

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_known = False

    def open_connection(self) -> ChecksummingConnection:
        """To read and to write; where nothing can be written, to read what is there."""
        seen = self._looked_at()
        try:
            connection = self._connected("mode=rw")
            self._leave_to_who_may_write()
        except Refusal as refusal:
            if refusal.reason not in (NO_ROOM.reason, NOT_OPENED.reason, READ_ONLY.reason) or not self._may_read():
                raise
            connection = self._connected("mode=ro&immutable=1")
            read_only = READ_ONLY.told(**refusal.data)
            connection.frozen = refusal if refusal.reason == NO_ROOM.reason else _in_the_way(read_only, self.path)
        connection.seen, self._is_known = self._as_it_is() if connection.frozen else seen, True
        return connection

    def _connected(self, how: str) -> ChecksummingConnection:
        connection = None
        with answering(str(self.path)):
            try:
                connection = sqlite3.connect(
                    f"{self.path.absolute().as_uri()}?{how}",
                    timeout=PATIENCE,
                    isolation_level=None,
                    check_same_thread=False,
                    factory=ChecksummingConnection,
                    uri=True,
                )
                if not self._is_known:
                    self._refuse_anothers(connection)  # before anything is asked for that would be written
                _use_a_write_ahead_log(connection)
                for pragma in PRAGMAS:
                    connection.execute(f"PRAGMA {pragma}")
            except BaseException:
                if connection is not None:
                    connection.close()
                raise
        return connection

    def _leave_to_who_may_write(self) -> None:
        """Whoever may only read the file may have made those beside it, and they stay. In a folder for a group the
        group may write them, or the file's owner could write no more."""
        if not os.access(self.path, os.W_OK) and is_for_a_group(self.path.parent):
            for beside in _files_beside(self.path):
                with suppress(OSError):  # another's, or none
                    beside.chmod(S_IMODE(beside.stat().st_mode) | S_IWGRP)

    def _looked_at(self) -> int:
        """The file's number. Nothing but a file with something in it is opened: an empty one is no log, and SQLite
        would make one of it."""
        try:
            found = self.path.stat()
        except FileNotFoundError as missing:
            if self._is_known:
                raise Unavailable("log-gone", path=str(self.path)) from missing
            raise NotFound("no-log", path=str(self.path)) from missing
        except NotADirectoryError as error:
            raise Invalid("no-folder", path=str(self.path.parent)) from error
        except OSError as error:
            raise NotAuthorised("log-not-opened", path=str(self.path), problem=error.strerror) from error
        if S_ISDIR(found.st_mode):
            raise Invalid("log-is-a-folder", path=str(self.path))
        if not S_ISREG(found.st_mode):
            raise Invalid("not-our-log", path=str(self.path))
        if not found.st_size:
            raise Invalid("log-is-empty", path=str(self.path))
        return found.st_ino

    def _may_read(self) -> bool:
        return os.access(self.path, os.R_OK)

    def _as_it_is(self) -> tuple[int, ...]:
        """What changes as soon as anybody writes to the file, or beside it."""
        found, beside = self.path.stat(), self._beside()
        return found.st_ino, found.st_size, found.st_mtime_ns, beside

    def _beside(self) -> int:
        """Bytes of the write-ahead log."""
        try:
            return self.path.with_name(f"{self.path.name}-wal").stat().st_size
        except OSError:
            return 0

    def _refuse_anothers(self, connection: ChecksummingConnection) -> None:
        """Raises Invalid for a file of another program's; one that does not say whose it is has to have our tables."""
        [owner] = connection.execute("PRAGMA application_id").fetchone()
        if owner != APPLICATION_ID:
            ours = "SELECT count(*) FROM sqlite_master WHERE name IN ('facts', 'alembic_version')"
            if owner or connection.execute(ours).fetchone() != (2,):
                raise Invalid("not-our-log", path=str(self.path))

    def is_usable(self, connection: ChecksummingConnection) -> bool:
        """Whether it still is of the file at the path, and shows what is in it. What is written to one that has been
        moved away is lost with it: raises Unavailable until it is back."""
        try:
            return connection.seen == (self._as_it_is() if connection.frozen else self.path.stat().st_ino)
        except OSError as error:
            raise Unavailable("log-gone", path=str(self.path)) from error

    def left_out(self, connection: ChecksummingConnection) -> str | None:
        """What stands beside the file is read only where that can be shared with whoever writes it."""
        return "write-ahead-log" if connection.frozen and self._beside() else None

    @contextmanager
    def transaction(self, connection: ChecksummingConnection, begin: str) -> Iterator[ChecksummingConnection]:
        """Writers take their turn from the first moment; a reader sees one state of the file throughout."""
        with answering(str(self.path)):
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
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def take_turn_to_append(self, connection: ChecksummingConnection) -> None:
        """Whoever writes to a file has it already."""

    def version(self, connection: ChecksummingConnection) -> str:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if row is None:
            raise OTHER_TABLES.told("alembic_version", str(self.path))
        return str(row[0])

    def make_engine(self, *, checksums: bool) -> "Engine":
        from infrastructure.database.engine import sqlite_engine

        return sqlite_engine(self.open_connection, take_turn, checksums=checksums)

    def beneath(self, connection: "Transaction") -> Any:
        return connection.connection.driver_connection

    def stream(self, connection: sqlite3.Connection, statement: str) -> Iterator[Any]:
        return iter(connection.execute(statement))

    def may_read(self, connection: sqlite3.Connection, table: str) -> bool:
        return True

    def listen(self, on_fact: Callable[[], None]) -> None:
        """A file tells nobody."""

    def is_own(self, connection: sqlite3.Connection) -> bool:
        """Whether the file belongs to whoever runs this program."""
        return sys.platform == "win32" or self.path.stat().st_uid == os.getuid()

    def may_upgrade(self, connection: ChecksummingConnection) -> bool:
        return not connection.frozen and os.access(self.path, os.W_OK)

    def own_check(self, connection: ChecksummingConnection) -> list[str]:
        """What SQLite itself finds wrong with the file, a hundred at most."""
        try:
            found = [str(said) for (said,) in connection.execute("PRAGMA integrity_check")]
        except Damaged as damaged:
            return [str(damaged.data["problem"])]
        return [] if found == ["ok"] else found

    def role(self, connection: ChecksummingConnection) -> str:
        return ""

    def durability(self, connection: ChecksummingConnection) -> list[tuple[str, str, bool]]:
        [level] = connection.execute("PRAGMA synchronous").fetchone()
        [mode] = connection.execute("PRAGMA journal_mode").fetchone()
        return [("synchronous", str(level), level >= FULL), ("journal_mode", mode, mode in ("wal", "delete"))]

    def ask_time(self, connection: sqlite3.Connection) -> None:
        """A file has no clock."""


def is_for_a_group(folder: Path) -> bool:
    """Whether a group may write there, and what is made there is that group's (setgid): an administrator has said so
    that several people share what lies in it."""
    for_a_group = S_ISGID | S_IWGRP
    return folder.stat().st_mode & for_a_group == for_a_group


def _files_beside(path: Path) -> list[Path]:
    """The write-ahead log, and what is shared about it by those who have it open."""
    return [path.with_name(path.name + ending) for ending in ("-wal", "-shm")]


def take_turn(connection: ChecksummingConnection) -> None:
    """Begin a transaction that writes, once whoever writes now has ended. Raises Unavailable when that takes too long,
    and what is in the way where nothing can be written.

    SQLite's own waiting looks again after a tenth of a second, and seldom meets the moment between two of a program
    that writes without a pause: beside an import a fact waited four seconds.
    """
    if connection.frozen:
        raise connection.frozen.with_traceback(None)
    with answering():
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            _until_unlocked(connection, "BEGIN IMMEDIATE")
        finally:
            connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")


def _use_a_write_ahead_log(connection: ChecksummingConnection) -> None:
    """Whatever may be written to has one; a copy that may only be read is read as it came."""
    try:
        _until_unlocked(connection, "PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise


def _until_unlocked(connection: ChecksummingConnection, statement: str) -> None:
    """SQLite does not wait by itself when several processes turn on WAL at the same moment."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            sqlite3.Cursor(connection).execute(statement)  # the driver's own: it fails in the driver's words
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(LOOKED_AGAIN_AFTER)
        else:
            return


def _in_the_way(refusal: Refusal, path: Path) -> Refusal:
    """Why nothing can be written: where the file could be, it is for one beside it."""
    if refusal.reason == READ_ONLY.reason and os.access(path, os.W_OK):
        for beside in _files_beside(path):
            if beside.exists() and not os.access(beside, os.W_OK):
                return BESIDE_READ_ONLY.told(str(refusal.data["problem"]), str(beside))
    return refusal


@contextmanager
def answering(path: str = "") -> Iterator[None]:
    """SQLite's errors in the product's own words, with the file's name."""
    try:
        yield
    except Refusal as refusal:
        if path and refusal.data.get("path") == "":
            refusal.data["path"] = path
        raise (_in_the_way(refusal, Path(path)) if path else refusal) from refusal.__cause__
    except sqlite3.IntegrityError as error:
        raise Conflict(str(error)) from error
    except OF_SQLITE as error:
        raise (of_sqlite(error, path) or error) from error
