"""The checkpoints that were signed of the log, and the making of the next.

A checkpoint is only ever made by extending the one before it: its compact range, which the signed root binds, grows by
the facts that have been written since. So no two that one key has signed can disagree; what does not fit is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.checkpoint import Checkpoint, Signature, VerifierKey, parse, signature_of
from domain.merkle import CompactRange, Subtree, hashes_of
from domain.refusals import Damaged, Refusal
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.database.row_checksums import COUNT
from infrastructure.integrity.keys import SigningKey, verify
from infrastructure.integrity.problems import shown
from infrastructure.log.tree import as_bytes, compact_range_of, leaves

NEWEST = "SELECT size, root, frontier, note FROM checkpoints ORDER BY size DESC LIMIT 1"
COVERING = "SELECT size, root, frontier, note FROM checkpoints WHERE size >= ? ORDER BY size LIMIT 1"
ALL = "SELECT size, root, frontier, note FROM checkpoints ORDER BY size"
KEEP = "INSERT INTO checkpoints (size, root, frontier, note) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint as it is stored; whether it is whole is for `problem_of` to say."""

    size: int
    root: bytes
    frontier: bytes
    note: str


def newest(database: Database) -> StoredCheckpoint | None:
    """The newest checkpoint, None while there is none."""
    row = database.connection().execute(NEWEST).fetchone()
    return _kept(row) if row else None


def covering(database: Database, position: int) -> StoredCheckpoint | None:
    """The first checkpoint that covers the fact at this position, None while there is none."""
    row = database.connection().execute(COVERING, (position,)).fetchone()
    return _kept(row) if row else None


def all_kept(connection: Connection) -> list[StoredCheckpoint]:
    """Every checkpoint, the smallest first."""
    return [_kept(row) for row in connection.execute(ALL).fetchall()]


def problem_of(kept: StoredCheckpoint, keys: Iterable[VerifierKey]) -> str | None:
    """What is wrong with a stored checkpoint in itself, as the reason of a sentence; None if nothing is."""
    try:
        checkpoint, _signatures = parse(kept.note)
        if (checkpoint.size, checkpoint.root) != (kept.size, kept.root):
            return "checkpoint-columns"
        if CompactRange.from_bytes(kept.size, kept.frontier).root != kept.root:
            return "checkpoint-frontier"
        return "checkpoint-forged" if signature_of(kept.note, keys, verify) is Signature.FORGED else None
    except (Refusal, ValueError):
        return "checkpoint-note"


def make(database: Database, key: SigningKey) -> StoredCheckpoint | None:
    """Sign for the log as it is now, and keep it; the newest there is if nothing has been written since, None for an
    empty log.

    Raises Damaged where the log does not extend what has been signed, or is not what its tree says.
    """
    if not _something_new(database, key):
        return newest(database)
    with database.appending() as connection:
        row = connection.execute(NEWEST).fetchone()
        before = _kept(row) if row else None
        tree = compact_range_of(connection)
        if tree is None:
            raise Damaged("tree-unreadable")
        grown = _extended(connection, _start(before, key), tree, key.last_signed())
        if before and before.size == grown.size:
            return before  # another worker was faster
        checkpoint = Checkpoint(key.name, grown.size, grown.root)
        kept = StoredCheckpoint(grown.size, grown.root, bytes(grown), key.note(checkpoint.text))
        key.remember(kept.note)
        connection.execute(KEEP, (kept.size, kept.root, kept.frontier, kept.note))
        connection.execute(COUNT, (1, "checkpoints"))
    return kept


def _something_new(database: Database, key: SigningKey) -> bool:
    """A look that takes nobody's turn as a writer. What the key remembers is looked at too."""
    connection = database.connection()
    row, tree, last = connection.execute(NEWEST).fetchone(), compact_range_of(connection), _last(connection)
    remembered = key.last_signed()
    sizes = {row[0] if row else 0, tree.size if tree else None, last}
    return len(sizes) > 1 or (remembered is not None and parse(remembered)[0].size != last)


def _last(connection: Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(position), 0) FROM facts").fetchone()[0])


def _start(before: StoredCheckpoint | None, key: SigningKey) -> CompactRange:
    """Where the next checkpoint goes on from. Raises Damaged if that is not what this key has signed."""
    if before is None:
        return CompactRange()
    if problem := problem_of(before, [key.verifier]):
        raise Damaged(problem, size=before.size)
    return CompactRange.from_bytes(before.size, before.frontier)


def _extended(connection: Connection, start: CompactRange, tree: CompactRange, remembered: str | None) -> CompactRange:
    """The compact range of the log as its facts say. Raises Damaged where that is not what the tree says, or does not
    extend what the key remembers to have signed."""
    signed = parse(remembered)[0] if remembered else None
    if signed and signed.size > tree.size:
        raise Damaged("shorter-than-signed", signed=signed.size, facts=tree.size)
    grown = start
    for until in sorted({signed.size, tree.size} if signed and signed.size > start.size else {tree.size}):
        grown = grown.extended(leaves(connection, grown.size, until))
        if signed and grown.size == signed.size and grown.root != signed.root:
            raise Damaged("other-than-signed", signed=signed.size)
    if grown != tree or tree.size != _last(connection):
        raise Damaged("tree-does-not-fit")
    return grown


def proofs(connection: Connection, size: int, subtrees: Iterable[Subtree]) -> dict[Subtree, bytes]:
    """The hashes of these subtrees of the log's first `size` facts, computed from the facts in one pass.

    A subtree that the right edge cuts off is of a tree of just that size.
    """
    return hashes_of(set(subtrees), leaves(connection, 0, size))


def _kept(row: tuple[int, bytes, bytes, str]) -> StoredCheckpoint:
    size, root, frontier, note = row
    return StoredCheckpoint(size, as_bytes(root), as_bytes(frontier), shown(note))
