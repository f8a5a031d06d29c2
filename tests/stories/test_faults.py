"""Whose a fault of the database is: one table of faults and commands, each fault a real one, on either database."""

import re
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from application.desk import Desk
from cli.terminal.login import login_at_the_keyboard
from infrastructure.database import sqlite
from infrastructure.database.faults import POSTGRESQL, SQLITE, of_postgresql
from infrastructure.database.making import make
from infrastructure.database.roles import set_up
from tests import postgres
from tests.every_reader import Answer, answer
from tests.given import moment
from tests.infrastructure.told import tell
from tests.postgres import Server, own_server

READS = (
    "board",
    "show 2026-0001",
    "log 2026-0001",
    "due",
    "verify",
    "deliveries 2026-0001",
    "staff list",
    "export 2026-0001 --format html -o -",
)
WRITES = (
    "record outage-detected --scope all-users --system sesam-s2",
    "worker --once",
    "subscriber add a@example.se --audience staff",
)

PASSING, PERMANENT, WRONG_ADDRESS, NOT_FOUND, MAY_NOT = 75, 1, 2, 3, 4


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    told = tell(folder)
    told.database.connection().execute("UPDATE staff SET login = ?", (login_at_the_keyboard(),))
    told.database.close()
    return folder / "log.sqlite"


@pytest.fixture
def log(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written, tmp_path / "log.sqlite"))


def by_hand(log: Path, statement: str) -> None:
    with closing(sqlite3.connect(log)) as file, file:
        file.execute(statement)


def overwritten(log: Path) -> None:
    """Every page but the first: the head is whole, and nothing that it points at."""
    content = log.read_bytes()
    log.write_bytes(content[:4096] + b"\x55" * (len(content) - 4096))


def replaced_by_a_folder(log: Path) -> None:
    log.unlink()
    log.mkdir()


def replaced_by_another_programs(log: Path) -> None:
    log.unlink()
    by_hand(log, "CREATE TABLE facts (invoice TEXT)")


FILES: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "empty": (lambda log: log.write_bytes(b""), WRONG_ADDRESS, "är tom och alltså ingen logg"),
    "a folder": (replaced_by_a_folder, WRONG_ADDRESS, "är en mapp"),
    "another program's": (replaced_by_another_programs, WRONG_ADDRESS, "är ingen logg från det här programmet"),
    "another's id": (
        lambda log: by_hand(log, "PRAGMA application_id = 252006673"),
        WRONG_ADDRESS,
        "är ingen logg från det här programmet",
    ),
    "a text": (lambda log: log.write_text("Hej, jag är ett brev.\n" * 200), PERMANENT, "är ingen logg, eller"),
    "overwritten": (overwritten, PERMANENT, "återställ den från en säkerhetskopia"),
    "cut off": (
        lambda log: log.write_bytes(log.read_bytes()[:9000]),
        PERMANENT,
        "återställ den från en säkerhetskopia",
    ),
    "a newer program's": (
        lambda log: by_hand(log, "UPDATE alembic_version SET version_num = '9999'"),
        PERMANENT,
        "en nyare reservrutin",
    ),
    "with no version": (lambda log: by_hand(log, "DELETE FROM alembic_version"), PERMANENT, "någon har ändrat dem"),
    "without its version": (lambda log: by_hand(log, "DROP TABLE alembic_version"), PERMANENT, "någon har ändrat dem"),
}


@pytest.mark.parametrize("command", [*READS, *WRITES])
@pytest.mark.parametrize("fault", FILES)
def test_what_is_in_the_file_s_place_is_told_by_name_and_left_alone(log: Path, fault: str, command: str) -> None:
    made, code, words = FILES[fault]
    made(log)
    before = log.is_dir() or log.read_bytes()
    told = answer(f"sqlite:///{log}", command)
    assert told.code == code, told
    assert_one_sentence(told, words)
    assert (log.is_dir() or log.read_bytes()) == before


def assert_one_sentence(told: Answer, words: str) -> None:
    assert words in told.err
    said = [line for line in told.err.splitlines() if not line.startswith("Ingen e-postserver")]
    assert len(said) == 1, told.err
    assert "reservrutin självt" not in told.err


COLUMNS = {"facts": "bytes", "staff": "roles", "deliveries": "fault"}


@pytest.mark.parametrize(
    ("table", "command"),
    [("facts", "show 2026-0001"), ("facts", WRITES[0]), ("deliveries", "board"), ("staff", WRITES[0])],
)
def test_a_column_that_is_gone_is_no_passing_fault(log: Path, table: str, command: str) -> None:
    by_hand(log, f"ALTER TABLE {table} RENAME COLUMN {COLUMNS[table]} TO gone")
    told = answer(f"sqlite:///{log}", command)
    assert told.code == PERMANENT, told
    assert_one_sentence(told, "någon har ändrat dem")


def test_a_fact_that_cannot_be_read_is_named_and_is_no_fault_of_ours(log: Path) -> None:
    by_hand(log, "DROP TRIGGER facts_are_never_changed")
    by_hand(log, "UPDATE facts SET bytes = x'7b' WHERE position = 2")
    told = answer(f"sqlite:///{log}", "log 2026-0001")
    assert told.code == PERMANENT, told
    assert_one_sentence(told, "Noteringen på position 2 går inte att läsa")


def test_what_goes_wrong_in_a_log_that_does_not_verify_is_laid_to_the_log(log: Path) -> None:
    by_hand(log, "INSERT INTO staff (id, login, roles, added_at) VALUES ('s-1', 'anna', 'inga', '2026')")
    told = answer(f"sqlite:///{log}", "staff list")
    assert told.code == PERMANENT, told
    assert_one_sentence(told, "Loggen är inte som den skrevs (JSONDecodeError")


@pytest.mark.parametrize("command", WRITES)
def test_a_log_that_somebody_else_is_writing_to_is_worth_trying_again(
    log: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    monkeypatch.setattr(Desk, "now", lambda _desk: moment("10:02"))  # when no deadline is to be written yet
    with closing(sqlite3.connect(log, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        told = answer(f"sqlite:///{log}", command)
    assert told.code == PASSING, told
    assert_one_sentence(told, "försök igen om en stund")


def test_a_log_that_is_not_there_is_not_found_by_whoever_reads_and_begun_by_whoever_writes(tmp_path: Path) -> None:
    for command in READS:
        told = answer(f"sqlite:///{tmp_path}/ny/log.sqlite", command)
        assert told.code == NOT_FOUND, told
        assert_one_sentence(told, "reservrutin record disturbance-reported")
        assert list(tmp_path.iterdir()) == []
    for place, command in enumerate(WRITES):
        log = tmp_path / str(place) / "log.sqlite"
        told = answer(f"sqlite:///{log}", command)
        assert told.code == 0, told
        assert f"Det fanns ingen logg än: den är skapad nu, {log}.\n" in told.err
        assert {path.suffix for path in log.parent.iterdir()} <= {".sqlite", ".sqlite-wal", ".sqlite-shm"}
        assert "skapad nu" not in answer(f"sqlite:///{log}", command).err


# on PostgreSQL


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One that asks for a password whoever is not the administrator."""
    with own_server() as started:
        rules = "host all postgres all trust\nhost all stranger all trust\nhost all all all scram-sha-256\n"
        (started.data / "pg_hba.conf").write_text(rules)
        set_up(started.url)
        with postgres.administering(started.url) as administrator:
            administrator.execute("SELECT pg_reload_conf()")
            administrator.execute("CREATE ROLE blocked LOGIN PASSWORD 'rätt'")
            administrator.execute("CREATE DATABASE without_any")
            administrator.execute("CREATE DATABASE anothers")
        with postgres.administering(of_database(started.url, "anothers")) as administrator:
            administrator.execute("CREATE TABLE invoices (number text)")
        yield started


def of_database(url: str, name: str) -> str:
    """The same server, another database."""
    return f"{url.rpartition('/')[0]}/{name}"


def closed(url: str) -> str:
    """The address with a port at which nobody answers."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return re.sub(r":\d+/", f":{taken.getsockname()[1]}/", url)


SERVERS: dict[str, tuple[Callable[[str], str], int, str]] = {
    "nobody there": (closed, PASSING, "försök igen om en stund"),
    "a wrong password": (
        lambda url: url.replace("postgres@", "blocked:fel@"),
        MAY_NOT,
        "kontrollera användare och lösenord",
    ),
    "no password": (lambda url: url.replace("postgres@", "blocked@"), MAY_NOT, "kontrollera användare och lösenord"),
    "no such role": (lambda url: url.replace("postgres@", "stranger@"), MAY_NOT, "kontrollera användare och lösenord"),
    "no such database": (lambda url: of_database(url, "nowhere"), WRONG_ADDRESS, "har ingen sådan databas"),
    "no certificate": (lambda url: f"{url}?sslmode=require", WRONG_ADDRESS, "kontrollera sslmode"),
    "a certificate that is not there": (
        lambda url: f"{url}?sslmode=verify-full&sslrootcert=/nowhere.pem",
        WRONG_ADDRESS,
        "kontrollera sslmode",
    ),
}


@pytest.mark.parametrize("command", [*READS, *WRITES])
@pytest.mark.parametrize("fault", SERVERS)
def test_a_server_that_lets_nobody_in_says_whose_it_is_to_mend(server: Server, fault: str, command: str) -> None:
    url, code, words = SERVERS[fault]
    told = answer(url(server.url), command)
    assert told.code == code, told
    assert_one_sentence(told, words)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ('FATAL:  Lösenordsautentisering misslyckades för användare "anna"', "database-login"),
        ('FATAL:  rollen "anna" finns inte', "database-login"),
        ('FATAL:  ingen rad i pg_hba.conf för värd "10.0.0.7", användare "anna", databas "log"', "database-login"),
        ('FATAL:  databasen "log" existerar inte', "no-such-database"),
        ("FATAL:  databassystemet startar upp", "database"),
        ("FATAL:  Passwort-Authentifizierung fehlgeschlagen", "database"),
    ],
)
def test_a_server_that_speaks_swedish_is_understood(words: str, reason: str) -> None:
    """What a German one says is shown, and taken for passing."""
    refusal = of_postgresql(None, words)
    assert refusal is not None
    assert (refusal.reason, refusal.data["problem"]) == (reason, words)


def test_another_programs_database_is_no_log_and_stays_as_it_is(server: Server) -> None:
    anothers = of_database(server.url, "anothers")
    told = answer(anothers, WRITES[0])
    assert told.code == WRONG_ADDRESS, told
    assert_one_sentence(told, "är ingen logg från det här programmet")
    with postgres.administering(anothers) as administrator:
        assert administrator.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (1,)


def test_an_empty_database_is_no_log_for_whoever_reads(server: Server) -> None:
    empty = of_database(server.url, "without_any")
    for command in READS:
        told = answer(empty, command)
        assert told.code == NOT_FOUND, told
    assert make(empty)
    assert not make(empty)
    assert answer(empty, "board").code == 0


@pytest.mark.parametrize("command", [WRITES[0], WRITES[2]])
def test_where_transactions_only_read_whoever_writes_is_told_so(server: Server, command: str) -> None:
    told = answer(f"{server.url}?options=-c%20default_transaction_read_only%3Don", command)
    assert told.code == MAY_NOT, told
    assert_one_sentence(told, "går bara att läsa här")


def test_a_column_that_is_gone_is_no_passing_fault_there_either(server: Server) -> None:
    with postgres.administering(server.url) as administrator:
        administrator.execute("ALTER TABLE staff RENAME COLUMN roles TO gone")
        told = answer(server.url, WRITES[0])
        administrator.execute("ALTER TABLE staff RENAME COLUMN gone TO roles")
    assert told.code == PERMANENT, told
    assert_one_sentence(told, "någon har ändrat dem")


def test_every_code_in_the_table_is_one_that_the_database_knows() -> None:
    assert set(SQLITE) <= set(dir(sqlite3))
    classes = [each for each in vars(psycopg.errors).values() if isinstance(each, type)]
    known = [state for each in classes if isinstance(state := getattr(each, "sqlstate", None), str)]
    assert all(any(state.startswith(code) for state in known) for code in POSTGRESQL)
