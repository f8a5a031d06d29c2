"""How rows get their checksums in a SQLite file: temporary triggers, which are their connection's own and nobody
else's, note what is added and what is changed, as it was; before the commit all of it gets its checksums at once.

A function of ours that a trigger called for each row would wait, each time, until no other thread of Python runs: for
a worker that sends meanwhile that was half of what settling took.

The triggers are made where a connection is about to write anything but facts, in one or two milliseconds; whoever only
reads, or records, goes without. What a stranger writes to the same file meets no trigger.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from domain.refusals import Refusal
from infrastructure.database.backend import named_columns
from infrastructure.database.faults import OF_SQLITE, of_sqlite
from infrastructure.database.row_checksums import CHECKSUMMED, COUNT, NOT_ENDED, PLANNED, checksum_of, marked

NOTE = """
CREATE TEMP TABLE {table}_noted (row INTEGER PRIMARY KEY, seal, said);
CREATE TEMP TRIGGER {table}_added AFTER INSERT ON main.{table} BEGIN
    INSERT INTO {table}_noted (row) VALUES (NEW.rowid);
END;
CREATE TEMP TRIGGER {table}_changed AFTER UPDATE OF {columns} ON main.{table} {when} BEGIN
    INSERT INTO {table}_noted SELECT OLD.rowid, OLD.seal, {old}
    WHERE NOT EXISTS (SELECT 1 FROM {table}_noted WHERE row = OLD.rowid);
END;
"""
"""Of a row that was added nothing is kept but its number."""

UNLESS_NOT_ENDED = f"WHEN NOT (OLD.state IN {NOT_ENDED} AND NEW.state IN {NOT_ENDED})"

NOTED = """
SELECT CAST(json_group_array(json_array(
    noted.row, iif(typeof(noted.seal) = 'blob', hex(noted.seal), ''), noted.said, {now}
)) AS BLOB)
FROM (SELECT * FROM temp.{table}_noted ORDER BY row LIMIT {at_once}) AS noted
LEFT JOIN main.{table} AS now ON now.rowid = noted.row
"""
WRITE = """
UPDATE main.{table} SET seal = nullif(substr(?, j.key * 32 + 1, 32), zeroblob(32)) FROM json_each(?) AS j
WHERE {table}.rowid = j.value
"""
NOTED_AT_ONCE = 250
"""Rows that get their checksums at a time: a fact may be told to everybody."""

MARKED = """
CASE typeof({0}) WHEN 'text' THEN iif(instr({0}, char(0)), marked({0}), length({0}) || ':' || {0})
WHEN 'integer' THEN 'i' || {0} || ';' WHEN 'null' THEN '-' ELSE marked({0}) END
"""
"""SQLite's words for what is most often in a column; what else may be there, `row_checksums.marked` has words for."""


class AnsweringCursor(sqlite3.Cursor):
    """A cursor that fails in the product's own words, be it as late as on a row in the middle of an answer. A rule
    that is broken stays the driver's IntegrityError."""

    def execute(self, statement: str, values: Any = (), /) -> "AnsweringCursor":
        try:
            super().execute(statement, values)
        except OF_SQLITE as error:
            raise _told(error) from error
        return self

    def executemany(self, statement: str, rows: Iterable[Any], /) -> "AnsweringCursor":
        try:
            super().executemany(statement, rows)
        except OF_SQLITE as error:
            raise _told(error) from error
        return self

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except OF_SQLITE as error:
            raise _told(error) from error

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        try:
            return super().fetchmany(size)
        except OF_SQLITE as error:
            raise _told(error) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except OF_SQLITE as error:
            raise _told(error) from error

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except OF_SQLITE as error:
            raise _told(error) from error


@lru_cache
def _table_of(named: str) -> str:
    """A JSON array of arrays as a table."""
    table, columns = named_columns(named)
    chosen = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, (name, _type) in enumerate(columns))
    return f"(SELECT {chosen} FROM json_each(?)) AS {table}"


def _told(error: Exception) -> Exception:
    return of_sqlite(error) or error


class ChecksummingConnection(sqlite3.Connection):
    """A connection to the log's file that can keep checksums of the rows it writes."""

    _noting: dict[str, str] | None = None
    """What reads the rows of each table that have been noted; None where nothing is noted yet."""
    seen: object = None
    """The file that it was opened on, as it was then."""
    frozen: Refusal | None = None
    """Why it reads the file as it was when it was opened, with nothing beside it, and can't write; None where it does
    neither."""

    def __del__(self) -> None:
        """A thread's connection closes with its thread, which tells nobody that it ends."""
        with suppress(sqlite3.ProgrammingError):  # of a file that could not be opened there is nothing to close
            self.close()

    def cursor(self, factory: Any = AnsweringCursor) -> Any:
        return super().cursor(factory)

    def execute(self, statement: str, values: Any = (), /) -> AnsweringCursor:
        """Through the cursor above, which the driver's own would pass by."""
        cursor: AnsweringCursor = self.cursor()
        return cursor.execute(statement, values)

    def executemany(self, statement: str, rows: Iterable[Any], /) -> AnsweringCursor:
        cursor: AnsweringCursor = self.cursor()
        return cursor.executemany(statement, rows)

    def among(self, values: Collection[Any]) -> tuple[str, Any]:
        return "IN (SELECT value FROM json_each(?))", json.dumps(list(values))

    def read(self, columns: str, found: str, values: Sequence[Any], /) -> list[Sequence[Any]]:
        """As one value: the driver lets other threads run, and waits for them, before every row. Where a stranger has
        put bytes, or a number without end, JSON has no words: then row by row, and bytes are as nothing."""
        rows = f"SELECT {columns} {found}"
        try:
            [read] = self.execute(f"SELECT json_group_array(json_array({columns})) FROM ({rows})", values).fetchone()
            at_once: list[Sequence[Any]] = json.loads(read)
        except (sqlite3.OperationalError, ValueError):
            each = self.execute(rows, values)
            return [[None if isinstance(value, bytes) else value for value in row] for row in each]
        return at_once

    def rows(self, named: str, rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Any]]:
        return _table_of(named), (json.dumps(rows),)

    def begin_checksums(self) -> None:
        """Before each transaction that writes registers or the ledger. In a log of an older schema, taken as it
        is found, what is there of tables and columns is covered."""
        if self._noting is not None:
            return
        there = {table: self._columns(table) for table in CHECKSUMMED}
        there = {table: columns for table, columns in there.items() if "seal" in columns}
        if not there:
            return
        self.create_function("marked", 1, marked, deterministic=True)
        self._noting = {}
        for table, found in there.items():
            columns = [column for column in CHECKSUMMED[table] if column in found]
            now, old = (_said(table, columns, row) for row in ("now", "OLD"))
            when = UNLESS_NOT_ENDED if table == "deliveries" else ""
            self.executescript(NOTE.format(table=table, columns=", ".join(columns), when=when, old=old))
            self._noting[table] = NOTED.format(table=table, now=now, at_once=NOTED_AT_ONCE)

    def end_checksums(self) -> None:
        """Before the transaction is committed: give what was added or changed its checksum, and write how many rows
        have been added. A row that did not hold before loses its own."""
        for table, noted in (self._noting or {}).items():
            if not self.execute(f"SELECT 1 FROM temp.{table}_noted LIMIT 1").fetchone():
                continue  # what reads them takes longer to be prepared
            added = 0
            while rows := json.loads(self.execute(noted).fetchone()[0].decode(errors="surrogateescape")):
                numbers = [row for row, *_ in rows]
                made = [_made(table, seal, was, now) for _row, seal, was, now in rows]
                self.execute(WRITE.format(table=table), (b"".join(made), json.dumps(numbers)))
                self.execute(f"DELETE FROM temp.{table}_noted WHERE row <= ?", (max(numbers),))
                added += sum(was is None for _row, _seal, was, _now in rows)
            if added:
                self.execute(COUNT, (added, table))

    def _columns(self, table: str) -> set[str]:
        return {name for _number, name, *_ in self.execute(f"PRAGMA main.table_info({table})")}


def _said(table: str, columns: Sequence[str], row: str) -> str:
    """SQLite's words for what a row's checksum is of, in those of its columns that are there."""

    def of(covered: Iterable[str]) -> str:
        return f"({' || '.join(MARKED.format(f'{row}.{column}') for column in covered)})"

    if table != "deliveries":
        return of(columns)
    planned = [column for column in PLANNED if column in columns]
    return f"CASE WHEN {row}.state IN {NOT_ENDED} THEN {of(planned)} ELSE {of(columns)} END"


def _made(table: str, seal: str, was: str | None, now: str) -> bytes:
    """The checksum of a row as it is now; zeros where what it was before, if it was there, did not hold."""
    held = was is None or bytes.fromhex(seal) == checksum_of(table + was)
    return checksum_of(table + now) if held else bytes(32)
