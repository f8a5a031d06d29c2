"""What people act on goes at once, by a real worker and a real mail server; what they only read waits for its like."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from domain.vocabulary import Function
from infrastructure.database.database import Database
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.outbox.backfill import backfill
from tests.cli.commands.test_worker import PROGRAM, environment, wait_for
from tests.given import ACTIVATED
from tests.mailroom import Mailroom, mailroom
from tests.terminal import Terminal

PUBLISHED = "operating-information-published --as system-owner --channel vardgivare-skane --text Driftinformation"
APPLIES = f"{PUBLISHED} --link https://vardgivare.example.se/ot --reserve-routine-applies --deviation 'ett skäl'"


@contextmanager
def worker_that_holds_back(terminal: Terminal) -> Iterator[Mailroom]:
    """A worker that holds everything for an hour and sends each reader one mail a day."""
    paced = {"RESERVRUTIN_MAIL_HOLD": "1h", "RESERVRUTIN_MAIL_THROTTLE": "1/24h"}
    with mailroom() as mails:
        worker = subprocess.Popen([*PROGRAM, "worker"], env=environment(terminal, mails.url) | paced)
        try:
            yield mails
        finally:
            worker.terminate()
            assert worker.wait(30) == 0


@pytest.fixture
def told(terminal: Terminal) -> Terminal:
    """A prescriber who is told of an outage."""
    terminal.on(datetime.now(UTC)).types("subscriber add forskrivare@example.se --audience public")
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    return terminal


def test_a_publication_to_act_on_is_neither_held_nor_throttled_and_any_other_is(told: Terminal) -> None:
    with worker_that_holds_back(told) as mails:
        told.records(f"{PUBLISHED} --situation down")
        wait_for(lambda: len(told.types("deliveries --json").json) == 1)
        told.on(datetime.now(UTC)).records(APPLIES)
        wait_for(lambda: len(mails.mails) == 1)
        told.on(datetime.now(UTC)).records(f"{PUBLISHED} --situation works-again")
        wait_for(lambda: len(mails.mails) == 2)
        told.on(datetime.now(UTC)).records(f"{PUBLISHED} --situation other")
        wait_for(lambda: len(told.types("deliveries --json").json) == 4)
    states = [(row["entry"], row["state"]) for row in told.types("deliveries --json").json]
    assert states == [(2, "superseded"), (3, "sent"), (4, "sent"), (5, "queued")]
    assert [mail["Message-ID"].split(".")[1] for mail in mails.mails] == ["3", "4"]


def test_the_hold_counts_from_when_a_fact_was_recorded_also_where_no_worker_was_there_to_plan_it(
    told: Terminal,
) -> None:
    told.on(datetime.now(UTC) - timedelta(hours=1)).records(f"{PUBLISHED} --situation down")
    with worker_that_holds_back(told) as mails:
        wait_for(lambda: len(mails.mails) == 1)


def test_what_is_urgent_goes_before_the_rest_of_many_who_have_just_subscribed(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two at a time are told what is open; the activation that is recorded meanwhile does not wait for the third."""
    monkeypatch.setattr("application.worker.round.backfill", partial(backfill, portion=2))
    terminal.on(datetime.now(UTC)).types("subscriber add handlaggare@example.se --audience staff")
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    new = [f"ny{n}" for n in range(5)]
    for name in new:
        terminal.types(f"subscriber add {name}@example.se --audience staff")
    with mailroom() as mails:
        worker = Terminal(tmp_path, smtp_url=mails.url, url=terminal.settings.database_url).on(datetime.now(UTC))

        def activate() -> None:
            if len(mails.mails) == 1:
                [number] = terminal.desk.board.open_incidents()
                why = Proposal(ACTIVATED, Function.VO_HJALPMEDEL, "s-1", number, deviation="ett skäl")
                IncidentLog(Database(terminal.settings.database_url)).record(why)

        mails.before_answering = activate
        assert worker.types("worker --once").code == 0
        worker.close()
    told = [(mail["To"].partition("@")[0], int(mail["Message-ID"].split(".")[1])) for mail in mails.mails]
    assert sorted(told) == sorted((reader, entry) for reader in ["handlaggare", *new] for entry in (1, 2))
    summaries = sorted(told.index((reader, 1)) for reader in new)
    assert told.index(("handlaggare", 2)) < summaries[2], "the third who has just subscribed waits for the activation"
