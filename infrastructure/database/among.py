"""Whether a column is among some values: one statement, however many they are.

`IN (?, ?, ?)` is another statement for each number of values. Both drivers keep what they have prepared, so a worker,
whose batches differ in size, kept a hundred such statements a connection, of hundreds of values each. Here all values
are one parameter: a JSON array on SQLite, an array on PostgreSQL.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Boolean, ColumnElement, bindparam, types
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def among(column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column's value is one of these; of none where there are none."""
    return _Among(column, bindparam(None, list(values), _Values(column.type)))


class _Values(types.TypeDecorator[Any]):
    """Values of one type, as each driver takes many of them for one parameter."""

    impl = types.Text
    cache_ok = True

    def __init__(self, each: types.TypeEngine[Any]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: Any) -> Any:
        return ARRAY(self.each) if dialect.name == "postgresql" else types.Text()

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Among(FunctionElement[bool]):
    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is: of what is not plainly a comparison SQLAlchemy makes `… = 1`, which SQLite looks up by no index."""
        return self


@compiles(_Among, "sqlite")
def _in_a_json_array(among: _Among, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in among.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"


@compiles(_Among, "postgresql")
def _in_an_array(among: _Among, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in among.clauses)
    return f"{column} = ANY ({values})"
