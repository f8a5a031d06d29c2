"""What the database itself finds wrong, before anything of ours is recomputed."""

import sqlite3
from contextlib import closing

import pytest

from infrastructure.database.database import Database
from infrastructure.integrity.verifying import verify
from tests import postgres
from tests.conftest import on_postgresql, on_sqlite
from tests.every_reader import answer
from tests.infrastructure.told import Told


def zeroed(database: Database, name: str, last: int | None = None) -> None:
    """The first page of this table or index, or its last bytes, as a disk may give it back."""
    database.close()
    with closing(sqlite3.connect(database.path)) as file:
        [root] = file.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        [size] = file.execute("PRAGMA page_size").fetchone()
    with database.path.open("r+b") as stored:
        stored.seek(root * size - (last or size))
        stored.write(bytes(last or size))


@pytest.mark.parametrize("original", ["sqlite"], indirect=True)
def test_a_damaged_index_is_found_and_all_else_is_recomputed(told: Told) -> None:
    zeroed(told.database, "deliveries_of_thread", last=8)
    said = answer(told.database.url, "verify")
    assert said.code == 6
    assert "Databasens egen kontroll: " in said.out
    assert "8 noteringar: " in said.out
    found = verify(told.database)
    assert found.is_checked
    assert {problem.reason for problem in found.problems} == {"database-check"}


@pytest.mark.parametrize("original", ["sqlite"], indirect=True)
def test_where_the_rest_cannot_be_read_that_is_said(told: Told) -> None:
    zeroed(told.database, "facts")
    said = answer(told.database.url, "verify")
    assert said.code == 6
    assert "resten gick inte att kontrollera: återställ den från en säkerhetskopia" in " ".join(said.out.split())
    assert '"facts": null' in answer(told.database.url, "verify --json").out


@on_sqlite
def test_a_whole_file_passes_its_own_check(database: Database) -> None:
    assert database.own_check() == []


@on_postgresql
def test_a_server_is_asked_where_it_has_amcheck_else_it_is_said_that_it_was_not(url: str) -> None:
    not_made = "Databasens egen kontroll gjordes inte"
    assert not_made in answer(url, "verify").out
    with postgres.administering(url) as administrator:
        administrator.execute("CREATE EXTENSION amcheck")
        assert not_made not in answer(url, "verify").out
        index = "(SELECT oid FROM pg_class WHERE relname = 'staff_login_key')"
        administrator.execute(f"UPDATE pg_index SET indisready = false WHERE indexrelid = {index}")
        administrator.execute("INSERT INTO staff (id, login, roles, added_at) VALUES ('s-1', 'anna', '[]', '2026')")
        administrator.execute(f"UPDATE pg_index SET indisready = true WHERE indexrelid = {index}")
    said = answer(url, "verify")
    assert said.code == 6
    assert "Databasens egen kontroll: heap tuple" in " ".join(said.out.split())
