"""The ledger as it is read, and what a person may do about one delivery. It knows subscribers by pseudonym alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from domain.audience import ChannelName
from domain.delivery import TO_BE_TRIED, DeliveryState
from domain.refusals import NotAdmitted, NotFound
from domain.texts import N_
from infrastructure.database.database import Database
from infrastructure.database.tables import attempts, deliveries, subscribers
from infrastructure.log.codec import written
from infrastructure.outbox.mails import MANUAL_RETRY
from infrastructure.registers.subscribers import SubscriberState, Unsent


@dataclass(frozen=True, slots=True)
class Attempt:
    at: str
    state: DeliveryState
    code: int | None
    enhanced: str
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
    channel: ChannelName
    state: DeliveryState
    message_id: str | None
    queued_at: str
    sent_at: str | None
    next_try_at: str | None
    replaced_by: int | None
    reason: str | None
    fault: str | None
    attempts: tuple[Attempt, ...]


def ledger(database: Database, incident: str | None = None, state: DeliveryState | None = None) -> list[Delivery]:
    """Every delivery, of one incident or all, in one state or any, in the order it was planned."""
    which = [deliveries.c.incident == incident] if incident else []
    which += [deliveries.c.state == state] if state else []
    wanted = select(deliveries).where(*which).order_by(deliveries.c.position, deliveries.c.id)
    tried = select(attempts).order_by(attempts.c.id)
    if which:
        tried = tried.where(attempts.c.delivery.in_(select(deliveries.c.id).where(*which)))
    tried_by: dict[int, list[Attempt]] = {}
    with database.engine.connect().execution_options(reading=True) as connection:
        for row in connection.execute(tried):
            attempt = Attempt(row.at, DeliveryState(row.state), row.code, row.enhanced, row.reply)
            tried_by.setdefault(row.delivery, []).append(attempt)
        return [_shown(row, tuple(tried_by.get(row.id, ()))) for row in connection.execute(wanted)]


def retry(database: Database, delivery: int, now: datetime) -> list[int]:
    """Try the delivery's mail again at once, whatever the mail server said; the rows that wait for it.

    Raises NotFound, and NotAdmitted where it was sent, is being sent, has been replaced or is too old, or its
    subscriber wants no mail.
    """
    with database.engine.begin() as connection:
        row = _row(connection.execute(select(deliveries).where(deliveries.c.id == delivery)).first(), delivery)
        given_up = row.state == DeliveryState.SUPERSEDED and row.reason == Unsent.GIVEN_UP
        if row.state not in (*TO_BE_TRIED, DeliveryState.REFUSED) and not given_up:
            raise _refusal(row)
        active = select(subscribers.c.state).where(subscribers.c.id == row.subscriber)
        if connection.execute(active).scalar_one() != SubscriberState.ACTIVE:
            raise NotAdmitted("delivery-without-reader", delivery=delivery, subscriber=row.subscriber)
        state = DeliveryState.AMBIGUOUS if row.unclear else DeliveryState.QUEUED
        rows = [found.id for found in connection.execute(_same_mail(row))]
        # Somebody asks for it now, so it waits for neither batching window nor rate limit.
        again = {"state": state, "next_try_at": written(now), "turn": MANUAL_RETRY, "reason": None, "fault": None}
        connection.execute(update(deliveries).where(deliveries.c.id.in_(rows)).values(**again))
        _note(connection, rows, state, now, N_("asked for by hand"))
    return rows


def give_up(database: Database, delivery: int, now: datetime) -> list[int]:
    """Send the delivery's mail no more. Raises NotFound, and NotAdmitted where it does not wait."""
    with database.engine.begin() as connection:
        row = _row(connection.execute(select(deliveries).where(deliveries.c.id == delivery)).first(), delivery)
        if row.state not in TO_BE_TRIED:
            raise _refusal(row)
        rows = [found.id for found in connection.execute(_same_mail(row))]
        ended = {"state": DeliveryState.SUPERSEDED, "reason": Unsent.GIVEN_UP, "next_try_at": None}
        connection.execute(update(deliveries).where(deliveries.c.id.in_(rows)).values(**ended))
        _note(connection, rows, DeliveryState.SUPERSEDED, now, N_("given up by hand"))
    return rows


def _row(row: Row[Any] | None, delivery: int) -> Row[Any]:
    if row is None:
        raise NotFound("delivery", delivery=delivery)
    return row


def _refusal(row: Row[Any]) -> NotAdmitted:
    if row.replaced_by is not None:
        return NotAdmitted("delivery-replaced", delivery=row.id, replaced_by=row.replaced_by)
    return NotAdmitted(f"delivery-{row.state}", delivery=row.id)


def _same_mail(row: Row[Any]) -> Any:
    """The row, and what went in the same mail with it."""
    if row.carrier is None:
        return select(deliveries.c.id).where(deliveries.c.id == row.id)
    return select(deliveries.c.id).where(
        deliveries.c.carrier == row.carrier, deliveries.c.state == row.state, deliveries.c.subscriber == row.subscriber
    )


def _note(connection: Any, rows: Sequence[int], state: DeliveryState, now: datetime, words: str) -> None:
    """What a person did about it stands among the attempts."""
    kept = {"at": written(now), "state": state, "reply": words}
    connection.execute(insert(attempts), [{"delivery": row, **kept} for row in rows])


def _shown(row: Row[Any], tried: tuple[Attempt, ...]) -> Delivery:
    return Delivery(
        id=row.id,
        incident=row.incident,
        entry=row.entry,
        fact=row.fact,
        subscriber=row.subscriber,
        audience=row.audience,
        channel=ChannelName(row.channel),
        state=DeliveryState(row.state),
        message_id=row.message_id,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
        next_try_at=row.next_try_at,
        replaced_by=row.replaced_by,
        reason=row.reason,
        fault=row.fault,
        attempts=tried,
    )
