"""Whole commands, from the shell to the answer, as multiples of a Python that does nothing, and their memory."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from bench import stores
from bench.environments import NotThere, peers_python
from bench.figures import Figure, Found, Unmeasured
from bench.ground import FIRST_YEAR, PROGRAM, Ground, Process, filled, incidents, process

PART = "commands"
BARE = "a bare python -c pass"
INCIDENTS = 10
OPEN = f"{FIRST_YEAR}-{INCIDENTS:04}"
NOTED = ("record", "note-added", "--text", "Lugnt i växeln, tre har ringt från Lund.")
COMMANDS: dict[str, tuple[tuple[str, ...], float | None]] = {
    "--help": (("--help",), 5),
    "record --help": (("record", "--help"), 5),
    "record": (NOTED, 10),
    "board": (("board",), 14),
    "show": (("show",), 14),
    "due": (("due",), None),
    "log": (("log",), None),
    "replay": (("replay", OPEN), None),
    "review": (("review", OPEN), None),
}
"""Each with the most that it may be of a bare Python."""

IMPORTED = ("click", "pydantic", "eventsourcing.application", "psycopg", "sqlalchemy")
ANSWERS = (0, 6)
"""Exit codes of a command that has done its work; 6 where the review finds something."""


def measure(ground: Ground) -> Iterator[Found]:
    for name, fresh in ground.databases.items():
        database = filled(fresh(), incidents(INCIDENTS))
        commands: dict[str, Sequence[str | Path]] = {
            BARE: (sys.executable, "-c", "pass"),
            **{what: (PROGRAM, *words) for what, (words, _goal) in COMMANDS.items()},
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
            at_most=COMMANDS[what][1] if what in COMMANDS else None,
            peer=what not in COMMANDS and what != BARE,
        )
    for what in (BARE, *COMMANDS):
        memory = tuple(done.peak for done in found[what])
        yield Figure(part=PART, what=f"{what}, most memory", database=name, values=memory, unit="MiB")
