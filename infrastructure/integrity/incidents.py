"""One pass over every incident's facts: what this program can't read, and what is derived from them and differs.

Nothing is written: each row is worked out anew beside the one that is stored.
"""

from collections.abc import Iterator
from contextlib import suppress

from domain.fact import Recorded
from domain.facts import RoutineAdopted
from domain.refusals import Damaged
from domain.versions import adopted
from domain.vocabulary import Stream
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.integrity.board_rows import BoardRows
from infrastructure.integrity.problems import Problem, shown
from infrastructure.integrity.snapshot_rows import SnapshotRows
from infrastructure.log.codec import decode
from infrastructure.log.routines import Routines
from infrastructure.log.tree import as_bytes

INCIDENTS = "SELECT DISTINCT incident FROM facts ORDER BY incident"
OF_INCIDENT = "SELECT position, bytes FROM facts WHERE incident = ? ORDER BY position"


def incident_problems(database: Database, connection: Connection, last: int) -> Iterator[Problem]:
    """Of the log up to its `last` position."""
    derived = (BoardRows(connection), SnapshotRows(connection))
    routines = Routines(database)
    with suppress(Damaged):  # an adoption that can't be read is named where it is; who is judged by it, too
        routines.read_up_to(last)
    for (incident,) in connection.execute(INCIDENTS).fetchall():
        if shown(incident) != incident:
            continue  # no text that could be asked for; its fact is named already
        history: list[Recorded] = []
        undecodable = []
        for position, stored in connection.execute(OF_INCIDENT, (incident,)).fetchall():
            try:
                history.append(recorded := decode(as_bytes(stored), position))
                if isinstance(recorded.fact, RoutineAdopted):
                    adopted(recorded.fact.document)
            except Exception as error:  # whatever is wrong with it, it is this fact's problem
                undecodable.append(Problem(position, "undecodable", _said(error)))
        yield from undecodable
        rows = [(each, each.take(incident)) for each in derived]
        if incident in list(Stream) or undecodable or not history:
            continue
        try:
            routine = routines.of(history)
            found = [problem for each, stored in rows for problem in each.problems(stored, history, routine)]
        except Exception as error:  # its routine, or a fact that can be read and not applied
            found = [Problem(history[0].position, "incident-unjudged", _said(error))]
        yield from found
    for each in derived:
        yield from each.left_over()


def _said(error: Exception) -> dict[str, str]:
    cause = error.__cause__ or error
    return {"problem": f"{type(cause).__name__}: {cause}"}
