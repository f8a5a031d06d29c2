"""The ledger in figures, for whoever watches the mail. On the driver alone, each question by an index."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from infrastructure.database.backend import Connection
from infrastructure.outbox.figures import UNPLANNED

WAITING = "SELECT state, count(*), min(queued_at) FROM deliveries WHERE next_try_at IS NOT NULL GROUP BY state"
OF_OPEN_INCIDENTS = """
SELECT state, count(*) FROM deliveries WHERE incident IN (SELECT number FROM incidents WHERE open) GROUP BY state
"""
LAST_TOLD = """
SELECT max(sent_at), count(next_try_at) FROM deliveries WHERE incident = ? AND entry = ?
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """How it stands: what waits, by state, and since when (aware); what became of the open incidents' mail; how many
    facts nobody has planned for."""

    waiting: Mapping[str, int]
    oldest: datetime | None
    of_open_incidents: Mapping[str, int]
    unplanned: int

    def age(self, now: datetime) -> float:
        """Seconds that the oldest waiting mail has waited at `now` (aware); 0 where none waits."""
        return max((now - self.oldest).total_seconds(), 0.0) if self.oldest else 0.0


def queue(connection: Connection) -> Queue:
    """How it stands now."""
    rows = connection.execute(WAITING).fetchall()
    since = [at for _state, _count, at in rows if at]
    [unplanned] = connection.execute(UNPLANNED).fetchone()
    return Queue(
        waiting={state: count for state, count, _at in rows},
        oldest=datetime.fromisoformat(min(since)) if since else None,
        of_open_incidents=dict(connection.execute(OF_OPEN_INCIDENTS).fetchall()),
        unplanned=unplanned,
    )


def told_at(connection: Connection, incident: str, entry: int) -> datetime | None:
    """When the last mail of a fact was accepted (aware); None while one of them waits, or where none was accepted."""
    sent_at, waiting = connection.execute(LAST_TOLD, (incident, entry)).fetchone()
    return datetime.fromisoformat(sent_at) if sent_at and not waiting else None
