"""What every part of the bench stands on: how large it is, empty databases of both kinds, logs of a known shape."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from types import MappingProxyType
from uuid import uuid4

from application.desk import Desk
from application.settings import Settings
from cli.app import run
from domain import facts as f
from domain.fact import Fact, Recorded
from domain.routine_document import builtin
from domain.vocabulary import SWEDEN, Function, Scope, System
from infrastructure.database.backend import SQLITE
from infrastructure.database.copying import move
from infrastructure.database.database import Database
from infrastructure.database.making import make
from infrastructure.log.codec import encode, topic
from infrastructure.log.deadlines import remember_scanned
from infrastructure.log.fact_store import NO_DIGITS, FactStore, StoredFact
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import catch_up
from tests.postgres import administering, own_server

BUILD = Path("build")
PROGRAM = Path(sys.executable).with_name("reservrutin")
"""The console script, which is what people run."""

LAUNCHED = Path(__file__).with_name("launched.py")
SQLITE_NAME, POSTGRES_NAME = "SQLite", "PostgreSQL"
DESK = Function.VO_HJALPMEDEL
OUTAGE = f.OutageDetected(scope=Scope.ALL_USERS, systems=(System("sesam-s2"),))
NOTE = f.NoteAdded(text="Lugnt i växeln, tre har ringt från Lund.")
CLOSED = f.IncidentClosed(summary="Allt är i drift.")
BEGAN = datetime(2026, 11, 28, 8, tzinfo=SWEDEN)
FIRST_YEAR = 2000
"""The incidents of a filled log are of years long past, so that this year's numbers stay free."""

APART = timedelta(milliseconds=50)
"""Between two facts of a filled log, in which no clock goes back and a million facts take half a day."""

PORTION = 2_000
"""Facts that a log is filled with at a time."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a run is. `several` is how often something is done whose median is one value; `seconds` is how long a
    round of writing takes, `idle` how long an idle worker is watched."""

    name: str
    incidents: tuple[int, ...] = (10, 1_000, 10_000)
    referrals: tuple[int, int] = (10, 5_000)
    facts: int = 100_000
    steps: int = 2_000
    papers: tuple[int, int] = (1_000, 10_000)
    mails: int = 10_000
    far_mails: int = 500
    most_mails: tuple[int, ...] = (1_000, 10_000)
    planned: int = 100_000
    claimed: int = 10_000
    requests: int = 1_000
    several: int = 10
    seconds: float = 0.5
    idle: float = 20.0


USUAL = Scale("usual")
FULL = Scale("full", facts=1_000_000, most_mails=(1_000, 10_000, 100_000))
QUICK = Scale(
    "quick", (2, 20), (2, 20), facts=200, steps=20, papers=(5, 20), mails=20, far_mails=10, most_mails=(10, 20),
    planned=50, claimed=20, requests=10, several=2, seconds=0.05, idle=0.5,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Process:
    """A whole process: seconds from its start to its end, those of a processor that it used itself, the most memory it
    had in MiB, what it said."""

    seconds: float
    cpu: float
    peak: float
    said: str


@dataclass
class Ground:
    """Where a run happens. `databases` gives the address of an empty database of each kind."""

    folder: Path
    scale: Scale
    runs: int
    databases: dict[str, Callable[[], str]]
    _large: dict[str, Database] = field(default_factory=dict)

    @property
    def few(self) -> int:
        """Runs of what takes long."""
        return min(self.runs, 3)

    def large(self, kind: str) -> Database:
        """A log of as many facts as the scale says, made once a run, and caught up."""
        if kind not in self._large:
            if kind == SQLITE_NAME:
                self._large[kind] = filled(self.databases[kind](), incidents(self.scale.facts // 20, 20))
            else:
                address = self.databases[kind]()
                make(address)
                self._large[kind] = Database(address)
                move(self.large(SQLITE_NAME), self._large[kind])
                rested(self._large[kind])
        return self._large[kind]


@contextmanager
def ground(scale: Scale, runs: int, server: str = "") -> Iterator[Ground]:
    """A folder and a PostgreSQL of the run's own, unless the address of a server is given; gone afterwards."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="reservrutin-bench-"))
        server = server or stack.enter_context(own_server("-c fsync=on")).url
        fresh = {SQLITE_NAME: files(folder), POSTGRES_NAME: stack.enter_context(servers(server))}
        yield Ground(Path(folder), scale, runs, {name: partial(next, found) for name, found in fresh.items()})


def files(folder: str) -> Iterator[str]:
    while True:
        yield f"{SQLITE}{folder}/{uuid4().hex}.sqlite"


@contextmanager
def servers(server: str) -> Iterator[Iterator[str]]:
    """Empty databases of this server, dropped in the end."""
    made: list[str] = []

    def fresh() -> Iterator[str]:
        while True:
            made.append(name := f"bench_{uuid4().hex}")
            with administering(server) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            yield f"{server.rpartition('/')[0]}/{name}"

    try:
        yield fresh()
    finally:
        with administering(server) as connection:
            for name in made:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def stored(
    incident: str,
    entry: int,
    fact: Fact,
    at: datetime = BEGAN,
    function: Function = DESK,
    written: datetime | None = None,
) -> StoredFact:
    """The fact as it happened `at`, and was `written` then or at another moment."""
    recorded = Recorded(incident, entry, fact, at, written or at, function, "s-1", uuid4().hex.translate(NO_DIGITS))
    return StoredFact(incident, entry, topic(recorded), encode(recorded), recorded.command_id)


def incidents(count: int, entries: int = 3) -> Iterator[StoredFact]:
    """So many incidents of an outage, what was noted of it and its end; the last one is still open."""
    for n in range(count):
        number, began = f"{FIRST_YEAR + n // 9999}-{n % 9999 + 1:04}", BEGAN + n * entries * APART
        story = [OUTAGE, *[NOTE] * (entries - 2), NOTE if n == count - 1 else CLOSED]
        for entry, fact in enumerate(story, 1):
            yield stored(number, entry, fact, began + entry * APART)


def referrals(count: int) -> Iterator[StoredFact]:
    """One open incident of so many paper referrals, received while the routine was in force; four of five of them are
    entered now that the systems run again."""
    day: list[tuple[float, Fact]] = [(0, OUTAGE), (4, f.ReserveRoutineActivated())]
    day += [(4 + n / count, f.ReferralReceived(serial=f"OT-{n:05}")) for n in range(1, count + 1)]
    day.append((6, f.ServiceRestored(systems=OUTAGE.systems)))
    day += [(7 + n / count, f.ReferralEntered(serial=f"OT-{n:05}")) for n in range(1, count + 1) if n % 5]
    routine = builtin()
    for entry, (hours, fact) in enumerate(day, 1):
        function = routine.recorded_by(type(fact))[0]
        yield stored(f"{FIRST_YEAR}-0001", entry, fact, BEGAN + timedelta(hours=hours), function)


def noted_afterwards(count: int) -> Iterator[StoredFact]:
    """One open incident of so many paper referrals that came while the systems were down, as papers do, and were noted
    once they ran again."""
    number, last = f"{FIRST_YEAR}-0001", BEGAN + timedelta(hours=6)
    yield stored(number, 1, OUTAGE)
    yield stored(number, 2, f.ReserveRoutineActivated(), BEGAN + timedelta(hours=4))
    yield stored(number, 3, f.ServiceRestored(systems=OUTAGE.systems), last)
    for n in range(1, count + 1):
        came, noted = BEGAN + timedelta(hours=4 + n / count), last + timedelta(seconds=10 * n)
        yield stored(number, 3 + n, f.ReferralReceived(serial=f"OT-{n:05}"), came, written=noted)


def filled(url: str, facts: Iterable[StoredFact]) -> Database:
    """A log of these facts that a worker has followed to the end. Exactly one incident of it is open."""
    database = unseen(url, facts)
    if len(Board(database).open_incidents()) != 1:
        raise RuntimeError("exactly one incident was to be open")
    catch_up(database, Planner(database))
    remember_scanned(database, FactStore(database).max_notification_id() or 0)
    rested(database)
    return database


def unseen(url: str, facts: Iterable[StoredFact]) -> Database:
    """A log of these facts that no worker has looked at yet."""
    make(url)
    database, portion = Database(url), []
    store = FactStore(database)
    for fact in facts:
        portion.append(fact)
        if len(portion) == PORTION:
            store.insert_events(portion)
            portion = []
    store.insert_events(portion)
    return database


def rested(database: Database) -> None:
    """Let the server do now what it else does of itself in the middle of what is measured."""
    if not database.url.startswith(SQLITE):
        for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
            database.connection().execute(statement)


def environment(url: str) -> dict[str, str]:
    """A command's surroundings: this log, and no settings of whoever runs the bench, for the program or for Python: an
    installed program is compiled once, not at every command."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("RESERVRUTIN_", "PYTHON"))}
    return own | {"XDG_CONFIG_HOME": "/nonexistent", "RESERVRUTIN_DATABASE_URL": url, "LANG": "C.UTF-8"}


def process(
    command: Sequence[str | Path],
    url: str = "",
    ends_with: Sequence[int] = (0,),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Process:
    """One whole process. Raises RuntimeError for any other exit code than these."""
    said = Path(mkdtemp(prefix="reservrutin-said-")) / "said"
    try:
        launcher = [sys.executable, "-I", "-S", LAUNCHED, said, *command]
        around = {**environment(url), **settings}
        done = subprocess.run(launcher, env=around, check=True, capture_output=True, text=True)
        seconds, cpu, peak, code = done.stdout.split()
        told = said.read_text(errors="replace")
    finally:
        said.unlink(missing_ok=True)
        said.parent.rmdir()
    if int(code) not in ends_with:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {code}: {told[-400:]}")
    return Process(float(seconds), float(cpu), float(peak), told)


def command(database: Database, *words: str) -> Callable[[], int]:
    """A command as a function: everything that it does once it has been imported, on a connection that is open."""

    def called() -> int:
        desk = Desk(Settings(database_url=database.url))
        desk.database = database
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as complaint:
            code = run(words, desk)
        if code not in (0, 6):
            raise RuntimeError(f"{' '.join(words)} ended with {code}: {complaint.getvalue()[-400:]}")
        return code

    return called
