"""Which rows of the ledger a seal is of, and what bytes its digest is made of.

A seal is a fact in a stream of its own. It covers the deliveries that were planned and the attempts that were made
since the seal before it, and of them what never changes and no erasure touches: a reader by the pseudonym, and not a
word of what a mail server replied (docs/decisions/0021, docs/exports.md).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from domain.fact import Recorded
from domain.facts import LedgerSealed
from infrastructure.database.backend import Connection
from infrastructure.log.codec import decode

BATCH = 1000

SEALS = "SELECT position, bytes FROM facts WHERE incident = ? AND entry > ? ORDER BY entry"

DELIVERIES = """
SELECT id, 'delivery', position, incident, entry, fact, subscriber, audience, CASE WHEN summary THEN 1 ELSE 0 END,
queued_at FROM deliveries WHERE id > ? AND id <= ? ORDER BY id LIMIT ?
"""
ATTEMPTS = """
SELECT id, 'attempt', delivery, at, state, code, enhanced FROM attempts WHERE id > ? AND id <= ? ORDER BY id LIMIT ?
"""
NEWEST = "SELECT (SELECT coalesce(max(id), 0) FROM deliveries), (SELECT coalesce(max(id), 0) FROM attempts)"

_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


class Upto(NamedTuple):
    """The numbers of the last delivery and the last attempt of a part of the ledger."""

    deliveries: int = 0
    attempts: int = 0


class Rows(NamedTuple):
    """The rows of a part of the ledger: their numbers, and the digest of them all."""

    deliveries: Sequence[int]
    attempts: Sequence[int]
    digest: str


class Sealed(NamedTuple):
    """How far the ledger is sealed, by how many seals, and when by the newest of them (aware)."""

    entry: int = 0
    upto: Upto = Upto()
    at: datetime | None = None

    def after(self, seal: Recorded) -> "Sealed":
        """The same once this seal has come."""
        fact = seal.fact
        if not isinstance(fact, LedgerSealed):  # which only a stranger can have written there
            return self._replace(entry=seal.entry)
        ends = (runs_said(said)[-1].stop - 1 if said else 0 for said in (fact.deliveries, fact.attempts))
        return Sealed(seal.entry, Upto(*map(max, self.upto, ends)), seal.recorded_at)


def seals(connection: Connection, after: int = 0) -> list[Recorded]:
    """The seals after this entry of their stream. Raises Damaged where one can't be read."""
    found = connection.execute(SEALS, (LedgerSealed.stream, after)).fetchall()
    return [decode(stored, position) for position, stored in found]


def newest(connection: Connection) -> Upto:
    """How far the ledger reaches now."""
    return Upto(*connection.execute(NEWEST).fetchone())


def read(connection: Connection, since: Upto, upto: Upto) -> Rows:
    """The rows after `since` and up to `upto`, in one pass.

    The digest is the SHA-256 of a line for each row, the deliveries first, each in the order of their numbers: a JSON
    array in UTF-8 of the word "delivery" or "attempt", the number and the columns above, without spaces, and a line
    feed.
    """
    digest = sha256()
    deliveries = _digested(connection, DELIVERIES, since.deliveries, upto.deliveries, digest.update)
    attempts = _digested(connection, ATTEMPTS, since.attempts, upto.attempts, digest.update)
    return Rows(deliveries, attempts, digest.hexdigest())


def _digested(
    connection: Connection, statement: str, since: int, upto: int, digest: Callable[[bytes], None]
) -> list[int]:
    numbers: list[int] = []
    while page := connection.execute(statement, (since, upto, BATCH)).fetchall():
        lines = [_line((kind, number, *values)) for number, kind, *values in page]
        digest("".join(f"{line}\n" for line in lines).encode(errors="surrogateescape"))
        numbers += [row[0] for row in page]
        since = numbers[-1]
    return numbers


def runs_of(numbers: Iterable[int]) -> list[range]:
    """Rising numbers in runs."""
    runs: list[range] = []
    for number in numbers:
        if runs and number == runs[-1].stop:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
    return runs


def said_of(runs: Iterable[range]) -> str:
    """Runs of numbers as a fact says them: "1-40 42"."""
    return " ".join(str(run.start) if len(run) == 1 else f"{run.start}-{run.stop - 1}" for run in runs)


def runs_said(said: str) -> list[range]:
    """The runs that a fact says."""
    ends = [run.partition("-") for run in said.split()]
    return [range(int(first), int(end or first) + 1) for first, _, end in ends]
