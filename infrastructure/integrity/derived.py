"""Whether what is derived from the facts, and what is told of them, says what the facts say.

Nothing is written: each row is worked out anew beside the one that is stored.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from domain.course import go_through
from domain.delivery import DeliveryState
from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import fold
from domain.routine import Routine
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.integrity.problems import Problem, shown
from infrastructure.log import snapshots
from infrastructure.log.codec import decode
from infrastructure.log.routines import STREAM, Routines
from infrastructure.log.tree import as_bytes
from infrastructure.read_models.board import row

INCIDENTS = "SELECT DISTINCT incident FROM facts ORDER BY incident"
OF_INCIDENT = "SELECT position, bytes FROM facts WHERE incident = ? ORDER BY position"
COURSES = "SELECT incident, entry, course FROM courses"
ROWS = "SELECT number, open, status, systems, entries, position FROM incidents"
TRACKED = "SELECT projection, position, problem FROM tracking"
PROJECTIONS = ("board", "outbox", "clock")
"""Whose position stands in `tracking`."""

_STATES = ", ".join(f"'{state.value}'" for state in DeliveryState)

LEDGER = {
    "delivery-of-no-fact": """
        SELECT d.position, d.id FROM deliveries d LEFT JOIN facts f ON f.position = d.position
        WHERE f.position IS NULL OR f.incident <> d.incident OR f.entry <> d.entry
        OR substr(f.fact, 1, length(d.fact) + 1) <> d.fact || ':'""",
    "delivery-of-nobody": """
        SELECT d.position, d.id FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber
        WHERE s.id IS NULL OR s.audience <> d.audience""",
    "delivery-unplanned": """
        SELECT d.position, d.id FROM deliveries d WHERE NOT d.summary
        AND d.position > coalesce((SELECT t.position FROM tracking t WHERE t.projection = 'outbox'), 0)""",
    "delivery-state": f"""
        SELECT d.position, d.id FROM deliveries d WHERE d.state NOT IN ({_STATES})
        OR (d.state = 'sent') AND (d.sent_at IS NULL OR d.message_id IS NULL)""",
    "delivery-not-sent": """
        SELECT d.position, d.id FROM deliveries d WHERE d.sent_at IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM attempts a WHERE a.delivery = d.id AND a.state = 'sent' AND a.at = d.sent_at)""",
    "delivery-message-id": """
        SELECT d.position, d.id FROM deliveries d WHERE d.message_id IS NOT NULL
        AND (substr(d.message_id, 1, length(d.incident) + 2) <> '<' || d.incident || '.'
        OR substr(d.message_id, length(d.message_id), 1) <> '>'
        OR replace(d.message_id, '.' || d.subscriber || '@', '') = d.message_id)""",
    "attempt-of-nothing": f"""
        SELECT d.position, a.id FROM attempts a LEFT JOIN deliveries d ON d.id = a.delivery
        WHERE d.id IS NULL OR a.state NOT IN ({_STATES})""",
}
"""What the ledger of deliveries can't say, beside the facts and its own attempts."""


def read_model_problems(database: Database, connection: Connection, last: int) -> Iterator[Problem]:
    """The board's rows and the projections' positions; and every fact that this program can't read."""
    tracked = {name: (position, problem) for name, position, problem in connection.execute(TRACKED).fetchall()}
    for name, (position, problem) in tracked.items():
        if name not in PROJECTIONS or not isinstance(position, int) or position > last:
            yield Problem(None, "tracking-ahead", {"projection": name})
        elif problem is not None and position == last:
            yield Problem(position, "tracking-stuck", {"projection": name})
    until = tracked.get("board", (0, None))[0]
    until = until if isinstance(until, int) else 0
    stored = {row[0]: row for row in connection.execute(ROWS).fetchall()}
    kept = {row[0]: row for row in connection.execute(COURSES).fetchall()}
    routines = Routines(database)
    routines.read_up_to(last)
    for (incident,) in connection.execute(INCIDENTS).fetchall():
        history: list[Recorded] = []
        whole = True
        if shown(incident) != incident:
            continue  # no text that could be asked for; its fact is named already
        for position, bytes_ in connection.execute(OF_INCIDENT, (incident,)).fetchall():
            try:
                history.append(decode(as_bytes(bytes_), position))
            except Exception as error:  # whatever is wrong with it, it is this fact's problem
                whole = False
                yield Problem(position, "undecodable", {"problem": f"{type(error).__name__}: {error}"})
        found, course = stored.pop(incident, None), kept.pop(incident, None)
        if incident == STREAM or not whole or not history:
            continue
        seen = [recorded for recorded in history if isinstance(recorded.position, int) and recorded.position <= until]
        last_seen = seen[-1].position if seen else None
        try:
            routine = routines.of(history)
            expected = row(fold(as_happened(seen), routine, incident), last_seen) if seen else None
            went = course is None or _went(course, history, routine)
        except Exception as error:  # its routine, or a fact that can be read and not applied
            yield Problem(history[0].position, "incident-unjudged", {"problem": f"{type(error).__name__}: {error}"})
            continue
        if _told(found) != _told(expected):
            yield Problem(last_seen, "board-differs", {"incident": incident})
        if not went:
            yield Problem(last_seen, "snapshot-differs", {"incident": incident})
    for reason, left in (("board-differs", stored), ("snapshot-differs", kept)):
        for number in left:
            yield Problem(None, reason, {"incident": number})


def _went(kept: Any, history: Sequence[Recorded], routine: Routine) -> bool:
    """Whether the incident went as the kept course says."""
    _, entry, text = kept
    if not isinstance(entry, int) or not 0 < entry <= len(history):
        return False
    by_then = [recorded for recorded in history if recorded.entry <= entry]
    return bool(text == snapshots.stored(go_through(as_happened(by_then), routine)))


def ledger_problems(connection: Connection) -> Iterator[Problem]:
    """Deliveries that are of no fact, of nobody, or not as their attempts say."""
    for reason, statement in LEDGER.items():
        for position, id_ in connection.execute(statement).fetchall():
            yield Problem(position, reason, {"id": id_})


def _told(found: Any) -> tuple[Any, ...] | None:
    """A row of the board as values that compare alike on every database."""
    if found is None:
        return None
    number, is_open, status, systems, entries, position = found
    with suppress(ValueError):
        systems = json.loads(systems) if isinstance(systems, str) else systems
    return number, is_open, str(status), systems, entries, position
