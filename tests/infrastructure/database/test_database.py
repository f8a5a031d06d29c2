"""The log's database, shared by the threads of one program."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.refusals import Invalid
from infrastructure.database.database import Database
from infrastructure.database.faults import of_postgresql
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


@pytest.mark.parametrize("taken", ["synchronous_commit=off", "statement_timeout=0", "lock_timeout=0"])
def test_a_server_that_was_not_asked_as_the_log_needs_is_not_used(postgresql_url: str, taken: str) -> None:
    """As a pooler does that passes nothing on; here the address itself takes it back."""
    with pytest.raises(Invalid, match="not-as-asked") as refusal:
        Database(f"{postgresql_url}?options=-c%20{taken.replace('=', '%3D')}")
    assert refusal.value.data["problem"] == taken.partition("=")[0]


def test_a_pooler_that_refuses_what_is_asked_is_told_as_that() -> None:
    said = 'connection to server at "127.0.0.1", port 6432 failed: FATAL:  unsupported startup parameter: options'
    refusal = of_postgresql(None, said)
    assert isinstance(refusal, Invalid)
    assert refusal.reason == "not-as-asked"
