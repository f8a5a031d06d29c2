"""A mail server that refuses everybody alike: that is about us, and costs no reader anything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.worker.round import Round
from application.worker.watchers import Watcher
from tests.application.worker.test_watching import once, said
from tests.conftest import on_sqlite
from tests.mailroom import mailroom
from tests.terminal import Terminal

NAMES = ("anna", "bo", "cia")


class Hears(Watcher):
    """What is wrong, by its stable name."""

    def __init__(self) -> None:
        self.troubles: list[str] = []

    def trouble(self, event: str, sentence: str, **what: object) -> None:
        self.troubles.append(event)


@pytest.fixture
def three(terminal: Terminal) -> Terminal:
    """An outage of this minute that three readers are to be told of."""
    terminal.on(datetime.now(UTC))
    for name in NAMES:
        assert terminal.types(f"subscriber add {name}@example.se --audience staff").code == 0
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    return terminal


def states(desk: Terminal) -> set[tuple[str, str | None]]:
    return {(row["state"], row["fault"]) for row in desk.types("deliveries --json").json}


@on_sqlite
@pytest.mark.parametrize("answer", ["550 5.1.1 unknown", "550 5.1.8 bad outbound sender", "554 no"])
def test_what_everybody_is_refused_waits_and_is_said_once(three: Terminal, answer: str) -> None:
    with mailroom() as mails:
        mails.refuses_everybody = answer
        log = said(once(three, mails.url, "--log", "json").stderr)
        [held] = [line for line in log if line["event"] == "mail-held"]
        assert (held["level"], held["code"]) == ("error", int(answer[:3]))
        assert states(three) == {("deferred", "policy")}
        assert "inte för mottagarnas skull" in " ".join(three.types("board").out.split())
        assert {row["state"] for row in three.types("subscriber list --json").json} == {"active"}


async def test_it_is_said_again_only_when_the_mail_server_has_taken_mail(three: Terminal) -> None:
    hears = Hears()
    with mailroom() as mails:
        desk = three.desk
        desk.settings = replace(desk.settings, mail_server=mails.server())
        work = Round(desk, [hears], at_once=True)
        mails.refuses_everybody = "550 5.1.1 unknown"
        for _ in range(3):
            await work.run()
            three.on(desk.now() + timedelta(minutes=3))
        assert hears.troubles == ["mail-held"]
        mails.refuses_everybody = ""
        await work.run()
        assert len(mails.mails) == len(NAMES)
        assert "inte för mottagarnas skull" not in " ".join(three.types("board").out.split())
