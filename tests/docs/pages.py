"""The Swedish pages, played: what they say to type is typed, in the order of the page, on a real log.

A page's block of `sh` holds commands, its block of `tangenter` the keys of the desk, a line an act:

    12:06  1  Enter      → ✓ reservrutin aktiverad

the time of the day, the keys with two spaces between (several letters are typed one by one), and after the arrow what
stands on the screen then; with ✓ it is written. In a block of `sh` a comment that begins with a time sets the clock. A
comment of the page itself, `<!-- under tiden: FUNCTIONS … -->`, says what nobody reads: what others record meanwhile,
a command a line after its time, and in which functions whoever plays the page acts from then on.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from textual.pilot import Pilot

from cli.desk.app import DeskScreen
from cli.terminal.login import login_at_the_keyboard
from domain.routine_document import builtin
from domain.vocabulary import SWEDEN
from tests.cli.desk.screen import LOGIN, opened, press, seen, settled, text, types
from tests.mailroom import mailroom
from tests.terminal import Terminal

FOLDER = Path(__file__).parents[2] / "docs" / "sv"
PAGES = tuple(sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md"))
EVERYBODY = tuple(builtin().functions)
THE_DAY = datetime(2026, 12, 7, tzinfo=SWEDEN)

LOOKS = 40
"""How often the screen is looked at before what a line is to bring has not come; a machine may have much to do."""

PART = re.compile(
    r"^```(?P<kind>sh|tangenter)\n(?P<block>.*?)^```$"
    r"|^<!-- under tiden: ?(?P<meanwhile>.*?)^-->$"
    r"|<img [^>]*src=\"\.\./images/(?P<picture>[a-z-]+)\.svg\"",
    re.DOTALL | re.MULTILINE,
)
TIME = re.compile(r"(?:# )?(\d\d:\d\d)\b")
KEYS = {
    "Enter": "enter",
    "Esc": "escape",
    "Backsteg": "backspace",
    "↓": "down",
    "↑": "up",
    "Ctrl+K": "ctrl+k",
    "Ctrl+T": "ctrl+t",
    "?": "question_mark",
}

Takes = Callable[[str, Pilot[None] | None, Terminal], Coroutine[None, None, None]]
"""Is handed the name of each picture when the page has come to it, with the desk once that is open."""


@dataclass(frozen=True, slots=True)
class Act:
    """A line of keys. `brings` is what is on the screen then, empty where the page does not say."""

    time: str
    keys: tuple[str, ...]
    brings: str


def act(line: str) -> Act:
    pressed, _arrow, brings = line.partition("→")
    keys = re.split(r" {2,}", pressed.strip())
    time = keys.pop(0) if TIME.fullmatch(keys[0]) else ""
    return Act(time, tuple(keys), brings.strip())


def parts(page: Path) -> Iterator[tuple[str, str]]:
    """The page's blocks and pictures, in their order: what it is, and its text or its name."""
    return parts_of(page.read_text(encoding="utf-8"))


def parts_of(text: str) -> Iterator[tuple[str, str]]:
    for found in PART.finditer(text):
        kind = found["kind"] or str(found.lastgroup)
        yield kind, found["block"] if found["kind"] else found[kind]


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a block with the time of the day that was said last."""
    time = ""
    for line in block.replace("\\\n", " ").splitlines():
        if line.startswith("#"):
            said = TIME.match(line)
            time = said[1] if said else time
        elif line.strip():
            yield time, line


def play(page: Path, folder: Path, takes: Takes | None = None) -> None:
    """Do what the page says, on a log of its own in this folder. Fails where something else comes of it."""
    with mailroom() as mails:
        terminal = Terminal(folder, day=THE_DAY, smtp_url=mails.url).at("08:00")
        if any(kind == "tangenter" for kind, _said in parts(page)):
            asyncio.run(_at_the_desk(page, folder, terminal, takes))
        else:
            for kind, said in parts(page):
                if kind != "picture":
                    _at_the_prompt(kind, said, terminal)
                elif takes:
                    asyncio.run(takes(said, None, terminal))
        terminal.close()


async def _at_the_desk(page: Path, folder: Path, terminal: Terminal, takes: Takes | None) -> None:
    """Commands in one window while the desk is open in another, from its first key to the end of the page."""
    async with AsyncExitStack() as stack:
        pilot: Pilot[None] | None = None
        for kind, said in parts(page):
            if kind == "tangenter":
                if pilot is None:
                    pilot = await stack.enter_async_context(opened(terminal, folder))
                for line in filter(None, map(str.strip, said.splitlines())):
                    await _press(pilot, terminal, act(line))
            elif kind == "picture":
                if takes:
                    await takes(said, pilot, terminal)
            else:
                _at_the_prompt(kind, said, terminal)


def _at_the_prompt(kind: str, said: str, terminal: Terminal) -> None:
    if kind == "sh":
        for time, command in commands(said):
            _run(terminal.at(time) if time else terminal, command)
        return
    functions, _newline, lines = said.partition("\n")
    logins = (LOGIN, login_at_the_keyboard())
    for login in logins if terminal.types("staff list --json").json else ():
        _run(terminal, f"reservrutin staff add {login} " + " ".join(f"--role {name}" for name in EVERYBODY))
    for line in lines.strip().splitlines():
        time, command = line.split(" ", 1)
        _run(terminal.at(time), command)
    for login in logins if functions else ():
        _run(terminal, f"reservrutin staff add {login} " + " ".join(f"--role {name}" for name in functions.split()))


def _run(terminal: Terminal, command: str) -> None:
    """A command that does its work. A review and a check of the log end with 6 where they found something."""
    program, line = command.split("  #")[0].split(maxsplit=1)
    assert program == "reservrutin", command
    reply = terminal.types(line)
    assert reply.code in (0, 6), f"{command}\n{reply.out}{reply.err}"


async def _press(pilot: Pilot[None], terminal: Terminal, said: Act) -> None:
    screen = pilot.app
    assert isinstance(screen, DeskScreen)
    if said.time:
        await asyncio.to_thread(terminal.at(said.time).types, "worker --once")  # as it does all day
    await screen._look()
    for key in said.keys:
        if key in KEYS:
            await press(pilot, KEYS[key])
        else:
            await types(pilot, key)
    brings = re.compile(re.escape(said.brings).replace(r"✓\ ", r"✓ Skrivet: post \d+, "), re.IGNORECASE)
    for _look_again in range(LOOKS):
        await settled(pilot)
        if brings.search(text(pilot)):
            return
    raise AssertionError(f"{said}\n" + "\n".join(seen(pilot)))
