"""SQLAlchemy over the same kind of connections: for the registers, the ledger and the migrations."""

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, QueuePool, create_engine, event
from sqlalchemy.exc import DisconnectionError

from domain.refusals import Refusal, Unavailable
from infrastructure.database.faults import AWAY, of_sqlite
from infrastructure.database.row_checksums import SETTING
from infrastructure.database.sqlite_checksums import ChecksummingConnection

POOL = 4


def sqlite_engine(
    open_connection: Callable[[], ChecksummingConnection],
    take_turn: Callable[[ChecksummingConnection], None],
    *,
    checksums: bool,
) -> Engine:
    """An engine whose transactions take their turn as writers, unless begun with `reading=True`, and keep
    checksums of their rows."""
    # The pool that the address implies closes connections that other threads are using, once there are more than POOL.
    engine = create_engine("sqlite://", creator=open_connection, poolclass=QueuePool, pool_size=POOL, max_overflow=-1)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _reads(connection):
            connection.exec_driver_sql("BEGIN")
            return
        if checksums:
            _driver(connection).begin_checksums()
        take_turn(_driver(connection))

    @event.listens_for(engine, "commit")
    def _commit(connection: Connection) -> None:
        if checksums and not _reads(connection):
            _driver(connection).end_checksums()

    @event.listens_for(engine, "handle_error")
    def _answer(context: ExceptionContext) -> None:
        error = context.original_exception
        if isinstance(error, sqlite3.Error) and (refusal := of_sqlite(error)):
            raise refusal

    return engine


def postgresql_engine(open_connection: Callable[[], Any], lock: int, *, checksums: bool) -> Engine:
    """The same, where writers take their turn by an advisory lock that ends with their transaction."""
    import psycopg

    from infrastructure.database.postgres_connection import told, was_cut

    engine = create_engine("postgresql+psycopg://", creator=open_connection, pool_size=POOL, use_native_hstore=False)

    @event.listens_for(engine, "checkout")
    def _still_there(driver: Any, _record: Any, _proxy: Any) -> None:
        if was_cut(driver):
            raise DisconnectionError  # the pool opens another

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        # Said in each transaction: a pooler may have kept from the server what was asked for at the start.
        said = f"SET LOCAL {SETTING} = {'on' if checksums else 'off; SET LOCAL statement_timeout = 0'}"
        connection.exec_driver_sql(reads if _reads(connection) else f"{said}; SELECT pg_advisory_xact_lock({lock})")

    @event.listens_for(engine, "handle_error")
    def _answer(context: ExceptionContext) -> None:
        error = context.original_exception
        refusal = told(error) if isinstance(error, psycopg.Error) else None
        if isinstance(refusal, Refusal):
            if refusal.reason == AWAY.reason and not context.statement:  # what has no statement is a commit
                raise Unavailable("unsettled", **refusal.data)
            raise refusal

    return engine


def _driver(connection: Connection) -> ChecksummingConnection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, ChecksummingConnection)  # noqa: S101 - the pool is given no other kind
    return driver


def _reads(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("reading", False))
