"""The log as an exporter reads it: in pieces, so that memory stays flat, and as it stood when the export began."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from domain.fact import Recorded
from domain.incident import Incident
from domain.refusals import NotFound
from domain.routine import Routine
from infrastructure.database.database import Database
from infrastructure.log.codec import decode
from infrastructure.log.histories import Histories
from infrastructure.log.streams import OF_AN_INCIDENT

BATCH = 500
"""Rows read at a time."""

NAMELESS = "urn:reservrutin:log"
"""Which log it is, where nobody has said so."""

_FACTS = "SELECT position, incident, entry, bytes FROM facts"
_IN_ORDER = f"{_FACTS} WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
_BY_INCIDENT = f"{_FACTS} WHERE (incident, entry) > (?, ?) AND position <= ? ORDER BY incident, entry LIMIT ?"
_OF_ONE = f"{_FACTS} WHERE incident = ? AND entry > ? AND position <= ? ORDER BY entry LIMIT ?"

_NEWEST = (
    "SELECT (SELECT coalesce(max(position), 0) FROM facts), (SELECT coalesce(max(id), 0) FROM deliveries), "
    "(SELECT coalesce(max(id), 0) FROM attempts)"
)
_INCIDENTS = f"count(DISTINCT CASE WHEN {OF_AN_INCIDENT} THEN incident END)"
_COUNTED = f"SELECT count(*), {_INCIDENTS} FROM facts WHERE position <= ?"
_COUNTED_OF_ONE = "SELECT count(*) FROM facts WHERE incident = ? AND position <= ?"

_DELIVERIES = "SELECT id, incident, entry, fact, subscriber, audience, state, queued_at FROM deliveries"
_ALL_DELIVERIES = f"{_DELIVERIES} WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
_DELIVERIES_OF_ONE = f"{_DELIVERIES} WHERE incident = ? AND (entry, id) > (?, ?) AND id <= ? ORDER BY entry, id LIMIT ?"


@dataclass(frozen=True, slots=True)
class Stored:
    """A fact as it stands in the log: its bytes were written once and are what proofs hash."""

    position: int
    incident: str
    entry: int
    bytes: bytes


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try to hand a mail over. What the mail server replied is left out: it may name an address."""

    at: str
    state: str
    code: int | None
    enhanced: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One row of the ledger, by pseudonym alone; times as stored, in UTC."""

    id: int
    incident: str
    entry: int
    fact: str
    subscriber: str
    audience: str
    state: str
    queued_at: str
    attempts: tuple[AttemptRow, ...]


class Source:
    """One incident, or the whole log where none is named. What is written after this was made is left out.

    `origin` says which log it is, as a URI. `passed` is told of every piece how many facts were read. Raises NotFound
    for an unknown incident.
    """

    def __init__(
        self,
        database: Database,
        histories: Histories,
        incident: str | None = None,
        *,
        origin: str = "",
        passed: Callable[[int], None] | None = None,
    ) -> None:
        self._histories = histories
        self.incident = incident
        self.origin = origin or NAMELESS
        self._database = database
        self._passed = passed or (lambda _facts: None)
        self._newest, self._newest_delivery, self._newest_attempt = self._rows(_NEWEST, ())[0]
        self.facts, self.incidents = self._counted()

    def stored(self) -> Iterator[Stored]:
        """Every fact in the order of the log."""
        statement = _OF_ONE if self.incident else _IN_ORDER
        key: list[Any] = [self.incident, 0] if self.incident else [0]
        while page := self._rows(statement, (*key, self._newest, BATCH)):
            self._passed(len(page))
            for row in page:
                yield _stored(row)
            key = [self.incident, page[-1][2]] if self.incident else [page[-1][0]]

    def incident_after(self, history: Sequence[Recorded]) -> Incident:
        """The incident as it stands after these facts, given as written."""
        return self._histories.incident(history)

    def routine_of(self, history: Sequence[Recorded]) -> Routine:
        """The routine that the incident of these facts is judged by."""
        return self._histories.routines.of(history)

    def histories(self) -> Iterator[list[Recorded]]:
        """Incident by incident, each one's facts as written; the adoptions of routines are one such history too.

        Raises Unavailable for a fact that this program does not know.
        """
        for _incident, facts in groupby(self._by_incident(), key=lambda stored: stored.incident):
            yield [decode(stored.bytes, stored.position) for stored in facts]

    def deliveries(self) -> Iterator[DeliveryRow]:
        """Who was told what, with every attempt, in the order it was planned."""
        statement = _DELIVERIES_OF_ONE if self.incident else _ALL_DELIVERIES
        key: list[Any] = [self.incident, 0, 0] if self.incident else [0]
        while page := self._rows(statement, (*key, self._newest_delivery, BATCH)):
            tried = self._attempts([row[0] for row in page])
            for row in page:
                yield DeliveryRow(*(*row, tuple(tried.get(row[0], ()))))
            key = [self.incident, page[-1][2], page[-1][0]] if self.incident else [page[-1][0]]

    def _by_incident(self) -> Iterator[Stored]:
        if self.incident:
            yield from self.stored()
            return
        key: tuple[str, int] = ("", 0)
        while page := self._rows(_BY_INCIDENT, (*key, self._newest, BATCH)):
            self._passed(len(page))
            for row in page:
                yield _stored(row)
            key = page[-1][1], page[-1][2]

    def _attempts(self, deliveries: Sequence[int]) -> dict[int, list[AttemptRow]]:
        places = ", ".join("?" * len(deliveries))
        statement = (
            f"SELECT delivery, at, state, code, enhanced FROM attempts "
            f"WHERE delivery IN ({places}) AND id <= ? ORDER BY id"
        )
        found: dict[int, list[AttemptRow]] = {}
        for delivery, *attempt in self._rows(statement, (*deliveries, self._newest_attempt)):
            found.setdefault(delivery, []).append(AttemptRow(*attempt))
        return found

    def _counted(self) -> tuple[int, int]:
        if self.incident is None:
            facts, incidents = self._rows(_COUNTED, (self._newest,))[0]
            return facts, incidents
        [(facts,)] = self._rows(_COUNTED_OF_ONE, (self.incident, self._newest))
        if not facts:
            raise NotFound("incident", incident=self.incident)
        return facts, 1

    def _rows(self, statement: str, values: Sequence[Any]) -> list[Any]:
        return self._database.connection().execute(statement, tuple(values)).fetchall()


def _stored(row: Sequence[Any]) -> Stored:
    position, incident, entry, stored = row
    return Stored(position, incident, entry, bytes(stored))
