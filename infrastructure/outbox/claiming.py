"""The statements of a claim: each does its part for the whole batch, whatever its size."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, insert, literal, not_, or_, select, true, update

from domain.audience import ChannelName, Subscriber
from domain.delivery import TO_BE_TRIED, DeliveryState, Unsent
from domain.texts import N_
from infrastructure.database.among import among
from infrastructure.database.batches import Batch
from infrastructure.database.tables import attempts, deliveries, subscribers, ways_out, wishes
from infrastructure.log.codec import written
from infrastructure.outbox.mails import AT_ONCE, Row
from infrastructure.registers.subscribers import SubscriberState, subscriber_of
from infrastructure.registers.wishes import WishKind

UNREADABLE_WAIT = timedelta(hours=1)
"""When a delivery that could not be read is looked at again."""

LEASE_RAN_OUT = N_("lease ran out; unclear whether it was sent")

Thread = tuple[str, str]
"""An incident and one who is told of it."""

Readers = dict[str, tuple[Subscriber, Unsent | None]]
"""Who they are, and why one wants no mail any more."""

_STORED_AS = {"priority": "turn", "lead": "carrier"}
"""The columns whose stored names are older than ours."""

_COLUMNS = [deliveries.c[_STORED_AS.get(name, name)] for name in Row._fields]
_READER = [
    subscribers.c[name] for name in ("id", "address", "audience", "systems", "areas", "language", "channel", "state")
]

_THIS = deliveries.c.id == bindparam("b_id")
TAKE = Batch(
    update(deliveries)
    .where(_THIS)
    .values(
        state=DeliveryState.SENDING.value,
        worker=bindparam("b_worker"),
        next_try_at=bindparam("b_until"),
        message_id=bindparam("b_message"),
        carrier=bindparam("b_lead"),
        dated=bindparam("b_dated"),
    )
)
SUPERSEDE = Batch(
    update(deliveries)
    .where(_THIS)
    .values(state=DeliveryState.SUPERSEDED.value, next_try_at=None, replaced_by=bindparam("b_by"))
)
NOT_NEEDED = Batch(
    update(deliveries)
    .where(_THIS)
    .values(state=DeliveryState.SUPERSEDED.value, next_try_at=None, reason=Unsent.NOT_TOLD.value)
)
EXPIRE = Batch(update(deliveries).where(_THIS).values(state=DeliveryState.EXPIRED.value, next_try_at=None))
PUT_OFF = Batch(update(deliveries).where(_THIS).values(next_try_at=bindparam("b_at")))


def due_rows(
    connection: Connection, limit: int, now: datetime, batching_window: timedelta, channel: ChannelName | None
) -> Sequence[Any]:
    """Rows whose time has come and whose batching window is over, by priority: of what goes by this channel, of
    everything where it is None. While a worker has a mail of the same thread in hand the next one waits for it,
    unless it is to go at once."""
    d, busy = deliveries.alias("d"), deliveries.alias("busy")
    in_hand = exists().where(
        busy.c.worker.is_not(None), busy.c.subscriber == d.c.subscriber, busy.c.incident == d.c.incident
    )
    # The window counts from when the fact was recorded: so a delivery is due as it is planned. What has been put off
    # since is due at a later moment, and has waited.
    alone_until = written(now - batching_window)
    has_waited = or_(d.c.next_try_at <= alone_until, d.c.next_try_at > d.c.queued_at)
    due = (
        select(d.c.id, d.c.incident, d.c.subscriber)
        .where(
            d.c.next_try_at.is_not(None),
            d.c.next_try_at <= written(now),
            d.c.state.in_(TO_BE_TRIED),
            or_(d.c.turn <= AT_ONCE, d.c.tries > 0, d.c.summary, has_waited),
            or_(d.c.turn <= AT_ONCE, not_(in_hand)),
            *([d.c.channel == channel] if channel else []),
        )
        .order_by(d.c.turn, d.c.position, d.c.id)
    )
    return connection.execute(due.limit(limit)).all()


def take_over(connection: Connection, at: str) -> None:
    """Leases that have run out: nobody knows whether those mails were sent, and the ledger says so."""
    # So put that the few rows in hand are looked through and not the many that wait.
    lapsed = and_(deliveries.c.worker.is_not(None), func.coalesce(deliveries.c.next_try_at, "") <= at)
    if connection.execute(select(deliveries.c.id).where(lapsed).limit(1)).first() is None:
        return
    words = literal(at), literal(DeliveryState.AMBIGUOUS.value), literal(LEASE_RAN_OUT)
    kept = insert(attempts).from_select(
        ["delivery", "at", "state", "reply"], select(deliveries.c.id, *words).where(lapsed)
    )
    connection.execute(kept)
    values = {"state": DeliveryState.AMBIGUOUS, "worker": None, "unclear": true(), "tries": deliveries.c.tries + 1}
    connection.execute(update(deliveries).where(lapsed).values(**values))


def threads_of(connection: Connection, due: Sequence[Any]) -> dict[Thread, list[Row]]:
    """Every row of each (incident, subscriber) that is due, in the order in which they are due."""
    threads: dict[Thread, list[Row]] = {(row.incident, row.subscriber): [] for row in due}
    whole = select(*_COLUMNS).where(
        among(deliveries.c.subscriber, {row.subscriber for row in due}),
        among(deliveries.c.incident, {row.incident for row in due}),
    )
    for stored in connection.execute(whole).all():
        row = Row._make(stored)
        if (row.incident, row.subscriber) in threads:
            threads[row.incident, row.subscriber].append(row)
    return threads


def readers_of(connection: Connection, ids: set[str]) -> Readers:
    """Who they are, and why one wants no mail any more (left or paused since it was planned). Who has asked to leave
    has left, though no worker may have erased them yet."""
    why = {SubscriberState.PAUSED: Unsent.PAUSED, SubscriberState.SUSPENDED: Unsent.SUSPENDED}
    asked = select(ways_out.c.subscriber).join(wishes, wishes.c.way == ways_out.c.id)
    leaving = asked.where(wishes.c.kind == WishKind.LEAVE, wishes.c.done_at.is_(None))
    gone = set(connection.execute(leaving).scalars())
    readers: Readers = {}
    for row in connection.execute(select(*_READER).where(among(subscribers.c.id, ids))).all():
        unsent = None if row.state == SubscriberState.ACTIVE else why[SubscriberState(row.state)]
        has_left = row.address is None or row.id in gone
        readers[row.id] = subscriber_of(row), Unsent.LEFT if has_left else unsent
    return readers


def put_off_unreadable(connection: Connection, rows: Sequence[Any], now: datetime) -> None:
    if not rows:
        return
    problem = {"at": written(now), "state": DeliveryState.DEFERRED, "reply": N_("could not be read")}
    connection.execute(insert(attempts), [{"delivery": row.id, **problem} for row in rows])
    later = {"state": DeliveryState.DEFERRED, "next_try_at": written(now + UNREADABLE_WAIT)}
    ids = [row.id for row in rows]
    connection.execute(update(deliveries).where(among(deliveries.c.id, ids)).values(**later))


def sent_between(connection: Connection, ids: set[str], since: datetime, until: datetime) -> dict[str, list[datetime]]:
    """When mails were accepted for these subscribers, the oldest first."""
    first = func.min(deliveries.c.sent_at)
    mails = (
        select(deliveries.c.subscriber, first)
        .where(among(deliveries.c.subscriber, ids), deliveries.c.sent_at.is_not(None))
        .where(deliveries.c.sent_at > written(since), deliveries.c.sent_at <= written(until))
        .group_by(deliveries.c.subscriber, deliveries.c.message_id)
        .order_by(first)
    )
    accepted: dict[str, list[datetime]] = defaultdict(list)
    for subscriber, at in connection.execute(mails):
        accepted[subscriber].append(datetime.fromisoformat(at))
    return accepted
