"""The schema: one history, one description, and nothing newer than the program knows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from domain.refusals import Damaged, Invalid, Unavailable
from infrastructure.database import SCHEMA, Database, schema_version
from infrastructure.migrations.upgrade import configuration
from infrastructure.tables import metadata


def test_the_programs_schema_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(configuration()).get_heads() == [SCHEMA]


def test_a_new_file_has_it(database: Database) -> None:
    assert schema_version(database.connection()) == SCHEMA


def test_the_migrated_schema_is_the_one_that_the_tables_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_database_itself_refuses_to_change_facts(database: Database) -> None:
    rows = database.connection().execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    triggers = {name for (name,) in rows}
    assert triggers == {f"facts_are_never_{what}" for what in ("changed", "removed", "replaced")}


def test_a_log_of_a_newer_program_is_refused_and_left_alone(url: str, tmp_path: Path) -> None:
    Database(url).close()
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
        with pytest.raises(Unavailable, match="newer-schema") as refusal:
            Database(url)
        assert refusal.value.data == {"found": "9999", "known": SCHEMA}
        assert newer.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_a_file_that_is_no_database_is_damaged_in_our_own_words(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    path.write_bytes(b"inte en databas, men en fil med text i sig\n" * 100)
    with pytest.raises(Damaged, match="damaged"):
        Database(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"inte en databas")


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    with pytest.raises(Unavailable, match="database"):
        Database(f"sqlite:///{tmp_path / 'a-file' / 'log.sqlite'}")


def test_another_kind_of_database_is_refused_without_telling_its_password() -> None:
    with pytest.raises(Invalid, match="database-url") as refusal:
        Database("postgresql://anna:hemligt@db.example.se/log")
    assert "hemligt" not in str(refusal.value.data)
