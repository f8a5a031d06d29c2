"""What it costs to read: a pull that finds nothing, the board derived anew, one incident folded, replayed, reviewed."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import product
from statistics import median

import psycopg

from bench.figures import Figure, Found
from bench.ground import FIRST_YEAR, PROGRAM, Ground, Process, filled, noted_afterwards, process, referrals, timed
from domain.history import as_happened
from domain.replay import in_order_of_events
from domain.review import verdicts
from infrastructure.database.backend import SQLITE
from infrastructure.database.database import Database
from infrastructure.log.incident_log import IncidentLog
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import catch_up

PART = "reading"
ALL = "SELECT bytes FROM facts ORDER BY position"
ONE = f"SELECT bytes FROM facts WHERE incident = '{FIRST_YEAR}-0001' ORDER BY entry"
AT_ONCE = 5_000
"""Facts that PostgreSQL is asked for at a time."""

Rows = Callable[[str], Iterator[bytes]]
"""What a statement answers with, its first column."""

REBUILT = 0.3
"""The least share that deriving the board anew is to have of only reading and decoding."""

DECODED = "a loop that reads and decodes JSON"


def measure(ground: Ground) -> Iterator[Found]:
    for name, fresh in ground.databases.items():
        large = ground.large(name)
        yield nothing_new(name, large, ground)
        yield from derived_anew(name, large, ground)
        yield from one_incident(name, filled(fresh(), referrals(ground.scale.steps * 5 // 9)), ground)
        yield from both_replays(name, filled(fresh(), noted_afterwards(ground.scale.papers[0])), ground)
    yield from a_long_replay(ground)


def nothing_new(name: str, database: Database, ground: Ground) -> Figure:
    board = Board(database)
    pulls = [
        median(timed(lambda: catch_up(database, board)) * 1000 for _ in range(ground.scale.several * 4))
        for _ in range(ground.runs)
    ]
    return Figure(part=PART, what="a pull that finds nothing new", database=name, values=tuple(pulls), unit="ms")


def derived_anew(name: str, database: Database, ground: Ground) -> Iterator[Figure]:
    """The board's rows from every fact: as a function, and as the command that throws them away first."""
    count, board = count_of(database), Board(database)
    limits, took, whole = [], [], []

    def caught_up() -> None:
        if broken := catch_up(database, board):
            raise RuntimeError(broken.problem)

    for _ in range(ground.few):
        with bare(database) as rows:
            limits.append(timed(partial(decoded, rows, ALL)))
        with database.writing() as connection:
            connection.execute("DELETE FROM tracking WHERE projection = ?", (board.name,))
            connection.execute("DELETE FROM incidents")
        took.append(timed(caught_up))
        whole.append(process((PROGRAM, "projections", "rebuild"), database.url))

    def told(what: str, seconds: list[float], goal: float | None = None) -> Figure:
        return Figure(
            part=PART,
            what=what,
            database=name,
            values=tuple(count / each for each in seconds),
            unit="facts/s",
            ratios=tuple(limit / each for limit, each in zip(limits, seconds, strict=True)),
            of=DECODED,
            at_least=goal,
        )

    yield told(f"{count:,} facts read and decoded", limits)
    yield told("the board caught up from nothing", took, REBUILT)
    yield replace(
        told("projections rebuild, whole command", [done.seconds for done in whole], REBUILT),
        cpu=tuple(done.cpu for done in whole),
    )
    peaks = tuple(done.peak for done in whole)
    yield Figure(part=PART, what="projections rebuild, most memory", database=name, values=peaks, unit="MiB")


def one_incident(name: str, database: Database, ground: Ground) -> Iterator[Figure]:
    """One long incident, and what is made of it; each is measured with reading it."""
    log, now, number = IncidentLog(database), datetime.now(UTC), f"{FIRST_YEAR}-0001"
    routine = log.incident(log.history(number)).routine
    count = len(log.history(number))

    def reviewed() -> object:
        return verdicts(as_happened(log.history(number)), routine, now)

    def replayed() -> object:
        return list(in_order_of_events(as_happened(log.history(number)), routine))

    took: dict[str, list[float]] = {}
    with bare(database) as rows:
        works: dict[str, Callable[[], object]] = {
            f"an incident of {count:,} facts decoded": partial(decoded, rows, ONE),
            "… as facts, folded": lambda: log.incident(log.history(number)),
            "… replayed step by step": replayed,
            "… reviewed": reviewed,
        }
        for _, (what, work) in product(range(ground.runs), works.items()):
            took.setdefault(what, []).append(timed(work))
    limits = next(iter(took.values()))
    for what, seconds in took.items():
        yield Figure(
            part=PART,
            what=what,
            database=name,
            values=tuple(count / each for each in seconds),
            unit="facts/s",
            ratios=tuple(limit / each for limit, each in zip(limits, seconds, strict=True)),
            of=DECODED,
        )


def both_replays(name: str, database: Database, ground: Ground) -> Iterator[Figure]:
    """An incident whose papers were noted afterwards, by either clock: as it was written each step is by what was known
    then, and each paper is older than what was known before it."""
    plain = (PROGRAM, "replay", f"{FIRST_YEAR}-0001")
    commands = {
        f"replay, {ground.scale.papers[0]:,} papers noted afterwards": plain,
        "replay --written of the same": (*plain, "--written"),
    }
    took: dict[str, list[Process]] = {}
    for _, (what, command) in product(range(ground.few), commands.items()):
        took.setdefault(what, []).append(process(command, database.url))
    limits = [done.seconds for done in next(iter(took.values()))]
    for what, runs in took.items():
        seconds = [done.seconds for done in runs]
        yield Figure(
            part=PART,
            what=what,
            database=name,
            values=tuple(seconds),
            unit="s",
            ratios=tuple(each / limit for limit, each in zip(limits, seconds, strict=True)),
            of="replay as it happened",
            cpu=tuple(done.cpu for done in runs),
            at_most=3 if "--written" in commands[what] else None,
        )


def a_long_replay(ground: Ground) -> Iterator[Figure]:
    """As it was written, of few papers and of many: by the paper it is to cost the same. Processor time, once each."""
    name, fresh = next(iter(ground.databases.items()))
    told = []
    for count in ground.scale.papers:
        database = filled(fresh(), noted_afterwards(count))
        told.append(process((PROGRAM, "replay", f"{FIRST_YEAR}-0001", "--written"), database.url))
    few, many = ground.scale.papers
    yield Figure(
        part=PART,
        what=f"replay --written, {many:,} papers",
        database=name,
        values=(told[1].seconds,),
        unit="s",
        ratios=(told[1].cpu / told[0].cpu / (many / few),),
        of=f"what a paper takes where they are {few:,}",
        cpu=(told[1].cpu,),
        at_most=1.5,
    )


def count_of(database: Database) -> int:
    count: int = database.connection().execute("SELECT count(*) FROM facts").fetchone()[0]
    return count


@contextmanager
def bare(database: Database) -> Iterator[Rows]:
    """What gives a statement's first column as the bare driver reads it, some rows at a time, on an open connection."""
    if database.url.startswith(SQLITE):
        with closing(sqlite3.connect(database.path)) as connection:
            yield lambda statement: (stored for (stored,) in connection.execute(statement))
        return
    with closing(psycopg.connect(database.url.replace("+psycopg", ""))) as line:

        def rows(statement: str) -> Iterator[bytes]:
            with line.cursor("bench", scrollable=False) as cursor:
                cursor.itersize = AT_ONCE
                yield from (stored for (stored,) in cursor.execute(statement, binary=True))

        yield rows


def decoded(rows: Rows, statement: str) -> None:
    for stored in rows(statement):
        json.loads(stored)
