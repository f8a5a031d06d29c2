"""The ledger in figures: what waits, what became of it, and who was told when. On the driver alone, as the board's
reading is; each question by an index.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import written
from infrastructure.log.streams import OF_NO_INCIDENT

if TYPE_CHECKING:
    from domain.delivery import Told


LATE = timedelta(minutes=5)
"""How long a mail may wait before it is called late: by then the relay has been tried several times."""


class Waiting(NamedTuple):
    """Mail that has not been accepted: planned deliveries and since when, facts nobody has planned for, refusals,
    how many of them as a matter of the mail server's policy, and how many subscribers are suspended. Of the planned
    `held` wait because the mail server refuses us."""

    deliveries: int
    since: str | None
    facts: int
    refused: int = 0
    policy: int = 0
    suspended: int = 0
    held: int = 0

    def is_late(self, now: datetime) -> bool:
        """Whether the oldest has waited longer at `now` (aware) than a relay that is only slow would make it."""
        return self.since is not None and now - datetime.fromisoformat(self.since) > LATE


WAITING = """
SELECT count(*), min(queued_at), count(CASE WHEN fault = 'policy' THEN 1 END) FROM deliveries
WHERE next_try_at IS NOT NULL
"""
_NOT_PLANNED = """FROM facts
WHERE position > coalesce((SELECT position FROM tracking WHERE projection = 'outbox'), 0)
AND position > (SELECT coalesce(min(after_position), 2147483647) FROM subscribers WHERE state = 'active')
"""
UNPLANNED = f"SELECT (SELECT count(*) {_NOT_PLANNED}) - (SELECT count(*) {_NOT_PLANNED} AND {OF_NO_INCIDENT})"
"""Two bounds on the position and no look at each fact: a log that nobody follows costs the board nothing. What belongs
to no incident, of which nobody is told, is counted by itself: it is little, and found by its streams."""

REFUSED = """
SELECT count(*), count(CASE WHEN fault = 'policy' THEN 1 END) FROM deliveries
WHERE state = 'refused' AND incident IN (SELECT number FROM incidents WHERE open)
"""

SUSPENDED = "SELECT count(*) FROM subscribers WHERE state = 'suspended'"


def waiting(database: Database) -> Waiting:
    """What is waiting now, whatever it waits for: the mail server, its next try, or a worker."""
    connection = database.connection()
    count, since, held = connection.execute(WAITING).fetchone()
    [unplanned] = connection.execute(UNPLANNED).fetchone()
    refused, policy = connection.execute(REFUSED).fetchone()
    [suspended] = connection.execute(SUSPENDED).fetchone()
    return Waiting(count, since, unplanned, refused, policy, suspended, held)


BY_STATE = "SELECT state, count(*), min(queued_at) FROM deliveries WHERE next_try_at IS NOT NULL GROUP BY state"
OF_OPEN_INCIDENTS = """
SELECT state, count(*) FROM deliveries WHERE incident IN (SELECT number FROM incidents WHERE open) GROUP BY state
"""
LAST_TOLD = """
SELECT max(sent_at), count(next_try_at) FROM deliveries WHERE incident = ? AND entry = ?
"""


class LedgerFigures(NamedTuple):
    """How it stands: what waits, by state, and since when (aware); what became of the open incidents' mail; how many
    facts nobody has planned for."""

    waiting: Mapping[str, int]
    oldest: datetime | None
    of_open_incidents: Mapping[str, int]
    unplanned: int

    def age(self, now: datetime) -> float:
        """Seconds that the oldest waiting mail has waited at `now` (aware); 0 where none waits."""
        return max((now - self.oldest).total_seconds(), 0.0) if self.oldest else 0.0


def ledger_figures(connection: Connection) -> LedgerFigures:
    """How it stands now."""
    rows = connection.execute(BY_STATE).fetchall()
    since = [at for _state, _count, at in rows if at]
    [unplanned] = connection.execute(UNPLANNED).fetchone()
    return LedgerFigures(
        waiting={state: count for state, count, _at in rows},
        oldest=datetime.fromisoformat(min(since)) if since else None,
        of_open_incidents=dict(connection.execute(OF_OPEN_INCIDENTS).fetchall()),
        unplanned=unplanned,
    )


def last_told(connection: Connection, incident: str, entry: int) -> tuple[datetime | None, int]:
    """When the last of a fact's mails was accepted (aware), None where none has been, and how many still wait."""
    sent_at, waiting = connection.execute(LAST_TOLD, (incident, entry)).fetchone()
    return datetime.fromisoformat(sent_at) if sent_at else None, waiting


NOW = """
SELECT entry, audience, channel, state, count(*), min(sent_at), max(sent_at)
FROM deliveries WHERE incident = ? AND coalesce(reason, '') <> 'told-otherwise'
GROUP BY entry, audience, channel, state ORDER BY entry, audience, channel, state
"""
THEN = """
SELECT entry, audience, channel, stood, count(*), min(taken), max(taken) FROM (
    SELECT entry, audience, channel, (
        SELECT CASE WHEN state IN ('sent', 'refused') THEN state END FROM attempts
        WHERE delivery = deliveries.id AND at <= ? ORDER BY id DESC LIMIT 1
    ) AS stood, (
        SELECT min(at) FROM attempts WHERE delivery = deliveries.id AND state = 'sent' AND at <= ?
    ) AS taken
    FROM deliveries WHERE incident = ? AND coalesce(reason, '') <> 'told-otherwise' AND queued_at <= ?
) AS each_then GROUP BY entry, audience, channel, stood ORDER BY entry, audience, channel, stood
"""
"""When each attempt was made decides, not what has become of the delivery since."""


def told(database: Database, incident: str, by: datetime | None = None) -> "dict[int, list[Told]]":
    """By entry, who had been told of it `by` then, or by now."""
    from domain.audience import ChannelName  # the board has no use for them
    from domain.delivery import DeliveryState, Told
    from domain.vocabulary import Audience

    then = written(by) if by else ""
    statement, values = (THEN, (then, then, incident, then)) if by else (NOW, (incident,))
    by_entry: dict[int, list[Told]] = {}
    for entry, audience, channel, stood, count, first_at, last_at in database.connection().execute(statement, values):
        sent = stood == DeliveryState.SENT
        by_entry.setdefault(entry, []).append(
            Told(
                Audience(audience),
                ChannelName(channel),
                DeliveryState(stood) if stood else None,
                count,
                datetime.fromisoformat(first_at) if sent else None,
                datetime.fromisoformat(last_at) if sent else None,
            )
        )
    return by_entry
