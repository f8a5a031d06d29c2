"""The tree over the stored facts, kept where they are written and recomputed where they are proved.

One row, where there is a fact, says how large the tree is and holds its compact range; it moves in the transaction that
appends one. A leaf's hash stands in a row of its own, so that a fact whose bytes were changed is found by its position.
Both are derived: what proves anything to others is a checkpoint (docs/decisions/0007).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.merkle import CompactRange, leaf_hash
from infrastructure.database.backend import Connection

TAKEN_AT_ONCE = 5_000
"""Facts read at a time, so that a large log takes no more memory than a small one."""

TREE = "SELECT size, frontier FROM tree"
BEGIN = "INSERT INTO tree (size, frontier) VALUES (?, ?)"
GROW = "UPDATE tree SET size = ?, frontier = ? WHERE size = ?"
LEAF = "INSERT INTO leaves (position, hash) VALUES (?, ?)"
STORED = "SELECT position, bytes FROM facts WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"

FIRST = "SELECT bytes FROM facts ORDER BY position LIMIT 1"


def log_id(connection: Connection) -> str:
    """What no other log is called, "" of an empty one: the leaf hash of its first fact, in which a moment and a command
    id stand that were never given twice. It goes along wherever the log is restored or moved to."""
    found = connection.execute(FIRST).fetchone()
    return leaf_hash(as_bytes(found[0])).hex() if found else ""


def appended(connection: Connection, stored: Sequence[bytes], first: int) -> None:
    """Add the facts that have just been given their positions from `first` on, in their own transaction, to the tree. A
    server does it by itself as it appends (`append_facts`, migration 0018), by the same rule.

    A tree that does not reach up to them is left as it is: it never stands in the way of a fact, and no checkpoint is
    made of it.
    """
    kept = compact_range_of(connection)
    if kept is None or kept.size != first - 1:
        return
    hashes = [leaf_hash(each) for each in stored]
    grown = kept.extended(hashes)
    connection.executemany(LEAF, enumerate(hashes, first))
    if kept.size:
        connection.execute(GROW, (grown.size, bytes(grown), kept.size))
    else:
        connection.execute(BEGIN, (grown.size, bytes(grown)))


def compact_range_of(connection: Connection) -> CompactRange | None:
    """The tree's compact range, empty where there is none, None where it can't be read as one."""
    found = connection.execute(TREE).fetchone()
    try:
        return CompactRange.from_bytes(found[0], as_bytes(found[1])) if found else CompactRange()
    except (TypeError, ValueError):
        return None


def as_bytes(stored: Any) -> bytes:
    """What a column of bytes holds, also where a stranger has put something else in it."""
    if isinstance(stored, bytes | memoryview):
        return bytes(stored)
    return str(stored).encode(errors="surrogateescape")


def stored_facts(connection: Connection, after: int, until: int) -> Iterator[tuple[int, bytes]]:
    """The positions and stored bytes after one position up to and with another."""
    while found := connection.execute(STORED, (after, until, TAKEN_AT_ONCE)).fetchall():
        for position, stored in found:
            yield position, as_bytes(stored)
        after = found[-1][0]


def leaves(connection: Connection, after: int, until: int) -> Iterator[bytes]:
    """The leaf hashes of the facts after one position up to another, computed anew from what is stored.

    It ends early where a position is missing: what follows is no leaf of this tree.
    """
    for expected, (position, stored) in enumerate(stored_facts(connection, after, until), after + 1):
        if position != expected:
            return
        yield leaf_hash(stored)
