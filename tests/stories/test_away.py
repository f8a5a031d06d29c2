"""The database goes away, at the worst of moments: nothing is written twice, and everybody is told what to do."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.refusals import Unavailable
from infrastructure.database import postgres as ours
from infrastructure.database import sqlite
from infrastructure.database.database import Database
from infrastructure.log import snapshots
from infrastructure.log.fact_store import FactStore
from tests.conftest import on_sqlite
from tests.cut import Cable, cable
from tests.mailroom import Mailroom
from tests.postgres import Server, own_server
from tests.terminal import Terminal

OUTAGE = "outage-detected --scope all-users --system sesam-s2"


@pytest.fixture
def line(postgresql_url: str) -> Iterator[Cable]:
    with cable(postgresql_url) as laid:
        yield laid


@pytest.fixture
def far(tmp_path: Path, line: Cable) -> Iterator[Terminal]:
    opened = Terminal(tmp_path, url=line.url).at("08:05")
    yield opened
    opened.close()


def stored(url: str) -> list[tuple[str, int]]:
    database = Database(url)
    found = database.connection().execute("SELECT incident, entry FROM facts ORDER BY position").fetchall()
    database.close()
    return found


@pytest.mark.parametrize("moment", ["lose_answer", "lose_commit"])
def test_a_commit_that_is_cut_off_is_asked_after_and_the_fact_is_there_once(
    far: Terminal, line: Cable, postgresql_url: str, moment: str
) -> None:
    far.types("board")
    setattr(line, moment, True)
    told = far.types(f"record {OUTAGE}")
    assert line.cuts == 1
    assert told.code == 0, told.err
    assert "Skrivet: 2026-0001 post 1" in told.out
    assert stored(postgresql_url) == [("2026-0001", 1)]


@pytest.mark.parametrize(("moment", "written"), [("lose_answer", 1), ("lose_commit", 0)])
@pytest.mark.parametrize("own", [True, False])
def test_when_nobody_can_say_whether_it_was_written_the_command_to_repeat_is_told_and_never_writes_twice(
    far: Terminal, line: Cable, postgresql_url: str, moment: str, written: int, own: bool
) -> None:
    far.types("board")
    setattr(line, moment, True)
    line.stays_down = True
    told = far.types(f"record {OUTAGE}" + (" --command-id desk-7" if own else ""))
    assert told.code == 75
    assert len(told.err.strip().splitlines()) == 1
    found = re.search(r"--command-id (\S+?),", told.err)
    assert found
    assert not own or found[1] == "desk-7"
    assert len(stored(postgresql_url)) == written
    line.down = False
    for _ in range(2):
        again = far.types(f"record {OUTAGE} --command-id {found[1]} --json")
        assert again.code == 0, again.err
        assert again.json["entry"] == 1
    assert stored(postgresql_url) == [("2026-0001", 1)]


@pytest.mark.parametrize("command", ["board", "show", f"record {OUTAGE}", "subscriber list", "worker --once", "due"])
def test_every_command_says_that_the_log_does_not_answer_and_works_again_once_it_does(
    far: Terminal, line: Cable, command: str
) -> None:
    far.records(OUTAGE)
    line.down = True
    line.cut()
    told = far.types(command)
    assert told.code == 75, told.err
    assert "försök igen" in told.err
    line.down = False
    assert far.types(command).code == 0


def test_a_server_that_takes_the_question_and_never_answers_is_not_waited_for_for_ever(
    far: Terminal, line: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "ANSWERS_WITHIN", 0.3)
    monkeypatch.setitem(ours.REACHED, "connect_timeout", "2")
    far.types("board")
    line.mute = True
    told = far.types("board")
    assert told.code == 75
    assert "försök igen" in told.err


def test_a_fact_that_was_written_is_said_to_be_written_although_the_log_goes_away_at_once(
    far: Terminal, line: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = FactStore.insert_events

    def then_cut(self: FactStore, *arguments: object, **more: object) -> object:
        done = usual(self, *arguments, **more)  # type: ignore[arg-type]
        line.down = True
        line.cut()
        return done

    monkeypatch.setattr(FactStore, "insert_events", then_cut)
    told = far.types(f"record {OUTAGE}")
    assert told.code == 0, told.err
    assert "Skrivet: 2026-0001 post 1" in told.out


@pytest.fixture
def server() -> Iterator[Server]:
    """What it acknowledges is on disk."""
    with own_server("-c fsync=on") as started:
        yield started


def until(done: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 60
    while not done():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def test_a_crash_and_a_restart_in_mid_flight_lose_nothing_and_the_worker_comes_back_by_itself(
    server: Server, mails: Mailroom, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path, url=server.url, smtp_url=mails.url).on(datetime.now(UTC))
    terminal.types("subscriber add handlaggare@example.se --audience staff")

    def sent() -> int:
        """How many the ledger says were sent: one that is not settled yet would come back when its lease runs out."""
        return sum(row["state"] == "sent" for row in terminal.types("deliveries --json").json)

    said = (tmp_path / "worker").open("wb")
    worker = subprocess.Popen(
        [sys.executable, "-m", "cli", "worker", "--log", "json"],
        env=os.environ
        | {
            "RESERVRUTIN_DATABASE_URL": server.url,
            "RESERVRUTIN_SMTP_URL": mails.url,
            "RESERVRUTIN_MAIL_FROM": "Reservrutin <reservrutin@example.se>",
            "RESERVRUTIN_MAIL_HOLD": "0s",
        },
        stderr=said,
        stdout=said,
    )
    try:
        terminal.records(OUTAGE)
        until(lambda: sent() == 1)
        for told, how in enumerate((signal.SIGQUIT, signal.SIGINT), 2):
            server.stop(how)
            assert terminal.types("record prognosis-received --restored-by +2h").code == 75
            server.start()
            terminal.records("prognosis-received --restored-by +2h")
            until(lambda told=told: sent() == told)  # type: ignore[misc]
        assert len(mails.mails) == 3
        assert worker.poll() is None
        assert len(terminal.types("log --json").json) == 3
    finally:
        worker.terminate()
        worker.wait(30)
        said.close()
        terminal.close()


@on_sqlite
def test_a_register_that_another_holds_for_too_long_is_told_as_such(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    terminal = Terminal(tmp_path, url=url)
    terminal.types("board")
    other = Database(url)
    with other.writing():
        told = terminal.types("subscriber add a@example.se --audience staff")
    assert told.code == 75
    assert "försök igen" in told.err
    other.close()
    terminal.close()


@pytest.mark.parametrize("command", ["subscriber list", "subscriber add a@example.se --audience staff"])
def test_a_line_that_is_cut_under_a_register_is_told_too(far: Terminal, line: Cable, command: str) -> None:
    far.types("subscriber list")
    with far.desk.database.engine.connect() as kept:
        kept.exec_driver_sql("SELECT 1")
        line.down = True
        line.cut()
        with pytest.raises(Unavailable):
            kept.exec_driver_sql("SELECT 1")
    assert far.types(command).code == 75
    line.down = False
    assert far.types(command).code == 0


def test_a_database_that_falls_silent_while_a_kept_course_is_read_is_said_to_be_silent(
    far: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "EVERY", 2)
    far.records(OUTAGE)
    far.records("note-added --text hej")
    monkeypatch.setattr(snapshots, "KEPT", "SELECT pg_sleep(30)::text WHERE ? <> ''")
    monkeypatch.setattr(ours, "ANSWERS_WITHIN", 1.0)
    far.desk.database.close()
    told = far.types("show")
    assert told.code == 75
    assert "no answer in 1 s" in told.err
