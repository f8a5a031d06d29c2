"""SQLAlchemy over the same kind of connection: for the registers, the ledger and the migrations."""

import sqlite3
from collections.abc import Callable

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event

from domain.refusals import Unavailable


def make_engine(open_connection: Callable[[], sqlite3.Connection]) -> Engine:
    """An engine whose transactions take their turn as writers, unless begun with `reading=True`."""
    engine = create_engine("sqlite://", creator=open_connection, pool_size=4)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "handle_error")
    def _answer(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, sqlite3.OperationalError):
            context.chained_exception = Unavailable("database", problem=str(context.original_exception))

    return engine
