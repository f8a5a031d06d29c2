"""The seal of a row: what this program wrote in it, so that whoever else changes, adds or removes one is found.

The registers and the ledger are changed by design, so no tree covers them. Instead each row carries the SHA-256 of its
table's name and its other columns, and `registers` says how many rows there are; the program removes none. The
database makes the seal itself, but for this program's connections alone: on SQLite by temporary triggers
(infrastructure.sealing), on PostgreSQL by triggers that look for SETTING (migration 0004). A row that was not as it had
been sealed before this program wrote to it loses its seal, so that nothing is made good in passing.

There is no key in it: somebody who seals as the program does is not found by seals (docs/decisions/0007).
"""

import struct
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from infrastructure.database import Connection, Database
from infrastructure.problems import Problem

SETTING = "reservrutin.seals"
"""What a connection to PostgreSQL says "on" to, for its rows to be sealed."""

SEALED: Mapping[str, tuple[str, ...]] = {
    "staff": ("id", "login", "roles", "added_at"),
    "subscribers": (
        "id", "address", "audience", "systems", "areas", "language", "state", "added_at", "after_position", "welcomed",
        "score", "scored_at", "bounced",
    ),
    "deliveries": (
        "id", "position", "incident", "entry", "fact", "subscriber", "audience", "summary", "state", "queued_at",
        "next_try_at", "worker", "message_id", "sent_at", "turn", "tries", "unclear", "carrier", "replaced_by",
        "reason", "fault", "dated",
    ),
    "attempts": ("id", "delivery", "at", "state", "code", "reply", "enhanced"),
}  # fmt: skip
"""What is sealed of each table, in this order. Another column is another seal: a migration seals every row anew."""

COUNTED = (*SEALED, "checkpoints")
"""The tables whose rows are counted in `registers`."""

COUNT = "UPDATE registers SET rows = rows + ? WHERE name = ?"

MOST = 200
"""Rows of a table that are named one by one."""

_double = struct.Struct(">d").pack


def seal(table: str, *values: Any) -> bytes:
    """The seal of a row with these values. No two rows are written alike: a text goes after its length, and a value of
    another kind (SQLite keeps any in any column) under another mark."""
    said = [table]
    for value in values:
        kind = value.__class__
        if value is None:
            said.append("-")
        elif kind is str:
            said.append(f"{len(value)}:{value}")
        elif kind is float:
            said.append(f"f{_double(value + 0.0).hex()}")  # of the two zeros one
        elif kind is bytes:
            said.append(f"b{len(value)}:{value.hex()}")
        else:
            said.append(f"i{int(value)};")
    return sha256("".join(said).encode(errors="surrogateescape")).digest()


def unseen(database: Database, connection: Connection) -> tuple[str, ...]:
    """The tables that this role may not read whole, so that their seals can't be told."""
    return tuple(table for table in SEALED if not database.backend.may_read(connection, table))


def seal_problems(database: Database, connection: Connection, unseen: tuple[str, ...]) -> Iterator[Problem]:
    """The rows that are not as they were sealed, by their numbers and pseudonyms; and the rows that are gone or new."""
    for table, columns in SEALED.items():
        if table not in unseen:
            yield from _of_rows(database, connection, table, columns)
    yield from _of_numbers(connection)


def _of_rows(database: Database, connection: Connection, table: str, columns: tuple[str, ...]) -> Iterator[Problem]:
    named = 0
    wanted = f"SELECT {', '.join(columns)}, seal FROM {table} ORDER BY id"
    for *values, stored in database.backend.stream(connection, wanted):
        if stored == seal(table, *values):
            continue
        named += 1
        if named > MOST:
            return
        reason = "row-not-sealed" if stored is None else "row-changed"
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
