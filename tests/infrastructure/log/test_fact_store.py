"""The store: the eventsourcing library's own contract, and that nothing in it is ever changed (U-1)."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError
from eventsourcing.tests import persistence as contract

from infrastructure.database.database import Database
from infrastructure.log.fact_store import FactStore, StoredFact
from tests import postgres
from tests.conftest import on_postgresql, on_sqlite
from tests.empty_log import empty_log


@contextmanager
def file_url() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        yield empty_log(Path(folder) / "log.sqlite")


class OnAFile:
    """The library's cases know no fixtures: each gets a log and leaves none behind."""

    made: Callable[[], AbstractContextManager[str]] = staticmethod(file_url)

    def setUp(self) -> None:
        self.opened = ExitStack()
        self.database = Database(self.opened.enter_context(self.made()))
        self.opened.callback(self.database.close)

    def tearDown(self) -> None:
        self.opened.close()

    def create_recorder(self) -> Any:
        return FactStore(self.database)


class OnAServer(OnAFile):
    made = staticmethod(postgres.database_url)


class Contract(contract.ApplicationRecorderTestCase[FactStore]):
    # These two measure and assert nothing: they would only print a rate, for a second or two of durable writes.
    test_performance = None  # type: ignore[assignment]
    test_concurrent_throughput = None  # type: ignore[assignment]

    def new_originator_id(self) -> str:
        """An incident's number is a text, so the contract is run with texts."""
        return super().new_originator_id().hex  # type: ignore[union-attr]

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class Interleaving(contract.NonInterleavingNotificationIDsBaseCase):
    def new_originator_id(self) -> str:
        return super().new_originator_id().hex  # type: ignore[union-attr]


class TestTheLibrarysContract(OnAFile, Contract):
    pass


class TestTheLibrarysContractOnPostgreSQL(OnAServer, Contract):
    pass


class TestPositionsDoNotInterleave(OnAFile, Interleaving):
    pass


class TestPositionsDoNotInterleaveOnPostgreSQL(OnAServer, Interleaving):
    pass


del Contract, Interleaving  # they are cases of no log


@pytest.fixture
def stored(database: Database) -> Database:
    facts = [StoredFact("2026-0007", entry, "note-added:1", b"{}", f"command {entry}") for entry in (1, 2)]
    FactStore(database).insert_events(facts)
    return database


@on_sqlite
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE facts SET bytes = x'00'",
        "UPDATE OR REPLACE facts SET entry = 2 WHERE entry = 1",
        "UPDATE OR IGNORE facts SET incident = '2026-0008'",
        "UPDATE facts SET position = 9 WHERE entry = 1",
        "DELETE FROM facts",
        "DELETE FROM facts WHERE entry = 2",
        "INSERT OR REPLACE INTO facts (position, incident, entry, fact, bytes) VALUES (1, 'x', 1, 'x', x'00')",
        "INSERT OR REPLACE INTO facts (incident, entry, fact, bytes) VALUES ('2026-0007', 1, 'x', x'00')",
        "REPLACE INTO facts (incident, entry, fact, bytes, command_id) VALUES ('x', 1, 'x', x'00', 'command 1')",
        "REPLACE INTO facts (rowid, incident, entry, fact, bytes) VALUES (1, 'x', 1, 'x', x'00')",
        "INSERT INTO facts VALUES (1, 'x', 1, 'x', x'00', 'c') ON CONFLICT DO UPDATE SET bytes = excluded.bytes",
    ],
)
def test_u_1_a_foreign_program_without_any_pragma_can_neither_change_nor_remove_nor_replace_a_fact(
    stored: Database, statement: str
) -> None:
    with closing(sqlite3.connect(stored.path)) as foreign:
        before = foreign.execute("SELECT * FROM facts").fetchall()
        assert len(before) == 2
        with pytest.raises(sqlite3.Error):
            foreign.execute(statement)
        foreign.rollback()
        assert foreign.execute("SELECT * FROM facts").fetchall() == before


NEW = "INSERT INTO facts (position, incident, entry, fact, bytes, command_id) VALUES"


@on_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE facts SET bytes = '\\x00'",
        "UPDATE facts SET position = 9 WHERE entry = 1",
        "UPDATE facts SET entry = 7 WHERE false",
        "DELETE FROM facts",
        "DELETE FROM facts WHERE entry = 2",
        "TRUNCATE facts",
        "TRUNCATE facts CASCADE",
        "MERGE INTO facts USING (SELECT 1) AS one ON entry = 1 WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM facts RETURNING *) SELECT * FROM gone",
        "SET session_replication_role = replica; DELETE FROM facts",
        f"{NEW} (1, 'x', 1, 'x', '', 'c')",
        f"{NEW} (7, 'x', 1, 'x', '', 'c')",
        f"{NEW} (NULL, '2026-0007', 1, 'x', '', 'c') ON CONFLICT (incident, entry) DO UPDATE SET bytes = ''",
        f"{NEW} (NULL, 'x', 1, 'x', '', 'command 1') ON CONFLICT (command_id) DO UPDATE SET bytes = ''",
        (
            f"CREATE TEMPORARY TABLE facts (position integer); {NEW.replace('facts', 'public.facts')} "
            "(1, 'x', 1, 'x', '', 'c')"
        ),
    ],
)
def test_u_1_on_postgresql_not_even_the_server_s_administrator_changes_removes_or_interposes_a_fact(
    stored: Database, statement: str
) -> None:
    with postgres.administering(stored.url) as foreign:
        before = foreign.execute("SELECT * FROM public.facts").fetchall()
        assert len(before) == 2
        with pytest.raises(psycopg.IntegrityError):
            foreign.execute(statement)
        assert foreign.execute("SELECT * FROM public.facts").fetchall() == before


@on_postgresql
def test_a_commit_waits_until_it_is_on_disk(database: Database) -> None:
    """The server's own setting may be weaker (the one of these tests is); ours is asked for by name."""
    for connection in (database.connection(), database.open_connection()):
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    with database.engine.connect() as through_sqlalchemy:
        assert through_sqlalchemy.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


@on_sqlite
def test_a_fact_is_on_disk_before_it_is_acknowledged(database: Database) -> None:
    for connection in (database.connection(), database.open_connection()):
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


@pytest.mark.parametrize(
    "again",
    [
        StoredFact("2026-0007", 1, "note-added:1", b"{}", "another command"),
        StoredFact("2026-0007", 3, "note-added:1", b"{}", "command 1"),
    ],
    ids=["the entry", "the command id"],
)
def test_what_is_taken_is_refused_and_nothing_of_the_batch_is_stored(stored: Database, again: StoredFact) -> None:
    store = FactStore(stored)
    new = StoredFact("2026-0008", 1, "note-added:1", b"{}", "a new command")
    with pytest.raises(IntegrityError):
        store.insert_events([new, again])
    assert store.max_notification_id() == 2
    assert store.select_events("2026-0008") == []


def test_positions_go_on_after_a_refusal_without_a_gap(stored: Database) -> None:
    store = FactStore(stored)
    with pytest.raises(IntegrityError):
        store.insert_events([StoredFact("2026-0007", 1, "note-added:1", b"{}")])
    assert store.insert_events([StoredFact("2026-0007", 3, "note-added:1", b"{}")]) == [3]
