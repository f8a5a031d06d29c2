"""The ledger of deliveries: claimed by one worker at a time, settled by that worker, every attempt kept.

"Sent" means that the mail server accepted it. The ledger knows subscribers by pseudonym alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from domain.audience import Subscriber
from domain.delivery import DeliveryState, Notice, Outcome, Settlement
from domain.history import as_happened
from infrastructure.codec import written
from infrastructure.database import Database
from infrastructure.incident_log import IncidentLog
from infrastructure.subscribers import SubscriberState, subscriber_of
from infrastructure.tables import attempts, deliveries, subscribers

LEASE = timedelta(minutes=20)
"""How long a worker has a delivery to itself: longer than it may take to begin one and to be answered."""

UNREADABLE_WAIT = timedelta(hours=1)
"""When a delivery that could not be read is looked at again."""

TO_BE_TRIED = (DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS)


@dataclass(frozen=True, slots=True)
class Attempt:
    at: str
    code: int | None
    reply: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the ledger as it is shown; times as stored, in UTC."""

    id: int
    incident: str
    entry: int
    fact: str
    subscriber: str
    audience: str
    state: DeliveryState
    message_id: str | None
    queued_at: str
    sent_at: str | None
    next_try_at: str | None
    attempts: tuple[Attempt, ...]


class Outbox:
    """`message_id_of` gives an (incident, entry, subscriber) its Message-ID, the same each time."""

    def __init__(self, database: Database, log: IncidentLog, message_id_of: Callable[[str, int, str], str]) -> None:
        self._database = database
        self._log = log
        self._message_id_of = message_id_of

    def claim(self, worker: str, limit: int, now: datetime) -> list[tuple[Notice, int]]:
        """Take what is due for this worker alone, oldest first, each with how often it was tried before.

        A lease that has run out is taken over: its worker is gone, and whether it had sent is unknown.
        """
        due = (
            select(deliveries.c.id)
            .where(deliveries.c.next_try_at.is_not(None), deliveries.c.next_try_at <= written(now))
            .order_by(deliveries.c.position, deliveries.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        take = (
            update(deliveries)
            .where(deliveries.c.id.in_(due))
            .values(state=DeliveryState.SENDING, worker=worker, next_try_at=written(now + LEASE))
            .returning(deliveries)
        )
        with self._database.engine.begin() as connection:
            rows = sorted(connection.execute(take), key=lambda row: (row.position, row.id))
        claimed = []
        for row in rows:
            try:
                claimed.append(self._claimed(row))
            except Exception as error:  # one that can't be read stops no other
                problem = f"could not be read: {type(error).__name__}"
                outcome = Outcome(DeliveryState.DEFERRED, None, problem)
                with self._database.engine.begin() as connection:
                    self._settle(connection, worker, row.id, now, outcome, now + UNREADABLE_WAIT)
        return claimed

    def settle(self, worker: str, settlements: Sequence[Settlement]) -> None:
        """Write down how it went, all in one transaction. A worker that has lost its lease writes the attempt and
        leaves the row alone."""
        with self._database.engine.begin() as connection:
            for one in settlements:
                for delivery in one.notice.deliveries or (one.notice.delivery,):
                    self._settle(connection, worker, delivery, one.at, one.outcome, one.next_try_at)

    def _settle(
        self,
        connection: Connection,
        worker: str,
        delivery: int,
        at: datetime,
        outcome: Outcome,
        again: datetime | None,
    ) -> None:
        own = (deliveries.c.id == delivery, deliveries.c.worker == worker)
        values: dict[str, Any] = {
            "state": outcome.state,
            "worker": None,
            "next_try_at": written(again) if again and outcome.state in TO_BE_TRIED else None,
        }
        if outcome.state is DeliveryState.SENT:
            values["sent_at"] = written(at)
        attempt = {
            "delivery": delivery,
            "at": written(at),
            "state": outcome.state,
            "code": outcome.code,
            "reply": outcome.reply[:500],
        }
        connection.execute(insert(attempts).values(**attempt))
        connection.execute(update(deliveries).where(*own).values(**values))

    def _claimed(self, row: Row[Any]) -> tuple[Notice, int]:
        with self._database.engine.begin() as connection:
            return self._notice(connection, row)

    def _notice(self, connection: Connection, row: Row[Any]) -> tuple[Notice, int]:
        registered = connection.execute(select(subscribers).where(subscribers.c.id == row.subscriber)).one()
        subscriber = subscriber_of(registered)
        if registered.state != SubscriberState.ACTIVE:
            subscriber = Subscriber(subscriber.id, "", subscriber.audience, language=subscriber.language)
        message_id = row.message_id or self._message_id_of(row.incident, row.entry, row.subscriber)
        connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(message_id=message_id))
        of_thread = (deliveries.c.incident == row.incident, deliveries.c.subscriber == row.subscriber)
        earlier = connection.scalars(
            select(deliveries.c.message_id)
            .where(*of_thread, deliveries.c.sent_at.is_not(None), deliveries.c.id != row.id)
            .order_by(deliveries.c.sent_at)
        )
        history = self._log.history(row.incident)
        tries = connection.execute(select(attempts.c.id).where(attempts.c.delivery == row.id)).all()
        notice = Notice(
            delivery=row.id,
            recorded=next(recorded for recorded in as_happened(history) if recorded.entry == row.entry),
            incident=self._log.incident(history),
            subscriber=subscriber,
            message_id=message_id,
            earlier=tuple(message for message in earlier if message),
            summary=row.summary,
        )
        return notice, len(tries)


def ledger(database: Database, incident: str | None = None) -> list[Delivery]:
    """Every delivery, of one incident or all, in the order it was planned."""
    wanted = select(deliveries).order_by(deliveries.c.position, deliveries.c.id)
    tried = select(attempts).order_by(attempts.c.id)
    if incident:
        wanted = wanted.where(deliveries.c.incident == incident)
        tried = tried.where(attempts.c.delivery.in_(select(deliveries.c.id).where(deliveries.c.incident == incident)))
    found: dict[int, list[Attempt]] = {}
    with database.engine.connect().execution_options(reading=True) as connection:
        for row in connection.execute(tried):
            found.setdefault(row.delivery, []).append(Attempt(row.at, row.code, row.reply))
        return [_shown(row, tuple(found.get(row.id, ()))) for row in connection.execute(wanted)]


def _shown(row: Row[Any], tried: tuple[Attempt, ...]) -> Delivery:
    return Delivery(
        id=row.id,
        incident=row.incident,
        entry=row.entry,
        fact=row.fact,
        subscriber=row.subscriber,
        audience=row.audience,
        state=DeliveryState(row.state),
        message_id=row.message_id,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
        next_try_at=row.next_try_at,
        attempts=tried,
    )
