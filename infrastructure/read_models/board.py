"""The board's read model: which incidents there are, which of them are open, how each stands, how a long one went.

What passes with time alone (a prognosis, the four hours) is computed when it is read.
"""

import json
from collections.abc import Sequence

from domain.fact import Recorded
from domain.incident import Incident
from domain.refusals import Refusal
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.database.faults import MAY_NOT_WRITE
from infrastructure.log import snapshots
from infrastructure.log.histories import Histories, read
from infrastructure.log.streams import OF_AN_INCIDENT
from infrastructure.read_models.catch_up import Broken, catch_up

UPSERT = """
INSERT INTO incidents (number, open, status, systems, entries, position) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (number) DO UPDATE SET open = excluded.open, status = excluded.status, systems = excluded.systems,
entries = excluded.entries, position = excluded.position
"""
INCIDENTS = f"SELECT DISTINCT incident FROM facts WHERE {OF_AN_INCIDENT}"


def row(incident: Incident, position: int | None) -> tuple[str, bool, str, str, int, int | None]:
    """The incident's row as it stands after the facts up to this position."""
    systems = json.dumps(incident.systems)
    return incident.number, incident.open, incident.status, systems, incident.entries, position


class Board:
    """Every incident's row, caught up before it is read. `broken` says if that could not be done."""

    name = "board"
    tables: tuple[str, ...] = ("incidents", "courses")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._histories = Histories(database)
        self.broken: Broken | None = None

    def apply(self, connection: Connection, facts: Sequence[Recorded]) -> None:
        came: dict[str, list[Recorded]] = {}
        for recorded in facts:
            if not recorded.fact.stream:
                came.setdefault(recorded.incident, []).append(recorded)
        if facts[-1].position:
            self._histories.routines.read_up_to(facts[-1].position)
        connection.executemany(
            UPSERT, [row(self._incident(connection, number, new), new[-1].position) for number, new in came.items()]
        )

    def _incident(self, connection: Connection, number: str, new: Sequence[Recorded]) -> Incident:
        """The incident up to these facts. The course of a long one is kept."""
        first, last = new[0].entry, new[-1].entry
        if last < snapshots.EVERY:
            before = read(connection, number, before=first) if first > 1 else []
            return self._histories.incident([*before, *new])
        course, anew = self._histories.brought_up(number, new)
        if anew or last // snapshots.EVERY > (first - 1) // snapshots.EVERY:
            snapshots.keep(connection, course)
        return course.incident

    def open_incidents(self) -> list[str]:
        """The numbers of the open incidents, oldest first; from the facts themselves if the rows can't follow."""
        found = self._numbers("WHERE open ORDER BY number")
        return self._read_from_the_facts() if self.broken else found

    def newest(self) -> str | None:
        """The number of the incident that was opened last."""
        found = self._numbers("ORDER BY number DESC LIMIT 1")
        return found[0] if found else None

    def all_incidents(self) -> list[str]:
        return self._numbers("ORDER BY number")

    def _read_from_the_facts(self) -> list[str]:
        connection = self._database.connection()
        numbers = connection.execute(f"{INCIDENTS} ORDER BY incident").fetchall()
        return [number for (number,) in numbers if self._may_be_open(connection, number)]

    def _numbers(self, which: str) -> list[str]:
        try:
            self.broken = catch_up(self._database, self)
        except Refusal as refusal:
            if refusal.reason not in MAY_NOT_WRITE:
                raise
            return self._without_writing(which)
        return [number for (number,) in self._database.connection().execute(f"SELECT number FROM incidents {which}")]

    def _without_writing(self, which: str) -> list[str]:
        """The rows can't be brought up to the newest fact: then by the facts themselves."""
        if "open" in which:
            return self._read_from_the_facts()
        connection = self._database.connection()
        numbers = [number for (number,) in connection.execute(INCIDENTS)]
        return sorted(numbers, reverse="DESC" in which)

    def _may_be_open(self, connection: Connection, number: str) -> bool:
        """An incident that can't be read belongs on the board all the more."""
        try:
            return self._histories.incident(read(connection, number)).open
        except Exception:  # whatever is wrong with it
            return True
