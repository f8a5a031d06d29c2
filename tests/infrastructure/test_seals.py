"""The seals of the registers and the ledger: whoever touches a row is found, and the program itself is not."""

from typing import Any

import pytest

from domain.vocabulary import Audience, Function
from infrastructure.catch_up import catch_up
from infrastructure.planning import Planner
from infrastructure.seals import COUNTED, SEALED
from infrastructure.staff import Staff
from infrastructure.subscribers import Subscribers
from tests.given import moment, prognosis
from tests.infrastructure.told import Told, key_of, send, somebody

COPY = {
    "staff": "INSERT INTO staff SELECT 's-9', login || '2', roles, added_at{seal} FROM staff",
    "subscribers": "INSERT INTO subscribers SELECT 'p-9', address || '2', audience, systems, areas, language, state, "
    "added_at, after_position, welcomed, score, scored_at, bounced{seal} FROM subscribers",
    "deliveries": "INSERT INTO deliveries SELECT id + 900, position, incident, entry, fact, 'p-9', audience, summary, "
    "state, queued_at, next_try_at, worker, message_id, sent_at, turn, tries, unclear, carrier, replaced_by, reason, "
    "fault, dated{seal} FROM deliveries WHERE state = 'sent'",
    "attempts": "INSERT INTO attempts SELECT id + 900, delivery, at, state, code, reply, enhanced{seal} FROM attempts",
}


def about(told: Told, table: str) -> set[tuple[str, Any]]:
    """What is said of this table: why, and of which row or how many."""
    found = [problem for problem in told.verified().problems if problem.data.get("table") == table]
    return {(problem.reason, problem.data.get("row", problem.data.get("count"))) for problem in found}


@pytest.mark.parametrize("table", SEALED)
def test_a_row_that_a_stranger_adds_doubles_or_drops_is_named(told: Told, table: str) -> None:
    key = key_of(told, table)
    new = {str: f"{str(key)[0]}-9", int: 900 + (key if isinstance(key, int) else 0)}[type(key)]
    told.stranger(COPY[table].format(seal=", NULL"))
    assert about(told, table) == {("row-not-sealed", new), ("rows-added", 1)}
    told.stranger(f"DELETE FROM {table} WHERE seal IS NULL")
    assert about(told, table) == set()
    told.stranger(COPY[table].format(seal=", seal"))
    assert about(told, table) == {("row-changed", new), ("rows-added", 1)}
    told.stranger(f"DELETE FROM {table} WHERE id <> {key!r}")
    left = told.database.connection().execute(f"SELECT rows FROM registers WHERE name = '{table}'").fetchone()[0] - 1
    assert about(told, table) == ({("rows-missing", left)} if left else set())
    told.stranger(f"DELETE FROM {table}")
    assert about(told, table) == {("rows-missing", left + 1)}


@pytest.mark.parametrize("table", SEALED)
def test_two_rows_that_change_places_are_both_named(told: Told, table: str) -> None:
    Staff(told.database).add("bertil", [Function.SYSTEM_OWNER])
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
    """Also what is then erased: a seal over an address would tell those who guess it."""
    anna = somebody(told.database)
    told.stranger("UPDATE subscribers SET address = 'eve@example.se'")
    assert about(told, "subscribers") == {("row-changed", anna.id)}
    Subscribers(told.database).pause(anna.id)
    assert about(told, "subscribers") == {("row-not-sealed", anna.id)}
    Subscribers(told.database).remove(anna.id)
    assert about(told, "subscribers") == {("row-not-sealed", anna.id)}
    assert told.database.connection().execute("SELECT seal FROM subscribers").fetchone() == (None,)


def test_the_rows_are_read_some_at_a_time_and_not_all_are_named(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infrastructure.postgres.STREAMED_AT_ONCE", 2)
    for number in range(7):
        Subscribers(told.database).add(f"{number}@example.se", Audience.STAFF, [], [], "sv")
    assert told.verified().problems == []
    told.stranger("UPDATE subscribers SET score = 1")
    assert len(about(told, "subscribers")) == 8
    monkeypatch.setattr("infrastructure.seals.MOST", 3)
    assert len(about(told, "subscribers")) == 3
