"""The schema: one history, one description, and nothing newer than the program knows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from domain.refusals import Damaged, Invalid, Unavailable
from infrastructure.database import SCHEMA, Database, schema_version
from infrastructure.ledger import ledger
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


def test_a_log_of_the_first_schema_is_brought_along_with_what_its_ledger_says(url: str, tmp_path: Path) -> None:
    """Made as the first version made it: one mail sent, one unclear, one in hand, a restoration waiting."""
    path = tmp_path / "log.sqlite"
    config = configuration()
    with create_engine(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with closing(sqlite3.connect(path)) as old:
        who = ("p-1", "a@example.se", "staff", "[]", "[]", "sv", "active", "2026", 0, 1)
        old.execute(f"INSERT INTO subscribers VALUES ({','.join('?' * len(who))})", who)
        for id_, fact, state, waits in (
            (1, "outage-detected", "sent", None),
            (2, "prognosis-received", "ambiguous", "2026-03-02T07:00:00.000000Z"),
            (3, "prognosis-withdrawn", "sending", "2026-03-02T07:00:00.000000Z"),
            (4, "service-restored", "queued", "2026-03-02T07:00:00.000000Z"),
        ):
            worker = "w1" if state == "sending" else None
            row = (
                id_,
                id_,
                "2026-0001",
                id_,
                fact,
                "p-1",
                "staff",
                0,
                state,
                "2026",
                waits,
                worker,
                f"<{id_}@x>",
                None,
            )
            old.execute(f"INSERT INTO deliveries VALUES ({','.join('?' * len(row))})", row)
        old.execute("INSERT INTO attempts VALUES (1, 1, '2026', 'sent', 250, 'OK')")
        old.execute("INSERT INTO attempts VALUES (2, 2, '2026', 'ambiguous', NULL, '')")
        old.commit()
    database = Database(url)
    assert schema_version(database.connection()) == SCHEMA
    rows = database.connection().execute("SELECT state, message_id, turn, tries, unclear FROM deliveries").fetchall()
    assert rows == [
        ("sent", "<1@x>", 1, 1, 0),
        ("ambiguous", "<2@x>", 1, 1, 1),
        ("sending", "<3@x>", 1, 0, 0),
        ("queued", "<4@x>", 0, 0, 0),
    ]
    assert [attempt.reply for row in ledger(database) for attempt in row.attempts] == ["OK", ""]
    database.close()
