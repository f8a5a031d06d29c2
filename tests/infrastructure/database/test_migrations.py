"""The schema: one history, one description, and nothing newer than the program knows."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from domain.audience import ChannelName
from domain.delivery import DeliveryState
from domain.fact import BY_THE_OWNER
from domain.facts import StaffRegistered, StaffRemoved
from domain.merkle import CompactRange, leaf_hash
from domain.refusals import Damaged, Invalid
from domain.vocabulary import Function
from infrastructure.database import making
from infrastructure.database.backend import Conflict
from infrastructure.database.database import SCHEMA, Database
from infrastructure.database.engine import sqlite_engine
from infrastructure.database.making import make
from infrastructure.database.migrations.upgrade import configuration
from infrastructure.database.row_checksums import CHECKSUMMED, NOT_ENDED, row_checksum
from infrastructure.database.sqlite import APPLICATION_ID, take_turn
from infrastructure.database.sqlite_checksums import ChecksummingConnection
from infrastructure.database.tables import metadata
from infrastructure.integrity.changed_rows import row_problems
from infrastructure.integrity.staff_rows import staff_problems
from infrastructure.integrity.verifying import verify
from infrastructure.log.codec import encode
from infrastructure.log.fact_store import FactStore, StoredFact
from infrastructure.log.tree import appended, compact_range_of
from infrastructure.outbox.ledger import ledger
from infrastructure.registers.staff import Person, Staff
from infrastructure.registers.subscribers import Subscribers
from infrastructure.registers.wishes import LEADS_TO, way
from tests import postgres
from tests.conftest import BOTH, SQLITE, on_sqlite
from tests.infrastructure import work
from tests.infrastructure.processes import all_at_once


def test_the_programs_schema_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(configuration()).get_heads() == [SCHEMA]


def test_a_new_file_has_it(database: Database) -> None:
    assert database.version() == SCHEMA


def test_the_migrated_schema_is_the_one_that_the_tables_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_what_a_token_leads_to_is_asked_alike_on_both_databases() -> None:
    """A migration is frozen and asks by a function: what is asked in its place on SQLite says the same."""
    made = files("infrastructure.database.migrations.versions").joinpath("0016_door.py").read_text(encoding="utf-8")
    function = made.partition("pg_temp AS $$")[2].partition("$$;")[0]
    assert function
    assert LEADS_TO.replace("?1", "leads_to.way").split() == function.split()


@on_sqlite
def test_the_database_itself_refuses_to_change_facts(database: Database) -> None:
    rows = database.connection().execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    triggers = {name for (name,) in rows}
    assert triggers == {f"facts_are_never_{what}" for what in ("changed", "removed", "replaced")}


def test_a_log_of_a_newer_program_is_refused_and_left_alone(url: str) -> None:
    database = Database(url)
    connection = database.connection()
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Damaged, match="newer-schema") as refusal:
        Database(url)
    assert refusal.value.data == {"found": "9999", "known": SCHEMA}
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    database.close()


def test_a_file_that_is_no_database_is_damaged_in_our_own_words(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    path.write_bytes(b"inte en databas, men en fil med text i sig\n" * 100)
    with pytest.raises(Damaged, match="not-a-database"):
        Database(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"inte en databas")


def test_a_file_where_a_folder_should_be_is_a_wrong_address(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    for does in (Database, make):
        with pytest.raises(Invalid, match="no-folder"):
            does(f"sqlite:///{tmp_path / 'a-file' / 'log.sqlite'}")


def test_another_kind_of_database_is_refused_without_telling_its_password() -> None:
    with pytest.raises(Invalid, match="database-url") as refusal:
        Database("postgresql://anna:hemligt@db.example.se/log")
    assert "hemligt" not in str(refusal.value.data)


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that nobody has used."""
    if request.param == SQLITE:
        yield f"sqlite:///{tmp_path / 'old.sqlite'}"
        return
    with postgres.database_url(empty=True) as made:
        yield made


def as_of(url: str, version: str) -> Database:
    """A log as the program of that schema left it."""
    config = configuration()
    database = Database(url, upgrading=False)
    engine = _engine_of_a_new_file(database.path) if url.startswith("sqlite") else database.engine
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()
    return database


def _engine_of_a_new_file(path: Path) -> Engine:
    """As programs of before schema 0011 made a log: the file first, and then what is in it."""

    def opened() -> ChecksummingConnection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=ChecksummingConnection)

    return sqlite_engine(opened, take_turn, checksums=False)


NAMES = {
    "subscribers": "id, address, audience, systems, areas, language, state, added_at, after_position, welcomed",
    "deliveries": "id, position, incident, entry, fact, subscriber, audience, summary, state, queued_at, next_try_at, "
    "worker, message_id",
    "attempts": "id, delivery, at, state, code, reply",
    "facts": "incident, entry, fact, bytes, command_id",
    "staff": "id, login, roles, added_at",
}


def put(database: Database, table: str, *values: object) -> None:
    marks = ", ".join("?" * len(values))
    with database.writing() as connection:
        connection.execute(f"INSERT INTO {table} ({NAMES[table]}) VALUES ({marks})", values)
    if table == "deliveries" and database.url.startswith("sqlite") and "0004" <= (database.version() or "") < "0019":
        _with_the_checksums_of_then(database)


def _with_the_checksums_of_then(database: Database) -> None:
    """Programs of before schema 0019 made them of all of a delivery; on PostgreSQL the schema itself does."""
    there = {column for _number, column, *_ in database.connection().execute("PRAGMA table_info(deliveries)")}
    columns = [column for column in CHECKSUMMED["deliveries"] if column in there]
    rows = database.connection().execute(f"SELECT {', '.join(columns)} FROM deliveries").fetchall()
    made = [(row_checksum("deliveries", *row), row[0]) for row in rows]
    with database.as_they_are() as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET seal = ? WHERE id = ?", made)


RELEASED = tuple(f"{number:04}" for number in range(1, 21))


@pytest.mark.parametrize("empty", BOTH, indirect=True)
@pytest.mark.parametrize("version", RELEASED)
def test_from_every_released_schema_to_the_newest_with_what_the_log_and_the_ledger_say(
    empty: str, version: str
) -> None:
    """One mail sent, one unclear, one in hand, a restoration waiting; as the program of that schema left it."""
    old = as_of(empty, version)
    facts = [(f"2026-000{n}", 1, "outage-detected:1", b'{"\xc3\xa5": %d}' % n, f"command {n}") for n in (1, 2, 3)]
    for recorded in facts:
        put(old, "facts", *recorded)
    put(old, "subscribers", "p-1", "a@example.se", "staff", "[]", "[]", "sv", "active", "2026", 0, True)
    for id_, fact, state, waits in (
        (1, "outage-detected", "sent", None),
        (2, "prognosis-received", "ambiguous", "2026-12-07T07:00:00.000000Z"),
        (3, "prognosis-withdrawn", "sending", "2026-12-07T07:00:00.000000Z"),
        (4, "service-restored", "queued", "2026-12-07T07:00:00.000000Z"),
    ):
        row = id_, id_, "2026-0001", id_, fact, "p-1", "staff", False, state, "2026", waits
        put(old, "deliveries", *row, "w1" if state == "sending" else None, f"<{id_}@x>")
    put(old, "attempts", 11, 1, "2026", "sent", 250, "OK")
    put(old, "attempts", 12, 2, "2026", "ambiguous", None, "")
    before = old.connection().execute("SELECT * FROM facts ORDER BY position").fetchall()
    old.close()

    database = Database(empty)
    assert database.version() == SCHEMA
    assert database.connection().execute("SELECT * FROM facts ORDER BY position").fetchall() == before
    with pytest.raises(Conflict), database.writing() as connection:
        connection.execute("DELETE FROM facts")
    rows = database.connection().execute(
        "SELECT state, message_id, turn, tries, unclear FROM deliveries ORDER BY id"
    ).fetchall()  # fmt: skip
    if version == "0001":
        assert rows == [
            ("sent", "<1@x>", 1, 1, 0),
            ("ambiguous", "<2@x>", 1, 1, 1),
            ("sending", "<3@x>", 1, 0, 0),
            ("queued", "<4@x>", 0, 0, 0),
        ]
    assert [(state, message) for state, message, *_ in rows] == [
        ("sent", "<1@x>"), ("ambiguous", "<2@x>"), ("sending", "<3@x>"), ("queued", "<4@x>")
    ]  # fmt: skip
    assert [attempt.reply for row in ledger(database) for attempt in row.attempts] == ["OK", ""]
    assert {row.channel for row in ledger(database)} == {ChannelName.EMAIL}
    assert [subscriber.channel for subscriber, _state in Subscribers(database).all()] == [ChannelName.EMAIL]
    if version < "0003":
        tree = CompactRange().extended(leaf_hash(stored) for _incident, _entry, _fact, stored, _command in facts)
        assert compact_range_of(database.connection()) == tree
    Subscribers(database).pause("p-1")
    with database.reading() as connection:
        assert list(row_problems(database, connection, ())) == []
    numbers = dict(database.connection().execute("SELECT name, rows FROM registers").fetchall())
    none = dict.fromkeys(("staff", "reports", "ways_out", "checkpoints"), 0)
    assert numbers == none | {"subscribers": 1, "deliveries": 4, "attempts": 4}
    assert FactStore(database).insert_events([StoredFact("2026-0009", 1, "note-added:1", b"{}")]) == [5]
    database.close()


@pytest.mark.parametrize("empty", BOTH, indirect=True)
@pytest.mark.parametrize("version", ["0004", "0005", "0006"])
def test_what_a_stranger_had_changed_before_the_upgrade_is_still_found_after_it(empty: str, version: str) -> None:
    old = as_of(empty, version)
    for subscriber in ("p-1", "p-2"):
        put(
            old,
            "subscribers",
            subscriber,
            f"{subscriber}@example.se",
            "staff",
            "[]",
            "[]",
            "sv",
            "active",
            "2026",
            0,
            True,
        )
    with old.as_they_are() as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscribers SET address = 'eve@example.se' WHERE id = 'p-2'")
    old.close()
    database = Database(empty)
    with database.reading() as reading:
        found = [(problem.reason, problem.data["row"]) for problem in row_problems(database, reading, ())]
    assert found == [("row-without-checksum", "p-2")]
    database.close()


@pytest.mark.parametrize("empty", BOTH, indirect=True)
def test_of_each_delivery_is_said_after_the_upgrade_what_was_said_before_it(empty: str) -> None:
    """Of one that has not ended the checksum is made anew, where it held; a wrong one is not made right."""
    old = as_of(empty, "0018")
    put(old, "subscribers", "p-1", "a@example.se", "staff", "[]", "[]", "sv", "active", "2026", 0, True)
    states = list(DeliveryState)
    for number, state in enumerate(states):
        for id_ in range(3 * number + 1, 3 * number + 4):
            row = id_, id_, "2026-0001", id_, "note-added", "p-1", "staff", False, state.value, "2026", "2026"
            put(old, "deliveries", *row, None, None)
    with old.as_they_are() as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET turn = 7 WHERE id - id / 3 * 3 = 2")
        connection.exec_driver_sql("UPDATE deliveries SET seal = NULL WHERE id / 3 * 3 = id")
    old.close()
    database = Database(empty)
    with database.reading() as reading:
        found = {problem.data["row"]: problem.reason for problem in row_problems(database, reading, ())}
    wrong = {state: "row-without-checksum" if state in NOT_ENDED else "row-changed" for state in states}
    assert found == {
        3 * number + each: reason
        for number, state in enumerate(states)
        for each, reason in ((2, wrong[state]), (3, "row-without-checksum"))
    }
    database.close()


@pytest.mark.parametrize("version", ["0006", "0018"])
@pytest.mark.parametrize("value", ["x'00ff'", "1.5", "9e999"])
def test_a_value_of_any_kind_that_a_stranger_has_left_keeps_nobody_from_upgrading(
    tmp_path: Path, version: str, value: str
) -> None:
    """SQLite keeps any in any column. What waited and was changed is named afterwards, what was not goes on."""
    old = as_of(f"sqlite:///{tmp_path / 'old.sqlite'}", version)
    put(old, "subscribers", "p-1", "a@example.se", "staff", "[]", "[]", "sv", "active", "2026", 0, True)
    for id_ in (1, 2):
        row = id_, id_, "2026-0001", id_, "note-added", "p-1", "staff", False, "queued", "2026", "2026", None, None
        put(old, "deliveries", *row)
    with closing(sqlite3.connect(old.path)) as file, file:
        file.execute(f"UPDATE deliveries SET tries = {value} WHERE id = 1")
    database = Database(old.url)
    assert database.version() == SCHEMA
    with database.reading() as reading:
        found = [(problem.reason, problem.data["row"]) for problem in row_problems(database, reading, ())]
    assert found == [("row-without-checksum", 1)]
    database.close()
    old.close()


@pytest.mark.parametrize("empty", BOTH, indirect=True)
@pytest.mark.parametrize("version", ["0002", "0013"])
def test_who_was_registered_before_the_log_kept_it_stands_in_the_log(empty: str, version: str) -> None:
    old = as_of(empty, version)
    first = "2026-0001", 1, "note-added:1", b"{}"
    put(old, "facts", *first, "a command")
    if version > "0003":
        with old.appending() as connection:
            appended(connection, [b"{}"], 1)
    put(old, "staff", "s-1", None, "[]", "2026-03-01T07:00:00+00:00")
    put(old, "staff", "s-2", "anna", '["vo-hjalpmedel", "system-owner"]', "2026-03-02T07:00:00+00:00")
    old.close()
    database = Database(empty)
    history = Staff(database).history()
    functions = (Function.VO_HJALPMEDEL, Function.SYSTEM_OWNER)
    assert [recorded.fact for recorded in history] == [
        StaffRemoved(person="s-1", from_before=True),
        StaffRegistered(person="s-2", functions=functions, from_before=True),
    ]
    assert history[1].occurred_at == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert [encode(each) for each in history] == [stored for (stored,) in database.connection().execute(OF_STAFF)]
    assert Staff(database).person("anna") == Person("s-2", functions)
    with database.reading() as connection:
        assert list(staff_problems(connection)) == []
    tree = compact_range_of(database.connection())
    stored = [b"{}", *(encode(each) for each in history)]
    assert tree == CompactRange().extended(leaf_hash(each) for each in stored)
    database.close()


OF_STAFF = "SELECT bytes FROM facts WHERE incident = 'staff' ORDER BY entry"


@pytest.mark.parametrize("empty", BOTH, indirect=True)
def test_a_course_that_was_kept_without_a_checksum_is_not_kept_on(empty: str) -> None:
    old = as_of(empty, "0005")
    with old.writing() as connection:
        connection.execute("INSERT INTO courses (incident, entry, course) VALUES ('2026-0001', 50, '{}')")
    old.close()
    database = Database(empty)
    assert database.connection().execute("SELECT * FROM courses").fetchall() == []
    database.close()


def whose(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        [owner] = file.execute("PRAGMA application_id").fetchone()
    return int(owner)


def test_an_older_log_says_whose_it_is_once_it_is_brought_along(tmp_path: Path) -> None:
    as_of(f"sqlite:///{tmp_path / 'old.sqlite'}", "0011").close()
    assert whose(tmp_path / "old.sqlite") == 0
    Database(f"sqlite:///{tmp_path / 'old.sqlite'}").close()
    assert whose(tmp_path / "old.sqlite") == APPLICATION_ID


def interrupted(_database: Database) -> None:
    raise KeyboardInterrupt


def test_a_log_is_its_owners_alone_and_one_that_could_not_be_filled_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "log.sqlite"
    with monkeypatch.context() as patched:
        patched.setattr(making, "_fill", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make(f"sqlite:///{path}")
    assert list(path.parent.iterdir()) == []
    assert make(f"sqlite:///{path}")
    assert [each.name for each in path.parent.iterdir()] == ["log.sqlite"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert whose(path) == APPLICATION_ID
    assert not make(f"sqlite:///{path}")


def test_a_log_in_a_folder_for_a_group_is_the_groups_whatever_the_makers_umask(tmp_path: Path) -> None:
    """And so is a folder that is missing there; a folder that its group may write to is not yet for the group."""
    (shared := tmp_path / "shared").mkdir()
    shared.chmod(0o2770)
    (tmp_path / "written").mkdir()
    (tmp_path / "written").chmod(0o770)
    usual = os.umask(0o077)
    try:
        for folder in ("shared", "shared/more", "written"):
            make(f"sqlite:///{tmp_path / folder / 'log.sqlite'}")
    finally:
        os.umask(usual)
    modes = {str(path.relative_to(tmp_path)): path.stat().st_mode & 0o7777 for path in tmp_path.glob("*/**/*")}
    assert modes == {
        "shared/log.sqlite": 0o660,
        "shared/more": 0o2770,
        "shared/more/log.sqlite": 0o660,
        "written/log.sqlite": 0o600,
    }


@pytest.mark.parametrize("gap", [0, 3, 5_002])
def test_a_long_log_that_has_no_tree_gets_one_up_to_a_gap(tmp_path: Path, gap: int) -> None:
    address = f"sqlite:///{tmp_path / 'old.sqlite'}"
    old = as_of(address, "0002")
    facts = [(n, f"2026-{n}", b"%d" % n) for n in range(1, 5_005) if n != gap]
    with old.writing() as connection:
        insert = "INSERT INTO facts (position, incident, entry, fact, bytes) VALUES (?, ?, 1, 'x', ?)"
        connection.executemany(insert, facts)
    old.close()
    database = Database(address)
    hashes = [leaf_hash(stored) for _position, _incident, stored in facts][: gap - 1 if gap else None]
    assert compact_range_of(database.connection()) == CompactRange().extended(hashes)
    assert database.connection().execute("SELECT * FROM leaves").fetchall() == list(enumerate(hashes, 1))
    database.close()


def test_a_log_stands_in_whatever_schema_its_address_leads_to() -> None:
    """What its functions see is that one, and not what is called the same elsewhere."""
    with postgres.database_url(empty=True) as url:
        address = f"{url}{'&' if '?' in url else '?'}options=-c%20search_path%3Davbrott"
        with postgres.administering(url) as administrator:
            administrator.execute("CREATE SCHEMA avbrott")
            administrator.execute("CREATE TABLE public.facts (position integer)")
        assert make(address)
        assert not make(address)
        database = Database(address)
        Staff(database).add("anna", [Function.VO_HJALPMEDEL], BY_THE_OWNER)
        assert database.connection().execute("SELECT roles FROM functions_of('anna')").fetchall() == [
            ('["vo-hjalpmedel"]',)
        ]
        assert way(database, "a token that was never given") is None
        assert verify(database).problems == []
        [size] = database.connection().execute("SELECT size FROM avbrott.tree").fetchone()
        assert size == 1
        database.close()


def test_every_released_schema_is_tried() -> None:
    script = ScriptDirectory.from_config(configuration())
    assert {revision.revision for revision in script.walk_revisions()} == set(RELEASED)


@pytest.mark.parametrize("empty", BOTH, indirect=True)
def test_eight_programs_that_start_at_once_on_a_new_database_make_it_once(empty: str) -> None:
    numbers = all_at_once(work.opens, [(empty,)] * 8)
    assert len(set(numbers)) == 8
