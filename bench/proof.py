"""What proof costs: a large log hashed and verified, beside one that is only read."""

from collections.abc import Iterator
from functools import partial

from bench.figures import Figure, Found
from bench.ground import PROGRAM, Ground, process, timed
from bench.reading import ALL, Rows, bare, count_of
from domain.merkle import CompactRange, leaf_hash
from infrastructure.database.database import Database

PART = "proof"
READ = "only reading the stored bytes"
GOAL = 0.4


def measure(ground: Ground) -> Iterator[Found]:
    for name in ground.databases:
        yield from of_one(name, ground.large(name), ground)


def of_one(name: str, database: Database, ground: Ground) -> Iterator[Figure]:
    """`verify` is the whole command, with everything that it recomputes, and its memory."""
    count = count_of(database)
    reading, hashing, whole = [], [], []
    for _ in range(1 if ground.scale.facts >= 1_000_000 else ground.few):
        with bare(database) as rows:
            reading.append(timed(partial(read, rows)))
            hashing.append(timed(partial(hashed, rows)))
        whole.append(process((PROGRAM, "verify"), database.url))
    verifying = [done.seconds for done in whole]
    for what, seconds in (
        (f"{count:,} facts read", reading),
        (f"{count:,} facts hashed into the tree", hashing),
        (f"verify of {count:,} facts", verifying),
    ):
        yield Figure(
            part=PART,
            what=what,
            database=name,
            values=tuple(seconds),
            unit="s",
            ratios=tuple(limit / each for limit, each in zip(reading, seconds, strict=True)),
            of=READ,
            at_least=None if seconds is reading else GOAL,
        )
    peaks = tuple(done.peak for done in whole)
    yield Figure(part=PART, what="verify, most memory", database=name, values=peaks, unit="MiB")


def read(rows: Rows) -> int:
    return sum(len(stored) for stored in rows(ALL))


def hashed(rows: Rows) -> bytes:
    return CompactRange().extended(leaf_hash(stored) for stored in rows(ALL)).root
