"""The desk in a test: opened on a terminal of a size of our choosing, driven by keys, read line by line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import textual._wait
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
    """Letters as fast as they are taken: the pilot else gives the screen time to be drawn, twice after each."""
    named = {" ": "space", "-": "minus", ".": "full_stop", ":": "colon"}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(textual._wait, "SLEEP_GRANULARITY", 1 / 200)
        await pilot.press(*(named.get(letter, letter) for letter in words))
    await press(pilot, *keys)


async def settled(pilot: Pilot[None]) -> None:
    """Until what a pause brings has been said, and what was asked of the log has been answered."""
    screen = pilot.app
    assert isinstance(screen, DeskScreen)
    await screen._typed.join()
    await pilot.pause()
    if screen._pause is not None and screen._pause._task is not None:
        await asyncio.wait({screen._pause._task})
        await pilot.pause()
    await screen.in_log(lambda: None)
    await asyncio.gather(*(worker.wait() for worker in screen.workers if worker.group != "typed"))
    await pilot.pause()


async def seconds_pass(pilot: Pilot[None], seconds: int) -> None:
    """As if its clock had struck so often, and until what that brings has come."""
    screen = pilot.app
    assert isinstance(screen, DeskScreen)
    for _second in range(seconds):
        await screen._tick()
    await settled(pilot)
