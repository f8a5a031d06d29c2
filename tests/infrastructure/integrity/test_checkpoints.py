"""Checkpoints are made while others write, by several at once, and never contradict each other."""

import threading
from pathlib import Path

import pytest
from eventsourcing.persistence import IntegrityError

from domain import facts as f
from domain.checkpoint import parse
from domain.merkle import CompactRange, leaf_hash
from domain.refusals import Damaged
from domain.vocabulary import Function
from infrastructure.database.database import Database
from infrastructure.database.row_checksums import COUNT
from infrastructure.integrity import keys
from infrastructure.integrity.checkpoints import all_kept, make, newest
from infrastructure.log.fact_store import FactStore, StoredFact
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.log.tree import compact_range_of
from tests.given import outage


@pytest.fixture
def key(tmp_path: Path) -> keys.SigningKey:
    return keys.create(tmp_path / "signing.key", "logg.example.se/sesam")


def record(log: IncidentLog, incident: str | None = None) -> str:
    fact = f.NoteAdded(text="Lugnt.") if incident else outage()
    return log.record(Proposal(fact, Function.HJALPMEDEL_ADMINISTRATION, "s-1", incident)).recorded.incident


def roots(database: Database) -> list[bytes]:
    """The root after each fact, worked out anew."""
    found, grown = [CompactRange().root], CompactRange()
    for (stored,) in database.connection().execute("SELECT bytes FROM facts ORDER BY position").fetchall():
        grown = grown.extended([leaf_hash(stored)])
        found.append(grown.root)
    return found


def test_the_tree_is_there_with_the_fact_and_not_without_it(database: Database, log: IncidentLog) -> None:
    incident = record(log)
    for _ in range(6):
        record(log, incident)
        tree = compact_range_of(database.connection())
        assert tree is not None
        assert tree.root == roots(database)[-1]
    twice = [StoredFact("2026-0009", entry, "x:1", b"{}", f"c{number}") for number, entry in enumerate((1, 1))]
    with pytest.raises(IntegrityError):
        FactStore(database).insert_events(twice)
    assert compact_range_of(database.connection()) == tree


def test_several_who_sign_while_others_write_agree(database: Database, log: IncidentLog, key: keys.SigningKey) -> None:
    incident = record(log)
    failures: list[BaseException] = []

    def works(work: str) -> None:
        try:
            for _ in range(10):
                make(database, key) if work == "signs" else record(log, incident)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=works, args=(work,)) for work in ("signs", "writes") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    make(database, key)
    known, kept = roots(database), all_kept(database.connection())
    assert [one.root for one in kept] == [known[one.size] for one in kept]
    assert kept[-1].size == 31
    assert parse(key.last_signed() or "")[0].size == 31


def test_what_the_key_signed_and_the_log_lost_in_a_crash_is_signed_the_same_again(
    database: Database, log: IncidentLog, key: keys.SigningKey
) -> None:
    record(log)
    first = make(database, key)
    database.connection().execute("DELETE FROM checkpoints")  # remembered, but never committed
    database.connection().execute(COUNT, (-1, "checkpoints"))
    assert make(database, key) == first


def test_nothing_is_signed_that_can_not_be_remembered(
    database: Database, log: IncidentLog, key: keys.SigningKey
) -> None:
    record(log)
    (key.path.parent / "signing.key.signed.new").mkdir()
    with pytest.raises(Damaged, match="key-memory"):
        make(database, key)
    assert newest(database) is None


def test_a_log_made_by_an_older_program_gets_its_tree(tmp_path: Path) -> None:
    from alembic import command
    from sqlalchemy import create_engine, text

    from infrastructure.database.migrations.upgrade import configuration

    url, config = f"sqlite:///{tmp_path / 'old.sqlite'}", configuration()
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for number in range(1, 8):
            connection.execute(
                text("INSERT INTO facts (incident, entry, fact, bytes) VALUES ('2026-0001', :entry, 'x:1', :stored)"),
                {"entry": number, "stored": b"{%d}" % number},
            )
    engine.dispose()
    database = Database(url)
    tree = compact_range_of(database.connection())
    assert tree is not None
    assert (tree.size, tree.root) == (7, roots(database)[-1])
    leaves = database.connection().execute("SELECT position, hash FROM leaves ORDER BY position").fetchall()
    assert leaves == [(number, leaf_hash(b"{%d}" % number)) for number in range(1, 8)]
    database.close()
