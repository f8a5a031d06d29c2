"""Facts a second, durably, one writer and eight: the bare driver, our store, `record` with everything it judges."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier
from statistics import median
from typing import Any
from uuid import uuid4

from bench import stores
from bench.environments import NotThere, peers_python, printed
from bench.figures import Figure, Found, Unmeasured
from bench.ground import DESK, NOTE, OUTAGE, POSTGRES_NAME, SQLITE_NAME, Ground, stored, timed
from infrastructure.database.database import Database
from infrastructure.database.making import make
from infrastructure.log.fact_store import FactStore
from infrastructure.log.incident_log import IncidentLog, Proposal

PART = "appends"
WRITERS = 8
ENTRIES = 10
"""Facts of an incident that a writer records, before it opens the next."""

RAW, STORE, RECORD = KINDS = "raw", "store", "record"
WORDS = {RAW: "raw driver", STORE: "fact store, with evidence", RECORD: "record as a function"}
GOALS = {SQLITE_NAME: 0.75, POSTGRES_NAME: 0.9}
"""Of the bare driver, which on PostgreSQL takes turns by a lock."""

LIMIT = {SQLITE_NAME: "the raw driver", POSTGRES_NAME: "the raw driver with a lock"}
PATIENCE = 120.0
"""Seconds that a round of writers may take before they are given up."""


def measure(ground: Ground) -> Iterator[Found]:
    for name, fresh in ground.databases.items():
        for writers in (1, WRITERS):
            rates = together(fresh(), writers, ground.runs, ground.scale.seconds)
            for kind in KINDS:
                yield Figure(
                    part=PART,
                    what=f"{WORDS[kind]}, {writers} {'writer' if writers == 1 else 'writers'}",
                    database=name,
                    values=tuple(rates[kind]),
                    unit="facts/s",
                    ratios=tuple(a / b for a, b in zip(rates[kind], rates[RAW], strict=True)),
                    of=LIMIT[name],
                    at_least=GOALS[name] if kind == STORE else None,
                )
        for peer in ("own", "sqlalchemy"):
            yield others(name, peer, fresh(), ground)
        yield leaf_cost(name, fresh, ground)


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
    writer, entry = f"writer-{uuid4().hex}", 0
    if kind == RAW:
        bare = stores.raw(url)
    else:
        store = FactStore(Database(url))

    def write() -> None:
        nonlocal entry
        entry += 1
        fact = stored(writer, entry, NOTE)  # both encode their fact: what is compared is the writing
        if kind == RAW:
            bare(writer, entry, fact.topic, fact.state, str(fact.command_id))
        else:
            store.append([fact], store.database.now)

    return write


def rounds(url: str, runs: int, seconds: float, barrier: Barrier, said: Any) -> None:
    """One writer process: every kind in turn, each round begun together with the other writers."""
    jobs = {kind: writes(url, kind) for kind in KINDS}
    for job in jobs.values():
        job()
    for number in range(runs):
        for kind, job in jobs.items():
            barrier.wait(PATIENCE)
            count, began = 0, time.perf_counter()
            while time.perf_counter() - began < seconds:
                job()
                count += 1
            said.put((number, kind, count / (time.perf_counter() - began)))


def together(url: str, writers: int, runs: int, seconds: float) -> dict[str, list[float]]:
    """Facts a second of all writers together, by kind and round."""
    make(url)
    stores.make_table(url)  # before the writers meet
    spawn = multiprocessing.get_context("spawn")
    barrier, said = spawn.Barrier(writers), spawn.Queue()
    given = url, runs, seconds, barrier, said
    processes = [spawn.Process(target=rounds, args=given, daemon=True) for _ in range(writers)]
    for process in processes:
        process.start()
    found = {kind: [0.0] * runs for kind in KINDS}
    for _ in range(writers * runs * len(KINDS)):
        number, kind, rate = said.get(timeout=PATIENCE)
        found[kind][number] += rate
    for process in processes:
        process.join()
    return found


def others(name: str, peer: str, url: str, ground: Ground) -> Found:
    """A peer's rate, turn and turn about with the bare driver's in the same process."""
    words = stores.PEERS[peer][0]
    try:
        told = printed([peers_python(), "bench/stores.py", peer, url, str(ground.scale.seconds), str(ground.runs)])
    except NotThere as why:
        return Unmeasured(part=PART, what=f"{words}, {name}", why=str(why))
    pairs = [tuple(map(float, line.split())) for line in told.splitlines()]
    return Figure(
        part=PART,
        what=words,
        database=name,
        values=tuple(found for _limit, found in pairs),
        unit="facts/s",
        ratios=tuple(found / limit for limit, found in pairs),
        of=LIMIT[name],
        peer=True,
    )


def leaf_cost(name: str, fresh: Callable[[], str], ground: Ground) -> Figure:
    """Appends with their leaf of the tree and without, turn and turn about, so that both meet the same machine. Each
    in a log of its own: a tree that does not reach up to the facts is left alone, by either database."""
    stores_of = {}
    for leaf in (True, False):
        make(url := fresh())
        stores_of[leaf] = FactStore(database := Database(url))
        stores_of[leaf].insert_events([stored("2001-0001", 1, NOTE)])
        if not leaf:
            database.connection().execute("DELETE FROM tree")
    took: dict[bool, list[float]] = {True: [], False: []}

    def append(entry: int, *, leaf: bool) -> None:
        fact = stored("2001-0001", entry + 1, NOTE)
        took[leaf].append(timed(lambda: stores_of[leaf].insert_events([fact])))

    each = ground.scale.several * 20
    values, ratios = [], []
    for run in range(ground.runs):
        for entry in range(run * each + 1, (run + 1) * each + 1):
            append(entry, leaf=True)
            append(entry, leaf=False)
        values.append(median(took[True][-each:]) * 1000)
        ratios.append(median(took[False][-each:]) / median(took[True][-each:]))
    return Figure(
        part=PART,
        what="an append with its leaf of the tree",
        database=name,
        values=tuple(values),
        unit="ms",
        ratios=tuple(ratios),
        of="an append without",
    )
