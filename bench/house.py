"""Our own side of the bench: a log with many subscribers and one outage, planned and told by real processes."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from infrastructure.catch_up import catch_up
from infrastructure.database import Database
from infrastructure.planning import Planner
from infrastructure.tables import subscribers

PROGRAM = [sys.executable, "-m", "cli"]
WAITING = "SELECT count(*) FROM deliveries WHERE state != 'sent'"


@dataclass(frozen=True, slots=True)
class Told:
    """One round of `worker --once`: seconds of the whole process; seconds from the beginning of planning to the last
    mail settled; the most memory it had, in MiB."""

    process: float
    planned_to_settled: float
    peak: float


def with_subscribers(folder: Path, count: int) -> Path:
    """A log with so many staff subscribers and one outage that nobody has been told of."""
    path = folder / f"{count}.sqlite"
    if path.exists():
        return path
    database = Database(f"sqlite:///{path}")
    row = {"audience": "staff", "systems": [], "areas": [], "state": "active", "after_position": 0, "welcomed": True}
    with database.engine.begin() as connection:
        for first in range(0, count, 10_000):
            several = [
                row | {"id": f"p-{n:010x}", "address": f"p{n}@example.se", "language": ("sv", "en")[n % 2],
                       "added_at": datetime.now(UTC).isoformat()}
                for n in range(first, min(first + 10_000, count))
            ]  # fmt: skip
            connection.execute(insert(subscribers), several)
    database.close()
    words = ["record", "outage-detected", "--scope", "all-users", "--system", "sesam-s2"]
    subprocess.run([*PROGRAM, *words], env=environment(path, ""), check=True, capture_output=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def environment(path: Path, smtp_url: str, **settings: str) -> dict[str, str]:
    return os.environ | {
        "RESERVRUTIN_DATABASE_URL": f"sqlite:///{path}",
        "RESERVRUTIN_SMTP_URL": smtp_url,
        "RESERVRUTIN_MAIL_FROM": "Reservrutin Sesam <reservrutin@example.se>",
        **settings,
    }


def tell(template: Path, port: int, **settings: str) -> Told:
    """Plan and send everything of a copy of this log, in a process of its own. Raises if anything was not sent."""
    path = template.with_name(f"run-{os.getpid()}.sqlite")
    shutil.copy(template, path)
    try:
        with path.with_suffix(".txt").open("wb") as out:
            began = time.perf_counter()
            process = subprocess.Popen(
                [*PROGRAM, "worker", "--once", "--json"],
                env=environment(path, f"smtp://127.0.0.1:{port}", **settings), stdout=out, stderr=out,
            )  # fmt: skip
            _pid, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.perf_counter() - began
        with closing(sqlite3.connect(path)) as connection:
            [left] = connection.execute(WAITING).fetchone()
            first, last = connection.execute("SELECT min(queued_at), max(sent_at) FROM deliveries").fetchone()
        if left or process.returncode:
            raise RuntimeError(f"{left} mails were not sent: {path.with_suffix('.txt').read_text()[-400:]}")
        span = datetime.fromisoformat(last) - datetime.fromisoformat(first)
        return Told(seconds, span.total_seconds(), used.ru_maxrss / 1024)
    finally:
        for left_over in path.parent.glob(f"{path.stem}*"):
            left_over.unlink()


def plan(template: Path) -> tuple[float, float]:
    """Seconds to plan everybody's delivery of one fact, and seconds for a bare INSERT … SELECT of as many rows into a
    table that is indexed alike; both durable. In MiB the memory is that of this process, so it is not told here."""
    path = template.with_name(f"plan-{os.getpid()}.sqlite")
    shutil.copy(template, path)
    try:
        database = Database(f"sqlite:///{path}")
        began = time.perf_counter()
        catch_up(database, Planner(database))
        ours = time.perf_counter() - began
        connection = database.connection()
        columns = [row[1] for row in connection.execute("PRAGMA table_info(deliveries)") if row[1] != "id"]
        made = "SELECT sql FROM sqlite_master WHERE tbl_name = 'deliveries' AND sql IS NOT NULL ORDER BY type DESC"
        for (statement,) in connection.execute(made).fetchall():
            connection.execute(_of_the_twin(statement))
        values = dict(
            zip(columns, connection.execute(f"SELECT {', '.join(columns)} FROM deliveries").fetchone(), strict=True)
        )
        chosen = ["id" if column == "subscriber" else "?" for column in columns]
        bound = [value for column, value in values.items() if column != "subscriber"]
        began = time.perf_counter()
        with database.writing() as writer:
            writer.execute(
                f"INSERT INTO twin ({', '.join(columns)}) SELECT {', '.join(chosen)} FROM subscribers", bound
            )
        bare = time.perf_counter() - began
        database.close()
        return ours, bare
    finally:
        for left_over in path.parent.glob(f"{path.stem}*"):
            left_over.unlink()


def _of_the_twin(statement: str) -> str:
    """The statement that makes a table, or its index, made to speak of a table of another name."""
    if statement.startswith("CREATE TABLE"):
        return statement.replace("deliveries", "twin", 1)
    name = statement.split(" INDEX ", 1)[1].split()[0]
    return statement.replace(name, f"twin_{name.strip(chr(34))}", 1).replace(" ON deliveries", " ON twin", 1)


if __name__ == "__main__":
    print(json.dumps(plan(Path(sys.argv[1]))))
