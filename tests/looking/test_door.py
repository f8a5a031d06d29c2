"""The subscriber's door before a real browser: looked at, gone through with a keyboard, and used without scripts."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infrastructure.database.database import Database
from tests.browser import WELL_MADE, Browser, Window
from tests.empty_log import empty_log
from tests.looking.day import PUBLISH
from tests.looking.keyboard import hindered
from tests.looking.test_pages import DESK, LARGE, PHONE, REFLOW, ZOOMED
from tests.mailroom import Mailroom, mailroom, text
from tests.terminal import Terminal
from tests.web.served import Served, a_confirmation, a_reader, every_page, served
from wording.door_paths import DoorPage, door_path


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(empty_log(tmp_path_factory.mktemp("door") / "log.sqlite"))
    yield database
    database.close()


@pytest.fixture(scope="module")
def door(log: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(log.url, tmp_path_factory.mktemp("settings"), subscribe_domains="example.se") as server:
        yield server


@pytest.fixture(scope="module")
def pages(log: Database, door: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | Path]:
    """Every page that is looked at, by its path; and what each form is answered with, which no address leads to."""
    paths = every_page(a_reader(log), a_confirmation(log))
    alike = [door_path(page, "sv", "a" * 26) for page in (DoorPage.CHOICES, DoorPage.LEAVE)]
    found: dict[str, str | Path] = {path: at(door, path) for path in paths if path not in alike}
    reader = a_reader(log, "cia")
    for language in ("sv", "en"):
        way = {page: door_path(page, language, reader) for page in DoorPage}
        leaver, confirmer = a_reader(log, f"leaver-{language}"), a_confirmation(log, f"confirmer-{language}")
        for name, answer in {
            "wrong": door.sends(way[DoorPage.SUBSCRIBE], address="anna@example", language=language),
            "asked": door.sends(way[DoorPage.SUBSCRIBE], address="anna@example.se", language=language),
            "confirmed": door.sends(door_path(DoorPage.CONFIRM, language, confirmer)),
            "chosen": door.sends(way[DoorPage.CHOICES], do="choose", language=language, system="sesam-s2"),
            "wrong-pause": door.sends(way[DoorPage.CHOICES], do="choose", language=language, paused_until="igår"),
            "moved": door.sends(way[DoorPage.CHOICES], do="move", address="anna2@example.se"),
            "left": door.sends(door_path(DoorPage.LEAVE, language, leaver), **{"List-Unsubscribe": "One-Click"}),
        }.items():
            file = tmp_path_factory.getbasetemp() / f"{name}.{language}.html"
            file.write_text(answer.text, encoding="utf-8")
            found[f"/{'en/' * (language == 'en')}{name}"] = file
    return found


def at(door: Served, path: str) -> str:
    return f"http://{door.host}:{door.port}{path}"


def test_no_page_of_the_door_keeps_anybody_out(browser: Browser, pages: dict[str, str | Path]) -> None:
    """As the pages for everybody are looked at."""
    english = {name: page for name, page in pages.items() if name.startswith("/en/")}
    swedish = {name: page for name, page in pages.items() if name not in english}
    assert len(english) + len(swedish) == len(pages) == 27
    assert browser.keeps_out(swedish, replace(PHONE, axe=WELL_MADE), REFLOW, ZOOMED, LARGE) == {}
    assert browser.keeps_out(english, replace(DESK, dark=True, axe=WELL_MADE), PHONE, REFLOW, ZOOMED, LARGE) == {}


@pytest.mark.long
@pytest.mark.parametrize("dark", [False, True])
def test_no_page_of_the_door_keeps_anybody_out_at_any_width_in_any_light_and_at_any_size(
    browser: Browser, pages: dict[str, str | Path], dark: bool
) -> None:
    every = [replace(one, dark=dark, axe=WELL_MADE) for one in (PHONE, DESK, REFLOW, ZOOMED, LARGE)]
    assert browser.keeps_out(pages, *every) == {}


def test_the_tab_key_reaches_everything_of_the_door(window: Window, pages: dict[str, str | Path]) -> None:
    """Where there is anything to fill in or press; the others lead elsewhere as these do."""
    found = {}
    for name, page in pages.items():
        if (isinstance(page, str) and not name.startswith("/en/")) or name.startswith("/wrong"):
            window.opens(page, scripts=False)
            found[name] = hindered(window)
    assert {name: faults for name, faults in found.items() if faults} == {}


def comes_to(window: Window, what: str) -> None:
    """Press the tab key until it stops there."""
    for _press in range(40):
        window.presses("Tab")
        if window.finds(f"document.activeElement.matches(`{what}`)"):
            return
    raise AssertionError(f"the tab key never comes to {what}")


class Reader:
    """Somebody at a keyboard, whose mail is at this mailroom; a worker does what they ask for at the door."""

    def __init__(self, window: Window, desk: Terminal, mails: Mailroom) -> None:
        self.window, self._desk, self._mails = window, desk, mails

    def opens(self, address: str) -> None:
        self.window.opens(address, scripts=False)

    def follows_the_link(self, page: DoorPage) -> None:
        """To this page, from the latest mail."""
        path = door_path(page, "sv", "[a-z2-7]{26}")
        found = re.search(rf"{re.escape(self._desk.settings.web_url)}{path}", text(self._mails.to("tangent")[-1]))
        assert found, text(self._mails.to("tangent")[-1])
        self.opens(found[0])

    def presses(self, button: str = "button", key: str = "Enter") -> None:
        comes_to(self.window, button)
        self.window.follows(key)

    @property
    def heading(self) -> str:
        return str(self.window.finds("document.querySelector('h1').innerText"))

    def waits(self, *facts: str) -> None:
        """Until what was asked for is done, and these have been recorded and told."""
        for fact in facts:
            self._desk.on(datetime.now(UTC)).records(fact)
        assert self._desk.on(datetime.now(UTC)).types("worker --once").code == 0


def test_somebody_subscribes_chooses_and_leaves_with_a_keyboard_alone_and_no_script(
    window: Window, tmp_path: Path
) -> None:
    """By the real thing: the door, a worker, and the links of the mails that it sends."""
    with (
        mailroom() as mails,
        closing(Terminal(tmp_path, smtp_url=mails.url)) as desk,
        served(desk.settings.database_url, tmp_path) as door,
    ):
        desk.settings = desk.desk.settings = replace(desk.settings, web_url=at(door, ""))
        reader = Reader(window, desk, mails)
        reader.opens(at(door, "/"))
        comes_to(window, "#address")
        window.types("tangent@example")
        window.follows()
        assert window.finds("document.activeElement.className") == "faults", "it opens at what is to be put right"
        reader.presses("a[href='#address']")
        window.presses("End")
        window.types(".se")
        comes_to(window, "#system-websesam")
        window.presses("Space")
        reader.presses()
        assert reader.heading == "Titta i din inkorg"
        reader.waits()

        reader.follows_the_link(DoorPage.CONFIRM)
        reader.presses()
        assert reader.heading == "Din adress är bekräftad"
        reader.waits("outage-detected --scope all-users --system websesam", f"{PUBLISH} --situation down --text Nere.")

        reader.follows_the_link(DoorPage.CHOICES)
        assert window.finds("document.querySelector('#system-websesam').checked")
        comes_to(window, "#language-sv")
        window.presses("ArrowDown")
        comes_to(window, "#paused_until")
        reader.presses(key="Space")
        assert window.finds("document.querySelector('#language-en').checked")
        assert window.finds("document.querySelector('[role=status]').innerText") == "Dina val är sparade."
        reader.presses("main a")
        reader.presses()
        assert reader.heading == "Du får inga fler mejl"
        reader.waits()
        assert desk.types("subscriber list --json").json == []
