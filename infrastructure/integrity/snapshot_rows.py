"""Whether each snapshot is what going through its incident's facts anew gives. Nothing is written."""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.course import go_through
from domain.fact import Recorded
from domain.history import as_happened
from domain.routine import Routine
from infrastructure.database.backend import Connection
from infrastructure.integrity.problems import Problem
from infrastructure.log import snapshots

ROWS = "SELECT incident, entry, course FROM courses"


class SnapshotRows:
    """The snapshots as they are stored, each held against the facts. A missing one misleads nobody."""

    def __init__(self, connection: Connection) -> None:
        self._stored = {row[0]: row for row in connection.execute(ROWS).fetchall()}

    def take(self, incident: str) -> Any:
        """The incident's row, None where there is none; it is not left over then."""
        return self._stored.pop(incident, None)

    def problems(self, stored: Any, history: Sequence[Recorded], routine: Routine) -> Iterator[Problem]:
        """What is wrong with the snapshot of the incident with this history. Raises whatever folding it raises."""
        if stored is not None and not _is_right(stored, history, routine):
            yield Problem(history[-1].position, "snapshot-differs", {"incident": history[0].incident})

    def left_over(self) -> Iterator[Problem]:
        """The snapshots of incidents that the log does not hold."""
        for number in self._stored:
            yield Problem(None, "snapshot-differs", {"incident": number})


def _is_right(stored: Any, history: Sequence[Recorded], routine: Routine) -> bool:
    _, entry, text = stored
    if not isinstance(entry, int) or not 0 < entry <= len(history):
        return False
    by_then = [recorded for recorded in history if recorded.entry <= entry]
    return bool(text == snapshots.stored(go_through(as_happened(by_then), routine)))
