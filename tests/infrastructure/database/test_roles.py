"""Roles on a real server: what each may do, that everything else is refused, and that it is enough for its commands."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import psycopg
import pytest

from infrastructure.database.database import Database
from infrastructure.database.grants import DOOR, GRANTS, OWNER, READER, RECORDER, ROLES, WORKER
from infrastructure.database.roles import set_up
from infrastructure.database.tables import metadata
from infrastructure.log import snapshots
from tests import postgres
from tests.mailroom import Mailroom, mailroom
from tests.terminal import Terminal

LIMITED = (RECORDER, WORKER, READER, DOOR)
OUTAGE = "outage-detected --scope all-users --system sesam-s2"


@pytest.fixture(scope="module")
def log() -> Iterator[str]:
    """The administrator's address of a log that was set up, with something in every table."""
    with postgres.database_url(empty=True) as url:
        set_up(url)
        database = Database(url)
        connection = database.connection()
        connection.execute("INSERT INTO facts (incident, entry, fact, bytes) VALUES ('x', 1, 'x', '')")
        yield url
        database.close()


def as_role(url: str, role: str) -> str:
    return url.replace("//postgres@", f"//{role}@")


def refused(url: str, role: str, statement: str) -> str:
    """The server's code for "no"; what is admitted is undone."""
    with postgres.administering(as_role(url, role)) as connection:
        connection.execute("BEGIN")
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            return error.sqlstate or ""
        finally:
            connection.execute("ROLLBACK")
    return ""


NOT_PERMITTED, NEVER = "42501", "23000"
TABLES = [*metadata.tables, "alembic_version"]


def statements(table: str) -> dict[str, str]:
    column = {"alembic_version": "version_num"}.get(table) or next(iter(metadata.tables[table].columns)).name
    return {
        "SELECT": f"SELECT * FROM {table}",
        "INSERT": f"INSERT INTO {table} SELECT * FROM {table} WHERE false",
        "UPDATE": f"UPDATE {table} SET {column} = {column} WHERE false",
        "DELETE": f"DELETE FROM {table} WHERE false",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
        "LOCK": f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
        "ALTER": f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP": f"DROP TABLE {table} CASCADE",
        "OWN": f"ALTER TABLE {table} OWNER TO CURRENT_USER",
        "RULE": f"CREATE RULE none AS ON INSERT TO {table} DO INSTEAD NOTHING",
        "INDEX": f"CREATE INDEX ON {table} ({column})",
        "TRIGGER": f"CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    }


@pytest.mark.parametrize(("role", "table"), list(product(LIMITED, TABLES)))
def test_every_statement_that_a_role_is_not_given_is_refused_to_it(log: str, role: str, table: str) -> None:
    rights = GRANTS.get(table, {}).get(role, "")
    given = {right.strip() for right in rights.split(",")} if "(" not in rights else set()
    if "UPDATE" in given:
        given.add("LOCK")  # PostgreSQL counts it in; the lock ends with the transaction, and that within 20 s
    for what, statement in statements(table).items():
        answer = refused(log, role, statement)
        if what in given:
            assert answer == "", (what, answer)
        else:
            assert answer == NOT_PERMITTED, (what, answer)


AGAIN = "INSERT INTO facts (incident, entry, fact, bytes) VALUES ('x', 1, 'x', '')"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE facts SET bytes = ''",
        "UPDATE facts SET bytes = '' WHERE false",
        "DELETE FROM facts",
        "DELETE FROM facts USING tracking",
        "TRUNCATE facts",
        "MERGE INTO facts USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
        f"{AGAIN} ON CONFLICT (incident, entry) DO UPDATE SET bytes = ''",
        "WITH gone AS (DELETE FROM facts RETURNING *) SELECT * FROM gone",
    ],
)
def test_no_role_changes_or_removes_a_fact_the_owner_included(log: str, role: str, statement: str) -> None:
    assert refused(log, role, statement) == (NEVER if role == OWNER else NOT_PERMITTED)


@pytest.mark.parametrize("role", LIMITED)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "CREATE TEMPORARY TABLE facts (position int)",
        "CREATE OR REPLACE FUNCTION facts_are_never_changed() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
        "DROP TRIGGER facts_are_never_changed ON facts",
        "SET session_replication_role = replica",
        f"SET ROLE {OWNER}",
        f"DO $$ BEGIN GRANT UPDATE ON facts TO {READER}; UPDATE facts SET bytes = ''; END $$",
        f"ALTER ROLE {RECORDER} SUPERUSER",
        "CREATE SCHEMA mine",
    ],
)
def test_a_role_gives_itself_nothing(log: str, role: str, statement: str) -> None:
    assert refused(log, role, statement) in (NOT_PERMITTED, "42809")


def test_every_table_says_who_may_do_what_with_it() -> None:
    assert set(GRANTS) == set(TABLES)


APPEND = "SELECT append_facts('{x}', '{2}', '{x}', ARRAY[''::bytea], '{c}', '{NULL}', '{NULL}')"


@pytest.mark.parametrize("role", ROLES)
def test_who_may_add_a_fact_may_append_it_and_nobody_else(log: str, role: str) -> None:
    may = role in (OWNER, RECORDER, WORKER)
    assert refused(log, role, APPEND) == ("" if may else NOT_PERMITTED)
    with postgres.administering(log) as administrator:
        administrator.execute("GRANT EXECUTE ON FUNCTION append_facts TO PUBLIC")
        try:
            assert refused(log, role, APPEND) == ("" if may else NOT_PERMITTED), "it can do no more than its caller"
        finally:
            administrator.execute("REVOKE EXECUTE ON FUNCTION append_facts FROM PUBLIC")


@pytest.mark.parametrize("role", [RECORDER, READER])
def test_addresses_are_not_for_recorder_and_reader(log: str, role: str) -> None:
    """Nor is a checksum, by which one could guess them."""
    assert refused(log, role, "SELECT address FROM subscribers") == NOT_PERMITTED
    assert refused(log, role, "SELECT seal FROM subscribers") == NOT_PERMITTED
    assert refused(log, role, "SELECT id, state FROM subscribers") == ""


# Enough for each role's commands


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[dict[str, Terminal]]:
    with postgres.database_url(empty=True) as url, mailroom() as mails:
        opened = {"": Terminal(tmp_path, url=url).at("08:05")}
        assert opened[""].types("database init").code == 0
        for role in ROLES:
            opened[role] = Terminal(tmp_path, url=as_role(url, role), smtp_url=mails.url).at("08:05")
        opened["mails"] = mails  # type: ignore[assignment]
        yield opened
        for role in ROLES:
            opened[role].close()


def test_each_command_works_with_the_least_role(desks: dict[str, Terminal]) -> None:
    owner, recorder, worker, reader, _door = (desks[role] for role in ROLES)
    mails: Mailroom = desks["mails"]  # type: ignore[assignment]
    assert owner.types("subscriber add handlaggare@example.se --audience staff").code == 0
    assert recorder.types(f"record {OUTAGE}").code == 0
    assert "2026-0001" in reader.types("board").out, "from the facts, where nobody has kept up the rows"
    for command in ("board", "show", "log", "due", "deliveries", "replay 1"):
        for role in (recorder, reader):
            told = role.types(command)
            assert told.code == 0, (command, told.err)
    assert worker.types("worker --once").code == 0
    assert len(mails.mails) == 1
    recorder.types("record service-restored --system sesam-s2")
    recorder.types("record incident-closed")
    assert "2026-0001" not in reader.types("board").out
    assert reader.types("review 1").code in (0, 6)
    for role, unseen in ((owner, []), (worker, []), (recorder, ["subscribers"]), (reader, ["staff", "subscribers"])):
        found = role.types("verify --json")
        assert (found.code, found.json["unseen"], found.json["problems"]) == (0, unseen, [])
        assert ("inte får läsa" in role.types("verify").out.replace("\n", " ")) == bool(unseen)
    assert owner.types("projections rebuild").code == 0
    assert "2026-0001" not in reader.types("board").out
    for role, command in (
        (reader, f"record {OUTAGE}"),
        (reader, "worker --once"),
        (recorder, "subscriber add b@example.se --audience staff"),
        (recorder, "staff add anna --role vo-hjalpmedel"),
        (worker, "staff add anna --role vo-hjalpmedel"),
        (reader, "projections rebuild"),
    ):
        told = role.types(command)
        assert told.code == 4, (command, told.out, told.err)
        assert len(told.err.strip().splitlines()) == 1
    for role, command in ((recorder, "subscriber list"), (reader, "subscriber list"), (reader, "staff list")):
        told = role.types(command)
        assert (told.code, told.err.count("utelämnade")) == (0, 1), (command, told.err)
        assert " –  " in told.out or told.out.startswith("Ingen"), "what it may see"


@pytest.mark.parametrize("role", [RECORDER, WORKER])
def test_who_brings_the_board_up_keeps_the_courses_of_long_incidents(
    desks: dict[str, Terminal], role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "EVERY", 2)
    desks[RECORDER].records(OUTAGE)
    desks[RECORDER].records("note-added --text hej")
    with postgres.administering(desks[""].settings.database_url) as administrator:
        administrator.execute("DELETE FROM courses")
        administrator.execute("DELETE FROM tracking")
        assert desks[role].types("board").code == 0
        assert administrator.execute("SELECT incident, entry FROM courses").fetchall() == [("2026-0001", 2)]


def test_what_an_administrators_command_adds_to_the_schema_is_the_owners(desks: dict[str, Terminal]) -> None:
    url = desks[""].settings.database_url
    with postgres.administering(url) as administrator:
        administrator.execute("DROP TABLE courses, reports, ways_out, wishes, confirmations, pauses")
        gone = "seals_reports, seals_ways_out, wishes_are_heard, leads_to, functions_of, append_facts"
        administrator.execute(f"DROP FUNCTION {gone}")
        administrator.execute("DELETE FROM registers WHERE name IN ('reports', 'ways_out')")
        administrator.execute("DROP TRIGGER seals_deliveries_changed ON deliveries")
        for table in ("subscribers", "deliveries"):
            administrator.execute(f"ALTER TABLE {table} DROP COLUMN channel")
        administrator.execute("UPDATE alembic_version SET version_num = '0004'")
        Database(url).close()
        theirs = "SELECT tableowner FROM pg_tables WHERE tablename = 'courses'"
        assert administrator.execute(theirs).fetchall() == [(OWNER,)]
    desks[RECORDER].records(OUTAGE)
    assert desks[OWNER].types("projections rebuild").code == 0


def test_setting_up_again_changes_nothing_and_shows_no_password(desks: dict[str, Terminal]) -> None:
    desks[RECORDER].records(OUTAGE)
    again = desks[""].types("database init --json").json
    assert {role["role"] for role in again["roles"]} == set(ROLES)
    assert {role["url"] for role in again["roles"]} == {None}
    assert desks[RECORDER].types("board").code == 0


def test_a_log_that_was_used_before_it_was_set_up_becomes_the_owners(postgresql_url: str, tmp_path: Path) -> None:
    administrator = Terminal(tmp_path, url=postgresql_url).at("08:05")
    administrator.records(OUTAGE)
    assert administrator.types("database init").code == 0
    recorder = Terminal(tmp_path, url=as_role(postgresql_url, RECORDER)).at("08:06")
    recorder.records("note-added --text hej")
    assert refused(postgresql_url, RECORDER, "DELETE FROM incidents") == NOT_PERMITTED
    with postgres.administering(as_role(postgresql_url, OWNER)) as owner:
        owner.execute("ALTER TABLE deliveries ADD COLUMN later text")
    recorder.close()
    administrator.close()


@pytest.mark.parametrize("role", LIMITED)
def test_a_role_that_may_not_bring_the_schema_along_says_who_is_to_do_it(desks: dict[str, Terminal], role: str) -> None:
    with postgres.administering(desks[""].settings.database_url) as administrator:
        administrator.execute("UPDATE alembic_version SET version_num = '0001'")
    told = desks[role].types("board")
    assert told.code == 1
    assert "database init" in told.err
