"""`make pictures`: what the pages look like, for docs/pages.md; on a telephone side by side, at a desk as they are."""

import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path

from application.staff_page.paths import StaffPage, staff_path
from infrastructure.database.database import Database
from tests.browser import Browser, Eyes, Window
from tests.conftest import CHROMIUM
from tests.docs.pictures import IMAGES
from tests.empty_log import empty_log
from tests.looking.day import made_of_a_day
from tests.looking.test_pages import DESK, PHONE
from tests.looking.test_staff import DAY
from tests.programs import absent
from tests.web import test_staff
from tests.web.served import a_confirmation, a_reader, served
from wording.door_paths import DoorPage, door_path

GAP, HIGHEST = 16, 844
"""Pixels between two telephones in a picture of several, and where a long page ends."""


class Album:
    """Takes pictures of pages, and keeps them in docs/images."""

    def __init__(self, window: Window, folder: Path) -> None:
        self._window = window
        self._folder = folder

    def at_a_desk(self, name: str, page: Path | str, *, dark: bool = False) -> None:
        self._keep(name, page, Eyes(DESK.width, 720, dark=dark))

    def on_telephones(self, name: str, *pages: Path | str) -> None:
        """Beside each other, in the order in which one comes to them."""
        taken: list[Path] = []
        for page in pages:
            self._window.opens(page, PHONE)
            taken.append(self._folder / f"{name}-{len(taken)}.png")
            taken[-1].write_bytes(self._window.picture())
        shown = "".join(f"<div><img src='{escape(one.as_uri())}'></div>" for one in taken)
        look = f"div {{ overflow: hidden; max-height: {HIGHEST}px }} img {{ display: block }}"
        look += f"body {{ margin: 0; padding: {GAP}px; background: #c8ced6; display: flex; gap: {GAP}px }}"
        sheet = self._folder / f"{name}.html"
        sheet.write_text(f"<style>{look} body {{ align-items: start }}</style>{shown}", encoding="utf-8")
        self._keep(name, sheet, Eyes(len(taken) * (PHONE.width + GAP) + GAP, 100), whole=True)

    def _keep(self, name: str, page: Path | str, eyes: Eyes, *, whole: bool = False) -> None:
        self._window.opens(page, eyes)
        (IMAGES / f"{name}.png").write_bytes(self._window.picture(whole=whole))


def for_everybody(album: Album, folder: Path) -> None:
    files = made_of_a_day(folder)
    now, one, statement = (files[f"during/{name}.html"] for name in ("index", "2026-0001", "accessibility"))
    album.on_telephones("published-phone", now, one, statement)
    album.at_a_desk("published-desktop", now)
    album.at_a_desk("published-dark", now, dark=True)


def the_door(album: Album, folder: Path) -> None:
    log = Database(empty_log(folder / "log.sqlite"))
    reader, letter, leaver = a_reader(log), a_confirmation(log), a_reader(log, "bo")
    with served(log.url, folder) as door:

        def at(page: DoorPage, token: str = "") -> str:
            return f"http://{door.host}:{door.port}{door_path(page, 'sv', token)}"

        def answer(name: str, path: str, **fields: str) -> Path:
            file = folder / f"{name}.html"
            file.write_text(door.sends(path, **fields).text, encoding="utf-8")
            return file

        wrong = answer("wrong", "/", address="anna@example", language="sv")
        asked = answer("asked", "/", address="anna@example.se", language="sv")
        album.on_telephones("door-in", at(DoorPage.SUBSCRIBE), wrong, asked, at(DoorPage.CONFIRM, letter))
        left = answer("left", door_path(DoorPage.LEAVE, "sv", leaver))
        ways = at(DoorPage.CHOICES, reader), at(DoorPage.LEAVE, reader)
        album.on_telephones("door-out", *ways, left, at(DoorPage.LEAVE, "a" * 26))
        album.at_a_desk("door-desktop", at(DoorPage.SUBSCRIBE))
    log.close()


def staffs_page(album: Album, folder: Path) -> None:
    with test_staff.served(folder, empty_log(folder / "log.sqlite")) as server:
        for line in DAY:
            server.types(f"record {line}")
        board, callers, one, replay = (
            f"{server.place}{staff_path(page, 'sv', test_staff.NUMBER)}"
            for page in (StaffPage.BOARD, StaffPage.CALLERS, StaffPage.INCIDENT, StaffPage.REPLAY)
        )
        album.on_telephones("staff-phone", board, callers, one, replay)
        album.at_a_desk("staff-desktop", board)


PAGES: tuple[Callable[[Album, Path], None], ...] = for_everybody, the_door, staffs_page

if __name__ == "__main__":
    assert CHROMIUM, absent("chromium")
    chromium = Browser(CHROMIUM)
    window = Window(chromium)
    for takes in PAGES:
        with tempfile.TemporaryDirectory() as made:
            takes(Album(window, Path(made)), Path(made))
    window.close()
    chromium.close()
