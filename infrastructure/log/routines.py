"""Which routine an incident is judged by: the versions adopted, as they stand in the log (SR-002)."""

from collections.abc import Sequence
from datetime import datetime

from domain.fact import Recorded
from domain.facts import RoutineAdopted
from domain.refusals import NotFound
from domain.routine import Routine
from domain.routine_document import builtin_text, builtin_versions
from domain.versions import adopted, in_force, version_in_force
from domain.vocabulary import SWEDEN
from infrastructure.database.database import Database
from infrastructure.log.codec import decode

ADOPTIONS = "SELECT position, bytes FROM facts WHERE incident = ? AND entry > ? ORDER BY entry"

KEPT = 100
"""Incidents whose routine is remembered; as a rule fewer are open, and the others are not asked about."""

FIRST_ENTRY = "SELECT position, bytes FROM facts WHERE incident = ? ORDER BY entry LIMIT 1"


class Routines:
    """Reads what has been adopted since it last looked; what was adopted never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._adoptions: list[Recorded] = []
        self._of_incident: dict[str, Routine] = {}
        self._read_up_to = 0

    def adoptions(self) -> list[Recorded]:
        """Every version that was adopted, in the order of the log."""
        known = self._adoptions
        found = self._database.connection().execute(ADOPTIONS, (RoutineAdopted.stream, len(known))).fetchall()
        # A new list each time: two threads that look at once find the same, and neither counts it twice.
        self._adoptions = [*known, *(decode(stored, position) for position, stored in found)]
        return self._adoptions

    def read_up_to(self, position: int) -> None:
        """Read at once what judges all incidents that begin up to this position, where the log has come to."""
        self.adoptions()
        self._read_up_to = max(self._read_up_to, position)

    def in_force(self, at: datetime) -> Routine:
        """The routine that an incident is judged by which begins at `at` (aware)."""
        return in_force(self.adoptions(), at)

    def of(self, history: Sequence[Recorded]) -> Routine:
        """The routine of an incident with these facts, given as written: the one in force at its first entry."""
        first = min(history, key=lambda recorded: recorded.entry)
        known = first.position is not None and first.position <= self._read_up_to
        return in_force(self._adoptions if known else self.adoptions(), first.occurred_at, first.position)

    def known(self) -> list[Routine]:
        """The versions that are built in, the newest first, and every one that was adopted."""
        shipped = [routine for routine, _text in builtin_versions()]
        return [*shipped, *(adopted(r.fact.document) for r in self.adoptions() if isinstance(r.fact, RoutineAdopted))]

    def document_in_force(self, at: datetime) -> str:
        """The text of the routine in force `at` (aware), as it was written."""
        return _document(version_in_force(self.adoptions(), at), at)

    def document_of(self, history: Sequence[Recorded]) -> str:
        """The text that an incident with these facts is judged by."""
        first = min(history, key=lambda recorded: recorded.entry)
        return _document(version_in_force(self.adoptions(), first.occurred_at, first.position), first.occurred_at)

    def of_incident(self, number: str) -> Routine:
        """The routine of the incident with this number; what it was at first it stays. Raises NotFound."""
        known = self._of_incident.get(number)
        if known is None:
            first = self._database.connection().execute(FIRST_ENTRY, (number,)).fetchone()
            if first is None:
                raise NotFound("incident", incident=number)
            position, stored = first
            known = self.of([decode(stored, position)])
            if len(self._of_incident) >= KEPT:
                self._of_incident.clear()  # whoever is still asked about is found again
            self._of_incident[number] = known
        return known


def _document(version: RoutineAdopted | None, at: datetime) -> str:
    return version.document if version else builtin_text(at.astimezone(SWEDEN).date())
