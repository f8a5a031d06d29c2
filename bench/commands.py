"""Whole commands, from the shell to the answer, as multiples of a Python that does nothing, and their memory."""

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from bench import stores
from bench.environments import NotThere, peers_python
from bench.figures import Figure, Found, Unmeasured
from bench.ground import FIRST_YEAR, POSTGRES_NAME, PROGRAM, SQLITE_NAME, Ground, Process, filled, incidents, process

PART = "commands"
BARE = "a bare python -c pass"
INCIDENTS = 10
OPEN = f"{FIRST_YEAR}-{INCIDENTS:04}"
NOTED = ("record", "note-added", "--text", "Lugnt i växeln, tre har ringt från Lund.")
GOALS: dict[str, dict[str, float]] = {
    SQLITE_NAME: {"--help": 5, "record": 11, "board": 12, "show": 12},
    POSTGRES_NAME: {"--help": 5, "record": 22, "board": 22, "show": 22},
}
"""The most that each may be of a bare Python."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "--help": ("--help",),
    "record --help": ("record", "--help"),
    "record": NOTED,
    "board": ("board",),
    "show": ("show",),
    "due": ("due",),
    "log": ("log",),
    "replay": ("replay", OPEN),
    "review": ("review", OPEN),
}
COUNTED = ("--help", "record --help", "record", "board", "show")
"""Whose instructions are counted, which takes seconds each."""

IMPORTED = ("click", "pydantic", "eventsourcing.application", "psycopg", "sqlalchemy")
ANSWERS = (0, 6)
"""Exit codes of a command that has done its work; 6 where the review finds something."""


def measure(ground: Ground) -> Iterator[Found]:
    for name, fresh in ground.databases.items():
        database = filled(fresh(), incidents(INCIDENTS))
        commands: dict[str, Sequence[str | Path]] = {
            BARE: (sys.executable, "-c", "pass"),
            **{what: (PROGRAM, *words) for what, words in COMMANDS.items()},
        }
        if name == next(iter(ground.databases)):
            commands |= {f"import {found}": (sys.executable, "-c", f"import {found}") for found in IMPORTED}
            for peer in ("raw", "sqlalchemy"):
                words = f"{stores.PEERS[peer][0]}, one fact"
                try:
                    own = sys.executable if peer == "raw" else peers_python()
                    commands[words] = (own, "bench/stores.py", peer, fresh())
                except NotThere as why:
                    yield Unmeasured(part=PART, what=words, why=str(why))
        yield from told(name, commands, turns(commands, database.url, ground.runs * 2))
        yield from instructions(name, {what: commands[what] for what in (BARE, *COUNTED)}, database.url)
        database.close()


def turns(commands: dict[str, Sequence[str | Path]], url: str, times: int) -> dict[str, list[Process]]:
    """Each in turn, so often; once before that nobody counts, which fills the caches."""
    found: dict[str, list[Process]] = {what: [] for what in commands}
    for turn in range(times + 1):
        for what, words in commands.items():
            done = process(words, url, ANSWERS)
            if turn:
                found[what].append(done)
    return found


def told(name: str, commands: dict[str, Sequence[str | Path]], found: dict[str, list[Process]]) -> Iterator[Figure]:
    bare = median(done.seconds for done in found[BARE])
    for what in commands:
        yield Figure(
            part=PART,
            what=what,
            database=name,
            values=tuple(done.seconds * 1000 for done in found[what]),
            unit="ms",
            ratios=tuple(done.seconds / bare for done in found[what]),
            of=BARE,
            cpu=tuple(done.cpu for done in found[what]),
            at_most=GOALS[name].get(what),
            peer=what not in COMMANDS and what != BARE,
        )
    for what in (BARE, *COMMANDS):
        memory = tuple(done.peak for done in found[what])
        yield Figure(part=PART, what=f"{what}, most memory", database=name, values=memory, unit="MiB")


def instructions(name: str, commands: dict[str, Sequence[str | Path]], url: str) -> Iterator[Found]:
    """How many each takes on SQLite, in millions: the same from run to run, on a busy machine too."""
    if name != SQLITE_NAME:
        return
    if not (valgrind := shutil.which("valgrind")):
        why = "valgrind must be here to count them: apt-get install valgrind"
        yield Unmeasured(part=PART, what="how many instructions a command takes", why=why)
        return
    counting = (valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null")
    bare = 0.0
    for what, words in commands.items():
        first = Path(words[0])
        script = words if first.name != PROGRAM.name else (sys.executable, *words)
        said = process((*counting, *script), url, ANSWERS, {"PYTHONHASHSEED": "0"}).said
        counted = float(re.findall(r"Collected : (\d+)", said)[-1]) / 1_000_000
        bare = bare or counted
        yield Figure(
            part=PART,
            what=f"{what}, instructions",
            database=name,
            values=(counted,),
            unit="million",
            ratios=(counted / bare,),
            of=f"the instructions of {BARE}",
        )
