"""The log's database, shared by the threads of one program."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from infrastructure.database.database import Database
from infrastructure.database.tables import subscribers

MANY = 12
"""More than the pool keeps open."""


def all_at_once(work: Callable[[threading.Barrier], object]) -> list[object]:
    """What `work` gives in each of many threads; all of them are in the midst of it at the barrier."""
    together = threading.Barrier(MANY, timeout=20)
    with ThreadPoolExecutor(MANY) as threads:
        return [each.result() for each in [threads.submit(work, together) for _ in range(MANY)]]


def test_nobody_s_connection_is_closed_because_others_want_one(database: Database) -> None:
    def reads(together: threading.Barrier) -> object:
        with database.engine.connect().execution_options(reading=True) as connection:
            before = connection.execute(select(subscribers)).all()
            together.wait()
            return connection.execute(select(subscribers)).all() == before == []

    for _ in range(3):
        assert all_at_once(reads) == [True] * MANY


def test_each_thread_takes_its_turn_to_write(database: Database) -> None:
    def writes(together: threading.Barrier) -> object:
        together.wait()
        with database.engine.begin() as connection:
            return connection.execute(select(subscribers)).all()

    assert all_at_once(writes) == [[]] * MANY
