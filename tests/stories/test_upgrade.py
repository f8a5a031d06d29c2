"""A log that version 0.1.0 wrote: the day that its `demo` played, as it lay in the file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cli.terminal.login import login_at_the_keyboard
from infrastructure.database.database import SCHEMA
from tests.terminal import Terminal

AS_0_1_0_LEFT_IT = Path(__file__).with_name("log-of-0.1.0.sql")
ITS_VERDICTS = {
    "report-to-system-owner",
    "contact-unit-manager",
    "create-servicedesk-incident",
    "contact-supplier",
    "inform-callers",
    "publish-operating-information",
    "activate-without-prognosis",
    "activate-after-four-hours",
    "notify-partner",
    "publish-reserve-routine",
    "deactivate-reserve-routine",
    "tell-partner-all-clear",
    "enter-referrals",
}
"""The duties that `review` of that version judged: each was kept."""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as log:
        log.executescript(AS_0_1_0_LEFT_IT.read_text(encoding="utf-8"))
    at = Terminal(tmp_path, url=f"sqlite:///{tmp_path / 'log.sqlite'}")
    yield at
    at.close()


def asks(terminal: Terminal, line: str) -> Any:
    reply = terminal.types(f"{line} --json")
    assert reply.code == 0, reply.err
    return reply.json


def test_it_is_brought_along_by_the_first_command_and_all_of_it_holds(terminal: Terminal) -> None:
    before = asks(terminal, "database check")
    assert (before["found"], before["known"], before["pending"][0]) == ("0001", SCHEMA, "0002")
    verified = asks(terminal, "verify")
    assert verified["facts"] > 20
    assert asks(terminal, "database check")["pending"] == []


def test_it_is_judged_as_it_was_by_the_routine_of_then(terminal: Terminal) -> None:
    review = asks(terminal, "review 1")
    assert review["routine"]["version"] == "1.0"
    assert {line["duty"] for line in review["verdicts"] if line["verdict"] == "kept"} >= ITS_VERDICTS
    assert {line["verdict"] for line in review["verdicts"]} <= {"kept", "not-applicable"}


def test_who_was_told_and_who_may_record_are_still_known(terminal: Terminal) -> None:
    told = asks(terminal, "deliveries 1")
    assert len(told) == 18
    assert {each["state"] for each in told} == {"sent"}
    assert [person["login"] for person in asks(terminal, "staff list")] == ["anna"]


def test_the_work_goes_on_in_it(terminal: Terminal) -> None:
    asks(terminal, f"staff add {login_at_the_keyboard()} --role hjalpmedel-administration")
    terminal.records("outage-detected --scope all-users --system sesam-s2 --as hjalpmedel-administration")
    assert terminal.status("2026-0002")["incident"] == "2026-0002"
    assert asks(terminal, "verify")["problems"] == []
