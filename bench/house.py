"""Our own side of the mail: many subscribers, told by a real worker; their mail planned, claimed, settled."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from bench.ground import DESK, OUTAGE, PROGRAM, process, timed
from bench.wire import free_port
from domain.delivery import DeliveryState, Outcome, Settlement
from infrastructure.database.backend import SQLITE, Connection
from infrastructure.database.database import Database
from infrastructure.database.making import make
from infrastructure.database.tables import subscribers
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.outbox.outbox import Outbox
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.catch_up import catch_up
from notifiers.dispatcher import BATCH, SETTLED_AT_ONCE

WAITING = "SELECT count(*) FROM deliveries WHERE state != 'sent'"
LEFT_OUT = """
SELECT count(*) FROM subscribers s WHERE NOT EXISTS
(SELECT 1 FROM deliveries d WHERE d.subscriber = s.id AND d.position = ?)
"""
YOUNG = 300.0
"""Seconds that a log is used for: mail that has waited for a quarter of an hour is told otherwise."""

SENDER = "Reservrutin Sesam <reservrutin@example.se>"


@dataclass(frozen=True, slots=True)
class Told:
    """One round of `worker --once`: seconds of the whole process; seconds from the beginning of planning to the last
    mail settled; seconds of processors; the most memory it had, in MiB. Of several workers the longest and the most."""

    process: float
    planned_to_settled: float
    cpu: float
    peak: float


def subscribed(url: str, count: int) -> Database:
    """A log with so many staff subscribers, who read Swedish and English in turn."""
    make(url)
    database = Database(url)
    row = {"audience": "staff", "systems": [], "areas": [], "state": "active", "after_position": 0, "welcomed": True}
    with database.engine.begin() as connection:
        for first in range(0, count, 10_000):
            several = [
                row | {"id": f"p-{n:010x}", "address": f"p{n}@example.se", "language": ("sv", "en")[n % 2],
                       "added_at": datetime.now(UTC).isoformat()}
                for n in range(first, min(first + 10_000, count))
            ]  # fmt: skip
            connection.execute(insert(subscribers), several)
    return database


def untold(url: str, count: int) -> Database:
    """A log with so many subscribers and one outage that nobody has been told of."""
    database = subscribed(url, count)
    IncidentLog(database).record(Proposal(OUTAGE, DESK, "s-1"))
    return database


def with_subscribers(folder: Path, count: int) -> Path:
    """The file of such a log."""
    path = folder / f"{count}.sqlite"
    if path.exists() and time.time() - path.stat().st_mtime < YOUNG:
        return path
    for old in folder.glob(f"{path.name}*"):
        old.unlink()
    database = untold(f"{SQLITE}{path}", count)
    database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    database.close()
    return path


def told(url: str, port: int, workers: int = 1, /, **settings: str) -> Told:
    """Plan and send everything of this log, by so many workers side by side, each a process of its own. Raises if
    anything was not sent."""
    mail = {"RESERVRUTIN_SMTP_URL": f"smtp://127.0.0.1:{port}", "RESERVRUTIN_MAIL_FROM": SENDER} | settings
    run = partial(process, (PROGRAM, "worker", "--once", "--json"), url, settings=mail)
    with ThreadPoolExecutor(workers) as side_by_side:
        done = [begun.result() for begun in [side_by_side.submit(run) for _ in range(workers)]]
    with closing(Database(url)) as database:
        connection = database.connection()
        [left] = connection.execute(WAITING).fetchone()
        first, last = connection.execute("SELECT min(queued_at), max(sent_at) FROM deliveries").fetchone()
    if left:
        raise RuntimeError(f"{left} mails were not sent: {done[0].said[-400:]}")
    span = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    return Told(
        max(one.seconds for one in done),
        span.total_seconds(),
        sum(one.cpu for one in done),
        max(one.peak for one in done),
    )


def tell(template: Path, port: int, workers: int = 1, /, **settings: str) -> Told:
    """The same of a copy of this file."""
    path = template.with_name(f"run-{os.getpid()}.sqlite")
    shutil.copy(template, path)
    try:
        return told(f"{SQLITE}{path}", port, workers, **settings)
    finally:
        for left_over in path.parent.glob(f"{path.stem}*"):
            left_over.unlink()


def planned(database: Database, runs: int) -> Iterator[tuple[float, float]]:
    """Seconds to plan everybody's delivery of one fact, and seconds for a bare INSERT … SELECT of as many rows into a
    table that is indexed alike; both durable, a new fact each run."""
    log, planner = IncidentLog(database), Planner(database)
    columns: list[str] = []
    for _ in range(runs):
        position = log.record(Proposal(OUTAGE, DESK, "s-1")).recorded.position
        ours = timed(lambda: catch_up(database, planner))
        connection = database.connection()
        columns = columns or make_twin(connection, sqlite=database.url.startswith(SQLITE))
        found = f"SELECT {', '.join(columns)} FROM deliveries WHERE position = ? LIMIT 1"
        row = dict(zip(columns, connection.execute(found, (position,)).fetchone(), strict=True))
        chosen = ["id" if column == "subscriber" else "?" for column in columns]
        bound = [value for column, value in row.items() if column != "subscriber"]
        bare = f"INSERT INTO twin ({', '.join(columns)}) SELECT {', '.join(chosen)} FROM subscribers"
        yield ours, timed(partial(_written, database, bare, bound))


def planning_peak(database: Database) -> float:
    """The most memory, in MiB, of a real worker that plans everybody's delivery of a new fact and finds no mail server.
    Raises if anybody was left out."""
    position = IncidentLog(database).record(Proposal(OUTAGE, DESK, "s-1")).recorded.position
    nowhere = {"RESERVRUTIN_SMTP_URL": f"smtp://127.0.0.1:{free_port()}", "RESERVRUTIN_MAIL_FROM": SENDER}
    done = process((PROGRAM, "worker", "--once", "--json"), database.url, settings=nowhere)
    [left_out] = database.connection().execute(LEFT_OUT, (position,)).fetchone()
    if left_out:
        raise RuntimeError(f"{left_out} deliveries were not planned: {done.said[-400:]}")
    return done.peak


def _written(database: Database, statement: str, values: list[object]) -> None:
    with database.writing() as writer:
        writer.execute(statement, values)


def make_twin(connection: Connection, *, sqlite: bool) -> list[str]:
    """A table like that of the deliveries, indexed alike; its columns but for the one that numbers itself."""
    if sqlite:
        made = "SELECT sql FROM sqlite_master WHERE tbl_name = 'deliveries' AND sql IS NOT NULL AND type != 'trigger' \
ORDER BY type DESC"
        for (statement,) in connection.execute(made).fetchall():
            connection.execute(_of_the_twin(statement))
        named = "SELECT name FROM pragma_table_info('twin')"
    else:
        connection.execute("CREATE TABLE twin (LIKE deliveries INCLUDING ALL)")
        named = "SELECT column_name FROM information_schema.columns WHERE table_name = 'twin'"
    return [name for (name,) in connection.execute(named) if name != "id"]


def _of_the_twin(statement: str) -> str:
    """The statement that makes a table, or its index, made to speak of a table of another name."""
    if statement.startswith("CREATE TABLE"):
        return statement.replace("deliveries", "twin", 1)
    name = statement.split(" INDEX ", 1)[1].split()[0]
    return statement.replace(name, f"twin_{name.strip(chr(34))}", 1).replace(" ON deliveries", " ON twin", 1)


def claimed(fresh: Callable[[], str], count: int) -> tuple[float, float]:
    """Seconds to claim so many deliveries, and to settle them, each batch durable."""
    database = subscribed(fresh(), count)
    log, now = IncidentLog(database), datetime.now(UTC) + timedelta(hours=1)
    log.record(Proposal(OUTAGE, DESK, "s-1"))
    catch_up(database, Planner(database))
    outbox, ended, claiming, settling = (
        Outbox(database, log.histories, lambda *of: f"<{of[2]}@example.se>"),
        0,
        0.0,
        0.0,
    )
    while True:
        batch: list[Settlement] = []

        def claim(batch: list[Settlement] = batch) -> None:
            for notice, _tries in outbox.claim("bench", BATCH, now):
                batch.append(Settlement(notice, now, Outcome(DeliveryState.SENT, 250, "OK")))

        claiming += timed(claim)
        if not batch:
            break
        for first in range(0, len(batch), SETTLED_AT_ONCE):
            settling += timed(partial(outbox.settle, "bench", batch[first : first + SETTLED_AT_ONCE]))
        ended += len(batch)
    database.close()
    if ended != count:
        raise RuntimeError(f"{ended} deliveries were settled of {count}")
    return claiming, settling
