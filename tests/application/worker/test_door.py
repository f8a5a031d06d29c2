"""The worker's mail leads to the subscriber's door where it answers, and waits for none that does not."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from application.worker.round import Round
from application.worker.watchers import Watcher
from domain.audience import ChannelName
from notifiers.email import door_probe
from tests.application.worker.test_watching import once, said
from tests.doorway import certificate, doorway, trusted
from tests.mailroom import Mailroom, mailroom, port_of_nobody, text
from tests.terminal import Terminal

ONE_CLICK = "List-Unsubscribe=One-Click"
WITHOUT = "Så länge går mejlen ut utan länkar dit; det går fortfarande att avsluta med e-post."


class Hears(Watcher):
    """What is wrong with the door, and that it is over."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def trouble(self, event: str, sentence: str, **what: object) -> None:
        assert event == "web"
        self.heard.append(f"{what['reason']}: {sentence}")

    def recovered(self, event: str, sentence: str) -> None:
        assert event == "web"
        self.heard.append(f"back: {sentence}")


@pytest.fixture
def outage(terminal: Terminal) -> Terminal:
    terminal.on(datetime.now(UTC))
    assert terminal.types("subscriber add anna@example.se --audience staff").code == 0
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    return terminal


async def test_mail_leads_to_the_door_for_as_long_as_it_answers(
    outage: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_probe, "TRIED_EVERY", 0.0)
    hears, desk = Hears(), outage.desk
    with mailroom() as mails, doorway(certificate(trusted(tmp_path, monkeypatch))) as door:
        desk.settings = replace(desk.settings, mail_server=mails.server(), web_url=door.url)
        work = Round(desk, [hears], at_once=True)
        await work.run()
        assert hears.heard == []
        door.status = 503
        await told_of_a_note(outage, work, mails)
        await work.run()  # there is nothing to send: nobody asks
        asked = len(door.asked)
        door.status = 200
        await told_of_a_note(outage, work, mails)  # goes out while it is tried
        async with asyncio.timeout(5):
            while len(hears.heard) < 2:
                await asyncio.sleep(0.01)
        await told_of_a_note(outage, work, mails)
        assert (asked, len(door.asked)) == (2, 4)
    assert [mail["List-Unsubscribe-Post"] for mail in mails.mails] == [ONE_CLICK, None, None, ONE_CLICK]
    for mail, is_open in zip(mails.mails, (True, False, False, True), strict=True):
        assert mail["List-Unsubscribe"].startswith(f"<{door.url}/avsluta/" if is_open else "<mailto:")
        assert (f"{door.url}/val/" in text(mail)) == (f"{door.url}/val/" in text(mail, "html")) == is_open
    assert hears.heard == [
        f"web-unwell: {door.url} svarar att den inte fungerar just nu. {WITHOUT}",
        f"back: {door.url} svarar igen: mejlen har länkar dit.",
    ]


async def told_of_a_note(outage: Terminal, work: Round, mails: Mailroom) -> None:
    """One more mail to Anna."""
    before = len(mails.mails)
    outage.on(outage.desk.now() + timedelta(minutes=5))
    outage.records(f"prognosis-received --restored-by +{before + 2}h")
    await work.run()
    assert len(mails.mails) == before + 1


async def test_the_files_of_an_exercise_lead_nowhere_outside(outage: Terminal, tmp_path: Path) -> None:
    desk = outage.desk
    with doorway() as door:
        folder = {"notice_folder": tmp_path, "only_channel": ChannelName.FOLDER}
        desk.settings = replace(desk.settings, web_url=door.url, **folder)  # type: ignore[arg-type]  # as it says
        await Round(desk, at_once=True).run()
        [notice] = tmp_path.glob("*.eml")
        assert door.url not in notice.read_text("ascii")
        assert door.asked == []


def test_the_log_for_machines_says_once_why_mail_has_no_links(
    outage: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESERVRUTIN_WEB_URL", f"https://localhost:{port_of_nobody()}")
    with mailroom() as mails:
        log = said(once(outage, mails.url, "--log", "json").stderr)
        assert [mail["List-Unsubscribe-Post"] for mail in mails.mails] == [None]
    [told] = [line for line in log if line["event"] == "web"]
    assert (told["level"], told["reason"]) == ("error", "web-away")
