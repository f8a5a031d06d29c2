"""What proof costs: an append with and without its leaf, and a large log verified beside one that is only read.

    python -m bench.evidence [FACTS]

Every figure is a ratio within one run on one machine; seconds are told only to say how long that took.
"""

import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from domain import facts as f
from domain.fact import Recorded
from domain.merkle import Frontier, leaf_hash
from domain.routine_document import builtin
from domain.vocabulary import SWEDEN
from infrastructure import fact_store, tree
from infrastructure.board import Board
from infrastructure.codec import encode, topic
from infrastructure.database import Database
from infrastructure.fact_store import FactStore, StoredFact
from infrastructure.verifying import verify

MILLION = 1_000_000
ENTRIES = 20
"""Facts of an incident."""
APPENDS = 3_000


def story(count: int) -> Iterator[StoredFact]:
    """So many facts, of as many incidents as that makes, each of an outage and what was noted of it."""
    began = datetime(2026, 3, 2, 8, tzinfo=SWEDEN)
    opened = f.OutageDetected(scope="all-users", systems=("sesam-s2",))
    noted = f.NoteAdded(text="Lugnt i växeln, tre har ringt från Lund.")
    function = builtin().help_desk
    for number in range(count):
        incident, entry = divmod(number, ENTRIES)
        named = f"{2026 + incident // 9999}-{incident % 9999 + 1:04}"
        at = began + timedelta(seconds=number)
        fact = noted if entry else opened
        recorded = Recorded(named, entry + 1, fact, at, at, function, "s-1", f"c{number:x}".translate(LETTERS))
        yield StoredFact(named, entry + 1, topic(recorded), encode(recorded), recorded.command_id)


LETTERS = str.maketrans("0123456789", "ghijklmnop")


def large(folder: Path, count: int) -> Database:
    """A log of so many facts, appended in large portions."""
    database = Database(f"sqlite:///{folder / 'large.sqlite'}")
    store, portion = FactStore(database), []
    for fact in story(count):
        portion.append(fact)
        if len(portion) == 20_000:
            store.insert_events(portion)
            portion = []
    store.insert_events(portion)
    Board(database).open_incidents()
    return database


def appends(folder: Path) -> dict[str, float]:
    """Durable appends with their leaf and without, turn and turn about, so that both meet the same machine."""
    with_leaf: Any = tree.appended
    stores = [FactStore(Database(f"sqlite:///{folder / name}.sqlite")) for name in ("bare", "leaf")]
    took: tuple[list[float], list[float]] = [], []
    try:
        for fact in story(APPENDS):
            for store, appended, times in zip(stores, (lambda *_: None, with_leaf), took, strict=True):
                vars(fact_store)["appended"] = appended
                began = time.perf_counter()
                store.insert_events([fact])
                times.append(time.perf_counter() - began)
    finally:
        vars(fact_store)["appended"] = with_leaf
    bare, leaf = median(took[0]), median(took[1])
    return {"append_with_leaf_to_without": round(bare / leaf, 2), "append_with_leaf_ms": round(leaf * 1000, 2)}


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def verified(database: Database) -> dict[str, float]:
    """The whole of verify, and its parts, against a loop that only reads the rows."""

    def rows() -> Iterator[bytes]:
        with closing(sqlite3.connect(database.path)) as connection:
            for (stored,) in connection.execute("SELECT bytes FROM facts ORDER BY position"):
                yield stored

    reading = timed(lambda: sum(len(stored) for stored in rows()))
    hashing = timed(lambda: Frontier().extended(leaf_hash(stored) for stored in rows()))
    found = []
    whole = timed(lambda: found.append(verify(database)))
    if found[0].problems:
        raise RuntimeError(str(found[0].problems[:3]))
    return {
        "facts": found[0].facts,
        "hashing_to_reading": round(reading / hashing, 2),
        "verify_to_reading": round(reading / whole, 3),
        "verify_seconds": round(whole, 1),
        "hashing_seconds": round(hashing, 1),
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MILLION
    with TemporaryDirectory() as folder:
        found = appends(Path(folder))
        database = large(Path(folder), count)
        found |= verified(database)
        database.close()
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
