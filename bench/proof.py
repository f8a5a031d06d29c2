"""What proof costs: a large log hashed and verified, beside one that is only read, hashed and decoded."""

from collections.abc import Iterator
from functools import partial

from bench.figures import Figure, Found
from bench.ground import PROGRAM, Ground, process, timed
from bench.reading import ALL, Rows, bare, count_of
from domain.merkle import CompactRange, leaf_hash
from infrastructure.database.database import Database
from infrastructure.log.codec import decode

PART = "proof"
READ = "only reading the stored bytes"
LOOKED_AT = "reading, hashing and decoding each fact"
MOST = 3.0
"""How many times that `verify` may take, which also derives everything anew."""


def measure(ground: Ground) -> Iterator[Found]:
    for name in ground.databases:
        yield from of_one(name, ground.large(name), ground)


def of_one(name: str, database: Database, ground: Ground) -> Iterator[Figure]:
    """`verify` is the whole command, with everything that it recomputes, and its memory."""
    count = count_of(database)
    reading, hashing, looking, whole = [], [], [], []
    for _ in range(1 if ground.scale.facts >= 1_000_000 else ground.few):
        with bare(database) as rows:
            reading.append(timed(partial(read, rows)))
            hashing.append(timed(partial(hashed, rows)))
            looking.append(timed(partial(looked_at, rows)))
        whole.append(process((PROGRAM, "verify"), database.url))
    verifying = [done.seconds for done in whole]
    for what, seconds in (
        (f"{count:,} facts read", reading),
        (f"{count:,} facts hashed into the tree", hashing),
    ):
        yield Figure(
            part=PART,
            what=what,
            database=name,
            values=tuple(seconds),
            unit="s",
            ratios=tuple(limit / each for limit, each in zip(reading, seconds, strict=True)),
            of=READ,
        )
    for what, seconds in (
        (f"{count:,} facts read, hashed and decoded", looking),
        (f"verify of {count:,} facts", verifying),
    ):
        yield Figure(
            part=PART,
            what=what,
            database=name,
            values=tuple(seconds),
            unit="s",
            ratios=tuple(each / limit for limit, each in zip(looking, seconds, strict=True)),
            of=LOOKED_AT,
            cpu=tuple(done.cpu for done in whole) if seconds is verifying else (),
            at_most=MOST if seconds is verifying else None,
        )
    peaks = tuple(done.peak for done in whole)
    yield Figure(part=PART, what="verify, most memory", database=name, values=peaks, unit="MiB")


def read(rows: Rows) -> int:
    return sum(len(stored) for stored in rows(ALL))


def looked_at(rows: Rows) -> bytes:
    """As little as anybody can do who looks at each fact: its leaf, and what it says."""
    return CompactRange().extended(leaf_hash(stored) for stored in rows(ALL) if decode(stored)).root


def hashed(rows: Rows) -> bytes:
    return CompactRange().extended(leaf_hash(stored) for stored in rows(ALL)).root
