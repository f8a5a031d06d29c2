"""Whether a column is among some values: the same statement, however many they are."""

from typing import Any

from sqlalchemy import event, select

from infrastructure.database.among import among
from infrastructure.database.database import Database
from infrastructure.database.tables import deliveries
from infrastructure.outbox.outbox import Outbox
from tests.conftest import on_sqlite
from tests.given import outage
from tests.infrastructure.mail import Records, Subscribes, now, plan, send


def test_the_rows_are_those_of_the_values_and_of_no_others(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    ids = {name: subscribes(name).id for name in ("anna", "bo", "o'hara")}
    records(outage())
    plan(database)

    def found(column: Any, values: list[Any]) -> list[Any]:
        with database.engine.connect().execution_options(reading=True) as connection:
            return list(connection.execute(select(column).where(among(column, values)).order_by(column)).scalars())

    assert found(deliveries.c.subscriber, [ids["anna"], ids["o'hara"], "p-nobody", 'a"b,{c}\\']) == sorted(
        (ids["anna"], ids["o'hara"])
    )
    assert found(deliveries.c.subscriber, []) == []
    assert found(deliveries.c.id, [1, 3, 99]) == [1, 3]


def test_a_worker_prepares_as_many_statements_for_few_as_for_many(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    """Its batches are of every size; a statement of its own for each is kept by the driver on every connection."""
    prepared: set[str] = set()

    @event.listens_for(database.engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        prepared.add(statement)

    def tell(new: int) -> int:
        for _person in range(new):
            subscribes(f"p{len(people)}")
            people.append(new)
        records(outage())
        plan(database)
        assert {notice.subscriber.id for notice in send(outbox, now())} != set()
        return len(prepared)

    people: list[int] = []
    first = tell(1)
    assert [tell(2) for _batch in range(6)] == [first] * 6


@on_sqlite
def test_what_is_among_them_is_looked_up_by_its_index(database: Database) -> None:
    asked = select(deliveries.c.id).where(
        among(deliveries.c.subscriber, ["p-1", "p-2"]), among(deliveries.c.incident, ["2026-0001"])
    )
    with database.engine.connect().execution_options(reading=True) as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.compile(database.engine)}", ("[]", "[]")).all()
    assert "USING COVERING INDEX deliveries_of_thread (subscriber=? AND incident=?)" in str(plan)
