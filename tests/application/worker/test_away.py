"""The database goes away between the mail server's answer and the ledger's: nobody is mailed twice, nothing is left."""

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.commands.test_worker import environment, patched, wait_for
from tests.mailroom import mailroom
from tests.postgres import own_server
from tests.terminal import Terminal

READERS = 30
IMPATIENT = "from infrastructure.database import sqlite; sqlite.PATIENCE = 0.3"
SHORT_LEASES = (
    "from datetime import timedelta; from infrastructure.outbox import outbox; from notifiers import dispatcher"
    "; outbox.Outbox.__init__.__kwdefaults__['lease'] = timedelta(seconds=2)"
    "; dispatcher.TRIED_AGAIN_AFTER = 3.0; round.RENEWED_EVERY = timedelta(seconds=3)"
)
SMALL_BATCHES = "from notifiers import dispatcher; dispatcher.dispatch.__kwdefaults__['batch'] = 10"


class Leaving(NamedTuple):
    """A log whose database can be taken away and given back."""

    terminal: Terminal
    away: Callable[[], object]
    back: Callable[[], object]


@pytest.fixture(params=["sqlite", "postgresql"])
def leaving(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Leaving]:
    """A file that somebody else has locked, a server that is stopped; thirty people are to be told of an outage."""
    if request.param == "sqlite":
        terminal = crowd(Terminal(tmp_path))
        with closing(sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None, check_same_thread=False)) as other:
            yield Leaving(terminal, lambda: other.execute("BEGIN IMMEDIATE"), other.rollback)
        terminal.close()
        return
    with own_server() as server:
        terminal = crowd(Terminal(tmp_path, url=server.url))
        yield Leaving(terminal, server.stop, server.start)
        terminal.close()


def crowd(terminal: Terminal) -> Terminal:
    terminal.on(datetime.now(UTC))
    for number in range(READERS):
        assert terminal.types(f"subscriber add kollega{number}@example.se --audience staff").code == 0
    return terminal


def told_of_the_log(err: Path) -> list[str]:
    """What a worker's log said of its database."""
    events = [json.loads(line)["event"] for line in err.read_text(encoding="utf-8").splitlines()]
    return [event for event in events if event.startswith("database")]


@pytest.mark.parametrize(
    ("workers", "line", "in_hand", "seconds"),
    [
        pytest.param(1, IMPATIENT, READERS, 3.0, id="one worker"),
        pytest.param(2, f"{IMPATIENT}; {SHORT_LEASES}", READERS, 4.0, id="two, longer than their leases"),
        pytest.param(1, f"{IMPATIENT}; {SMALL_BATCHES}", 10, 3.0, id="one, that is to claim more"),
    ],
)
def test_what_the_mail_server_answered_while_the_database_was_away_is_written_down_when_it_is_back(
    leaving: Leaving, tmp_path: Path, workers: int, line: str, in_hand: int, seconds: float
) -> None:
    with mailroom() as mails:

        def before_answering() -> None:
            if len(mails.mails) == 1:
                leaving.away()

        mails.before_answering = before_answering
        errs = [tmp_path / f"err-{number}" for number in range(workers)]
        alive = [tmp_path / f"alive-{number}" for number in range(workers)]
        running = []
        for err, sign in zip(errs, alive, strict=True):
            with err.open("wb") as stderr:
                command = [*patched(line), "worker", "--log", "json", "--health", str(sign)]
                running.append(subprocess.Popen(command, env=environment(leaving.terminal, mails.url), stderr=stderr))
        try:
            wait_for(lambda: all(sign.exists() for sign in alive))
            leaving.terminal.records("outage-detected --scope all-users --system sesam-s2")
            wait_for(lambda: len(mails.mails) == in_hand)
            time.sleep(seconds)
            leaving.back()
            wait_for(lambda: {row["state"] for row in leaving.terminal.types("deliveries --json").json} == {"sent"})
            wait_for(lambda: all(told_of_the_log(err)[-1:] == ["database-back"] for err in errs))
        finally:
            for worker in running:
                worker.terminate()
                assert worker.wait(30) == 0
    assert sorted(str(mail["To"]) for mail in mails.mails) == sorted(f"kollega{n}@example.se" for n in range(READERS))
    assert [told_of_the_log(err) for err in errs] == [["database", "database-back"]] * workers
    assert {len(row["attempts"]) for row in leaving.terminal.types("deliveries --json").json} == {1}
