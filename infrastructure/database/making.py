"""A log where there is none yet. Whoever meets it meets all of it: a file gets its name once everything is in it."""

import errno
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from stat import S_IRWXG, S_ISGID

from domain.refusals import Invalid, NotAuthorised, NotFound, Unavailable
from infrastructure.database.database import Database
from infrastructure.database.sqlite import APPLICATION_ID, answering, is_for_a_group


def make(url: str) -> bool:
    """Make an empty log at this address if there is none; whether there was none. What is there is left alone.

    Raises Invalid, NotAuthorised or Unavailable where none can be made, NotFound where this role may not.
    """
    database = Database(url, upgrading=False)
    if database.backend.name == "sqlite":
        return not database.path.exists() and _make_file(database.path)
    with closing(database):
        if database.version() is not None:
            return False
        if not database.backend.may_upgrade(database.connection()):
            raise NotFound("no-log", path=database.place)
        if database.connection().execute(ANYTHING).fetchone():
            raise Invalid("not-our-log", path=database.place)
        _fill(database)
        return True


ANYTHING = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1"


ITS_OWNERS = 0o600
"""Addresses stand in a log."""

ITS_GROUPS = 0o660
"""Of a log in a folder for a group. SQLite gives the files that it makes beside the log the same mode, whatever
anybody's umask is."""


def _make_folder(folder: Path) -> None:
    """One that is missing in a folder for a group is for that group as well."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        if is_for_a_group(folder.parent):
            with suppress(PermissionError):  # a service may be forbidden to: then the log in it is the service's alone
                folder.chmod(folder.stat().st_mode | S_ISGID | S_IRWXG)


def _make_file(path: Path) -> bool:
    """Of several who make it at the same moment one is first, and the others' are thrown away."""
    unfinished = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.new")
    with _told(path):
        _make_folder(path.parent)
        try:
            unfinished.touch(mode=ITS_OWNERS)
            if is_for_a_group(path.parent):
                unfinished.chmod(ITS_GROUPS)
            with answering(str(path)):
                with closing(sqlite3.connect(unfinished)) as file:
                    file.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    file.execute("PRAGMA journal_mode = WAL")
                with closing(Database(f"sqlite:///{unfinished}", upgrading=False)) as database:
                    _fill(database)
            _name(unfinished, path)
        except FileExistsError:
            return False
        finally:
            for ending in ("", "-wal", "-shm", "-journal"):
                with suppress(OSError):
                    unfinished.with_name(unfinished.name + ending).unlink()
    return True


def _name(unfinished: Path, path: Path) -> None:
    """Raises FileExistsError where somebody else was first."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:  # a memory stick knows one name a file
        if path.exists():
            raise FileExistsError from None
        unfinished.rename(path)


def _fill(database: Database) -> None:
    from infrastructure.database.migrations.upgrade import upgrade

    with database.as_they_are() as engine:
        upgrade(engine)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Why no file can be made there, and whose that is."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise Invalid("no-folder", path=str(path.parent)) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Unavailable("no-room", path=str(path), problem=error.strerror) from error
        raise NotAuthorised("log-not-made", path=str(path), problem=error.strerror) from error
