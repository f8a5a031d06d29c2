"""The tree over the facts repaired, where nothing that bears witness speaks against it.

What went missing is worked out from the facts: a leaf, the running state. A leaf or a checkpoint that says something
else than the facts is never overwritten: it is what tells that a fact was changed.
"""

from enum import StrEnum

from domain.merkle import CompactRange, leaf_hash
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.integrity.checkpoints import all_kept
from infrastructure.log.tree import BEGIN, LEAF, STORED, TAKEN_AT_ONCE, as_bytes, compact_range_of

LAST_FACT = "SELECT coalesce(max(position), 0) FROM facts"
LAST_LEAF = "SELECT coalesce(max(position), 0) FROM leaves"
LEAVES = "SELECT position, hash FROM leaves WHERE position > ? AND position <= ?"


class Repair(StrEnum):
    """How the tree was found, and left."""

    WHOLE = "whole"
    REPAIRED = "repaired"
    CONTRADICTED = "contradicted"
    """As it was: what was written beside the facts says that they are not what they were."""


class _Contradicted(Exception):
    """Undoes what was begun."""


def repair(database: Database) -> Repair:
    """Fill in what is missing of the tree. Whoever records waits meanwhile, some seconds for a million facts."""
    try:
        with database.appending() as connection:
            rows = connection.execute("SELECT size FROM tree").fetchall()
            kept = compact_range_of(connection) if rows else None
            grown, missing = _read(connection, kept)
            if not missing and len(rows) <= 1 and (kept or CompactRange()) == grown:
                return Repair.WHOLE
            if any(size > grown.size for (size,) in rows):
                raise _Contradicted  # it was longer once
            connection.execute("DELETE FROM tree")
            connection.execute(BEGIN, (grown.size, bytes(grown)))
            return Repair.REPAIRED
    except _Contradicted:
        return Repair.CONTRADICTED


def _read(connection: Connection, kept: CompactRange | None) -> tuple[CompactRange, int]:
    """The tree as the facts give it, and how many of its leaves were missing and are there now. `kept` is what is
    stored of it, None where that can't be read."""
    [last] = connection.execute(LAST_FACT).fetchone()
    [last_leaf] = connection.execute(LAST_LEAF).fetchone()
    signed = {kept.size: kept.root for kept in all_kept(connection)}
    if max(last_leaf, *signed, 0) > last:
        raise _Contradicted
    grown, missing = CompactRange(), 0
    while grown.size < last:
        facts = connection.execute(STORED, (grown.size, last, TAKEN_AT_ONCE)).fetchall()
        known = dict(connection.execute(LEAVES, (grown.size, facts[-1][0])).fetchall())
        for position, stored in facts:
            leaf = leaf_hash(as_bytes(stored))
            if position != grown.size + 1 or as_bytes(known.get(position, leaf)) != leaf:
                raise _Contradicted
            grown = grown.extended([leaf])
            if kept and kept.size == position and kept != grown:
                raise _Contradicted
            if position in signed and signed[position] != grown.root:
                raise _Contradicted
            if position not in known:
                connection.execute(LEAF, (position, leaf))
                missing += 1
    return grown, missing
