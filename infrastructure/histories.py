"""What the log holds of each incident, read by the driver and written by nobody here.

Who only reads has no use for the event store: `infrastructure.incident_log` is the one door to write by.
"""

from collections.abc import Sequence

from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import Incident, fold
from domain.refusals import NotFound
from infrastructure.codec import decode
from infrastructure.database import Connection, Database
from infrastructure.routines import Routines

OF_INCIDENT = "SELECT position, bytes FROM facts WHERE incident = ? AND entry < ? ORDER BY entry"
NO_ENTRY = (1 << 31) - 1
"""No incident has as many entries."""


def read(connection: Connection, incident: str, before: int = NO_ENTRY) -> list[Recorded]:
    """The incident's facts as written, all of them or those before an entry; none of an unknown number."""
    found = connection.execute(OF_INCIDENT, (incident, before)).fetchall()
    return [decode(stored, position) for position, stored in found]


class Histories:
    """The incidents' facts, and how each incident stands by the routine it is judged by."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.routines = Routines(database)

    def history(self, incident: str) -> list[Recorded]:
        """The incident's facts as written. Raises NotFound for an unknown number."""
        found = read(self._database.connection(), incident)
        if not found:
            raise NotFound("incident", incident=incident)
        return found

    def incident(self, history: Sequence[Recorded]) -> Incident:
        """The incident as it stands after these facts, given as written, by the routine it is judged by."""
        return fold(as_happened(history), self.routines.of(history))
