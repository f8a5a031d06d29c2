"""A PostgreSQL server: how it is reached, how long it is waited for, how transactions take their turn.

Facts take their turn by one advisory lock, everything else by another: so positions are commit order, the
ledger's rules hold as they do on one file, and nobody who records waits for the mail.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import conninfo, pq

from domain.refusals import Damaged, Invalid, NotAuthorised, Unavailable
from infrastructure.database.backend import (
    APPENDING,
    DERIVING,
    POSTGRESQL,
    READING,
    WRITING,
    Cursor,
    named_columns,
    nothing_known_of_commit,
)
from infrastructure.database.faults import NOT_AS_ASKED, OTHER_TABLES
from infrastructure.database.postgres_connection import DriverConnection, answering, was_cut
from infrastructure.database.row_checksums import SETTING

if TYPE_CHECKING:
    from sqlalchemy import Connection as Transaction
    from sqlalchemy import Engine

ANSWERS_WITHIN = 10.0
"""Seconds that a person waits for one answer before the database counts as away."""

WORKS_WITHIN = 60.0
"""Seconds that one statement of the ledger or a read model may take: it may write a row for every subscriber."""

STREAMED_AT_ONCE = 1000
"""Rows of a long answer that are held at a time."""

LOG_LOCK, LEDGER_LOCK = 7281001, 7281002
"""Who appends facts, and who writes anything else. The trigger on facts takes the first by itself."""

APPEND_NEXT = f"SELECT pg_advisory_xact_lock({LOG_LOCK}); SELECT clock_timestamp()"
"""The turn, and then the time: nobody who appends later is told an earlier one."""

BEGIN = {
    APPENDING: f"BEGIN; {APPEND_NEXT}",
    WRITING: f"BEGIN; SET LOCAL {SETTING} = on; SELECT pg_advisory_xact_lock({LEDGER_LOCK})",
    DERIVING: f"BEGIN; SELECT pg_advisory_xact_lock({LEDGER_LOCK})",
    READING: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}

AMCHECK = "SELECT quote_ident(extnamespace::regnamespace::name) FROM pg_extension WHERE extname = 'amcheck'"
TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
INDEXES = "SELECT quote_ident(indexname) FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1"

# TCP notices a server that is gone; the server gives up by itself on a statement, on waiting for others, and on a
# program that was stopped in the middle of a transaction, so that one frozen desk never holds up all the others.
REACHED = {
    "connect_timeout": "4",
    "tcp_user_timeout": "5000",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "application_name": "reservrutin",
}
ASKED = {
    "synchronous_commit": "on",  # what is acknowledged is on disk, whatever the server's own setting
    "statement_timeout": "60s",
    "lock_timeout": "8s",
    "idle_in_transaction_session_timeout": "20s",
    SETTING: "on",  # nobody else asks for it, so nobody else's rows get a checksum
}


NOT_IN_FORCE = (None, "", "off", "0")
"""What none of them may be: what was asked for has not come to the server, or was taken back."""

ANOTHERS = "pg_backend_pid"
"""What a pooler can't keep, however the roles are set up: it says another number than that of the process that does the
work, which may be another's the next moment, with its locks and what it listens to."""

DURABLE = {
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
    "fsync": ("on",),
    "full_page_writes": ("on",),
}
"""What has to be in force on the server, whatever was asked for: a pooler may have taken it away."""


class PostgresConnection:
    """A connection with the manners of SQLite's: `?` for a value, each statement its own transaction."""

    def __init__(self, driver: DriverConnection) -> None:
        self.driver = driver

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor:
        with answering():
            # Without values nothing is filled in, so that % and several statements at once stay as they are.
            return self.driver.execute(_translated(statement), values) if values else self.driver.execute(statement)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> Cursor:
        with answering():
            cursor = self.driver.cursor()
            cursor.executemany(_translated(statement), rows)
            return cursor

    def among(self, values: Collection[Any]) -> tuple[str, Any]:
        return "= ANY (?)", list(values)

    def read(self, columns: str, found: str, values: Sequence[Any], /) -> list[Sequence[Any]]:
        read: list[Sequence[Any]] = self.execute(f"SELECT {columns} {found}", values).fetchall()
        return read

    def rows(self, named: str, rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Any]]:
        return _table_of(named), [list(column) for column in zip(*rows, strict=True)]

    def close(self) -> None:
        self.driver.close()


def _last(answers: Any) -> Cursor:
    """The last of the answers to several statements."""
    while answers.nextset():
        pass
    found: Cursor = answers
    return found


@lru_cache
def _table_of(named: str) -> str:
    """Arrays, one a column, as a table."""
    table, columns = named_columns(named)
    arrays = ", ".join(f"?::{type_}[]" for _name, type_ in columns)
    return f"unnest({arrays}) AS {table} ({', '.join(name for name, _type in columns)})"


@lru_cache(maxsize=512)
def _translated(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


class PostgresServer:
    """Raises what `infrastructure.database.faults` makes of the server's and the driver's errors."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            given = conninfo.conninfo_to_dict("postgresql://" + url.removeprefix(POSTGRESQL))
        except psycopg.Error as error:
            raise Invalid("database-url", url=url.split("@")[-1]) from error
        asked = " ".join(f"-c {name}={value}" for name, value in ASKED.items())
        options = f"{asked} {given.pop('options', None) or os.environ.get('PGOPTIONS', '')}".strip()
        self.ahead = timedelta(0)
        self._reached: dict[str, Any] = {**REACHED, **given, "options": options}

    @property
    def database(self) -> str:
        """The name of the database."""
        return str(self._reached.get("dbname") or self._reached.get("user") or "postgres")

    def connect(self, patience: float | None, *, autocommit: bool = True, database: str = "") -> DriverConnection:
        """The driver's own connection; `patience` None waits for ever. `database` is another than the log's."""
        asked = self._reached | ({"dbname": database} if database else {})
        with answering():
            driver: DriverConnection = DriverConnection.connect(**asked, autocommit=autocommit, prepare_threshold=3)
        driver.patience = patience
        return driver

    def open_connection(self) -> PostgresConnection:
        return PostgresConnection(self.connect(ANSWERS_WITHIN))

    def is_usable(self, connection: PostgresConnection) -> bool:
        """A connection that was cut while nobody used it is replaced before anybody notices."""
        if connection.driver.closed:
            return False
        return connection.driver.info.transaction_status != pq.TransactionStatus.IDLE or not was_cut(connection.driver)

    @contextmanager
    def transaction(self, connection: PostgresConnection, begin: str) -> Iterator[PostgresConnection]:
        driver = connection.driver
        driver.patience = WORKS_WITHIN if begin in (WRITING, DERIVING) else ANSWERS_WITHIN
        try:
            answers = connection.execute(BEGIN[begin])
            if begin == APPENDING:
                self._heard(_last(answers).fetchone()[0])
            yield connection
            if begin != READING:
                with nothing_known_of_commit(), answering():
                    driver.commit()
        finally:
            with suppress(psycopg.Error):  # a connection that was cut has nothing left to undo
                driver.rollback()
            driver.patience = ANSWERS_WITHIN

    def appended(self, connection: Any, statement: str, values: Sequence[Any]) -> tuple[datetime, int]:
        """What a statement that appends in a transaction of its own answers: the moment of its turn, and the position.
        Where no answer comes nobody knows whether it was done."""
        try:
            at, first = connection.execute(statement, values).fetchone()
        except Unavailable:
            if self.is_usable(connection):
                raise  # this is the answer
            with nothing_known_of_commit():
                raise
        self._heard(at)
        return at, first

    def take_turn_to_append(self, connection: PostgresConnection) -> None:
        """By a statement of its own: what the next one sees is what those before it have left."""
        self._heard(_last(connection.execute(APPEND_NEXT)).fetchone()[0])

    def version(self, connection: PostgresConnection) -> str | None:
        try:
            asked = "".join(f", current_setting('{name}', true)" for name in ASKED)
            found = f"version_num, clock_timestamp(), pg_backend_pid(){asked}"
            row = connection.execute(f"SELECT {found} FROM alembic_version").fetchone()
        except Damaged as damaged:
            if damaged.reason != OTHER_TABLES.reason:
                raise
            return None  # there is no such table
        if row is None:
            raise OTHER_TABLES.told("alembic_version")
        version, now, process, *in_force = row
        lost = [name for name, value in zip(ASKED, in_force, strict=True) if value in NOT_IN_FORCE]
        if process != connection.driver.info.backend_pid:
            lost.append(ANOTHERS)  # it was somebody between who let us in
        if lost:
            raise NOT_AS_ASKED.told(", ".join(lost))
        self._heard(now)
        return str(version)

    def make_engine(self, *, checksums: bool) -> "Engine":
        from infrastructure.database.engine import postgresql_engine

        patience = WORKS_WITHIN if checksums else None  # a log that moves, or is upgraded, takes the time it takes
        return postgresql_engine(lambda: self.connect(patience, autocommit=False), LEDGER_LOCK, checksums=checksums)

    def beneath(self, connection: "Transaction") -> PostgresConnection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, DriverConnection)  # noqa: S101 - the pool is given no other kind
        return PostgresConnection(driver)

    def stream(self, connection: PostgresConnection, statement: str) -> Iterator[Any]:
        with answering(), connection.driver.cursor("streamed") as cursor:
            cursor.itersize = STREAMED_AT_ONCE
            yield from cursor.execute(statement)

    def may_read(self, connection: PostgresConnection, table: str) -> bool:
        return bool(connection.execute("SELECT has_table_privilege(?, 'SELECT')", (table,)).fetchone()[0])

    def listen(self, on_fact: Callable[[], None]) -> Callable[[], None]:
        from infrastructure.database.postgres_listener import Listener

        return Listener(lambda: self.connect(None), on_fact).stop

    def is_own(self, connection: PostgresConnection) -> bool:
        """Whether this role owns the tables, or is of the role that does."""
        own = "SELECT pg_has_role(tableowner, 'USAGE') FROM pg_tables WHERE tablename = 'facts'"
        row = connection.execute(f"{own} AND schemaname = ANY (current_schemas(false))").fetchone()
        return bool(row and row[0])

    def may_upgrade(self, connection: PostgresConnection) -> bool:
        """Whether this role may make tables here; the others wait until somebody has."""
        may = "SELECT has_schema_privilege(current_schema(), 'CREATE') AND NOT pg_is_in_recovery()"
        return bool(connection.execute(may).fetchone()[0])

    def left_out(self, connection: PostgresConnection) -> str | None:
        """A standby may be behind, and nobody there can say by how much."""
        return "standby" if connection.driver.info.parameter_status("in_hot_standby") == "on" else None

    def own_check(self, connection: PostgresConnection) -> list[str] | None:
        """What amcheck finds wrong with the tables and their indexes; None where it is not installed, or this role may
        not use it."""
        found = connection.execute(AMCHECK).fetchone()
        if found is None:
            return None
        said: list[str] = []
        try:
            for (table,) in connection.execute(TABLES).fetchall():
                rows = connection.execute(f"SELECT msg FROM {found[0]}.verify_heapam(?::regclass)", (table,)).fetchall()
                said += [f"{table}: {message}" for (message,) in rows]
            for (index,) in connection.execute(INDEXES).fetchall():
                try:
                    connection.execute(f"SELECT {found[0]}.bt_index_check(?::regclass, true)", (index,))
                except Damaged as damaged:
                    said.append(str(damaged.data["problem"]))
        except NotAuthorised:
            return None
        return said

    def role(self, connection: PostgresConnection) -> str:
        return str(connection.execute("SELECT current_user").fetchone()[0])

    def durability(self, connection: PostgresConnection) -> list[tuple[str, str, bool]]:
        found = [(name, connection.execute(f"SHOW {name}").fetchone()[0]) for name in DURABLE]
        return [(name, value, value in DURABLE[name]) for name, value in found]

    def ask_time(self, connection: PostgresConnection) -> None:
        self._heard(connection.execute("SELECT clock_timestamp()").fetchone()[0])

    def _heard(self, time: datetime) -> None:
        """The server's time has just come. It was said a little earlier, so its clock is never taken to be further than
        it is: what somebody else writes next comes later."""
        self.ahead = datetime.now(UTC) - time
