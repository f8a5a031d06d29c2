"""Whether the board's rows, and the positions of all that follows the log, say what the facts say. Writes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from pydantic_core import from_json

from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import fold
from domain.routine import Routine
from infrastructure.database.backend import Connection
from infrastructure.integrity.problems import Problem
from infrastructure.read_models.board import row

ROWS = "SELECT number, open, status, systems, entries, position FROM incidents"
TRACKED = "SELECT projection, position, problem FROM tracking"
BOARD_POSITION = "SELECT position FROM tracking WHERE projection = 'board'"
PROJECTIONS = ("board", "outbox", "clock")
"""Whose position stands in `tracking`."""


def tracking_problems(connection: Connection, last: int) -> Iterator[Problem]:
    """Positions ahead of the log's `last`, or of nothing that follows it; and what has stopped at the newest fact."""
    for name, position, problem in connection.execute(TRACKED).fetchall():
        if name not in PROJECTIONS or not isinstance(position, int) or position > last:
            yield Problem(None, "tracking-ahead", {"projection": name})
        elif problem is not None and position == last:
            yield Problem(position, "tracking-stuck", {"projection": name})


class BoardRows:
    """The rows as they are stored, each held against the facts that the board has followed."""

    def __init__(self, connection: Connection) -> None:
        self._stored = {row[0]: row for row in connection.execute(ROWS).fetchall()}
        [until] = connection.execute(BOARD_POSITION).fetchone() or (0,)
        self._until = until if isinstance(until, int) else 0

    def take(self, incident: str) -> Any:
        """The incident's row, None where there is none; it is not left over then."""
        return self._stored.pop(incident, None)

    def problems(self, stored: Any, history: Sequence[Recorded], routine: Routine) -> Iterator[Problem]:
        """What is wrong with the row of the incident with this history. Raises whatever folding it raises."""
        followed = [
            recorded for recorded in history if isinstance(recorded.position, int) and recorded.position <= self._until
        ]
        incident = history[0].incident
        position = followed[-1].position if followed else None
        expected = row(fold(as_happened(followed), routine, incident), position) if followed else None
        if _comparable(stored) != _comparable(expected):
            yield Problem(position, "board-differs", {"incident": incident})

    def left_over(self) -> Iterator[Problem]:
        """The rows of incidents that the log does not hold."""
        for number in self._stored:
            yield Problem(None, "board-differs", {"incident": number})


def _comparable(stored: Any) -> tuple[Any, ...] | None:
    """A row of the board as values that compare alike on every database."""
    if stored is None:
        return None
    number, is_open, status, systems, entries, position = stored
    with suppress(ValueError, TypeError):
        systems = from_json(systems) if isinstance(systems, str) else systems
    return number, is_open, str(status), systems, entries, position
