"""The subscriber's door before a real browser: looked at, gone through with a keyboard, and used without scripts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infrastructure.database.database import Database
from infrastructure.registers.wishes import waiting
from tests.browser import WELL_MADE, Browser, Window
from tests.empty_log import empty_log
from tests.looking.keyboard import hindered
from tests.looking.test_pages import DESK, LARGE, PHONE, REFLOW, ZOOMED
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


def test_somebody_subscribes_chooses_and_leaves_with_a_keyboard_alone_and_no_script(
    window: Window, door: Served, log: Database
) -> None:
    heading = "document.querySelector('h1').innerText"
    window.opens(at(door, "/"), scripts=False)
    comes_to(window, "#address")
    window.types("tangent@example")
    window.follows()
    assert window.finds("document.activeElement.className") == "faults", "the page opens at what is to be put right"
    comes_to(window, "a[href='#address']")
    window.follows()
    window.presses("End")
    window.types(".se")
    comes_to(window, "#system-websesam")
    window.presses("Space")
    comes_to(window, "button")
    window.follows()
    assert window.finds(heading) == "Titta i din inkorg"

    window.opens(at(door, door_path(DoorPage.CONFIRM, "sv", a_confirmation(log, "tangent"))), scripts=False)
    comes_to(window, "button")
    window.follows()
    assert window.finds(heading) == "Din adress är bekräftad"

    window.opens(at(door, door_path(DoorPage.CHOICES, "sv", a_reader(log, "tangent"))), scripts=False)
    comes_to(window, "#language-sv")
    window.presses("ArrowDown")
    comes_to(window, "#paused_until")
    comes_to(window, "button")
    window.follows("Space")
    assert window.finds("document.querySelector('#language-en').checked")
    assert window.finds("document.querySelector('[role=status]').innerText") == "Dina val är sparade."
    comes_to(window, "main a")
    window.follows()
    comes_to(window, "button")
    window.follows()
    assert window.finds(heading) == "Du får inga fler mejl"
    assert [wish.kind for wish in waiting(log.connection(), log.now())][-4:] == [
        "subscribe",
        "confirm",
        "choose",
        "leave",
    ]
