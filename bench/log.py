"""`make bench`: what the log costs on a SQLite file and on a real PostgreSQL, side by side, beside the bare drivers.

    python -m bench.log [--runs 5]

Prints a table and writes build/bench.json. Medians with their spread (lowest to highest); whatever is compared is
measured turn and turn about in one run. Everything is durable: `synchronous=FULL` on SQLite, on PostgreSQL fsync.
"""

import argparse
import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import insert

from bench.mail import BUILD, machine, say
from domain import facts as f
from domain.delivery import DeliveryState, Outcome, Settlement
from domain.fact import Fact, Recorded
from domain.vocabulary import SWEDEN, Function, Scope, System
from infrastructure.board import Board
from infrastructure.catch_up import catch_up
from infrastructure.codec import encode, topic
from infrastructure.database import SQLITE, Database
from infrastructure.fact_store import FactStore, StoredFact
from infrastructure.incident_log import IncidentLog, Proposal
from infrastructure.outbox import Outbox
from infrastructure.planning import Planner
from infrastructure.tables import subscribers
from notifiers.dispatcher import BATCH, SETTLED_AT_ONCE
from tests.postgres import administering, own_server

WRITERS = 8
WRITES_FOR = 0.5
"""Seconds of one round of writing."""

ENTRIES = 10
"""Facts of an incident that a writer records, before it opens the next."""

SIZES = (10, 1_000, 10_000)
RECIPIENTS = 10_000
DESK = Function.VO_HJALPMEDEL
OUTAGE = f.OutageDetected(scope=Scope.ALL_USERS, systems=(System("sesam-s2"),))
NOTE = f.NoteAdded(text="Lugnt i växeln, tre har ringt från Lund.")
STORY: tuple[Fact, ...] = (OUTAGE, NOTE, f.IncidentClosed(summary="Allt är i drift."))
TABLE = "(position {key}, incident TEXT, entry INTEGER, fact TEXT, bytes {bytes}, command_id TEXT UNIQUE, \
UNIQUE (incident, entry))"
SQLITE_TABLE = f"CREATE TABLE bare {TABLE.format(key='INTEGER PRIMARY KEY', bytes='BLOB')}"
POSTGRES_TABLE = f"CREATE TABLE bare {TABLE.format(key='SERIAL PRIMARY KEY', bytes='BYTEA')}"
BARE = "INSERT INTO bare (incident, entry, fact, bytes, command_id) VALUES (?, ?, ?, ?, ?)"
RAW, STORE, RECORD = KINDS = "raw", "store", "record"


def stored(incident: str, entry: int, fact: Fact) -> StoredFact:
    at = datetime(2026, 3, 2, 8, tzinfo=SWEDEN) + timedelta(minutes=entry)
    recorded = Recorded(incident, entry, fact, at, at, DESK, "s-1", uuid4().hex)
    return StoredFact(incident, entry, topic(recorded), encode(recorded), recorded.command_id)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def raw(url: str) -> Callable[[StoredFact], object]:
    """Appends one row with the bare driver, durably; on PostgreSQL with a lock, so that writers take turns."""
    if url.startswith(SQLITE):
        bare = sqlite3.connect(url.removeprefix(SQLITE), timeout=30, isolation_level=None)
        bare.execute("PRAGMA synchronous=FULL")  # WAL is a property of the file
        return lambda e: bare.execute(BARE, (e.originator_id, e.originator_version, e.topic, e.state, e.command_id))
    line = psycopg.connect(url.replace("+psycopg", ""), autocommit=True, prepare_threshold=3)
    statement = BARE.replace("?", "%s")

    def append(e: StoredFact) -> None:
        line.execute("BEGIN; SELECT pg_advisory_xact_lock(1)")
        line.execute(statement, (e.originator_id, e.originator_version, e.topic, e.state, e.command_id))
        line.commit()

    return append


def writes(url: str, kind: str) -> Callable[[], object]:
    """What a writer of this kind does once: appends one fact of an incident of its own."""
    if kind == RECORD:
        log, own = IncidentLog(Database(url)), ("", 0)

        def record() -> None:
            nonlocal own
            incident, entries = own
            if 0 < entries < ENTRIES:
                log.record(Proposal(NOTE, DESK, "s-1", incident))
                own = incident, entries + 1
            else:
                own = log.record(Proposal(OUTAGE, DESK, "s-1")).recorded.incident, 1

        return record
    writer, entry, store = f"writer-{uuid4().hex}", 0, FactStore(Database(url))
    append = raw(url) if kind == RAW else lambda fact: store.insert_events([fact])

    def write() -> None:
        nonlocal entry
        entry += 1
        append(stored(writer, entry, NOTE))  # both encode their fact: what is compared is the writing

    return write


def rounds(url: str, runs: int, barrier: Barrier, said: Any) -> None:
    """One writer process: every kind in turn, each round begun together with the other writers."""
    jobs = {kind: writes(url, kind) for kind in KINDS}
    for job in jobs.values():
        job()
    for number in range(runs):
        for kind, job in jobs.items():
            barrier.wait()
            count, began = 0, time.perf_counter()
            while time.perf_counter() - began < WRITES_FOR:
                job()
                count += 1
            said.put((number, kind, count / (time.perf_counter() - began)))


def appends(url: str, writers: int, runs: int) -> dict[str, list[float]]:
    """Facts a second of all writers together, by kind and round."""
    spawn = multiprocessing.get_context("spawn")
    barrier, said = spawn.Barrier(writers), spawn.Queue()
    processes = [spawn.Process(target=rounds, args=(url, runs, barrier, said), daemon=True) for _ in range(writers)]
    for process in processes:
        process.start()
    found = {kind: [0.0] * runs for kind in KINDS}
    for _ in range(writers * runs * len(KINDS)):
        number, kind, rate = said.get(timeout=120)
        found[kind][number] += rate
    for process in processes:
        process.join()
    return found


def filled(url: str, incidents: int) -> Database:
    """A log of so many incidents, all of them over but the last."""
    database, portion = Database(url), []
    for n in range(incidents):
        number, facts = f"{2026 + n // 9999}-{n % 9999 + 1:04}", STORY if n < incidents - 1 else STORY[:-1]
        portion += [stored(number, entry, fact) for entry, fact in enumerate(facts, 1)]
    for first in range(0, len(portion), 5_000):
        FactStore(database).insert_events(portion[first : first + 5_000])
    if len(Board(database).open_incidents()) != 1:
        raise RuntimeError("exactly one incident was to be open")
    return database


def delivered(url: str) -> dict[str, float]:
    """Seconds to plan one fact's deliveries, to claim them all and to settle them all, each batch durable."""
    database = Database(url)
    row = {"audience": "staff", "systems": [], "areas": [], "state": "active", "after_position": 0, "welcomed": True,
           "language": "sv", "added_at": datetime.now(UTC).isoformat()}  # fmt: skip
    with database.engine.begin() as connection:
        rows = [row | {"id": f"p-{n:010x}", "address": f"p{n}@example.se"} for n in range(RECIPIENTS)]
        connection.execute(insert(subscribers), rows)
    log, now = IncidentLog(database), datetime.now(UTC) + timedelta(hours=1)
    log.record(Proposal(OUTAGE, DESK, "s-1"))
    took = {"plan": timed(lambda: catch_up(database, Planner(database))), "claim": 0.0, "settle": 0.0}
    outbox, settled, began = Outbox(database, log, lambda *of: f"<{of[2]}@example.se>"), 0, time.perf_counter()
    while claimed := outbox.claim("bench", BATCH, now):
        took["claim"] += time.perf_counter() - began
        done = [Settlement(notice, now, Outcome(DeliveryState.SENT, 250, "OK")) for notice, _tries in claimed]
        for first in range(0, len(done), SETTLED_AT_ONCE):
            batch = done[first : first + SETTLED_AT_ONCE]
            took["settle"] += timed(partial(outbox.settle, "bench", batch))
        settled, began = settled + len(done), time.perf_counter()
    database.close()
    if settled != RECIPIENTS:
        raise RuntimeError(f"{settled} deliveries were settled of {RECIPIENTS}")
    return took


def functions(database: Database) -> dict[str, Callable[[], object]]:
    log, board = IncidentLog(database), Board(database)
    [number] = board.open_incidents()
    return {
        "board": lambda: [log.incident(log.history(found)) for found in board.open_incidents()],
        "show": lambda: log.incident(log.history(number)),
    }


class Bench:
    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.found: dict[str, Any] = {"machine": machine(), "runs": runs}

    def told(self, database: str, what: str, values: Sequence[float], unit: str, **ratios: float) -> None:
        found = {"median": median(values), "lowest": min(values), "highest": max(values), "unit": unit} | ratios
        self.found.setdefault(database, {})[what] = found
        figures = f"{median(values):10,.4g} {unit:<7} ({min(values):,.4g}–{max(values):,.4g})"
        more = "   ".join(f"{value:.2f} {name.replace('_', ' ')}" for name, value in ratios.items())
        say(f"{database:<11}{what}", f"{figures:<38}", more)

    def one(self, name: str, fresh: Callable[[], str]) -> None:
        """Every figure of one kind of database; `fresh` gives the address of an empty one."""
        for writers in (1, WRITERS):
            url = fresh()
            Database(url).close()
            if url.startswith(SQLITE):
                sqlite3.connect(url.removeprefix(SQLITE)).execute(SQLITE_TABLE)
            else:
                psycopg.connect(url.replace("+psycopg", ""), autocommit=True).execute(POSTGRES_TABLE)
            rates = appends(url, writers, self.runs)
            for kind, words in ((RAW, "raw driver"), (STORE, "FactStore"), (RECORD, "IncidentLog.record")):
                ratio = median(a / b for a, b in zip(rates[kind], rates[RAW], strict=True))
                self.told(name, f"{words}, {writers} writing", rates[kind], "facts/s", of_raw=ratio)
        took = [delivered(fresh()) for _ in range(3)]
        for what in took[0]:
            self.told(name, f"{what} {RECIPIENTS:,}", [RECIPIENTS / each[what] for each in took], "/s")
        self.reading(name, {size: filled(fresh(), size) for size in SIZES})

    def reading(self, name: str, logs: dict[int, Database]) -> None:
        board = Board(largest := logs[max(SIZES)])
        pulls = [timed(lambda: catch_up(largest, board)) * 1000 for _ in range(200)]
        self.told(name, "no-op pull", [median(pulls[n :: self.runs]) for n in range(self.runs)], "ms")
        calls = {size: functions(database) for size, database in logs.items()}
        for what in ("board", "show"):
            inside: dict[int, list[float]] = {size: [] for size in SIZES}
            whole: dict[int, list[float]] = {size: [] for size in SIZES}
            bare = []
            for _ in range(self.runs):
                bare.append(process("-c", "pass"))
                for size in SIZES:
                    inside[size].append(median(timed(calls[size][what]) * 1000 for _ in range(20)))
                    whole[size].append(process("-m", "cli", what, url=logs[size].url))
            for size in SIZES:
                of_ten = {"of_10": median(inside[size]) / median(inside[10])}
                self.told(name, f"{what}, {size:,} incidents, function", inside[size], "ms", **of_ten)
            for size in SIZES:
                of_ten = {"of_10": median(whole[size]) / median(whole[10])}
                times = [each / median(bare) for each in whole[size]]
                self.told(name, f"{what}, {size:,} incidents, command", times, "× bare", **of_ten)


def process(*words: str, url: str = "") -> float:
    """Seconds of a whole Python process."""
    environment = os.environ | {"RESERVRUTIN_DATABASE_URL": url}
    return timed(lambda: subprocess.run([sys.executable, *words], env=environment, check=True, capture_output=True))


def files(folder: str) -> Iterator[str]:
    while True:
        yield f"{SQLITE}{folder}/{uuid4().hex}.sqlite"


def databases(server: str) -> Iterator[str]:
    with administering(server) as connection:
        print(*connection.execute("SELECT version(), 'fsync ' || current_setting('fsync')").fetchone() or (), sep=", ")
        while True:
            name = f"bench_{uuid4().hex}"
            connection.execute(f"CREATE DATABASE {name}")
            yield f"{server.rpartition('/')[0]}/{name}"


def main() -> None:
    parser = argparse.ArgumentParser(description="The log's speed, beside the bare drivers'.")
    parser.add_argument("--runs", type=int, default=5)
    bench = Bench(parser.parse_args().runs)
    say(", ".join(f"{name} {value}" for name, value in bench.found["machine"].items()))
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        server = os.environ.get("TEST_POSTGRES_URL") or stack.enter_context(own_server("-c fsync=on")).url
        for name, fresh in (("SQLite", files(folder)), ("PostgreSQL", databases(server))):
            bench.one(name, partial(next, fresh))
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench.json").write_text(json.dumps(bench.found, indent=2) + "\n")
    say("written to build/bench.json")


if __name__ == "__main__":
    main()
