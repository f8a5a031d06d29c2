"""One statement for many rows, compiled once and handed to the driver as it is.

SQLAlchemy puts each row's parameters together anew, which costs more than the database does. The statement stays
SQLAlchemy's, in the database's own dialect.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Executable

Parameters = Callable[[dict[str, Any]], Any]


class Batch:
    """A statement whose rows are given by the names of its parameters."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, dict[str, Any], Parameters]] = {}

    def execute(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Run it once for each row; nothing where there are none."""
        if rows:
            sql, constants, parameters = self._for(connection)
            connection.exec_driver_sql(sql, [parameters(constants | row) for row in rows])

    def _for(self, connection: Connection) -> tuple[str, dict[str, Any], Parameters]:
        name = connection.dialect.name
        if name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]  # they all can, their type says less
            places = compiled.positiontup
            parameters = itemgetter(*places) if places else dict
            self._compiled[name] = str(compiled), dict(compiled.params), parameters
        return self._compiled[name]
