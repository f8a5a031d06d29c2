"""psycopg's connection with the log's manners: it waits no longer than it may, and fails in the product's words."""

import selectors
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg import errors

from infrastructure.database.backend import Conflict
from infrastructure.database.faults import of_postgresql

T = TypeVar("T")


class DriverConnection(psycopg.Connection[Any]):
    """psycopg's connection, which never waits longer than its patience for one answer."""

    patience: float | None = None

    def wait(self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Drive the protocol until it has its answer. Raises OperationalError once patience is at its end; whether a
        commit was done is then unknown, and the connection is closed."""
        began = time.monotonic()
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError as error:
            waited = time.monotonic() - began
            if timeout is None and self.patience and waited >= self.patience and not self.closed:
                self.pgconn.finish()
                raise psycopg.OperationalError(f"no answer in {self.patience:g} s") from error
            raise

    def __del__(self, _warn: Any = None, /) -> None:
        """A thread's connection ends with its thread, and nobody has to say so."""
        with suppress(AttributeError):  # one that never came about
            self.pgconn.finish()


def was_cut(connection: DriverConnection) -> bool:
    """Whether the server has ended an idle connection: it has nothing else to say to one."""
    if connection.closed:
        return True
    with selectors.DefaultSelector() as waiting:
        waiting.register(connection.pgconn.socket, selectors.EVENT_READ)
        return bool(waiting.select(0))


@contextmanager
def answering() -> Iterator[None]:
    """The driver's errors in the product's own words."""
    try:
        yield
    except psycopg.Error as error:
        raise (told(error) or error) from error


def told(error: psycopg.Error) -> Exception | None:
    """The error in the product's own words; None for a fault of ours."""
    if isinstance(error, errors.IntegrityError):
        return Conflict(str(error))
    if error.sqlstate is None and not isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return None
    return of_postgresql(error.sqlstate, said_by(error))


def said_by(error: BaseException) -> str:
    """The first line of what went wrong: the rest is for whoever runs the server."""
    return str(error).strip().partition("\n")[0]
