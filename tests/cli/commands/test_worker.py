"""The worker as a process of its own: stops when asked, and two of them tell nobody twice."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.mailroom import Mailroom, mailroom, port_of_nobody
from tests.terminal import Terminal

PROGRAM = [sys.executable, "-m", "cli"]


def environment(terminal: Terminal, smtp_url: str) -> dict[str, str]:
    return os.environ | {
        "RESERVRUTIN_DATABASE_URL": terminal.settings.database_url,
        "RESERVRUTIN_SMTP_URL": smtp_url,
        "RESERVRUTIN_MAIL_FROM": "Reservrutin Sesam <reservrutin@example.se>",
        "RESERVRUTIN_DRIFTINFO_URL": terminal.settings.driftinfo_url,
        "RESERVRUTIN_LANG": "sv",
        "RESERVRUTIN_MAIL_HOLD": "0s",
    }


def wait_for(condition: object, seconds: float = 20) -> None:
    assert callable(condition)
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def crowd(terminal: Terminal) -> Terminal:
    """An outage of this minute that twenty people are to be told of."""
    terminal.on(datetime.now(UTC))
    for number in range(20):
        assert terminal.types(f"subscriber add kollega{number}@example.se --audience staff").code == 0
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    return terminal


def test_a_worker_sends_what_is_recorded_and_stops_cleanly_on_sigterm(crowd: Terminal) -> None:
    with mailroom() as mails:
        worker = subprocess.Popen(
            [*PROGRAM, "worker"],
            env=environment(crowd, mails.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: len(mails.mails) == 20)
        worker.send_signal(signal.SIGHUP)  # as a service is asked to read its settings again
        crowd.on(datetime.now(UTC)).records("prognosis-received --restored-by +2h")
        wait_for(lambda: len(mails.mails) == 40)
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=20)
        assert worker.returncode == 0
        assert "Stoppat." in out
        assert "SIGHUP ändrar ingenting" in err
        assert {delivery["state"] for delivery in crowd.types("deliveries --json").json} == {"sent"}


def test_a_worker_whose_terminal_goes_ends_with_it(terminal: Terminal) -> None:
    terminal.records("disturbance-reported --unit Lund")
    screen, keyboard = os.openpty()
    with mailroom() as mails:
        around = environment(terminal, mails.url)
        worker = subprocess.Popen([*PROGRAM, "worker"], env=around, stdout=subprocess.PIPE, stderr=keyboard, text=True)
        assert worker.stdout is not None
        assert "Följer loggen" in worker.stdout.readline()
        worker.send_signal(signal.SIGHUP)
        out, _ = worker.communicate(timeout=20)
    os.close(screen)
    os.close(keyboard)
    assert (worker.returncode, "Stoppat." in out) == (0, True)


def test_two_workers_at_once_tell_everybody_once(crowd: Terminal) -> None:
    with mailroom() as mails:
        workers = [
            subprocess.Popen(
                [*PROGRAM, "worker", "--once", "--json"], env=environment(crowd, mails.url), stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        tallies = [json.loads(worker.communicate(timeout=30)[0]) for worker in workers]
        assert sum(tally["sent"] for tally in tallies) == 20
        assert_everybody_once(mails)


def test_a_worker_that_is_killed_loses_nothing_and_the_next_run_repeats_nothing_that_was_settled(
    crowd: Terminal,
) -> None:
    with mailroom() as mails:
        worker = subprocess.Popen([*PROGRAM, "worker"], env=environment(crowd, mails.url), stdout=subprocess.DEVNULL)
        wait_for(lambda: len(mails.mails) >= 5)
        worker.kill()
        worker.wait()
        sent = [d for d in crowd.types("deliveries --json").json if d["state"] == "sent"]
        left = [d for d in crowd.types("deliveries --json").json if d["state"] != "sent"]
        assert len(sent) + len(left) == 20
        assert (
            subprocess.run([*PROGRAM, "worker", "--once"], env=environment(crowd, mails.url), check=False).returncode
            == 0
        )
        sent_ids = {delivery["message_id"] for delivery in sent}
        assert all([str(mail["Message-ID"]) for mail in mails.mails].count(known) == 1 for known in sent_ids)


def test_once_without_a_mail_server_tells_what_waits_and_ends_well(crowd: Terminal) -> None:
    done = subprocess.run(
        [*PROGRAM, "worker", "--once", "--json"],
        env=environment(crowd, f"smtp://127.0.0.1:{port_of_nobody()}"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["waiting"] == 20
    assert crowd.types("worker --once").code == 0


def test_many_terminals_at_once_all_succeed(terminal: Terminal, tmp_path: Path) -> None:
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    commands = [
        subprocess.Popen(
            [*PROGRAM, "record", "note-added", "--text", f"rad {number}", "--json"],
            env=environment(terminal, ""),
            stdout=subprocess.PIPE,
        )
        for number in range(12)
    ]
    entries = sorted(json.loads(command.communicate(timeout=60)[0])["entry"] for command in commands)
    assert entries == list(range(2, 14))


def assert_everybody_once(mails: Mailroom) -> None:
    told = [str(mail["To"]) for mail in mails.mails]
    assert len(told) == len(set(told)) == 20


def patched(line: str) -> list[str]:
    """The program with something about its worker changed."""
    return [
        sys.executable,
        "-c",
        f"from application.worker import loop, round; {line}; from cli.__main__ import main; main()",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "loop.POLL = 3600.0",
        "round.Round.hears = lambda self, on_fact: lambda: None",
    ],
    ids=["nobody looks", "nobody hears"],
)
def test_on_postgresql_a_fact_wakes_the_worker_and_what_goes_unheard_is_found_at_the_next_look(
    postgresql_url: str, tmp_path: Path, line: str
) -> None:
    terminal = Terminal(tmp_path, url=postgresql_url).on(datetime.now(UTC))
    terminal.types("subscriber add kollega@example.se --audience staff")
    with mailroom() as mails:
        worker = subprocess.Popen([*patched(line), "worker"], env=environment(terminal, mails.url))
        terminal.records("outage-detected --scope all-users --system sesam-s2")
        wait_for(lambda: len(mails.mails) == 1)
        time.sleep(0.5)  # it is waiting again
        terminal.on(datetime.now(UTC)).records("prognosis-received --restored-by +2h")
        wait_for(lambda: len(mails.mails) == 2)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    terminal.close()


def test_of_four_workers_on_one_queue_one_is_killed_and_every_mail_is_sent_once(crowd: Terminal) -> None:
    with mailroom() as mails:
        # The one that is killed holds everything for as long as its lease lasts, and has sent nothing of it.
        lease = "from datetime import timedelta; from infrastructure.outbox import outbox"
        lease += "; outbox.LEASE = timedelta(seconds=3)"
        held = "import time; round.dispatch = lambda outbox, *a, **k: (outbox.claim(a[2], 500, a[1]()), time.sleep(60))"
        shorter = "outbox.Outbox.__init__.__kwdefaults__['lease'] = outbox.LEASE"
        killed = subprocess.Popen(
            [*patched(f"{lease}; {shorter}; {held}"), "worker"], env=environment(crowd, mails.url)
        )
        wait_for(lambda: any(row["state"] == "sending" for row in crowd.types("deliveries --json").json))
        killed.kill()
        killed.wait()
        workers = [
            subprocess.Popen([*PROGRAM, "worker"], env=environment(crowd, mails.url), stdout=subprocess.DEVNULL)
            for _ in range(4)
        ]
        wait_for(lambda: len(mails.mails) == 20, 40)
        time.sleep(0.3)
        for worker in workers:
            worker.terminate()
            assert worker.wait(20) == 0
        assert sorted(mail["To"] for mail in mails.mails) == sorted(f"kollega{n}@example.se" for n in range(20))
    rows = crowd.types("deliveries --json").json
    assert {row["state"] for row in rows} == {"sent"}
    assert {row["attempts"][0]["state"] for row in rows} == {"ambiguous"}, "the ledger says what was taken over"
