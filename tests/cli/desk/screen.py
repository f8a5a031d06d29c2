"""The desk in a test: opened on a terminal of a size of our choosing, driven by keys, read line by line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from cli.desk.app import DeskScreen
from cli.desk.drafts import DraftFile
from cli.desk.sight import look
from tests.terminal import Terminal

SIZE = (80, 24)
LOGIN = "anna"


@asynccontextmanager
async def opened(
    terminal: Terminal, folder: Path, size: tuple[int, int] = SIZE, lang: str = "sv"
) -> AsyncIterator[Pilot[None]]:
    desk = terminal.desk if lang == "sv" else terminal.desk.speaking("en")
    screen = DeskScreen(
        desk, LOGIN, look(desk, LOGIN), DraftFile(folder / "desk", desk.settings.database_url, desk.now)
    )
    async with screen.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


def seen(pilot: Pilot[None]) -> list[str]:
    """What stands on the screen, line by line."""
    return ["".join(segment.text for segment in strip) for strip in pilot.app.screen._compositor.render_strips()]


def text(pilot: Pilot[None]) -> str:
    """The screen as one text."""
    return " ".join(" ".join(seen(pilot)).split())


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys one after another, each as fast as the screen takes it, then until what they bring has come."""
    await pilot.press(*keys)
    await settled(pilot)


async def types(pilot: Pilot[None], words: str, *keys: str) -> None:
    named = {" ": "space", "-": "minus", ".": "full_stop", ":": "colon"}
    await press(pilot, *(named.get(letter, letter) for letter in words), *keys)


async def settled(pilot: Pilot[None]) -> None:
    """Until what was asked of the log has been answered, and what a pause brings has been said."""
    await pilot.pause(0.15)
    screen = pilot.app
    assert isinstance(screen, DeskScreen)
    await screen.in_log(lambda: None)
    await screen.workers.wait_for_complete()
    await pilot.pause()
