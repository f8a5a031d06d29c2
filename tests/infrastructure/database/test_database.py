"""The log's database, shared by the threads of one program."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from infrastructure.database.database import Database
from infrastructure.database.sqlite import WAL_AT_REST
from infrastructure.database.tables import subscribers
from tests.conftest import on_sqlite

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


@on_sqlite
def test_the_write_ahead_log_is_short_again_once_nobody_reads_an_older_state(database: Database) -> None:
    beside = Path(f"{database.path}-wal")

    def writes(rows: int) -> None:
        with database.writing() as connection:
            connection.executemany("INSERT INTO kept_long VALUES (?)", [("x" * 1000,)] * rows)

    database.connection().execute("CREATE TABLE kept_long (text TEXT)")
    with closing(database.open_connection()) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM kept_long").fetchall()
        for _ in range(4):
            writes(4000)
        assert beside.stat().st_size > 3 * WAL_AT_REST
    for _ in range(3):
        writes(1)
    assert beside.stat().st_size <= WAL_AT_REST + (1 << 16)
