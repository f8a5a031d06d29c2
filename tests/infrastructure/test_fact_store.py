"""The store: the eventsourcing library's own contract, and that nothing in it is ever changed (U-1)."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from eventsourcing.persistence import IntegrityError
from eventsourcing.tests import persistence as contract

from infrastructure.database import Database
from infrastructure.fact_store import FactStore, StoredFact


class OnAFile:
    """The library's cases know no fixtures: each gets a file and leaves none behind."""

    def setUp(self) -> None:
        self.folder = TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'log.sqlite'}")

    def tearDown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def create_recorder(self) -> Any:
        return FactStore(self.database)


class TestTheLibrarysContract(OnAFile, contract.ApplicationRecorderTestCase[FactStore]):
    # These two measure and assert nothing: they would only print a rate, for a second or two of durable writes.
    test_performance = None  # type: ignore[assignment]
    test_concurrent_throughput = None  # type: ignore[assignment]

    def new_originator_id(self) -> str:
        """An incident's number is a text, so the contract is run with texts."""
        return super().new_originator_id().hex  # type: ignore[union-attr]

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestPositionsDoNotInterleave(OnAFile, contract.NonInterleavingNotificationIDsBaseCase):
    def new_originator_id(self) -> str:
        return super().new_originator_id().hex  # type: ignore[union-attr]


@pytest.fixture
def path(database: Database) -> Path:
    facts = [StoredFact("2026-0007", entry, "note-added:1", b"{}", f"command {entry}") for entry in (1, 2)]
    FactStore(database).insert_events(facts)
    return database.path


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
    path: Path, statement: str
) -> None:
    with closing(sqlite3.connect(path)) as foreign:
        before = foreign.execute("SELECT * FROM facts").fetchall()
        assert len(before) == 2
        with pytest.raises(sqlite3.Error):
            foreign.execute(statement)
        foreign.rollback()
        assert foreign.execute("SELECT * FROM facts").fetchall() == before


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
def test_what_is_taken_is_refused_and_nothing_of_the_batch_is_stored(
    database: Database, path: Path, again: StoredFact
) -> None:
    store = FactStore(database)
    new = StoredFact("2026-0008", 1, "note-added:1", b"{}", "a new command")
    with pytest.raises(IntegrityError):
        store.insert_events([new, again])
    assert store.max_notification_id() == 2
    assert store.select_events("2026-0008") == []


def test_positions_go_on_after_a_refusal_without_a_gap(database: Database, path: Path) -> None:
    store = FactStore(database)
    with pytest.raises(IntegrityError):
        store.insert_events([StoredFact("2026-0007", 1, "note-added:1", b"{}")])
    assert store.insert_events([StoredFact("2026-0007", 3, "note-added:1", b"{}")]) == [3]
