"""The rows of the registers and the ledger whose checksums do not hold, and the rows that are gone or were added.

Nothing is written; rows are read some at a time.
"""

from collections.abc import Iterator

from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.database.row_checksums import CHECKSUMMED, COUNTED, covered, row_checksum
from infrastructure.integrity.problems import Problem

MOST = 200
"""Rows of a table that are named one by one."""


def unseen(database: Database, connection: Connection) -> tuple[str, ...]:
    """The tables that this role may not read whole, so that their checksums can't be told."""
    return tuple(table for table in CHECKSUMMED if not database.backend.may_read(connection, table))


def row_problems(database: Database, connection: Connection, unseen: tuple[str, ...]) -> Iterator[Problem]:
    """The rows that are not as this program wrote them, by their numbers and pseudonyms; and the rows that are gone or
    new."""
    for table, columns in CHECKSUMMED.items():
        if table not in unseen:
            yield from _of_rows(database, connection, table, columns)
    yield from _of_numbers(connection)


def _of_rows(database: Database, connection: Connection, table: str, columns: tuple[str, ...]) -> Iterator[Problem]:
    named = 0
    wanted = f"SELECT {', '.join(columns)}, seal FROM {table} ORDER BY id"
    for *values, stored in database.backend.stream(connection, wanted):
        if stored == row_checksum(table, *covered(table, values)):
            continue
        named += 1
        if named > MOST:
            return
        reason = "row-without-checksum" if stored is None else "row-changed"
        yield Problem(None, reason, {"table": table, "row": values[0]})


def _of_numbers(connection: Connection) -> Iterator[Problem]:
    counted = dict(connection.execute("SELECT name, rows FROM registers").fetchall())
    for table in COUNTED:
        [found] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        expected = counted.pop(table, None)
        if not isinstance(expected, int):
            yield Problem(None, "rows-uncounted", {"table": table})
        elif found != expected:
            reason = "rows-missing" if found < expected else "rows-added"
            yield Problem(None, reason, {"table": table, "count": abs(found - expected)})
    for name in counted:
        yield Problem(None, "rows-uncounted", {"table": name})
