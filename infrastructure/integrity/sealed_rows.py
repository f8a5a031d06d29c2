"""Whether the ledger still has the rows that were sealed, and as they were. Nothing is written.

A seal is a fact, and what bears witness of the facts bears witness of it: so a row that is gone is missed though
whoever removed it made the numbers and the checksums fit.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from domain.facts import LedgerSealed
from domain.refusals import Damaged
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.integrity.problems import Problem
from infrastructure.log.codec import decode
from infrastructure.log.ledger_seals import SEALS, Sealed, Upto, read, runs_of, runs_said, said_of
from infrastructure.log.tree import as_bytes

BEFORE_ALL = Upto(-(1 << 62), -(1 << 62))
"""This program numbers from 1; a stranger may not."""

UNSEALED = "SELECT id FROM attempts WHERE id > ? ORDER BY id"
HOW_MANY = "SELECT count(*) FROM attempts WHERE id > ?"


def sealed_row_problems(database: Database, connection: Connection) -> Iterator[Problem]:
    """The rows of each seal that are gone, were added or are not what they were; and, where numbers are given without a
    gap, the attempts that were missing when it was sealed, and those that are missing since."""
    sealed = 0
    without_gaps = database.backend.name == "sqlite"  # a transaction that PostgreSQL undoes has used its numbers up
    for position, seal, since, upto in _seals(connection):
        yield from _of_seal(connection, position, seal, since, upto)
        if without_gaps and (never := _without([range(sealed + 1, upto.attempts + 1)], runs_said(seal.attempts))):
            yield Problem(position, "sealed-without", {"rows": said_of(never)})
        sealed = upto.attempts
    if without_gaps:
        found = runs_of(number for (number,) in connection.execute(UNSEALED, (sealed,)).fetchall())
        if found and (missing := _without([range(sealed + 1, found[-1].stop)], found)):
            yield Problem(None, "attempts-missing", {"rows": said_of(missing)})


def unsealed(connection: Connection) -> int:
    """How many attempts no seal covers yet."""
    sealed = max((upto.attempts for *_, upto in _seals(connection)), default=0)
    count: int = connection.execute(HOW_MANY, (sealed,)).fetchone()[0]
    return count


def _seals(connection: Connection) -> Iterator[tuple[int, LedgerSealed, Upto, Upto]]:
    """Each seal with its position, after which rows it begins and where it ends. One that can't be read is left out:
    that is said where the facts are read."""
    sealed = Sealed(upto=BEFORE_ALL)
    for position, stored in connection.execute(SEALS, (LedgerSealed.stream, 0)).fetchall():
        with suppress(Damaged):
            seal = decode(as_bytes(stored), position)
            before, sealed = sealed, sealed.after(seal)
            if isinstance(seal.fact, LedgerSealed):
                yield position, seal.fact, before.upto, sealed.upto


def _of_seal(connection: Connection, position: int, seal: LedgerSealed, since: Upto, upto: Upto) -> list[Problem]:
    rows = read(connection, since, upto)
    problems = [
        Problem(position, reason, {"table": table, "rows": said_of(runs)})
        for table, said, numbers in (
            ("deliveries", seal.deliveries, rows.deliveries),
            ("attempts", seal.attempts, rows.attempts),
        )
        for reason, runs in _differing(runs_said(said), runs_of(numbers))
    ]
    if not problems and rows.digest != seal.digest:
        which = {"deliveries": seal.deliveries or "–", "attempts": seal.attempts or "–"}
        problems.append(Problem(position, "sealed-changed", which))
    return problems


def _differing(sealed: Sequence[range], there: Sequence[range]) -> Iterator[tuple[str, list[range]]]:
    if gone := _without(sealed, there):
        yield "sealed-missing", gone
    if new := _without(there, sealed):
        yield "sealed-added", new


def _without(these: Sequence[range], those: Sequence[range]) -> list[range]:
    """What these runs have and those have not. By their ends alone: a stranger may say a run that is endless."""
    rest, passed = [], 0
    for run in these:
        start = run.start
        while passed < len(those) and those[passed].stop <= start:
            passed += 1
        while passed < len(those) and those[passed].start < run.stop and start < run.stop:
            if those[passed].start > start:
                rest.append(range(start, those[passed].start))
            start = those[passed].stop
            passed += start <= run.stop
        if start < run.stop:
            rest.append(range(start, run.stop))
    return rest
