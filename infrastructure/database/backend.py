"""What the log needs of a database, of either kind: a connection, turns, and errors in its own words.

`sqlite` and `postgres` beside it are the two; `infrastructure.database.database` is who asks them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from domain.refusals import Invalid, Unavailable
from infrastructure.database.faults import AWAY

if TYPE_CHECKING:
    from sqlalchemy import Connection as Transaction
    from sqlalchemy import Engine

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql+psycopg://"
APPENDING, WRITING, DERIVING, READING = "appending", "writing", "deriving", "reading"
"""What a transaction is for, which says whose turn it waits for."""


class Conflict(Exception):
    """What was to be written breaks a rule of the database: an entry that is taken, a fact that would change."""


class Cursor(Protocol):
    """The rows that a statement answered with."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What both drivers' connections can do. Outside a transaction each statement is one of its own."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Cursor: ...
    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Cursor: ...
    def among(self, values: Collection[Any]) -> tuple[str, Any]:
        """What says in a statement that something is one of these values, and its parameter: one, however many."""

    def read(self, columns: str, found: str, values: Sequence[Any], /) -> list[Sequence[Any]]:
        """The rows of a SELECT of these columns, all of them at once; `found` is the rest of it. The columns' names are
        the table's own, and hold no fractions."""

    def rows(self, named: str, rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Any]]:
        """What stands in a statement for a table of these rows, and its parameters: as many, however many rows there
        are. `named` is the table's name, its columns and their types: "sent (id bigint, at text)"."""

    def close(self) -> None: ...


class Backend(Protocol):
    """One kind of database. Its methods raise Conflict, and the refusals of `infrastructure.database.faults`, in place
    of the driver's errors."""

    name: str
    ahead: timedelta
    """By how much this machine's clock is ahead of the log's, as it was last told; never too little."""

    def open_connection(self) -> Any: ...
    def is_usable(self, connection: Any) -> bool: ...
    def transaction(self, connection: Any, begin: str) -> AbstractContextManager[Any]: ...
    def take_turn_to_append(self, connection: Any) -> None:
        """In a transaction that writes something else: wait for those who append facts, to do so in it as well."""

    def version(self, connection: Any) -> str | None: ...
    def make_engine(self, *, checksums: bool) -> "Engine": ...
    def beneath(self, connection: "Transaction") -> Any:
        """The log's own connection in this transaction of SQLAlchemy's."""

    def stream(self, connection: Any, statement: str) -> Iterator[Any]:
        """The rows of a long answer, some at a time; within a transaction."""

    def may_read(self, connection: Any, table: str) -> bool:
        """Whether every column of the table may be read."""

    def listen(self, on_fact: Callable[[], None]) -> "Callable[[], None] | None": ...
    def is_own(self, connection: Any) -> bool: ...
    def may_upgrade(self, connection: Any) -> bool: ...
    def left_out(self, connection: Any) -> str | None:
        """The reason for which what was written last may be missing from what is read here."""

    def own_check(self, connection: Any) -> list[str] | None:
        """What the database itself finds wrong with what it keeps; None where it can't be asked."""

    def role(self, connection: Any) -> str:
        """As whom a server lets this program in; "" where there is no server."""

    def durability(self, connection: Any) -> list[tuple[str, str, bool]]:
        """What decides whether an acknowledged fact survives a power failure, as it is in force: its name, its value
        and whether that will do."""

    def ask_time(self, connection: Any) -> None:
        """Have a server say what time it is; of a file this machine's clock is the log's."""


def named_columns(named: str) -> tuple[str, list[tuple[str, str]]]:
    """The name of such a table, and its columns, each with its type."""
    table, columns = named.removesuffix(")").split(" (")
    return table, [(name, type_) for name, type_ in map(str.split, columns.split(", "))]


@contextmanager
def with_its_driver() -> Iterator[None]:
    """Around the import of what speaks to PostgreSQL: its driver is for those alone who use it. Raises Invalid."""
    try:
        yield
    except ImportError as missing:
        raise Invalid("no-driver") from missing


@contextmanager
def nothing_known_of_commit() -> Iterator[None]:
    """Around a commit: an answer that never came leaves open whether it was done."""
    try:
        yield
    except Unavailable as error:
        if error.reason != AWAY.reason:
            raise
        raise Unavailable("unsettled", **error.data) from error
