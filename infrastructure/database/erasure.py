"""Erasing what a person is called, so that it is in no file of the database any more.

A row that no longer names somebody is not enough: SQLite leaves what it has freed, or moved, in its pages until they
are used again, and every change lies in the write-ahead log. So the files are looked through afterwards.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from domain.refusals import Refusal, Unavailable
from infrastructure.database.database import Database
from infrastructure.database.tables import attempts, deliveries

STRUCK = "…"
NOT_THERE = b"not there"
LOOK_THROUGH = """
import mmap, sys
files, names = (part.split(b"\\0") for part in sys.stdin.buffer.read().split(b"\\0\\0"))
for file in files:
    with open(file, "rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if any(content.find(name) >= 0 for name in names):
            sys.exit(1)
sys.stdout.write("not there")
"""


def strike_from_replies(connection: Connection, subscriber: str, address: str) -> None:
    """Take the address, and the name before its @, out of what mail servers said of this subscriber's mail."""
    local = address.partition("@")[0]
    named = re.compile(rf"{re.escape(address)}|(?<![\w.+-]){re.escape(local)}(?![\w+-])", re.IGNORECASE)
    theirs = select(deliveries.c.id).where(deliveries.c.subscriber == subscriber)
    rows = connection.execute(select(attempts.c.id, attempts.c.reply).where(attempts.c.delivery.in_(theirs))).all()
    for row in rows:
        kept = named.sub(STRUCK, row.reply)
        if kept != row.reply:
            connection.execute(update(attempts).where(attempts.c.id == row.id).values(reply=kept))


def leave_no_trace(database: Database, names: Iterable[str]) -> None:
    """After the rows are erased: write the log's file anew where one of these names still stands in it.

    What somebody wrote into a fact stays there: a fact is never changed. PostgreSQL's own vacuum does the same for
    its files (docs/operations.md). Raises Unavailable where others keep the old pages open; the rows are erased all
    the same.
    """
    looked_for = [name.encode() for name in names if name]
    if not looked_for or not database.url.startswith("sqlite"):
        return
    connection = database.connection()
    _empty_the_write_ahead_log(connection)
    if _found(database.path, looked_for):
        try:
            connection.execute("VACUUM")
        except Refusal as error:
            raise Unavailable("traces-left") from error
        _empty_the_write_ahead_log(connection)


def _empty_the_write_ahead_log(connection: Any) -> None:
    [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Unavailable("traces-left")


def _found(path: Path, names: Sequence[bytes]) -> bool:
    """Whether one of the names stands in the database's file or its write-ahead log.

    They are read by a process of their own: whoever closes a file lets go of every lock that the same process has on it
    (POSIX), also SQLite's. The next command to end then took itself for the last one at the log, and removed the
    write-ahead log from under us. The names go by a pipe, because others see what a process is started with.
    """
    files = [file for file in (path, path.with_name(f"{path.name}-wal")) if file.exists() and file.stat().st_size]
    asked = b"\0\0".join([b"\0".join(map(os.fsencode, files)), b"\0".join(names)])
    command = [sys.executable, "-I", "-c", LOOK_THROUGH]
    looked = subprocess.run(command, input=asked, capture_output=True, check=False)  # noqa: S603 - a constant of ours
    return looked.stdout != NOT_THERE
