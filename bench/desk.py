"""The desk, played on a real pseudo-terminal: how many keys the commonest acts take, and how long the program does."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from statistics import quantiles
from uuid import uuid4

from application.desk import Desk
from application.settings import Settings
from bench.figures import Figure, Found
from bench.glass import Keyboard
from bench.ground import PROGRAM, SQLITE_NAME, Ground, filled, incidents
from cli.app import run
from infrastructure.database.backend import SQLITE

PART = "desk"
ENTER, WRITTEN = "\r", "Skrivet: "
MOST_KEYS, HEAP, SPARE = 12, 25, 6
"""Keys that an act may take; papers of a heap, and the keys that all of it may take beside its numbers' own."""


@dataclass(frozen=True, slots=True)
class Duty:
    """The digit that stands beside this duty on the screen."""

    text: str


Step = tuple[str | Duty, str]
"""A key, and what is to stand on the screen then."""


@dataclass(frozen=True, slots=True)
class Played:
    """One of the commonest acts: what has been recorded before it, as commands, and its keys."""

    name: str
    before: tuple[str, ...]
    steps: tuple[Step, ...]


def letters(text: str, before: str) -> tuple[Step, ...]:
    """Letters typed into a line; each is to stand there, after what stands before it."""
    return tuple((letter, f"{before} {text[: place + 1]}") for place, letter in enumerate(text))


PROGNOSIS, SERIAL = "Väntas fungera igen *", "Löpnummer *"
DOWN = "outage-detected --scope all-users --system sesam-s2 --at -20m"
LONG = "outage-detected --scope all-users --system sesam-s2 --at -5h"
ACTIVE = (LONG, "reserve-routine-activated --at -10m")
A_CALLER = Played("one caller more", (DOWN,), (("s", "Inringande informerade ·"), (ENTER, WRITTEN)))
A_PROGNOSIS = Played(
    "a prognosis", (DOWN,), (("p", "Prognos mottagen ·"), *letters("+2h", PROGNOSIS), (ENTER, WRITTEN))
)
COMMONEST = (
    Played("a caller on a quiet day", (), (("s", "Störning anmäld ·"), *letters("Lund", "Enhet *"), (ENTER, WRITTEN))),
    Played(
        "an outage",
        (),
        (("2", "Avbrott upptäckt ·"), ("2", "3 Visma websesam"), ("0", "3•Visma"), (ENTER, WRITTEN)),
    ),
    A_CALLER,
    Played(
        "the system owner does not answer",
        (DOWN,),
        ((Duty("Anmäl till systemansvarig"), "1 fick kontakt"), ("2", "svarar inte Kanal"), (ENTER, WRITTEN)),
    ),
    Played(
        "the supplier answers",
        (DOWN,),
        ((Duty("Kontakta systemleverantören"), "1 fick kontakt"), ("1", "fick kontakt Ärendenummer"), (ENTER, WRITTEN)),
    ),
    A_PROGNOSIS,
    Played(
        "the reserve routine is activated",
        (LONG,),
        ((Duty("Aktivera reservrutinen"), "Reservrutin aktiverad ·"), (ENTER, WRITTEN)),
    ),
    Played(
        "the partner is told",
        ACTIVE,
        ((Duty("Meddela Aktiv"), "1 fick kontakt"), ("1", "fick kontakt När"), (ENTER, WRITTEN)),
    ),
    Played("a fax", ACTIVE, (("f", "Remiss mottagen ·"), *letters("OT-17", SERIAL), (ENTER, "1 skrivna"))),
    Played(
        "a system works again",
        (DOWN,),
        (("n", "Vad har hänt?"), *letters("igen", "─"), (ENTER, "1 Sesam S2"), ("1", "1•Sesam S2"), (ENTER, WRITTEN)),
    ),
)
TAKEN_BACK = Played(
    "what was just written is taken back",
    (DOWN,),
    (("s", "Inringande informerade ·"), (ENTER, WRITTEN), ("u", "skrevs av misstag"), (ENTER, "post återtagen, ")),
)
NUMBERS = tuple(f"OT-{number:02}" for number in range(1, HEAP + 1))


def heap() -> Played:
    """Twenty-five faxes, one after another."""
    steps: list[Step] = [("f", "Remiss mottagen ·")]
    for count, number in enumerate(NUMBERS, 1):
        steps += [*letters(number, SERIAL), (ENTER, f"{count} skrivna")]
    return Played(f"a heap of {HEAP} faxes", ACTIVE, tuple(steps))


def most_keys(played: Played) -> int:
    """How many keys it may take."""
    if played.name == heap().name:
        return sum(len(number) + 1 for number in NUMBERS) + SPARE
    return MOST_KEYS


@dataclass(frozen=True, slots=True)
class Took:
    """Keys, and seconds from each key to what it brings."""

    keys: int
    seconds: tuple[float, ...]
    start: float


def play(played: Played, log: Path, folder: Path) -> Took:
    """What it takes at a desk of its own, on a copy of this log."""
    own = folder / f"{uuid4().hex}.sqlite"
    shutil.copy(log, own)
    desk = Desk(Settings(database_url=f"{SQLITE}{own}"))
    for line in played.before:
        _records(desk, line)
    desk.close()
    environment = {
        **os.environ,
        "RESERVRUTIN_DATABASE_URL": f"{SQLITE}{own}",
        "XDG_DATA_HOME": str(folder),
        "RESERVRUTIN_LANG": "sv",
    }
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    try:
        start = keyboard.wait("? hjälp")
        seconds = tuple(keyboard.press(_key(key, keyboard), expected) for key, expected in played.steps)
    finally:
        keyboard.end()
    return Took(keyboard.keys, seconds, start)


def _key(key: str | Duty, keyboard: Keyboard) -> str:
    """The key itself, or the digit beside the duty."""
    if isinstance(key, str):
        return key
    keyboard.wait(key.text)
    found = re.search(rf"(\d) {key.text}", keyboard.glass.text)
    return found[1] if found else "no digit"


def _records(desk: Desk, line: str) -> None:
    with redirect_stdout(StringIO()):
        code = run(["record", *line.split(), "--json"], desk)
    if code:
        raise RuntimeError(f"record {line} was refused")


def measure(ground: Ground) -> Iterator[Found]:
    log = quiet_log(ground)
    took: list[Took] = []
    for played in (*COMMONEST, TAKEN_BACK, heap()):
        took.append(play(played, log, ground.folder))
        yield _figure(f"keys: {played.name}", [took[-1].keys], "keys", most_keys(played))
    yield _figure("the desk is there", [one.start * 1000 for one in took], "ms", 1000)
    seconds = [second for one in took for second in one.seconds]
    yield _figure("a key's effect, 95th percentile", [quantiles(seconds, n=20)[-1] * 1000], "ms", 100)


def quiet_log(ground: Ground) -> Path:
    """A log of as many incidents as the scale says, none of which is open."""
    database = filled(ground.databases[SQLITE_NAME](), incidents(ground.scale.incidents[-1]))
    path = database.path
    database.close()
    desk = Desk(Settings(database_url=f"{SQLITE}{path}"))
    [still_open] = desk.board.open_incidents()
    _records(desk, f"incident-closed --incident {still_open} --deviation mätning")
    desk.close()
    return path


def _figure(what: str, values: Sequence[float], unit: str, at_most: float) -> Figure:
    return Figure(part=PART, what=what, values=tuple(values), unit=unit, database=SQLITE_NAME, at_most=at_most)
