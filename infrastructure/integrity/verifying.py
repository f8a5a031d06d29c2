"""Everything that can be recomputed is recomputed, from the first fact, and what does not match is named.

Nothing is written. The log is read in one pass and one view, some facts at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from pydantic_core import from_json

from domain.checkpoint import Checkpoint, Signature, VerifierKey
from domain.merkle import CompactRange, Subtree, consistency, leaf_hash
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.integrity.board_rows import tracking_problems
from infrastructure.integrity.changed_rows import row_problems, unseen
from infrastructure.integrity.checkpoints import StoredCheckpoint, all_kept, problem_of, proofs
from infrastructure.integrity.clock_problems import clock_problems
from infrastructure.integrity.incidents import incident_problems
from infrastructure.integrity.ledger_rows import ledger_problems
from infrastructure.integrity.mails_in_ledger import in_ledger
from infrastructure.integrity.problems import Problem, looked_at, shown
from infrastructure.integrity.sealed_rows import sealed_row_problems, unsealed
from infrastructure.integrity.staff_rows import staff_problems
from infrastructure.integrity.subscriber_rows import subscriber_problems
from infrastructure.integrity.witnesses import Witness, hold, signature, signed_twice
from infrastructure.log.codec import canonical
from infrastructure.log.tree import TAKEN_AT_ONCE, as_bytes, compact_range_of

FACTS = """
SELECT f.position, f.incident, f.entry, f.fact, f.bytes, f.command_id, l.hash
FROM facts f LEFT JOIN leaves l ON l.position = f.position WHERE f.position > ? ORDER BY f.position LIMIT ?
"""
COMMANDS_TWICE = """
SELECT max(position) FROM facts WHERE command_id IS NOT NULL GROUP BY command_id HAVING count(*) > 1 ORDER BY 1
"""
MOST = 200
"""Problems named one by one; of a log that is wholly another one, there is no more to be learnt from the rest."""


@dataclass(slots=True)
class Verified:
    """What was found. `checkpoint` is the newest that is stored, `signature` what its signatures say."""

    facts: int
    head: CompactRange
    checkpoint: StoredCheckpoint | None = None
    signature: Signature = Signature.UNKNOWN
    problems: list[Problem] = field(default_factory=list)
    clocks: list[Problem] = field(default_factory=list)
    """Where a clock was wrong, though nothing needs to have been altered."""
    witnesses: list[Witness] = field(default_factory=list)
    unseen: tuple[str, ...] = ()
    """The tables whose rows were not looked at, because this role may not read them."""
    unsealed: int = 0
    """Attempts at sending that no seal covers yet, so that the ledger alone says what they were."""
    is_checked: bool = False
    """Whether the database was asked what it finds wrong itself; PostgreSQL has to have amcheck for it."""
    is_cut_short: bool = False
    """Whether the database is so damaged that the rest could not be looked at."""


def verify(
    database: Database,
    keys: Sequence[VerifierKey] = (),
    witnesses: Sequence[Witness] = (),
    signed: Checkpoint | None = None,
    progress: Callable[[int], None] | None = None,
) -> Verified:
    """Hold the log against itself, its checkpoints and these witnesses; `signed` is what a key at hand remembers.

    `progress` is told how many facts have been read. Raises Unavailable and Damaged where the log can't be read.
    """
    checked = database.own_check()
    damage = [Problem(None, "database-check", {"problem": said}) for said in checked or ()]
    try:
        found = _recomputed(database, keys, witnesses, signed, progress)
    except Exception:  # what the database itself finds wrong explains it
        if not damage:
            raise
        found = Verified(0, CompactRange(), is_cut_short=True)
    found.problems = [*damage, *found.problems]
    found.is_checked = checked is not None
    return found


def _recomputed(
    database: Database,
    keys: Sequence[VerifierKey],
    witnesses: Sequence[Witness],
    signed: Checkpoint | None,
    progress: Callable[[int], None] | None,
) -> Verified:
    with database.reading() as connection, _reading_anything(connection):
        kept, malformed = _kept(connection)
        reading = _Reading({w.checkpoint.size for w in witnesses} | {k.size for k in kept} | _sizes(signed))
        problems = [*malformed, *looked_at("facts", reading.facts(connection, progress))]
        problems += [Problem(position, "command-twice") for (position,) in connection.execute(COMMANDS_TWICE)]
        problems += looked_at("tree", _of_the_tree(connection, reading))
        problems += _of_checkpoints(kept, keys, reading)
        problems += signed_twice(kept, keys, reading.roots)
        found = Verified(reading.count, reading.head, kept[-1] if kept else None)
        if signed:
            problems += _of_the_key(signed, reading)
        if kept:
            found.signature = signature(kept[-1].note, keys)
        wanted = {w.checkpoint.size: consistency(w.checkpoint.size, reading.head.size) for w in witnesses}
        hashes = _hashes(connection, reading.head.size, wanted.values())
        found.unseen = unseen(database, connection)
        for witness, wrong in hold(witnesses, kept, keys, reading.roots, reading.last):
            path = wanted[witness.checkpoint.size] if witness.extends else []
            known, differing = in_ledger(connection, witness, sees_addresses="subscribers" not in found.unseen)
            found.witnesses.append(replace(known, proof=tuple(hashes[which] for which in path)))
            problems += [*wrong, *differing]
        problems += looked_at("tracking", tracking_problems(connection, reading.last))
        problems += looked_at("incidents", incident_problems(database, connection, reading.last))
        problems += looked_at("deliveries", ledger_problems(connection))
        problems += looked_at("attempts", sealed_row_problems(database, connection))
        found.unsealed = unsealed(connection)
        problems += looked_at("staff", staff_problems(connection))
        problems += looked_at("subscribers", subscriber_problems(connection))
        problems += looked_at("registers", row_problems(database, connection, found.unseen))
        found.clocks = [_written(problem) for problem in islice(clock_problems(connection, found.witnesses), MOST)]
    found.problems = sorted(map(_written, problems), key=lambda found: (found.position is None, found.position or 0))
    return found


def _kept(connection: Connection) -> tuple[list[StoredCheckpoint], list[Problem]]:
    """The stored checkpoints, and those that are none."""
    kept: list[StoredCheckpoint] = []
    malformed: list[Problem] = []
    for one in all_kept(connection):
        if isinstance(one.size, int) and isinstance(one.note, str):
            kept.append(one)
        else:
            malformed.append(Problem(None, "checkpoint-note", {"size": shown(one.size)}))
    return kept, malformed


def _written(problem: Problem) -> Problem:
    """The problem in what can be written, and without a position that is none."""
    position = problem.position if isinstance(problem.position, int) else None
    return Problem(position, problem.reason, {name: shown(value) for name, value in problem.data.items()})


@contextmanager
def _reading_anything(connection: Any) -> Iterator[None]:
    """SQLite holds whatever a stranger has put into a column: a text that is none is to be named, not to stop us."""
    usual = getattr(connection, "text_factory", None)
    if usual is None:
        yield
        return
    connection.text_factory = lambda stored: stored.decode(errors="surrogateescape")
    try:
        yield
    finally:
        connection.text_factory = usual


class _Reading:
    """One pass over the facts: what is wrong with each, and the roots at the sizes that somebody has seen."""

    def __init__(self, sizes: set[int]) -> None:
        self.count = 0
        self.last = 0
        self.head = CompactRange()
        self.whole = True
        """Whether every position up to the last was there: beyond a gap no tree can be computed."""
        self.roots: dict[int, bytes] = {0: self.head.root}
        self._sizes = sizes
        self._entries: dict[str, int] = {}

    def facts(self, connection: Connection, progress: Callable[[int], None] | None) -> Iterator[Problem]:
        after = -(1 << 62)
        named = 0
        while rows := connection.execute(FACTS, (after, TAKEN_AT_ONCE)).fetchall():
            hashes: list[bytes] = []
            for row in rows:
                for problem in self._fact(row, hashes):
                    named += 1
                    if named <= MOST:
                        yield problem
            self._grow(hashes)
            if progress:
                progress(self.count)
            after = rows[-1][0]
            if not isinstance(after, int | float):
                return  # what is no number comes after every number

    def _fact(self, row: Sequence[Any], hashes: list[bytes]) -> Iterator[Problem]:
        position, incident, entry, fact, stored, command_id, leaf = row
        self.count += 1
        if not isinstance(position, int):
            self.whole = False
            yield Problem(None, "position-unreadable", {"stands": position})
            return
        stored = as_bytes(stored)
        if position < 1:
            self.whole = False
            yield Problem(position, "position-unreadable", {"stands": position})
        elif position != self.last + 1:
            self.whole = False
            yield Problem(self.last + 1, "missing", {"until": position - 1})
        self.last = max(self.last, position)
        own = leaf_hash(stored)
        if self.whole:
            hashes.append(own)
        if leaf is None:
            yield Problem(position, "not-in-the-tree")
        elif as_bytes(leaf) != own:
            yield Problem(position, "bytes-changed")
        expected = self._entries.get(incident, 0) + 1
        if entry != expected:
            yield Problem(position, "entry-out-of-order", {"incident": incident, "entry": entry, "expected": expected})
        self._entries[incident] = entry if isinstance(entry, int) else expected
        yield from _of_the_bytes(position, stored, (incident, entry, fact, command_id))

    def _grow(self, hashes: list[bytes]) -> None:
        """Append, with a stop wherever somebody has seen the log."""
        done, start = 0, self.head.size
        for size in sorted(size for size in self._sizes if start < size <= start + len(hashes)):
            self.head = self.head.extended(hashes[done : size - start])
            self.roots[size] = self.head.root
            done = size - start
        self.head = self.head.extended(hashes[done:])


def _of_the_bytes(position: int, stored: bytes, columns: tuple[Any, ...]) -> Iterator[Problem]:
    """Whether the bytes are what this program writes, and say the same as the columns beside them."""
    try:
        envelope = from_json(stored, cache_strings="keys")
        written = canonical(envelope).encode()
        said = (
            envelope["incident"],
            envelope["entry"],
            f"{envelope['fact']}:{envelope['version']}",
            envelope["command_id"],
        )
    except (ValueError, KeyError, TypeError):
        yield Problem(position, "unreadable")
        return
    if written != stored:
        yield Problem(position, "not-canonical")
    for name, column, own in zip(("incident", "entry", "fact", "command_id"), columns, said, strict=True):
        if column != own:
            yield Problem(position, "column-differs", {"column": name})


def _of_the_tree(connection: Connection, reading: _Reading) -> Iterator[Problem]:
    tree = compact_range_of(connection)
    [rows] = connection.execute("SELECT count(*) FROM tree").fetchone()
    [strays] = connection.execute(
        "SELECT count(*) FROM leaves WHERE NOT EXISTS (SELECT 1 FROM facts WHERE facts.position = leaves.position)"
    ).fetchone()
    [last] = connection.execute("SELECT max(position) FROM leaves").fetchone()
    if tree is None or rows > 1:
        yield Problem(None, "tree-unreadable")
    elif tree.size > reading.last:
        yield Problem(reading.last + 1, "missing", {"until": tree.size})
    elif tree.size < reading.last:
        yield Problem(tree.size + 1, "beyond-the-tree", {"until": reading.last})
    elif tree != reading.head and reading.whole:
        yield Problem(None, "tree-does-not-fit")
    if strays:
        beyond = isinstance(last, int) and last > reading.last
        yield Problem(last if beyond else None, "stray-leaves", {"count": strays})


def _of_checkpoints(
    kept: Sequence[StoredCheckpoint], keys: Sequence[VerifierKey], reading: _Reading
) -> Iterator[Problem]:
    """Each in itself, and against the facts; of those that do not agree the first is named, with the one before."""
    agreed = 0
    told = False
    for one in kept:
        if reason := problem_of(one, keys):
            yield Problem(one.size, reason, {"size": one.size})
        elif keys and signature(one.note, keys) is Signature.UNKNOWN:
            yield Problem(one.size, "checkpoint-unsigned", {"size": one.size})
        elif one.size > reading.last:
            if not told:
                yield Problem(reading.last + 1, "missing", {"until": one.size})
            told = True
        elif one.size in reading.roots and reading.roots[one.size] != one.root:
            if not told:
                yield Problem(agreed + 1, "other-than-witnessed", {"first": agreed + 1, "until": one.size})
            told = True
        elif one.size in reading.roots:
            agreed = one.size


def _of_the_key(signed: Checkpoint, reading: _Reading) -> Iterator[Problem]:
    """An older backup is shorter, or other, than what the key has signed."""
    if signed.size > reading.last:
        yield Problem(reading.last + 1, "shorter-than-signed", {"signed": signed.size, "facts": reading.last})
    elif reading.roots.get(signed.size, signed.root) != signed.root:
        yield Problem(None, "other-than-signed", {"signed": signed.size})


def _hashes(connection: Connection, size: int, paths: Iterable[list[Subtree]]) -> dict[Subtree, bytes]:
    ranges = {which for path in paths for which in path}
    return proofs(connection, size, ranges) if ranges else {}


def _sizes(signed: Checkpoint | None) -> set[int]:
    return {signed.size} if signed else set()
