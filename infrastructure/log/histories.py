"""What the log holds of each incident, read by the driver and written by nobody here.

Who only reads has no use for the event store: `infrastructure.log.incident_log` is the one door to write by.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from domain.course import Course, go_through
from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import Incident, fold
from domain.refusals import NotFound, Unavailable
from domain.review import judged
from domain.verdict import Verdict
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log import snapshots
from infrastructure.log.codec import decode
from infrastructure.log.routines import Routines

OF_INCIDENT = "SELECT position, bytes FROM facts WHERE incident = ? AND entry > ? AND entry < ? ORDER BY entry"
OF_INCIDENTS = "SELECT position, bytes FROM facts WHERE incident IN ({}) ORDER BY incident, entry"
NO_ENTRY = (1 << 31) - 1
"""No incident has as many entries."""


def read(connection: Connection, incident: str, after: int = 0, before: int = NO_ENTRY) -> list[Recorded]:
    """The incident's facts as written, all of them or those between two entries; none of an unknown number."""
    found = connection.execute(OF_INCIDENT, (incident, after, before)).fetchall()
    return [decode(stored, position) for position, stored in found]


def readable(connection: Connection, stream: str) -> Iterator[Recorded]:
    """The facts of a stream, but for those that can't be read: `verify` names each where the facts are."""
    for position, stored in connection.execute(OF_INCIDENT, (stream, 0, NO_ENTRY)).fetchall():
        with suppress(Exception):  # whatever a stranger has put there
            yield decode(stored, position)


def read_all(connection: Connection, incidents: Sequence[str]) -> dict[str, list[Recorded]]:
    """Each incident's facts as written, of so many at once as a statement takes."""
    found: dict[str, list[Recorded]] = {}
    of_them = OF_INCIDENTS.format(", ".join("?" * len(incidents)))
    for position, stored in connection.execute(of_them, incidents):
        recorded = decode(stored, position)
        found.setdefault(recorded.incident, []).append(recorded)
    return found


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

    def course(self, incident: str) -> Course:
        """The incident's course up to now. Raises NotFound for an unknown number."""
        return self.brought_up(incident, ())[0]

    def brought_up(self, incident: str, new: Sequence[Recorded]) -> tuple[Course, bool]:
        """The incident's course up to the last of these `new` facts, which follow each other and those before them by
        entry; up to now where there are none. And whether it was gone through anew, because none was kept that leads
        there."""
        connection = self._database.connection()
        before = new[0].entry if new else NO_ENTRY
        if before > snapshots.EVERY and (course := self._gone_on(connection, incident, before, new)):
            return course, False
        history = [*read(connection, incident, before=before), *new]
        if not history:
            raise NotFound("incident", incident=incident)
        return go_through(as_happened(history), self.routines.of(history)), True

    def _gone_on(self, connection: Connection, incident: str, before: int, new: Sequence[Recorded]) -> Course | None:
        """The kept course with the facts since, None if it does not lead there or the log has not come as far."""
        try:
            text = snapshots.kept(connection, incident)
            course = snapshots.read(text, incident, self.routines.of_incident(incident)) if text else None
            if course is None:
                return None
            known = read(connection, incident, course.incident.entries - 1, before)
            since = [*known[1:], *new]
            if not known or not course.leads_to(*since):
                return None
            course.go_on(since)
            return course
        except Unavailable:  # then the facts can't be read either
            raise
        except Exception:  # whatever is wrong with what was kept, the facts are there
            return None

    def course_at(self, incident: str, at: datetime) -> Course:
        """The incident's course up to that moment (aware), by all that is known of it now."""
        course = self.course(incident)
        if course.incident.latest_at is None or course.incident.latest_at <= at:
            return course
        happened = (recorded for recorded in as_happened(self.history(incident)) if recorded.occurred_at <= at)
        return go_through(happened, course.routine, incident)

    def verdicts(self, course: Course, now: datetime) -> list[Verdict]:
        """The verdicts on the incident of this course; what is ahead of our clock has not happened yet."""
        latest_at = course.incident.latest_at
        if latest_at and latest_at > now:
            course = self.course_at(course.incident.number, now)
        return judged(course, now)
