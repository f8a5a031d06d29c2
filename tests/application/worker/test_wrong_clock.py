"""A machine whose clock is wrong for a while: no mail waits for it, and no deadline is written down by it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.worker.round import Round
from application.worker.watchers import Watcher
from notifiers.email.mail_server import parse_url
from tests.application.worker.test_watching import once, said
from tests.mailroom import mailroom, port_of_nobody
from tests.terminal import DAY, Terminal

OUTAGE = "outage-detected --scope all-users --system sesam-s2"
EIGHT = DAY.replace(hour=8)


class Hears(Watcher):
    """What is wrong and what no longer is, by stable names."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def trouble(self, event: str, sentence: str, **what: object) -> None:
        self.heard.append(event)

    def recovered(self, event: str, sentence: str) -> None:
        self.heard.append(f"{event}-back")


def test_mail_that_a_clock_ahead_put_off_goes_with_the_next_round_and_that_is_said(terminal: Terminal) -> None:
    terminal.on(datetime.now(UTC)).types("subscriber add anna@example.se --audience staff")
    terminal.records(OUTAGE)
    terminal.on(datetime.now(UTC) + timedelta(hours=5))
    away = parse_url(f"smtp://127.0.0.1:{port_of_nobody()}")
    terminal.desk.settings = replace(terminal.desk.settings, mail_server=away)
    assert terminal.types("worker --once").code == 0
    left = sum(bool(row["next_try_at"]) for row in terminal.types("deliveries --json").json)
    with mailroom() as mails:
        log = said(once(terminal, mails.url, "--log", "json").stderr)
        assert len(mails.mails) == 1
    [line] = [line for line in log if line["event"] == "far-ahead"]
    assert (line["level"], line["count"]) == ("error", left)


class Worker:
    """A worker, round after round, whose two clocks a test turns: the wall's, and the one that only counts."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal, self._seconds, self.hears = terminal, 0.0, Hears()
        self._work = Round(terminal.desk, [self.hears], at_once=True, count=lambda: self._seconds)

    async def looks(self, *, wall: timedelta, passed: timedelta) -> int:
        """One round at this time after eight, so long after the latest; how many deadlines the log then holds."""
        self._seconds += passed.total_seconds()
        self._terminal.on(EIGHT + wall)
        await self._work.run()
        facts = [row["fact"] for row in self._terminal.types("log 1 --json").json]
        return sum(fact.startswith("deadline-") for fact in facts)


@pytest.fixture
def worker(terminal: Terminal) -> Worker:
    terminal.on(EIGHT).records(OUTAGE)
    return Worker(terminal)


MINUTE, DAY_AHEAD = timedelta(minutes=1), timedelta(days=1)


async def test_no_deadline_is_written_by_a_clock_that_has_leapt_and_it_is_said_once(worker: Worker) -> None:
    before = await worker.looks(wall=MINUTE, passed=MINUTE)
    for minutes in (1, 2, 3):
        assert await worker.looks(wall=DAY_AHEAD + minutes * MINUTE, passed=MINUTE) == before
    assert worker.hears.heard == ["clock"]
    assert await worker.looks(wall=5 * MINUTE, passed=MINUTE) == before
    assert worker.hears.heard == ["clock", "clock-back"]
    assert await worker.looks(wall=2 * 60 * MINUTE, passed=115 * MINUTE) > before, "as time passes"


async def test_a_leap_that_nobody_puts_right_is_believed_after_ten_minutes(worker: Worker) -> None:
    before = await worker.looks(wall=MINUTE, passed=MINUTE)
    assert await worker.looks(wall=DAY_AHEAD, passed=MINUTE) == before
    assert await worker.looks(wall=DAY_AHEAD + 9 * MINUTE, passed=9 * MINUTE) == before
    assert await worker.looks(wall=DAY_AHEAD + 10 * MINUTE, passed=MINUTE) > before
    assert worker.hears.heard == ["clock", "clock-back"]


async def test_a_clock_that_is_put_right_by_minutes_or_back_stops_nothing(worker: Worker) -> None:
    before = await worker.looks(wall=MINUTE, passed=MINUTE)
    assert await worker.looks(wall=-DAY_AHEAD, passed=MINUTE) == before
    assert await worker.looks(wall=-DAY_AHEAD + 5 * MINUTE, passed=MINUTE) == before
    assert worker.hears.heard == []
