"""`database check` and `copy`: what is there, and a log that moves."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infrastructure.database import roles
from infrastructure.database.database import SCHEMA, Database
from infrastructure.database.roles import Role
from tests import postgres
from tests.conftest import SQLITE
from tests.mailroom import mailroom
from tests.rows import everything
from tests.terminal import Terminal


@pytest.fixture
def empty_url(url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any schema, of the same kind."""
    if url.startswith(SQLITE):
        yield f"sqlite:///{tmp_path / 'tom.sqlite'}"
        return
    with postgres.database_url(empty=True) as made:
        yield made


def test_check_says_what_is_there_and_what_would_run_and_changes_nothing(empty_url: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, url=empty_url)
    for _ in range(2):
        told = terminal.types("database check --json").json
        assert (told["found"], told["known"], told["pending"][0], told["pending"][-1]) == (None, SCHEMA, "0001", SCHEMA)
    assert "0001" in (shown := terminal.types("database check").out)
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert not (tmp_path / "tom.sqlite").exists(), "looking makes no file"
    assert terminal.types("board").code == 3
    assert terminal.types("database check --json").json["found"] is None
    told = terminal.types("staff list")
    assert told.code == 3, "nor does a list"
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    assert terminal.types("database check --json").json == {"found": SCHEMA, "known": SCHEMA, "pending": []}
    Database(empty_url).connection().execute("UPDATE alembic_version SET version_num = '9999'")
    told = terminal.types("database check")
    assert told.code == 0
    assert "nyare" in told.out
    terminal.close()


def test_setting_up_is_for_postgresql(terminal: Terminal) -> None:
    if terminal.settings.database_url.startswith(SQLITE):
        told = terminal.types("database init")
        assert told.code == 2
        assert "postgresql+psycopg://" in told.err


def digest(database: Database) -> str:
    """Every fact's position and bytes."""
    hashed = hashlib.sha256()
    for row in database.connection().execute("SELECT * FROM facts ORDER BY position"):
        hashed.update(repr(tuple(row)).encode())
    return hashed.hexdigest()


@pytest.mark.parametrize("url", [SQLITE], indirect=True)
def test_a_log_moves_to_postgresql_unchanged_and_goes_on_there(url: str, postgresql_url: str, tmp_path: Path) -> None:
    with mailroom() as mails:
        here = Terminal(tmp_path, url=url, smtp_url=mails.url).at("08:05")
        there = Terminal(tmp_path, url=postgresql_url, smtp_url=mails.url).at("09:00")
        here.types("subscriber add ögonkliniken@example.se --audience staff --area orthopaedic")
        here.records("outage-detected --scope all-users --system sesam-s2")
        for number in range(30):
            here.records(f"note-added --text 'anteckning {number}, åäö'")
        here.types("worker --once")
        here.records("prognosis-received --restored-by 12:00")
        told = here.types(f"copy --to {postgresql_url} --json")
        assert told.code == 0, told.err
        assert told.json["copied"]["facts"] == here.facts()
        assert digest(there.desk.database) == digest(here.desk.database)
        proved, moved = (terminal.types("verify --json") for terminal in (here, there))
        assert (moved.code, moved.json["ok"], moved.json["root"]) == (0, True, proved.json["root"])
        assert there.types("show --json").json == here.at("09:00").types("show --json").json
        assert there.types("log --json").json == here.types("log --json").json
        assert there.types("deliveries --json").json == here.types("deliveries --json").json
        assert there.types("worker --once").code == 0
        assert len(mails.mails) == 2, "what was told is not told again, what was not is"
        facts = there.facts()
        assert facts >= 32
        assert there.records("note-added --text vidare").json["position"] == facts + 1
        again = here.types(f"copy --to {postgresql_url}")
        assert again.code == 5
        assert len(again.err.strip().splitlines()) == 1
        here.close()
        there.close()


def test_a_log_moves_back_too(postgresql_url: str, tmp_path: Path) -> None:
    there = Terminal(tmp_path, url=postgresql_url).at("08:05")
    there.records("outage-detected --scope all-users --system sesam-s2")
    target = f"sqlite:///{tmp_path / 'hem.sqlite'}"
    assert there.types(f"copy --to {target}").code == 0
    assert everything(Database(target)).count("outage-detected") == everything(there.desk.database).count(
        "outage-detected"
    )
    there.close()


WITHOUT_THE_DRIVER = "import sys; sys.modules['psycopg'] = None; from cli.__main__ import main; sys.exit(main())"


@pytest.mark.parametrize("words", ["board", "database init", "record note-added --text Lugnt"])
def test_without_its_driver_a_log_on_postgresql_says_what_to_install(words: str, tmp_path: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("RESERVRUTIN_")}
    own |= {"XDG_CONFIG_HOME": str(tmp_path), "RESERVRUTIN_DATABASE_URL": "postgresql+psycopg://127.0.0.1/sesam"}
    command = [sys.executable, "-c", WITHOUT_THE_DRIVER, *words.split()]
    answered = subprocess.run(command, env=own, capture_output=True, text=True)
    assert answered.returncode == 2
    assert "reservrutin[postgresql]" in answered.stderr
    assert "Traceback" not in answered.stderr


@pytest.mark.parametrize("url", [SQLITE], indirect=True)
def test_each_roles_address_can_be_copied_as_it_stands(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown once, and is longer than a terminal is wide."""
    address = f"postgresql+psycopg://reservrutin_door:{'x' * 32}@databas.intern.example.se:5432/reservrutin"
    made = [Role("reservrutin_owner", "", None), Role("reservrutin_door", address, "x" * 32)]
    monkeypatch.setattr(roles, "set_up", lambda _url: made)
    terminal.desk.settings = replace(terminal.settings, database_url="postgresql+psycopg://postgres@HOST/reservrutin")
    lines = [line.strip() for line in terminal.types("database init").out.splitlines()]
    assert lines[-4:] == ["reservrutin_owner", "fanns redan", "reservrutin_door", address]
