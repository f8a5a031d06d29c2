"""Who has been told of each fact of an incident, and when the mail server took it. On the driver alone, as all reading
is; subscribers stand in it by their audience, since `infrastructure.outbox.ledger` has every one of them."""

from dataclasses import dataclass
from datetime import datetime

from domain.delivery import DeliveryState
from domain.vocabulary import Audience
from infrastructure.database.database import Database
from infrastructure.log.codec import written


@dataclass(frozen=True, slots=True)
class Told:
    """So many subscribers of an audience, whose notices stand at `state`; None is all that can be said of one that
    had not been sent by the moment asked for. Accepted by the mail server from `first_at` to `last_at`; aware."""

    audience: Audience
    state: DeliveryState | None
    subscribers: int
    first_at: datetime | None = None
    last_at: datetime | None = None


TOLD = """
SELECT entry, audience, {stood} AS stood, count(*), min(sent_at), max(sent_at)
FROM deliveries WHERE incident = ?{planned}
GROUP BY entry, audience, stood ORDER BY entry, audience, stood
"""
NOW = TOLD.format(stood="state", planned="")
THEN = TOLD.format(stood="CASE WHEN sent_at <= ? THEN state END", planned=" AND queued_at <= ?")


def told(database: Database, incident: str, by: datetime | None = None) -> dict[int, list[Told]]:
    """By entry, who had been told of it `by` then, or by now."""
    statement, values = (THEN, (written(by), incident, written(by))) if by else (NOW, (incident,))
    found: dict[int, list[Told]] = {}
    for entry, audience, stood, count, first_at, last_at in database.connection().execute(statement, values):
        sent = stood == DeliveryState.SENT
        found.setdefault(entry, []).append(
            Told(
                Audience(audience),
                DeliveryState(stood) if stood else None,
                count,
                datetime.fromisoformat(first_at) if sent else None,
                datetime.fromisoformat(last_at) if sent else None,
            )
        )
    return found
