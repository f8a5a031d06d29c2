"""What the second processes of the tests do."""

import itertools
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from uuid import uuid4

import infrastructure.database.engine
import infrastructure.database.migrations.upgrade  # noqa: F401 - loaded once, for all of them
from domain import facts as f
from domain.fact import Recorded
from domain.refusals import NotAdmitted
from domain.vocabulary import Audience, Function, Scope, System
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.database.making import make
from infrastructure.log.codec import written
from infrastructure.log.deadlines import scan_deadlines
from infrastructure.log.fact_store import INSERT, NO_DIGITS, FactStore, StoredFact
from infrastructure.log.histories import Histories
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.outbox.outbox import Outbox
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import Projection, catch_up
from infrastructure.registers.subscribers import Subscribers

OUTAGE = f.OutageDetected(scope=Scope.ALL_USERS, systems=tuple(System))
VO = Function.VO_HJALPMEDEL


def opens(url: str, at: datetime | None = None) -> str:
    """The number of the incident that this process opened, `at` (aware) or now."""
    make(url)
    log = IncidentLog(Database(url), lambda: at or datetime.now(UTC))
    return log.record(Proposal(OUTAGE, VO, "s-1")).recorded.incident


def opens_each(urls: Sequence[str]) -> list[str]:
    """The same in several brand-new files, one after the other, each on the stroke of a third of a second."""
    numbers = []
    for url in urls:
        time.sleep(1 / 3 - time.time() % (1 / 3))
        numbers.append(opens(url))
    return numbers


def notes(url: str, incident: str, count: int) -> list[int]:
    """The entries that this process's notes got."""
    log = IncidentLog(Database(url))
    return [
        log.record(Proposal(f.NoteAdded(text=f"anteckning {n}"), VO, "s-1", incident)).recorded.entry
        for n in range(count)
    ]


def notes_and_looks(url: str, incident: str, count: int) -> list[int]:
    """As `notes`, and the board is brought up after each, as the command line does."""
    entries = []
    for _ in range(count):
        entries += notes(url, incident, 1)
        Board(Database(url)).open_incidents()
    return entries


def repeats(url: str, incident: str, command_id: str) -> tuple[int, bool]:
    """The entry of this very command, and whether somebody else's repetition had added it."""
    note = Proposal(f.NoteAdded(text="en gång"), VO, "s-1", incident, command_id=command_id)
    answer = IncidentLog(Database(url)).record(note)
    return answer.recorded.entry, answer.repeated


def activates(url: str, incident: str) -> str:
    """ "activated", or the reason why not."""
    proposal = Proposal(f.ReserveRoutineActivated(), VO, "s-1", incident, deviation="övning")
    try:
        IncidentLog(Database(url)).record(proposal)
    except NotAdmitted as refusal:
        return refusal.reason
    return "activated"


class Counting:
    """A projection with a row for every fact it has seen, as often as it has seen it."""

    name = "counting"
    tables: tuple[str, ...] = ("counted",)

    def apply(self, connection: Connection, facts: Sequence[Recorded]) -> None:
        connection.executemany("INSERT INTO counted VALUES (?)", [(recorded.position,) for recorded in facts])


def pulls(url: str, rounds: int) -> list[str]:
    """The problems met while pulling again and again."""
    database = Database(url)
    projections: tuple[Projection, ...] = (Counting(), Board(database))
    problems = [catch_up(database, projection) for _ in range(rounds) for projection in projections]
    return [str(problem) for problem in problems if problem]


def plans(url: str) -> str:
    database = Database(url)
    return str(catch_up(database, Planner(database)))


def claims(url: str, worker: str, limit: int, now: datetime) -> list[int]:
    """The deliveries that this worker got."""
    database = Database(url)
    outbox = Outbox(database, Histories(database), lambda *of: f"<{'.'.join(map(str, of))}@example.se>")
    claimed: list[int] = []
    while batch := outbox.claim(worker, limit, now):
        claimed += [notice.delivery for notice, _ in batch]
    return claimed


class GivenUp(Exception):
    """The writer thinks better of it."""


def appends(url: str, writer: int, count: int) -> list[int]:
    """The positions of this process's facts. Some are held back in the middle of their transaction, and before some
    another is written and given up."""
    database = Database(url)
    store = FactStore(database)
    chance = random.Random(writer)  # noqa: S311 - a moment, not a secret
    positions: list[int] = []
    for entry in range(1, count + 1):
        fact = StoredFact(f"writer-{writer}", entry, "note-added:1", b"{}", f"{writer} {entry}")
        if chance.random() < 0.01:
            with suppress(GivenUp), database.appending() as connection:
                connection.execute(INSERT, (f"gone-{writer}", entry, "x", b"", None)).fetchone()
                raise GivenUp
        if chance.random() < 0.01:
            with database.appending() as connection:
                row = fact.originator_id, entry, fact.topic, fact.state, fact.command_id
                position, *_tree = connection.execute(INSERT, row).fetchone()
                time.sleep(0.02)
            positions.append(position)
        else:
            positions += store.insert_events([fact])
    return positions


def follows(url: str, until: int) -> list[int]:
    """The positions in the order in which a reader who goes on from the last one sees them."""
    store = FactStore(Database(url))
    seen: list[int] = []
    give_up_at = time.monotonic() + 300
    while len(seen) < until and time.monotonic() < give_up_at:
        after = seen[-1] if seen else 0
        seen += [found.id for found in store.select_notifications(after, 50, inclusive_of_start=False)]
    return seen


def scans_deadlines(url: str, incident: str) -> int:
    """How many deadlines this worker's clock recorded, a week later."""
    log = IncidentLog(Database(url))
    later = datetime.now(UTC) + timedelta(days=7)
    log.clock = lambda: later
    return len(scan_deadlines(log, incident, later).facts)


def subscribes(url: str, count: int) -> None:
    register = Subscribers(Database(url))
    for number in range(count):
        register.add(f"{number}@example.se", Audience.STAFF, (), (), "sv")


def soon() -> datetime:
    """When what is planned just now is due."""
    return datetime.now(UTC) + timedelta(seconds=10)


def acknowledges(says: Pipe, url: str, incident: str) -> None:
    """Record for ever, and say each command's id once it is durable."""
    log = IncidentLog(Database(url))
    for number in itertools.count():
        command_id = f"cmd-{uuid4()}".translate(NO_DIGITS)  # or one may be taken for a personnummer
        note = f.NoteAdded(text=f"{number} {written(datetime.now(UTC))[:10]}")
        log.record(Proposal(note, VO, "s-1", incident, command_id=command_id))
        says.send(command_id)
