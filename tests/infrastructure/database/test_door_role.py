"""The role of whoever stands at the subscriber's door, tried statement by statement: it adds wishes and asks what one
token leads to, and there is nothing else that it can do in this database. What is tried the database itself lists."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from application.door.door import Door
from domain.choices import Choices
from domain.vocabulary import Area, System
from infrastructure.database.grants import DOOR, RECORDER, ROLES, WORKER
from infrastructure.database.roles import set_up
from tests import postgres
from tests.mailroom import mailroom, text
from tests.terminal import Terminal

NOT_PERMITTED, UNKNOWN_COLUMN = "42501", "42703"
ALONE = ("CREATE DATABASE", "ALTER SYSTEM")
"""What is never done within a transaction."""
ADDED = {"kind", "at", "way", "address", "language", "systems", "areas", "paused_until", "network"}
COUNTED = {"network", "at"}
A_WISH = "INSERT INTO wishes (kind, at, way, network) VALUES ('leave', '2026-12-07T08:00:00Z', 'x', NULL)"
A_FACT = "INSERT INTO facts (incident, entry, fact, bytes) VALUES ('x', 1, 'x', '')"


@pytest.fixture(scope="module")
def log() -> Iterator[str]:
    with postgres.database_url(empty=True) as url:
        set_up(url)
        with postgres.administering(url) as administrator:
            administrator.execute("SET reservrutin.seals = on")
            administrator.execute(A_FACT)
            administrator.execute(A_WISH)
        yield url


@pytest.fixture
def administrator(log: str) -> Iterator["psycopg.Connection[Any]"]:
    with postgres.administering(log) as connection:
        yield connection


@pytest.fixture
def door(log: str) -> Iterator["psycopg.Connection[Any]"]:
    with postgres.administering(log.replace("//postgres@", f"//{DOOR}@")) as connection:
        yield connection


def code(door: "psycopg.Connection[Any]", statement: str) -> str:
    """The server's code for "no", nothing where it was done; what was done is undone."""
    try:
        if statement.startswith(ALONE):
            door.execute(statement)
            return ""
        with door.transaction(force_rollback=True), door.cursor() as cursor:
            if statement.startswith("COPY"):
                with cursor.copy(statement) as rows:
                    if "TO STDOUT" in statement:
                        list(rows)
            else:
                cursor.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return ""


def test_of_every_column_it_writes_those_of_a_wish_and_reads_what_the_pace_counts(
    administrator: "psycopg.Connection[Any]", door: "psycopg.Connection[Any]"
) -> None:
    columns = administrator.execute(
        "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f') "
        "AND attnum > 0 AND NOT attisdropped"
    ).fetchall()
    assert len(columns) > 100
    done: dict[str, set[tuple[str, str]]] = {"SELECT": set(), "INSERT": set(), "UPDATE": set()}
    for table, column in columns:
        for what, statement in (
            ("SELECT", f'SELECT "{column}" FROM {table} LIMIT 1'),
            ("SELECT", f'SELECT 1 FROM {table} WHERE "{column}" IS NULL'),
            ("SELECT", f'COPY {table} ("{column}") TO STDOUT'),
            ("SELECT", f'{A_WISH} RETURNING (SELECT count("{column}") FROM {table})'),
            ("INSERT", f'INSERT INTO {table} ("{column}") VALUES (NULL)'),
            ("INSERT", f'COPY {table} ("{column}") FROM STDIN'),
            ("UPDATE", f'UPDATE {table} SET "{column}" = NULL'),
            ("UPDATE", f'{A_WISH} ON CONFLICT (id) DO UPDATE SET "{column}" = NULL'),
        ):
            if code(door, statement) not in (NOT_PERMITTED, UNKNOWN_COLUMN):
                done[what].add((table, column))
    assert done == {
        "SELECT": {("wishes", column) for column in COUNTED} | {("alembic_version", "version_num")},
        "INSERT": {("wishes", column) for column in ADDED},
        "UPDATE": set(),
    }


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT nextval('wishes_id_seq'), setval('wishes_id_seq', 2147483647)",
        "ALTER SEQUENCE wishes_id_seq RESTART",
        "SELECT nextval('deliveries_id_seq')",
        "SELECT last_value FROM deliveries_id_seq",
        "SELECT last_value FROM attempts_id_seq",
    ],
)
def test_it_turns_no_number_back_or_forth(door: "psycopg.Connection[Any]", statement: str) -> None:
    assert code(door, statement) == NOT_PERMITTED


def test_of_the_functions_that_are_ours_it_may_ask_what_a_token_leads_to(
    administrator: "psycopg.Connection[Any]", door: "psycopg.Connection[Any]"
) -> None:
    """A trigger's function nobody can call; whoever asks for what no token leads to learns nothing."""
    found = administrator.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
        f"AND has_function_privilege('{DOOR}', oid, 'EXECUTE') AND prorettype <> 'trigger'::regtype"
    ).fetchall()
    assert found == [("leads_to",)]
    for asked in ("NULL", "''", "'%'", "'x'' OR true --'"):
        assert door.execute(f"SELECT * FROM leads_to({asked})").fetchall() == []
    assert code(door, "SELECT * FROM leads_to('x') AS t, subscribers") == NOT_PERMITTED


@pytest.mark.parametrize(
    "statement",
    [
        # What the server keeps outside of tables.
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT pg_read_binary_file('postgresql.conf')",
        "SELECT pg_ls_dir('.')",
        "SELECT pg_stat_file('postgresql.conf')",
        "SELECT pg_ls_logdir()",
        "SELECT * FROM pg_hba_file_rules",
        "SELECT rolpassword FROM pg_authid",
        "SELECT * FROM pg_statistic",
        "SELECT query_to_xml('SELECT address FROM subscribers', true, true, '')",
        "COPY (SELECT 1) TO '/tmp/of-the-door'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY wishes (way) FROM '/etc/passwd'",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/of-the-door')",
        # A place of its own in the database.
        "SELECT lo_create(0)",
        "SELECT lo_creat(-1)",
        "SELECT lo_from_bytea(0, 'x')",
        "CREATE TABLE mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE VIEW mine AS SELECT 1",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION amcheck",
        "CREATE PUBLICATION mine FOR ALL TABLES",
        "CREATE DATABASE mine",
        # Somebody else.
        *(f"SET ROLE {role}" for role in ROLES if role != DOOR),
        "SET SESSION AUTHORIZATION postgres",
        f"GRANT {RECORDER} TO {DOOR}",
        f"ALTER ROLE {RECORDER} PASSWORD 'x'",
        "CREATE ROLE mine",
        "ALTER SYSTEM SET log_statement = 'all'",
        "SET session_replication_role = replica",
        "SELECT pg_reload_conf()",
        # Others' turn: the lock by which facts are appended, and that of the ledger.
        "SELECT pg_advisory_lock(7281001)",
        "SELECT pg_advisory_xact_lock(7281002)",
        "SELECT pg_try_advisory_lock(7281001)",
        "SELECT pg_try_advisory_xact_lock_shared(7281001)",
        "LOCK TABLE facts IN ACCESS SHARE MODE",
        "LOCK TABLE wishes IN ACCESS EXCLUSIVE MODE",
        "SELECT 1 FROM wishes FOR UPDATE",
        # What is there, changed.
        "DELETE FROM wishes",
        "TRUNCATE wishes",
        "DROP TABLE wishes",
        "ALTER TABLE wishes DISABLE TRIGGER ALL",
        "ALTER FUNCTION leads_to(text) SECURITY INVOKER",
        "DROP FUNCTION leads_to(text)",
        "CREATE OR REPLACE FUNCTION leads_to(way text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE RULE mine AS ON INSERT TO wishes DO INSTEAD NOTHING",
        "COMMENT ON TABLE wishes IS 'x'",
    ],
)
def test_whatever_else_it_tries_is_refused(door: "psycopg.Connection[Any]", statement: str) -> None:
    assert code(door, statement) == NOT_PERMITTED


def test_it_ends_nobody_elses_connection(log: str, door: "psycopg.Connection[Any]") -> None:
    with postgres.administering(log.replace("//postgres@", f"//{RECORDER}@")) as other:
        for what in ("terminate", "cancel"):
            assert code(door, f"SELECT pg_{what}_backend({other.info.backend_pid})") == NOT_PERMITTED
        assert other.execute("SELECT 1").fetchone() == (1,)
        seen = door.execute("SELECT query FROM pg_stat_activity WHERE usename <> current_user").fetchall()
        assert {query for (query,) in seen} <= {"<insufficient privilege>", ""}, "nor sees what they ask for"


def test_whoever_listens_hears_that_something_was_written_and_not_what(
    administrator: "psycopg.Connection[Any]", door: "psycopg.Connection[Any]"
) -> None:
    channels = ["reservrutin_facts"]
    for channel in channels:
        door.execute(f"LISTEN {channel}")
    administrator.execute("INSERT INTO facts (incident, entry, fact, bytes) VALUES ('x', 2, 'x', 'Anna')")
    administrator.execute(A_WISH)
    heard = [notice.payload for notice in door.notifies(timeout=0.5)]
    assert heard
    assert set(heard) == {""}


def test_a_reader_comes_and_goes_through_the_two_roles_that_need_no_more(log: str, tmp_path: Path) -> None:
    """The door's and the worker's: nobody with the owner's rights has a hand in it."""
    with mailroom() as mails:
        at_door, worker = (
            Terminal(tmp_path, url=log.replace("//postgres@", f"//{role}@"), smtp_url=mails.url).at("08:00")
            for role in (DOOR, WORKER)
        )
        for terminal in (at_door, worker):
            terminal.settings = terminal.desk.settings = replace(terminal.settings, web_url="https://anmal.example.se")
        door = Door(at_door.desk)

        def works() -> None:
            told = worker.types("worker --once")
            assert told.code == 0, told.err

        def linked() -> str:
            """The token in the mail that comes."""
            works()
            found = re.search(r"https://anmal.example.se/(?:en/)?\w+/([a-z2-7]{26})", text(mails.mails[-1]))
            assert found
            return found[1]

        door.subscribe("anna@example.se", Choices(areas=(Area.ORTHOPAEDIC,)), "192.0.2.1")
        assert door.confirm(linked())
        works()
        door.subscribe("anna@example.se", Choices(), "192.0.2.1")
        worker.at("09:30")
        token = linked()
        assert door.choose(token, Choices("en", (System.SESAM_S2,)), "192.0.2.1")
        assert door.move(token, "anna.b@example.se", "192.0.2.1")
        assert door.confirm(linked())
        works()
        moved = door.way(token)
        assert moved is not None
        assert moved.over
        door.subscribe("anna.b@example.se", Choices(), "192.0.2.1")
        worker.at("11:00")
        token = linked()
        found = door.way(token)
        assert found is not None
        assert found.choices == Choices("en", (System.SESAM_S2,))
        assert door.leave(token)
        works()
        left = door.way(token)
        assert left is not None
        assert left.over
        with postgres.administering(log) as administrator:
            kept = administrator.execute("SELECT address, state FROM subscribers").fetchall()
            assert kept == [(None, "paused"), (None, "paused")], "the one who moved, and the one who left"
            assert administrator.execute("SELECT address, way FROM wishes WHERE done_at IS NULL").fetchall() == []
        at_door.close()
        worker.close()


def test_doctor_looks_there_at_what_is_the_doors_and_leaves_the_workers_to_the_worker(log: str, tmp_path: Path) -> None:
    desk = Terminal(tmp_path, url=log.replace("//postgres@", f"//{DOOR}@")).at("08:00")
    found = desk.types("doctor --json").json["findings"]
    assert {one["check"] for one in found} <= {"settings", "log", "time-zone", "web", "statement"}
    assert [one for one in found if one["state"] == "wrong" and one["reason"] not in ("not-durable",)] == []
    desk.close()
