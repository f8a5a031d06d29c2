"""A log that moves to another database: every row as it is, facts in their positions and to the byte."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, text

from domain.refusals import Damaged, NotAdmitted
from infrastructure.database.database import Database
from infrastructure.database.tables import facts, metadata, registers

BATCH = 1000


def move(source: Database, target: Database) -> dict[str, int]:
    """Copy every row, in one transaction at the target, and compare them there; how many of each table.

    Facts go first and through the target's own rules, so their positions have to follow without a gap. Checksums and
    the numbers of rows come along as they are: what verifying finds here it finds there. Raises NotAdmitted where the
    target is not empty, Damaged where a row did not come out as it went in.
    """
    reading = source.engine.connect().execution_options(reading=True)
    with target.as_they_are() as engine, reading as old, engine.begin() as new:
        filled = [table for table in metadata.sorted_tables if table is not registers]
        if any(new.execute(select(func.count()).select_from(table)).scalar_one() for table in filled):
            raise NotAdmitted("target-not-empty")
        new.execute(delete(registers))
        copied = {}
        for table in metadata.sorted_tables:
            rows = old.execute(select(table).order_by(*table.primary_key).execution_options(stream_results=True))
            count = 0
            while some := rows.fetchmany(BATCH):
                new.execute(insert(table), [dict(row._mapping) for row in some])
                _compare(table, some, new.execute(_the_same(table, some)).all())
                count += len(some)
            copied[table.name] = count
            _number_on(new, table)
    return copied


def _the_same(table: Table, rows: Sequence[Any]) -> Any:
    [key] = table.primary_key
    return select(table).where(key.in_([row._mapping[key.name] for row in rows])).order_by(key)


def _compare(table: Table, went_in: Sequence[Any], came_out: Sequence[Any]) -> None:
    for one, other in zip(went_in, came_out, strict=True):
        if tuple(one) != tuple(other):
            raise Damaged("copied-otherwise", table=table.name, row=one[0])


def _number_on(connection: Any, table: Table) -> None:
    """The next row of the target gets the number after the last."""
    if (
        connection.dialect.name != "postgresql"
        or table is facts
        or "id" not in table.c
        or table.c.id.type.python_type is not int
    ):
        return
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), greatest(max(id), 1), max(id) IS NOT NULL) "
            f"FROM {table.name}"
        )
    )
