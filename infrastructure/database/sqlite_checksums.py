"""How rows get their checksums in a SQLite file: by temporary triggers, which are their connection's own and nobody
else's.

They are made where a connection is about to write anything but facts, in a third of a millisecond; whoever only reads
goes without. What a stranger writes to the same file meets no trigger.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from domain.refusals import Refusal
from infrastructure.database.faults import OF_SQLITE, of_sqlite
from infrastructure.database.row_checksums import CHECKSUMMED, COUNT, NOT_ENDED, PLANNED, row_checksum

# A trigger that counted would write a row for every row. So the first checksum of a row counts it here, and the number
# is written once, before the commit.
TRIGGERS = """
CREATE TEMP TRIGGER {table}_added AFTER INSERT ON main.{table} BEGIN
    UPDATE {table} SET seal = {first} WHERE rowid = NEW.rowid;
END;
CREATE TEMP TRIGGER {table}_changed AFTER UPDATE OF {columns} ON main.{table} {when} BEGIN
    UPDATE {table} SET seal = CASE WHEN OLD.seal = {old} THEN {new} END WHERE rowid = NEW.rowid;
END;
"""
UNLESS_NOT_ENDED = f"WHEN NOT (OLD.state IN {NOT_ENDED} AND NEW.state IN {NOT_ENDED})"


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


def _told(error: Exception) -> Exception:
    return of_sqlite(error) or error


class ChecksummingConnection(sqlite3.Connection):
    """A connection to the log's file that can keep checksums of the rows it writes."""

    _added: Counter[str] | None = None
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

    def begin_checksums(self) -> None:
        """Before each transaction that writes registers or the ledger. In a log of an older schema, taken as it
        is found, what is there of tables and columns is covered."""
        if self._added is None:
            there = {table: self._columns(table) for table in CHECKSUMMED}
            there = {table: columns for table, columns in there.items() if "seal" in columns}
            if not there:
                return
            self.create_function("row_checksum", -1, row_checksum, deterministic=True)
            self._added = Counter()
            # Of the counter alone: a connection whose function held itself would never be let go, nor its file.
            self.create_function("first_checksum", -1, partial(_first_checksum, self._added))
            for table, found in there.items():
                columns = [column for column in CHECKSUMMED[table] if column in found]
                made = TRIGGERS.format(
                    table=table,
                    columns=", ".join(columns),
                    when=UNLESS_NOT_ENDED if table == "deliveries" else "",
                    first=_computed("first_checksum", table, columns, "NEW"),
                    new=_computed("row_checksum", table, columns, "NEW"),
                    old=_computed("row_checksum", table, columns, "OLD"),
                )
                self.executescript(made)
        self._added.clear()

    def end_checksums(self) -> None:
        """Before the transaction is committed: write how many rows have been added."""
        if self._added is None:
            return
        for table, count in list(self._added.items()):
            self.execute(COUNT, (count, table))
        self._added.clear()

    def _columns(self, table: str) -> set[str]:
        return {name for _number, name, *_ in self.execute(f"PRAGMA main.table_info({table})")}


def _computed(function: str, table: str, columns: Sequence[str], row: str) -> str:
    """SQLite's words for the checksum of a row, of those of its columns that are there."""

    def of(covered: Iterable[str]) -> str:
        return f"{function}('{table}', {', '.join(f'{row}.{column}' for column in covered)})"

    if table != "deliveries":
        return of(columns)
    planned = [column for column in PLANNED if column in columns]
    return f"CASE WHEN {row}.state IN {NOT_ENDED} THEN {of(planned)} ELSE {of(columns)} END"


def _first_checksum(added: Counter[str], table: str, *values: object) -> bytes:
    added[table] += 1
    return row_checksum(table, *values)
