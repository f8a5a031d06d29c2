"""What an append writes, in whose one trip to a server everything is: order, bytes, leaf and tree, or a refusal."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import facts as f
from domain.fact import Recorded
from domain.merkle import HASH, CompactRange, leaf_hash
from domain.refusals import Unavailable
from infrastructure.database import postgres as ours
from infrastructure.database.database import Database
from infrastructure.integrity.verifying import verify
from infrastructure.log.codec import at_its_turn, encode, places
from infrastructure.log.fact_store import FactStore, StoredFact
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.log.tree import compact_range_of
from tests.conftest import on_postgresql
from tests.cut import Cable, cable
from tests.given import VO, moment, outage
from tests.golden.samples import SAMPLES
from tests.postgres import administering

TRAP = 'Sagt: "occurred_at":"2026-12-07T07:05:00.000000Z", \\"recorded_at\\":\\"x"'


def facts(*stored: bytes, after: int = 0, stream: str = "2026-0007") -> list[StoredFact]:
    return [StoredFact(stream, entry, "note-added:1", each) for entry, each in enumerate(stored, after + 1)]


# The tree's rule, which stands in domain.merkle and, for a server, in a migration


def leaves(database: Database) -> list[tuple[int, bytes]]:
    return database.connection().execute("SELECT position, hash FROM leaves ORDER BY position").fetchall()


def test_every_fact_grows_the_tree_as_it_should(database: Database) -> None:
    store, tree, entry = FactStore(database), CompactRange(), 0
    stored = [b"", *(b"%d" % number for number in range(1, 140))]
    for portion in (*(stored[each : each + 1] for each in range(70)), stored[70:71], stored[71:139], stored[139:]):
        store.insert_events(facts(*portion, after=entry))
        entry += len(portion)
        tree = tree.extended(map(leaf_hash, portion))
        assert compact_range_of(database.connection()) == tree
    assert leaves(database) == [(position, leaf_hash(each)) for position, each in enumerate(stored, 1)]


@pytest.fixture(scope="module")
def server(postgresql_of_module: str) -> Iterator["psycopg.Connection[Any]"]:
    with administering(postgresql_of_module) as connection:
        yield connection


@pytest.fixture(scope="module")
def postgresql_of_module() -> Iterator[str]:
    from tests.postgres import database_url

    with database_url() as made:
        yield made


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(
    size=st.integers(0, 2**31 - 12) | st.integers(0, 31).map(lambda bits: 2**bits - 1).filter(lambda n: n < 2**31 - 12),
    stored=st.lists(st.binary(max_size=200), min_size=1, max_size=9),
    seed=st.integers(),
)
def test_a_tree_of_any_size_grows_alike_on_a_server_and_here(
    server: "psycopg.Connection[Any]", size: int, stored: list[bytes], seed: int
) -> None:
    kept = CompactRange(size, tuple(Random(seed).randbytes(HASH) for _ in range(size.bit_count())))  # noqa: S311
    with server.transaction(force_rollback=True):
        if size:
            server.execute("ALTER TABLE facts DISABLE TRIGGER facts_in_order")
            server.execute("INSERT INTO facts VALUES (%s, 'before', 1, 'x', '')", (size,))
            server.execute("ALTER TABLE facts ENABLE ALWAYS TRIGGER facts_in_order")
            server.execute("INSERT INTO tree VALUES (%s, %s)", (size, bytes(kept)))
        count = len(stored)
        columns = ["x"] * count, list(range(count)), ["x"] * count, stored, *[[None] * count] * 3
        server.execute("SELECT append_facts(%s::text[], %s, %s::text[], %s, %s::text[], %s::int[], %s::int[])", columns)
        [found] = server.execute("SELECT size, frontier FROM tree").fetchall()
        added = server.execute("SELECT hash FROM leaves ORDER BY position").fetchall()
    grown = kept.extended(map(leaf_hash, stored))
    assert found == (grown.size, bytes(grown))
    assert added == [(leaf_hash(each),) for each in stored]


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE tree SET size = 2",
        "UPDATE tree SET size = 9",
        "UPDATE tree SET frontier = (SELECT hash FROM leaves WHERE position = 1)",
        "DELETE FROM tree",
    ],
)
def test_a_tree_that_does_not_reach_up_to_a_fact_never_stands_in_its_way_and_is_left_as_it_is(
    database: Database, broken: str
) -> None:
    store = FactStore(database)
    store.insert_events(facts(b"1", b"2", b"3"))
    with database.writing() as connection:
        connection.execute(broken)
    left = database.connection().execute("SELECT * FROM tree").fetchall()
    assert store.insert_events(facts(b"4", b"5", after=3)) == [4, 5]
    assert database.connection().execute("SELECT * FROM tree").fetchall() == left
    assert len(leaves(database)) == 3


@on_postgresql
def test_nobodys_temporary_table_is_taken_for_the_tree(database: Database) -> None:
    database.connection().execute("CREATE TEMPORARY TABLE tree (size integer, frontier bytea)")
    FactStore(database).insert_events(facts(b"1"))
    assert database.connection().execute("SELECT size FROM public.tree").fetchall() == [(1,)]


@on_postgresql
@pytest.mark.parametrize(
    ("told", "instead", "reason"),
    [
        ("sha256('\\x00' || fact_bytes)", "sha256(fact_bytes)", "bytes-changed"),
        ("sha256('\\x01' || ", "sha256('\\x02' || ", "tree-does-not-fit"),
        ("hashes := hashes || node", "hashes := hashes || sha256(node)", "tree-does-not-fit"),
        ("VALUES (place, node)", "VALUES (place + 1000, node)", "not-in-the-tree"),
        ("fact_bytes := stored[n]", "fact_bytes := stored[n] || ' '", "not-canonical"),
    ],
)
def test_a_function_that_somebody_has_changed_is_found_by_what_it_wrote(
    database: Database, told: str, instead: str, reason: str
) -> None:
    log = IncidentLog(database)
    number = log.record(Proposal(outage(), VO, "s-1")).recorded.incident
    assert verify(database).problems == []
    with administering(database.url) as owner:
        [[made]] = owner.execute("SELECT pg_get_functiondef('append_facts'::regproc)").fetchall()
        assert told in made
        owner.execute(made.replace(told, instead))
    log.record(Proposal(f.NoteAdded(text="hej"), VO, "s-1", number))
    assert reason in [problem.reason for problem in verify(database).problems]


# The bytes, by the moment at which the fact's turn has come


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.fact.wire)
@pytest.mark.parametrize("now", ["2026-03-02T07:06:07+00:00", "2026-03-02T09:00+00:00"])
def test_the_bytes_at_its_turn_are_those_of_the_fact_at_its_turn(sample: Recorded, now: str) -> None:
    trapped = sample._replace(note=TRAP, late_because=TRAP, recorded_by=TRAP, command_id=TRAP)
    for proposed in (trapped, trapped._replace(occurred_at=sample.recorded_at)):
        stored = encode(proposed)
        there = at_its_turn(stored, places(proposed, stored), moment(now))
        assert there == encode(proposed.at_its_turn(moment(now)))


@on_postgresql
@pytest.mark.parametrize("off", [timedelta(0), timedelta(hours=1), timedelta(hours=-1)])
def test_what_a_server_has_recorded_is_what_is_said(database: Database, off: timedelta) -> None:
    """Also where this machine's clock was put back or forth since the server was asked: nothing happens later than it
    is recorded, and it is recorded by the server's clock."""
    log = IncidentLog(database)
    number = log.record(Proposal(outage(), VO, "s-1")).recorded.incident
    database.backend.ahead = off
    told = log.record(Proposal(f.NoteAdded(text=TRAP), VO, "s-1", number, note=TRAP)).recorded
    assert log.history(number)[-1] == told
    [[stored]] = (
        database.connection().execute("SELECT bytes FROM facts WHERE position = ?", (told.position,)).fetchall()
    )
    assert bytes(stored) == encode(told)
    assert told.occurred_at <= told.recorded_at <= log.clock()
    assert abs(datetime.now(UTC) - told.recorded_at) < timedelta(minutes=1)


# One trip, and what is known where nothing comes back


@pytest.fixture
def line(postgresql_url: str) -> Iterator[Cable]:
    with cable(postgresql_url) as laid:
        laid.commits = b"append_facts("
        yield laid


@pytest.mark.parametrize("lost", ["lose_answer", "lose_commit"])
def test_an_append_whose_answer_is_lost_is_asked_after_and_is_there_once(
    line: Cable, postgresql_url: str, lost: str
) -> None:
    log = IncidentLog(Database(line.url))
    setattr(line, lost, True)
    told = log.record(Proposal(outage(), VO, "s-1"))
    assert (line.cuts, told.repeated) == (1, False)
    assert FactStore(Database(postgresql_url)).max_notification_id() == told.recorded.position == 1


@pytest.mark.parametrize(("lost", "written"), [("lose_answer", 1), ("lose_commit", None)])
def test_an_append_that_nobody_can_ask_after_is_said_to_be_open(
    line: Cable, postgresql_url: str, lost: str, written: int | None
) -> None:
    log = IncidentLog(Database(line.url))
    setattr(line, lost, True)
    line.stays_down = True
    with pytest.raises(Unavailable, match="unsettled-command"):
        log.record(Proposal(outage(), VO, "s-1", command_id="desk-7"))
    assert FactStore(Database(postgresql_url)).max_notification_id() == written
    line.down = False
    for repeated in (bool(written), True):
        assert log.record(Proposal(outage(), VO, "s-1", command_id="desk-7")).repeated == repeated
    assert FactStore(Database(postgresql_url)).max_notification_id() == 1


def test_an_append_that_a_server_has_refused_is_known_not_to_be_written(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody held the log for too long: that is an answer, and nothing is open."""
    monkeypatch.setitem(ours.ASKED, "lock_timeout", "200ms")
    database, other = Database(postgresql_url), Database(postgresql_url)
    with other.appending(), pytest.raises(Unavailable) as refused:
        FactStore(database).append(facts(b"1"), database.now)
    assert refused.value.reason == "database"
    assert FactStore(database).append(facts(b"1"), database.now).positions == [1]
    with pytest.raises(IntegrityError):
        FactStore(database).append(facts(b"1"), database.now)
