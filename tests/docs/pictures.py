"""`make pictures`: what the Swedish pages show, taken from the desk while they are played.

Each is an SVG of 80 by 24 letters, light and dark, that fetches nothing; the same desk gives the same bytes.
"""

import os
import re
import tempfile
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME, TerminalTheme
from rich.text import Text
from textual.pilot import Pilot
from textual.widgets import Input

from tests.cli.desk.screen import SIZE
from tests.docs.pages import FOLDER, PAGES, play
from tests.terminal import Terminal

IMAGES = FOLDER.parent / "images"
COLUMNS, ROWS = SIZE
OF_THE_DESK = "desk-"
"""How the name of a picture of the desk begins; any other begins with the command whose answer it shows."""

SHEET = """\
<svg viewBox="0 0 {terminal_width} {terminal_height}" xmlns="http://www.w3.org/2000/svg">
<style>
text {{ font: {char_height}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre; }}
{styles}
</style>
<rect width="100%" height="100%" fill="BACKGROUND"/>
{backgrounds}
{matrix}
</svg>
"""
LIGHT_AND_DARK = {"": ("textual-light", DEFAULT_TERMINAL_THEME), "-dark": ("textual-dark", SVG_EXPORT_THEME)}
"""By the end of the file's name, how the desk looks and how a terminal does."""


class Terminals(StringIO):
    """Where an answer is written as to a terminal: with its colours."""

    def isatty(self) -> bool:
        return True


class Camera:
    """Takes each picture that a page shows, and keeps it by the name of its file."""

    def __init__(self) -> None:
        self.pictures: dict[str, str] = {}

    async def takes(self, name: str, pilot: Pilot[None] | None, terminal: Terminal) -> None:
        for end, (theme, colours) in LIGHT_AND_DARK.items():
            if pilot and name.startswith(OF_THE_DESK):
                shown, background = await _screen(pilot, theme), pilot.app.theme_variables["background"]
            else:
                shown, background = _answer(name.split("-")[0], terminal), colours.background_color.hex
            self.pictures[f"{name}{end}.svg"] = svg(shown, colours, background)


def _answer(command: str, terminal: Terminal) -> RenderableType:
    """What a command answers on a terminal of this width, below what was typed."""
    with patch.dict(os.environ, COLUMNS=str(COLUMNS)), redirect_stdout(Terminals()) as out:
        terminal.runs(command)
    return Padding(Text.from_ansi(f"$ reservrutin {command}\n\n{out.getvalue().rstrip()}"), 1)


async def _screen(pilot: Pilot[None], theme: str) -> RenderableType:
    """All that stands on the screen in these colours, with a cursor that stands still."""
    app = pilot.app
    app.theme = theme
    for line in app.query(Input):
        line.cursor_blink = False
    await pilot.pause()
    drawn = app.screen._compositor.render_update(full=True)
    assert drawn
    return drawn


def svg(shown: RenderableType, colours: TerminalTheme, background: str) -> str:
    """What is shown, in any reader's own letters, each in its place whatever they look like."""
    columns = COLUMNS + 2 if isinstance(shown, Padding) else COLUMNS
    paper = Console(
        width=columns, height=ROWS, file=StringIO(), record=True, force_terminal=True, color_system="truecolor"
    )
    paper.print(shown)
    drawn = paper.export_svg(
        title="", theme=colours, code_format=SHEET.replace("BACKGROUND", background), unique_id="p"
    )
    return re.sub(r' clip-path="[^"]*"', "", drawn)


def taken(page: Path, folder: Path) -> dict[str, str]:
    """Every picture of a page by the name of its file, from the page as it is played on a log in this folder."""
    camera = Camera()
    with chdir(folder):
        play(page, folder, camera.takes)
    return camera.pictures


if __name__ == "__main__":
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            for name, picture in taken(page, Path(folder)).items():
                (IMAGES / name).write_text(picture, encoding="utf-8")
