"""The checksums of the registers and the ledger: whoever touches a row is found, and the program itself is not."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.delivery import DeliveryState, Outcome, Settlement
from domain.refusals import NotAdmitted
from domain.vocabulary import Audience, Function
from infrastructure.database.copying import move
from infrastructure.database.database import Database
from infrastructure.database.postgres_connection import DriverConnection
from infrastructure.database.row_checksums import CHECKSUMMED, COUNTED, SETTING, covered, row_checksum
from infrastructure.database.sqlite_checksums import ChecksummingConnection
from infrastructure.database.tables import metadata
from infrastructure.integrity.changed_rows import row_problems
from infrastructure.log.histories import Histories
from infrastructure.outbox.outbox import Outbox
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import catch_up
from infrastructure.registers.staff import Staff
from infrastructure.registers.subscribers import Subscribers
from tests import postgres
from tests.empty_log import empty_log
from tests.given import LOG_OWNER, moment, prognosis
from tests.infrastructure.mail import message_id
from tests.infrastructure.told import Told, is_file, key_of, send, somebody

COPY = {
    "staff": "INSERT INTO staff SELECT 's-9', login || '2', roles, added_at{seal} FROM staff",
    "subscribers": "INSERT INTO subscribers SELECT 'p-9', address || '2', audience, systems, areas, language, state, "
    "added_at, after_position, welcomed, score, scored_at, bounced{seal}, channel FROM subscribers",
    "deliveries": "INSERT INTO deliveries SELECT id + 900, position, incident, entry, fact, 'p-9', audience, summary, "
    "state, queued_at, next_try_at, worker, message_id, sent_at, turn, tries, unclear, carrier, replaced_by, reason, "
    "fault, dated{seal}, channel FROM deliveries WHERE state = 'sent'",
    "attempts": "INSERT INTO attempts SELECT id + 900, delivery, at, state, code, reply, enhanced{seal} FROM attempts "
    "WHERE code = 250",
    "reports": "INSERT INTO reports SELECT 'r-9'{seal} FROM reports",
    "ways_out": "INSERT INTO ways_out SELECT substr(id, 1, 1) || '-9', subscriber, made_at{seal} FROM ways_out "
    "WHERE id = (SELECT min(id) FROM ways_out)",
}


def about(told: Told, table: str) -> set[tuple[str, Any]]:
    """What is said of this table: why, and of which row or how many."""
    found = [problem for problem in told.verified().problems if problem.data.get("table") == table]
    return {(problem.reason, problem.data.get("row", problem.data.get("count"))) for problem in found}


@pytest.mark.parametrize("table", CHECKSUMMED)
def test_a_row_that_a_stranger_adds_doubles_or_drops_is_named(told: Told, table: str) -> None:
    key = key_of(told, table)
    new = {str: f"{str(key)[0]}-9", int: 900 + (key if isinstance(key, int) else 0)}[type(key)]
    told.stranger(COPY[table].format(seal=", NULL"))
    assert about(told, table) == {("row-without-checksum", new), ("rows-added", 1)}
    told.stranger(f"DELETE FROM {table} WHERE seal IS NULL")
    assert about(told, table) == set()
    told.stranger(COPY[table].format(seal=", seal"))
    assert about(told, table) == {("row-changed", new), ("rows-added", 1)}
    told.stranger(f"DELETE FROM {table} WHERE id <> {key!r}")
    left = told.database.connection().execute(f"SELECT rows FROM registers WHERE name = '{table}'").fetchone()[0] - 1
    assert about(told, table) == ({("rows-missing", left)} if left else set())
    told.stranger(f"DELETE FROM {table}")
    assert about(told, table) == {("rows-missing", left + 1)}


@pytest.mark.parametrize("table", [table for table, columns in CHECKSUMMED.items() if len(columns) > 1])
def test_two_rows_that_change_places_are_both_named(told: Told, table: str) -> None:
    Staff(told.database).add("bertil", [Function.SYSTEM_OWNER], LOG_OWNER)
    Subscribers(told.database).add("bertil@example.se", Audience.STAFF, [], [], "en")
    told.records(prognosis("12:30"), "2026-0002")
    catch_up(told.database, Planner(told.database))
    send(told.database, moment("10:30"))
    assert told.verified(*told.mailed).problems == []
    connection = told.database.connection()
    (one,), (two,) = connection.execute(f"SELECT id FROM {table} ORDER BY id LIMIT 2").fetchall()
    third = "'x'" if isinstance(one, str) else "7777"
    told.stranger(
        f"UPDATE {table} SET id = {third} WHERE id = {one!r}",
        f"UPDATE {table} SET id = {one!r} WHERE id = {two!r}",
        f"UPDATE {table} SET id = {two!r} WHERE id = {third}",
    )
    assert about(told, table) == {("row-changed", one), ("row-changed", two)}


@pytest.mark.parametrize("table", COUNTED)
def test_a_number_of_rows_that_somebody_changes_or_drops_is_named(told: Told, table: str) -> None:
    told.stranger(f"UPDATE registers SET rows = rows + 2 WHERE name = '{table}'")
    assert about(told, table) == {("rows-missing", 2)}
    told.stranger(f"UPDATE registers SET rows = rows - 3 WHERE name = '{table}'")
    assert about(told, table) == {("rows-added", 1)}
    told.stranger(f"UPDATE registers SET name = 'x' WHERE name = '{table}'")
    assert (about(told, table), about(told, "x")) == ({("rows-uncounted", None)}, {("rows-uncounted", None)})
    told.stranger("DELETE FROM registers")
    assert about(told, table) == {("rows-uncounted", None)}


def test_a_checkpoint_that_is_dropped_doubled_or_swapped_is_named(told: Told) -> None:
    told.stranger("DELETE FROM checkpoints WHERE size = 6")
    assert told.found() == {(None, "rows-missing")}
    told.stranger("INSERT INTO checkpoints SELECT 6, root, frontier, note FROM checkpoints WHERE size = 3")
    assert told.found() == {(6, "checkpoint-columns")}
    told.stranger(
        "UPDATE checkpoints SET size = 100 WHERE size = 3", "UPDATE checkpoints SET size = 3 WHERE size = 6",
        "UPDATE checkpoints SET size = 6 WHERE size = 100",
    )  # fmt: skip
    assert (6, "checkpoint-columns") in told.found()


def test_what_a_stranger_has_changed_stays_named_when_the_program_writes_to_it(told: Told) -> None:
    """Also what is then erased: a checksum of an address would tell those who guess it."""
    anna = somebody(told.database)
    told.owner("UPDATE subscribers SET address = 'eve@example.se'")
    assert about(told, "subscribers") == {("row-changed", anna.id)}
    Subscribers(told.database).pause(anna.id)
    assert about(told, "subscribers") == {("row-without-checksum", anna.id)}
    Subscribers(told.database).remove(anna.id)
    assert about(told, "subscribers") == {("row-without-checksum", anna.id)}
    assert told.database.connection().execute("SELECT seal FROM subscribers").fetchone() == (None,)


def test_a_waiting_delivery_that_somebody_changes_is_named_also_once_it_has_been_sent(told: Told) -> None:
    """It has a checksum of what never changes of it; how it stands meanwhile is held to what can be."""
    told.records(prognosis("12:30"), "2026-0002")
    catch_up(told.database, Planner(told.database))
    waits = "SELECT id FROM deliveries WHERE state = 'queued' ORDER BY id DESC"
    [delivery] = told.database.connection().execute(waits).fetchone()
    for change in (
        "next_try_at = NULL",
        "state = 'sending'",
        "state = 'ambiguous'",
        "worker = 'w'",
        "replaced_by = 1",
        "reason = 'told-otherwise'",
    ):
        told.stranger(f"CREATE TABLE kept AS SELECT * FROM deliveries WHERE id = {delivery}")
        told.stranger(f"UPDATE deliveries SET {change} WHERE id = {delivery}")
        assert "delivery-state" in {reason for _position, reason in told.found()}, change
        changed = ("next_try_at", "state", "worker", "replaced_by", "reason")
        back = ", ".join(f"{name} = (SELECT {name} FROM kept)" for name in changed)
        told.stranger(f"UPDATE deliveries SET {back} WHERE id = {delivery}", "DROP TABLE kept")
        assert told.verified().problems == []
    told.stranger(f"UPDATE deliveries SET queued_at = queued_at || '0' WHERE id = {delivery}")
    assert about(told, "deliveries") == {("row-changed", delivery)}
    send(told.database, moment("10:30"))
    assert told.database.connection().execute(waits).fetchone() is None
    assert about(told, "deliveries") == {("row-without-checksum", delivery)}


def test_what_decides_what_a_waiting_mail_says_is_named_also_once_it_has_been_sent(told: Told) -> None:
    """A mail names what its own facts have replaced, and is one by itself where it may have arrived before."""
    told.records(prognosis("12:30"), "2026-0002")
    catch_up(told.database, Planner(told.database))
    outbox = Outbox(told.database, Histories(told.database), message_id)
    [(notice, _tried)] = outbox.claim("w1", 1, moment("10:30"))
    unclear = Outcome(DeliveryState.AMBIGUOUS, None, "no answer")
    outbox.settle("w1", [Settlement(notice, moment("10:30"), unclear, moment("10:31"))])
    assert told.verified().problems == []
    told.stranger(f"UPDATE deliveries SET replaced_by = 1 WHERE id = {notice.delivery}")
    assert told.found() == {(notice.recorded.position, "delivery-state")}
    told.stranger(f"UPDATE deliveries SET state = 'deferred', unclear = false WHERE id = {notice.delivery}")
    changed = {(notice.recorded.position, reason) for reason in ("delivery-state", "delivery-otherwise-tried")}
    assert told.found() == changed
    send(told.database, moment("10:45"))
    assert about(told, "deliveries") == set(), "its checksum is of what it was when it had ended"
    assert told.found() == changed


def test_a_delivery_gets_no_checksum_at_each_step(told: Told) -> None:
    told.records(prognosis("12:30"), "2026-0002")
    catch_up(told.database, Planner(told.database))
    rows = "SELECT state, seal FROM deliveries ORDER BY id DESC LIMIT 1"
    _queued, planned = told.database.connection().execute(rows).fetchone()
    outbox = Outbox(told.database, Histories(told.database), message_id)
    [(notice, _tried)] = outbox.claim("w1", 1, moment("10:30"))
    for state in (DeliveryState.DEFERRED, DeliveryState.SENT):
        assert told.database.connection().execute(rows).fetchone() == (DeliveryState.SENDING, planned)
        assert told.verified().problems == []
        outbox.settle("w1", [Settlement(notice, moment("10:30"), Outcome(state, 250, "Ok"), moment("10:31"))])
        found, seal = told.database.connection().execute(rows).fetchone()
        assert (found, seal == planned) == (state, state is DeliveryState.DEFERRED)
        assert told.verified().problems == []
        outbox.claim("w1", 1, moment("10:45"))


def test_the_rows_are_read_some_at_a_time_and_not_all_are_named(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infrastructure.database.postgres.STREAMED_AT_ONCE", 2)
    for number in range(7):
        Subscribers(told.database).add(f"{number}@example.se", Audience.STAFF, [], [], "sv")
    assert told.verified().problems == []
    told.stranger("UPDATE subscribers SET score = 1")
    assert len(about(told, "subscribers")) == 8
    monkeypatch.setattr("infrastructure.integrity.changed_rows.MOST", 3)
    assert len(about(told, "subscribers")) == 3


# The same checksum everywhere

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
MAYBE = st.none() | WORDS
NUMBER = st.integers(-(1 << 31), (1 << 31) - 1)
SCORE = st.floats(allow_nan=False) | st.sampled_from((0.0, -0.0, 1.0, 5e-324, 0.1 + 0.2))
KINDS = {
    "INTEGER": NUMBER,
    "BOOLEAN": st.booleans(),
    "FLOAT": SCORE,
    "JSON": st.lists(WORDS, max_size=3).map(json.dumps),
}


VALUES = st.lists(st.none() | WORDS | NUMBER | SCORE.map(lambda x: x + 0.0) | st.binary(max_size=5), max_size=4).map(
    tuple
)


class Undone(Exception):
    """What was written is not to stay."""


def rows_of(table: str) -> st.SearchStrategy[tuple[Any, ...]]:
    """Any row that the table would take."""
    found = []
    for name in CHECKSUMMED[table]:
        column = metadata.tables[table].c[name]
        any_value = KINDS.get(str(column.type), WORDS)
        found.append(any_value | st.none() if column.nullable else any_value)
    return st.tuples(*found)


def checksums(connection: Any, table: str) -> list[Any]:
    """Those of the table's rows, as they are when what has been written so far is committed."""
    if isinstance(connection, ChecksummingConnection):
        connection.end_checksums()
    found: list[Any] = connection.execute(f"SELECT seal FROM {table}").fetchall()
    return found


@pytest.mark.parametrize("table", ["staff", "subscribers"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_whatever_a_row_says_the_database_computes_the_checksum_that_verifying_does(
    database: Database, table: str, data: st.DataObject
) -> None:
    first, second = data.draw(rows_of(table)), data.draw(rows_of(table))
    second = (first[0], *second[1:])
    columns = CHECKSUMMED[table]
    with suppress(Undone), database.writing() as connection:
        marks = ", ".join("?" * len(columns))
        connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", first)
        assert checksums(connection, table) == [(row_checksum(table, *first),)]
        changes = ", ".join(f"{column} = ?" for column in columns)
        connection.execute(f"UPDATE {table} SET {changes}", second)
        assert checksums(connection, table) == [(row_checksum(table, *second),)]
        raise Undone


ODD = (b"\xff", b"", "a\0b", 2.5, -0.0, 1 << 62, "å\0")


@pytest.mark.parametrize("odd", ODD)
def test_whatever_a_file_holds_has_the_checksum_that_verifying_computes(tmp_path: Path, odd: object) -> None:
    """SQLite keeps any kind of value in any column."""
    database, columns = Database(empty_log(tmp_path / "log.sqlite")), CHECKSUMMED["staff"]
    with database.writing() as connection:
        for number, added_at in (("s-1", odd), ("s-2", "")):
            connection.execute("INSERT INTO staff VALUES (?, NULL, '[]', ?, NULL)", (number, added_at))
        connection.execute("UPDATE staff SET login = ? WHERE id = 's-1'", (odd,))
    with database.writing() as connection:
        connection.execute("UPDATE staff SET added_at = ? WHERE id = 's-2'", (odd,))
    rows = database.connection().execute(f"SELECT {', '.join(columns)}, seal FROM staff").fetchall()
    assert [row[-1] for row in rows] == [row_checksum("staff", *row[:-1]) for row in rows]
    database.close()


def test_a_row_of_bytes_that_are_no_text_stops_no_other_and_stays_named(told: Told) -> None:
    if is_file(told.database):
        Subscribers(told.database).add("bertil@example.se", Audience.STAFF, [], [], "sv")
        told.stranger("UPDATE subscribers SET language = CAST(x'ff41' AS TEXT) WHERE address LIKE 'anna%'")
        with told.database.writing() as connection:
            connection.execute("UPDATE subscribers SET score = 2")
        assert about(told, "subscribers") == {("row-without-checksum", key_of(told, "subscribers"))}


def test_a_checksum_that_is_none_is_not_made_good_in_passing(told: Told) -> None:
    """On SQLite a text may stand where bytes do, and looks the same."""
    if is_file(told.database):
        told.stranger("UPDATE subscribers SET seal = CAST(seal AS TEXT)")
        with told.database.writing() as connection:
            connection.execute("UPDATE subscribers SET score = 2")
        assert about(told, "subscribers") == {("row-without-checksum", key_of(told, "subscribers"))}


def test_rows_of_every_table_have_the_checksums_that_verifying_computes(told: Told) -> None:
    for table, columns in CHECKSUMMED.items():
        rows = told.database.connection().execute(f"SELECT {', '.join(columns)}, seal FROM {table}").fetchall()
        assert rows
        assert [row[-1] for row in rows] == [row_checksum(table, *covered(table, row[:-1])) for row in rows]


def test_a_checksum_is_of_every_column_but_itself() -> None:
    with_checksums = {table.name: tuple(table.c.keys()) for table in metadata.sorted_tables if "seal" in table.c}
    assert with_checksums == {table: (*columns, "seal") for table, columns in CHECKSUMMED.items()}


@given(VALUES, VALUES)
def test_no_two_rows_have_one_checksum(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    same = [(type(value), value) for value in one] == [(type(value), value) for value in other]
    assert (row_checksum("staff", *one) == row_checksum("staff", *other)) == same


@pytest.fixture
def empty_elsewhere(told: Told, tmp_path: Path) -> Iterator[Database]:
    """An empty log on the other kind of database."""
    if is_file(told.database):
        with postgres.database_url() as url:
            database = Database(url)
            yield database
            database.close()
        return
    database = Database(empty_log(tmp_path / "elsewhere.sqlite"))
    yield database
    database.close()


def test_a_log_that_moves_takes_its_checksums_and_what_is_wrong_with_them_along(
    told: Told, empty_elsewhere: Database
) -> None:
    told.stranger(
        "UPDATE subscribers SET score = 3", COPY["staff"].format(seal=", NULL"), "DELETE FROM attempts",
        "UPDATE registers SET rows = 7 WHERE name = 'checkpoints'",
    )  # fmt: skip
    copied = move(told.database, empty_elsewhere)
    assert copied["registers"] == len(COUNTED)
    moved = Told(empty_elsewhere, told.key, told.mailed)
    assert moved.verified().problems == told.verified().problems
    assert len(told.found()) > 3
    for table in CHECKSUMMED:
        rows = f"SELECT id, seal FROM {table} ORDER BY id"
        here, there = (log.database.connection().execute(rows).fetchall() for log in (told, moved))
        assert here == there
    Staff(empty_elsewhere).add("sara", [Function.SYSTEM_OWNER], LOG_OWNER)
    assert ("rows-added", 1) in about(moved, "staff"), "the stranger's row, and not our new one"


# What is written at once, and undone


def test_what_is_undone_is_not_counted(database: Database) -> None:
    staff = Staff(database)
    with suppress(Undone), database.writing() as connection:
        connection.execute("INSERT INTO staff VALUES ('s-1', 'a', '[]', '', NULL)")
        raise Undone
    staff.add("anna", [Function.SYSTEM_OWNER], LOG_OWNER)
    Subscribers(database).add("a@example.se", Audience.STAFF, [], [], "sv")
    with pytest.raises(NotAdmitted):
        Subscribers(database).add("a@example.se", Audience.STAFF, [], [], "sv")
    staff.add("anna", [], LOG_OWNER)
    rows = database.connection().execute("SELECT name, rows FROM registers WHERE rows > 0 ORDER BY name").fetchall()
    assert rows == [("staff", 1), ("subscribers", 1)]


def test_recording_and_reading_go_without_triggers(told: Told) -> None:
    if isinstance(connection := told.database.connection(), ChecksummingConnection):
        told.records(prognosis("12:30"), "2026-0002")
        told.verified()
        assert "2026-0002" in Board(told.database).open_incidents(), "which is brought up to date for it"
        assert connection.execute("SELECT count(*) FROM temp.sqlite_master").fetchone() == (0,)
        Staff(told.database).remove("anna", LOG_OWNER)
        assert connection.execute("SELECT count(*) FROM temp.sqlite_master").fetchone() == (3 * len(CHECKSUMMED),)
    assert told.found() == set()


def test_rows_get_their_checksums_also_where_a_pooler_keeps_our_settings_from_the_server(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.database.postgres.ASKED", {})
    database = Database(postgresql_url)
    assert database.connection().execute("SELECT current_setting(?, true)", (SETTING,)).fetchone() in ((None,), ("",))
    Staff(database).add("anna", [Function.VO_HJALPMEDEL], LOG_OWNER)
    with database.writing() as connection:
        connection.execute("UPDATE staff SET added_at = added_at || '0'")
    with database.reading() as connection:
        assert list(row_problems(database, connection, ())) == []
    database.close()


def test_a_log_that_is_upgraded_takes_the_time_it_takes(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with database.as_they_are() as engine, engine.begin() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "0"
        line = connection.connection.driver_connection
        assert isinstance(line, DriverConnection)
        assert line.patience is None
    database.close()
