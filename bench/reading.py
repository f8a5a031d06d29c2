"""What it costs to read: a pull that finds nothing, the board derived anew, one incident folded, replayed, reviewed."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from statistics import median
from typing import Any

import psycopg

from bench.figures import Figure, Found
from bench.ground import FIRST_YEAR, PROGRAM, Ground, filled, process, referrals, timed
from domain.history import as_happened
from domain.replay import in_order_of_events
from domain.review import verdicts
from infrastructure.board import Board
from infrastructure.catch_up import catch_up
from infrastructure.database import SQLITE, Database
from infrastructure.incident_log import IncidentLog

PART = "reading"
ALL = "SELECT bytes FROM facts ORDER BY position"
ONE = f"SELECT bytes FROM facts WHERE incident = '{FIRST_YEAR}-0001' ORDER BY entry"
DECODED = "a loop that reads and decodes JSON"


def measure(ground: Ground) -> Iterator[Found]:
    for name, fresh in ground.databases.items():
        large = ground.large(name)
        yield nothing_new(name, large, ground)
        yield from derived_anew(name, large, ground)
        yield from one_incident(name, filled(fresh(), referrals(ground.scale.steps * 5 // 9)), ground)


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
        limits.append(timed(lambda: decoded(database, ALL)))
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
    yield told("the board caught up from nothing", took, 0.4)
    yield told("projections rebuild, whole command", [done.seconds for done in whole], 0.4)
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

    works: dict[str, Callable[[], object]] = {
        f"an incident of {count:,} facts decoded": lambda: decoded(database, ONE),
        "… as facts, folded": lambda: log.incident(log.history(number)),
        "… replayed step by step": replayed,
        "… reviewed": reviewed,
    }
    took: dict[str, list[float]] = {what: [] for what in works}
    for _ in range(ground.runs):
        for what, work in works.items():
            took[what].append(timed(work))
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


def count_of(database: Database) -> int:
    count: int = database.connection().execute("SELECT count(*) FROM facts").fetchone()[0]
    return count


def rows(database: Database, statement: str) -> Iterator[bytes]:
    """The first column as the bare driver reads it, some rows at a time."""
    if database.url.startswith(SQLITE):
        with closing(sqlite3.connect(database.path)) as connection:
            for (stored,) in connection.execute(statement):
                yield stored
        return
    with psycopg.connect(database.url.replace("+psycopg", "")) as line, line.cursor("bench", binary=True) as cursor:
        cursor.itersize = 5_000
        for (stored,) in cursor.execute(statement):
            yield bytes(stored)


def decoded(database: Database, statement: str) -> int:
    last: Any = None
    count = 0
    for stored in rows(database, statement):
        last = json.loads(stored)
        count += 1
    return count if last else 0
