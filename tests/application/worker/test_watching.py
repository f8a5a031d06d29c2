"""Watching the worker: its log for machines, its figures, its signs of life, and mail that is late on the board."""

import asyncio
import errno
import json
import logging
import os
import signal
import socket
import subprocess
import threading
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from application.worker.health import Health
from application.worker.round import Round
from application.worker.watchers import JsonLog
from tests.cli.commands.test_worker import PROGRAM, environment, patched, wait_for
from tests.conftest import on_sqlite
from tests.mailroom import free_port, mailroom, port_of_nobody
from tests.terminal import Terminal

ADDRESSES = [f"kollega{number}@example.se" for number in range(3)]


@pytest.fixture
def crowd(terminal: Terminal) -> Terminal:
    """An outage of this minute that three people are to be told of, one of whom has no mailbox."""
    terminal.on(datetime.now(UTC))
    for address in ADDRESSES:
        assert terminal.types(f"subscriber add {address} --audience staff").code == 0
    terminal.records("outage-detected --scope all-users --system sesam-s2 --note 'ring Bengt på kontoret'")
    return terminal


def once(terminal: Terminal, url: str, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PROGRAM, "worker", "--once", *options],
        env=environment(terminal, url),
        capture_output=True,
        text=True,
        check=False,
    )


def said(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


def test_the_log_for_machines_tells_of_each_delivery_and_names_nobody(crowd: Terminal) -> None:
    with mailroom() as mails:
        mails.refuses = ADDRESSES[1]
        log = once(crowd, mails.url, "--log", "json").stderr
    deliveries = [line for line in said(log) if line["event"] == "delivery"]
    assert sorted((line["state"], line["code"], line["level"]) for line in deliveries) == [
        ("refused", 550, "warning"),
        ("sent", 250, "info"),
        ("sent", 250, "info"),
    ]
    for line in deliveries:
        assert line["fact"] == "outage-detected"
        assert (line["incident"].split("-")[1], line["entry"]) == ("0001", 1)
        assert line["subscriber"].startswith("p-")
        assert datetime.fromisoformat(line["time"]).tzinfo is not None
    ids = {row["id"] for row in crowd.types("deliveries --json").json}
    assert {line["delivery"] for line in deliveries} == ids
    [ended] = [line for line in said(log) if line["event"] == "round"]
    assert (ended["sent"], ended["refused"]) == (2, 1)
    for secret in (*ADDRESSES, "@", "kollega", "Bengt", "no such user"):
        assert secret not in log


@on_sqlite
def test_a_relay_that_is_away_is_a_line_of_the_log_without_its_own_words(crowd: Terminal) -> None:
    log = once(crowd, f"smtp://127.0.0.1:{port_of_nobody()}", "--log", "json").stderr
    [line] = [line for line in said(log) if line["event"] == "log"]
    assert line["level"] == "warning"
    assert line["logger"] == "notifiers.dispatcher"
    assert "127.0.0.1" not in log


OTHERS = (
    "import sys, threading, warnings"
    "; X = type('X', (), {'__del__': lambda self: {}['kollega0@example.se']})"
    "; say = lambda: [X(), warnings.simplefilter('always')"
    ", warnings.warn('ring kollega0@example.se', DeprecationWarning)"
    ", print('kollega0@example.se', file=sys.stderr)"
    ", threading.Thread(target=lambda: {}['kollega0@example.se'], name='x').start()"
    ", sys.stderr.write('half a line')]"
    "; again = round.Round._catch_up"
    "; round.Round._catch_up = lambda self: (say(), setattr(round.Round, '_catch_up', again), again(self))[-1]"
)


@on_sqlite
def test_whatever_anybody_writes_on_standard_error_is_an_object_without_their_words(crowd: Terminal) -> None:
    with mailroom() as mails:
        done = subprocess.run(
            [*patched(OTHERS), "worker", "--once", "--log", "json"],
            env=environment(crowd, mails.url),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, len(mails.mails)) == (0, 3)
    told = [line for line in said(done.stderr) if line["event"] == "stderr"]
    assert {"DeprecationWarning", "KeyError"} <= {line.get("error") for line in told}
    assert len(told) < 8, "a traceback is an object or two"
    for secret in ("@", "kollega", "half a line", "Traceback"):
        assert secret not in done.stderr


@on_sqlite
def test_the_log_for_machines_says_why_the_mail_server_takes_nothing(crowd: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as relay:

        def turn_away() -> None:
            with relay.accept()[0] as line:
                line.sendall(b"554 5.7.1 kollega0@example.se is not welcome\r\n")

        turning = threading.Thread(target=turn_away)
        turning.start()
        log = once(crowd, f"smtp://127.0.0.1:{relay.getsockname()[1]}", "--log", "json").stderr
        turning.join()
    [line] = [line for line in said(log) if line["event"] == "log"]
    assert (line["code"], line["enhanced"]) == (554, "5.7.1")
    assert "kollega" not in log


def test_the_log_for_machines_says_why_the_worker_ends(crowd: Terminal, tmp_path: Path) -> None:
    done = once(crowd, "", "--log", "json", "--health", str(tmp_path / "nowhere" / "health.json"))
    assert done.returncode == 2
    assert [(line["event"], line.get("reason")) for line in said(done.stderr)] == [("failed", "health-file")]
    with crowd.desk.database.writing() as connection:
        connection.execute("DROP TABLE tracking")
    done = once(crowd, "", "--log", "json")
    assert done.returncode != 0
    code = {"sqlite": "SQLITE_ERROR"} if "sqlite" in crowd.settings.database_url else {"sqlstate": "42P01"}
    assert code.items() <= next(line for line in said(done.stderr) if line["event"] != "no-mail-server").items()


def test_the_log_tells_every_rooms_own_words_from_a_librarys(capsys: pytest.CaptureFixture[str]) -> None:
    """A library may repeat what a server answered or somebody wrote; we say what is wrong without it."""
    project = tomllib.loads(Path(__file__).parents[3].joinpath("pyproject.toml").read_text(encoding="utf-8"))
    rooms = project["tool"]["hatch"]["build"]["targets"]["wheel"]["sources"]
    for name in (*rooms, "aiosmtplib", "applications"):
        JsonLog().emit(logging.LogRecord(f"{name}.somewhere", logging.WARNING, "", 0, "trasig", (), None))
    messages = {line["logger"].split(".")[0]: line.get("message") for line in said(capsys.readouterr().err)}
    assert messages == dict.fromkeys(rooms, "trasig") | {"aiosmtplib": None, "applications": None}


@on_sqlite
def test_without_a_mail_server_the_log_for_machines_says_so_and_people_get_the_sentence(crowd: Terminal) -> None:
    assert said(once(crowd, "", "--log", "json").stderr)[0]["event"] == "no-mail-server"
    assert "RESERVRUTIN_SMTP_URL" in once(crowd, "").stderr


def figures(port: int) -> dict[tuple[str, str], float]:
    """Every figure by its name and its first label's value."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    assert "@" not in text
    families = text_string_to_metric_families(text)
    return {(s.name, next(iter(s.labels.values()), "")): s.value for family in families for s in family.samples}


def test_the_figures_say_what_was_sent_and_what_waits(crowd: Terminal) -> None:
    port = free_port()
    with mailroom() as mails:
        mails.refuses = ADDRESSES[1]
        worker = subprocess.Popen(
            [*PROGRAM, "worker", "--metrics", str(port)],
            env=environment(crowd, mails.url),
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(lambda: len(mails.mails) == 2)
            wait_for(lambda: figures(port)["reservrutin_fact_told_seconds_count", ""] == 1)
            found = figures(port)
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0
    assert found["reservrutin_mail_attempts_total", "sent"] == 2
    assert found["reservrutin_mail_attempts_total", "refused"] == 1
    assert found["reservrutin_mail_attempts_total", "expired"] == 0
    assert found["reservrutin_deliveries", "sent"] == 2
    assert found["reservrutin_mail_waiting", "queued"] == 0
    assert found["reservrutin_mail_oldest_waiting_seconds", ""] == 0
    assert found["reservrutin_ledger_readable", ""] == 1
    assert 0 < found["reservrutin_fact_told_seconds_sum", ""] < 600
    ended = datetime.fromtimestamp(found["reservrutin_worker_round_ended_timestamp_seconds", ""], UTC)
    assert abs(datetime.now(UTC) - ended) < timedelta(minutes=10)


def test_the_figures_say_how_long_the_oldest_mail_has_waited(crowd: Terminal) -> None:
    port = free_port()
    worker = subprocess.Popen(
        [*PROGRAM, "worker", "--metrics", f"localhost:{port}"],
        env=environment(crowd, f"smtp://127.0.0.1:{port_of_nobody()}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline()
        wait_for(lambda: figures(port)["reservrutin_mail_waiting", "deferred"] == 3)
        assert figures(port)["reservrutin_mail_oldest_waiting_seconds", ""] > 0
        assert figures(port)["reservrutin_fact_told_seconds_count", ""] == 0
    finally:
        worker.terminate()
        worker.communicate(timeout=30)


@on_sqlite
@pytest.mark.parametrize("address", ["prometheus", "127.0.0.1:", "99999999", "127.0.0.1:taken"])
def test_an_address_where_no_figures_can_be_had_is_refused_with_a_sentence(crowd: Terminal, address: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = once(crowd, "", "--metrics", address.replace("taken", str(taken.getsockname()[1])))
    assert done.returncode == 2
    assert "--metrics" in done.stderr
    assert "Traceback" not in done.stderr


def health(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_a_sign_of_life_says_when_and_what_is_wrong(crowd: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    with mailroom() as mails:
        once(crowd, f"smtp://127.0.0.1:{port_of_nobody()}", "--health", str(path))
        assert health(path)["problem"] == "mail-not-accepted"
        crowd.records("instruction-received --text 'gå över till papper'")
        once(crowd, mails.url, "--health", str(path))
    found = health(path)
    assert found["problem"] is None
    assert datetime.fromisoformat(found["round_ended"]) <= datetime.fromisoformat(found["time"])
    once(crowd, "", "--health", str(path))
    assert health(path)["problem"] == "no-mail-server"
    assert [left.name for left in tmp_path.iterdir() if "health" in left.name] == ["health.json"]


@on_sqlite
def test_signs_of_life_that_can_not_be_written_are_refused_with_a_sentence(crowd: Terminal, tmp_path: Path) -> None:
    done = once(crowd, "", "--health", str(tmp_path / "nowhere" / "health.json"))
    assert done.returncode == 2
    assert "nowhere" in done.stderr


def test_a_health_file_that_can_not_be_written_any_more_ends_nothing_and_five_old_incidents_neither(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.on(datetime.now(UTC)).types("subscriber add anna@example.se --audience staff")
    old = []
    for days in (200, 190, 180, 170, 160):
        terminal.on(datetime.now(UTC) - timedelta(days=days))
        recorded = terminal.records("outage-detected --incident new --scope all-users --system sesam-s2")
        old.append(recorded.json["incident"])
    terminal.on(datetime.now(UTC))
    folder = tmp_path / "signs"
    folder.mkdir()
    with mailroom() as mails, (tmp_path / "log").open("w+") as log:
        worker = subprocess.Popen(
            [*PROGRAM, "worker", "--log", "json", "--health", str(folder / "health.json")],
            env=environment(terminal, mails.url),
            stderr=log,
        )
        wait_for(lambda: (folder / "health.json").exists())
        folder.rename(tmp_path / "gone")  # at once: a sign may be given meanwhile
        wait_for(lambda: "health-file" in (tmp_path / "log").read_text())
        terminal.records("outage-detected --incident new --scope all-users --system websesam")
        wait_for(lambda: any(subject.endswith("websesam") for subject in mails.subjects("anna")))
        folder.mkdir()
        wait_for(lambda: (folder / "health.json").exists())
        worker.terminate()
        assert worker.wait(30) == 0
        log.seek(0)
        told = [line["event"] for line in said(log.read())]
    assert told.count("health-file") == 1
    assert "deadlines" not in told
    for number in old:
        facts = [row["fact"] for row in terminal.types(f"log {number} --json").json]
        assert "deadline-passed" in facts


@on_sqlite
def test_a_full_disk_under_the_health_file_is_told_once_until_it_is_written_again(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sign = Health(tmp_path / "health.json", terminal.desk.now)
    work = Round(terminal.desk, [sign, JsonLog()], at_once=True)

    def full(*_args: object, **_more: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for _ in range(2):
        with monkeypatch.context() as disk:
            disk.setattr(Path, "write_text", full)
            for _ in range(3):
                asyncio.run(work.run())
        work.beat()
    assert [line["event"] for line in said(capsys.readouterr().err)] == ["health-file"] * 2
    assert health(tmp_path / "health.json")["problem"] is None


@on_sqlite
def test_a_service_manager_is_told_that_the_worker_is_ready_alive_and_stopping(crowd: Terminal, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, mailroom() as mails:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        worker = subprocess.Popen(
            [*PROGRAM, "worker"],
            env=environment(crowd, mails.url) | {"NOTIFY_SOCKET": str(tmp_path / "notify")},
            stdout=subprocess.DEVNULL,
        )
        heard = [manager.recv(100), manager.recv(100)]
        worker.terminate()
        while heard[-1] != b"STOPPING=1":
            heard.append(manager.recv(100))
        assert worker.wait(30) == 0
    assert heard[:2] == [b"READY=1", b"WATCHDOG=1"]


def test_the_board_calls_mail_late_after_five_minutes(crowd: Terminal) -> None:
    planned = datetime.now(UTC)
    once(crowd, f"smtp://127.0.0.1:{port_of_nobody()}")
    assert "3 mejl väntar sedan" in crowd.on(planned + timedelta(minutes=4)).types("board").out
    assert "Försenat" not in crowd.types("board").out
    late = crowd.on(planned + timedelta(minutes=6)).types("board").out
    assert "Försenat: 3 mejl väntar, det äldsta sedan" in late


def test_a_worker_that_is_not_asked_for_figures_does_not_need_the_library_of_the_figures() -> None:
    blocked = "import sys; sys.modules['prometheus_client'] = None"
    once = "from cli.app import run; sys.exit(run(['worker', '--once']))"
    done = subprocess.run(
        [PROGRAM[0], "-c", f"{blocked}; {once}"],
        env=os.environ | {"RESERVRUTIN_DATABASE_URL": "sqlite:////dev/null/none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "prometheus" not in done.stderr
