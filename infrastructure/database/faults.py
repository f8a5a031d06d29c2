"""Whose an error of the database is, and so what a command ends with: one table for both kinds of database.

Passing ones are worth trying again (exit 75). Permanent ones say what to do first: somebody may not (4), an address is
wrong (2). A damaged log is restored from a backup (1). What stands in no row is a fault of ours.
"""

import re
import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from domain.refusals import Damaged, Invalid, NotAuthorised, Refusal, Unavailable


class DatabaseFault(NamedTuple):
    """How a kind of error is told: as this refusal, by this reason."""

    refusal: type[Refusal]
    reason: str

    def told(self, problem: str, path: str = "") -> Refusal:
        return self.refusal(self.reason, problem=problem, path=path)


AWAY = DatabaseFault(Unavailable, "database")
NO_ROOM = DatabaseFault(Unavailable, "no-room")
GONE = DatabaseFault(Unavailable, "log-gone")
ROLE = DatabaseFault(NotAuthorised, "database-role")
READ_ONLY = DatabaseFault(NotAuthorised, "log-read-only")
BESIDE_READ_ONLY = DatabaseFault(NotAuthorised, "beside-read-only")
NOT_OPENED = DatabaseFault(NotAuthorised, "log-not-opened")
LOGIN = DatabaseFault(NotAuthorised, "database-login")
NO_DATABASE = DatabaseFault(Invalid, "no-such-database")
CERTIFICATE = DatabaseFault(Invalid, "database-certificate")
NOT_AS_ASKED = DatabaseFault(Invalid, "not-as-asked")
DAMAGED = DatabaseFault(Damaged, "damaged")
NO_FILE_OF_SQLITE = DatabaseFault(Damaged, "not-a-database")
OTHER_TABLES = DatabaseFault(Damaged, "other-tables")

MAY_NOT_WRITE = frozenset({NO_ROOM.reason, ROLE.reason, READ_ONLY.reason, BESIDE_READ_ONLY.reason})
"""The reasons for which nothing can be written, and the log can be read all the same."""

SQLITE: Mapping[str, DatabaseFault] = {
    "SQLITE_BUSY": AWAY,
    "SQLITE_LOCKED": AWAY,
    "SQLITE_PROTOCOL": AWAY,
    "SQLITE_INTERRUPT": AWAY,
    "SQLITE_CANTOPEN": NOT_OPENED,
    "SQLITE_PERM": NOT_OPENED,
    "SQLITE_AUTH": NOT_OPENED,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_READONLY_DBMOVED": GONE,
    "SQLITE_FULL": NO_ROOM,
    "SQLITE_IOERR_WRITE": NO_ROOM,
    "SQLITE_IOERR_FSYNC": NO_ROOM,
    "SQLITE_IOERR_DIR_FSYNC": NO_ROOM,
    "SQLITE_IOERR_TRUNCATE": NO_ROOM,
    "SQLITE_IOERR_SHMOPEN": NO_ROOM,
    "SQLITE_IOERR_SHMSIZE": NO_ROOM,
    "SQLITE_IOERR_SHMMAP": NO_ROOM,
    "SQLITE_IOERR_LOCK": AWAY,
    "SQLITE_IOERR_NOMEM": AWAY,
    "SQLITE_IOERR": DAMAGED,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": NO_FILE_OF_SQLITE,
    "SQLITE_FORMAT": DAMAGED,
    "SQLITE_TOOBIG": DAMAGED,
}
"""By the name of SQLite's result code; an extended code without a row of its own counts as its first two words."""

POSTGRESQL: Mapping[str, DatabaseFault] = {
    "08": AWAY,  # the connection
    "28": LOGIN,
    "3D000": NO_DATABASE,
    "25006": READ_ONLY,
    "25P": AWAY,  # a transaction that took too long
    "40": AWAY,  # rolled back for another's sake
    "42501": ROLE,
    "42703": OTHER_TABLES,  # a column that is not there
    "42883": OTHER_TABLES,  # a function
    "42P01": OTHER_TABLES,  # a table
    "53100": NO_ROOM,
    "53": AWAY,  # too many at once
    "55": AWAY,  # a lock
    "57": AWAY,  # stopped, or starting
    "58": DAMAGED,  # the server's own files
    "XX": DAMAGED,
}
"""By SQLSTATE, or by how it begins."""

NOT_LET_IN: Mapping[DatabaseFault, str] = {
    LOGIN: (
        r"authentication failed|autentisering misslyckades|no password supplied|pg_hba\.conf"
        r"|role \".*\" (does not exist|is not permitted)|roll(en)? \".*\" (finns inte|tillåts inte)"
        r"|permission denied for database|rättighet saknas för databas"
    ),
    NO_DATABASE: r"database \".*\" does not exist|databasen? \".*\" (finns inte|existerar inte)",
    CERTIFICATE: r"certificate|does not support SSL|sslmode",
    NOT_AS_ASKED: r"unsupported startup parameter",
}
"""Whoever is not let in is told no SQLSTATE by the driver, only the server's words, English or Swedish. In any other
language it counts as away."""


OF_SQLITE = (sqlite3.Error, UnicodeDecodeError)
"""What the driver raises; the second where a damaged schema is named in what SQLite says."""


def of_sqlite(error: Exception, path: str = "") -> Refusal | None:
    """The refusal that tells of this error; None for a fault of ours."""
    if isinstance(error, UnicodeDecodeError):
        return DAMAGED.told(f"{error.reason} 0x{error.object[error.start]:02x}", path)
    name = getattr(error, "sqlite_errorname", "")
    words = name.split("_")
    fault = SQLITE.get(name) or SQLITE.get("_".join(words[:2]))
    said = str(error)
    if fault is None and re.search(r"^no such (table|column|function)|has no column named", said):
        fault = OTHER_TABLES
    if fault is None and re.search(r"Could not decode|unsupported file format|malformed", said):
        fault = DAMAGED
    return fault and fault.told(said, path)


def codes_of(error: BaseException) -> dict[str, str]:
    """The code that the database gave for what this error tells of, by whose code it is; nothing where it gave none."""
    at: BaseException | None = error
    while at is not None:
        for name, attribute in (("sqlstate", "sqlstate"), ("sqlite", "sqlite_errorname")):
            if code := getattr(at, attribute, None):
                return {name: str(code)}
        at = at.__cause__ or at.__context__
    return {}


def of_postgresql(sqlstate: str | None, said: str) -> Refusal | None:
    """The same of PostgreSQL, by its code; of a connection that never came about, or has gone, by its words."""
    if sqlstate is None:
        fault = next((fault for fault, words in NOT_LET_IN.items() if re.search(words, said, re.IGNORECASE)), AWAY)
        return fault.told(said)
    known = (POSTGRESQL.get(sqlstate[:length]) for length in (5, 3, 2))
    found = next(filter(None, known), None)
    return found and found.told(said)
