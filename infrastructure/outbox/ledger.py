"""The ledger as it is read, and what a person may do about deliveries. It knows subscribers by pseudonym alone."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, insert, select, update

from domain.audience import ChannelName
from domain.delivery import TO_BE_TRIED, DeliveryState, Unsent
from domain.fact import BY_THE_OWNER, By
from domain.facts import DeliveriesDecided
from domain.faults import Fault
from domain.refusals import NotAdmitted, NotFound
from domain.texts import N_
from domain.vocabulary import DeliveryDecision
from infrastructure.database.among import among
from infrastructure.database.database import Database
from infrastructure.database.tables import attempts, deliveries, subscribers
from infrastructure.log.codec import written
from infrastructure.log.ledger_seals import runs_of, said_of
from infrastructure.log.own_streams import append, going_on_from
from infrastructure.outbox.mails import AT_ONCE, MANUAL_RETRY, MANUAL_RETRY_OF_MANY
from infrastructure.registers.subscribers import SubscriberState


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


MAY_BE_RETRIED = (*TO_BE_TRIED, DeliveryState.REFUSED)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which deliveries somebody means: any of several of one kind, and all that is said of different kinds."""

    ids: tuple[int, ...] = ()
    incidents: tuple[str, ...] = ()
    states: tuple[DeliveryState, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Retried:
    """The deliveries that are tried again, and those that were meant as well but whose readers want no mail."""

    rows: list[int]
    without_reader: list[int]


_TO_RETRY = [*deliveries.c, subscribers.c.state.label("reader")]
_BEHIND_THE_NEWS = case((deliveries.c.turn <= AT_ONCE, MANUAL_RETRY), else_=MANUAL_RETRY_OF_MANY)


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


def retry(database: Database, which: Selection, now: datetime, by: By = BY_THE_OWNER) -> Retried:
    """Try the mail of these deliveries again, whatever the mail server said, however old it is.

    What is named by its id goes at once, all of it or none. What is named otherwise goes after the news: the urgent of
    it first, and of it whatever waits or was refused and has a reader.

    Raises NotFound where there is none such, and for an id NotAdmitted where it was sent, is being sent, has been
    replaced or is too old, or its subscriber wants no mail.
    """
    clock = going_on_from(now)
    with database.engine.begin() as connection:
        found = connection.execute(
            select(*_TO_RETRY).select_from(deliveries).join(subscribers).where(*_where(which))
        ).all()
        if which.ids:
            _all_can_be_retried(connection, which.ids, found)
        elif not found:
            raise NotFound("nothing-to-retry")
        read = [row for row in found if row.reader == SubscriberState.ACTIVE]
        rows = _same_mails(connection, read)
        turn = MANUAL_RETRY if which.ids else _BEHIND_THE_NEWS
        again = {"next_try_at": written(now), "turn": turn, "reason": None, "fault": None}
        for unclear, state in ((True, DeliveryState.AMBIGUOUS), (False, DeliveryState.QUEUED)):
            ids = [row.id for row in rows if row.unclear == unclear]
            connection.execute(update(deliveries).where(among(deliveries.c.id, ids)).values(state=state, **again))
            _note(connection, ids, state, now, N_("asked for by hand"))
        _tell(database, connection, [row.id for row in rows], DeliveryDecision.RETRIED, by, clock)
    return Retried([row.id for row in rows], [row.id for row in found if row.reader != SubscriberState.ACTIVE])


def give_up(database: Database, delivery: int, now: datetime, by: By = BY_THE_OWNER) -> list[int]:
    """Send the delivery's mail no more. Raises NotFound, and NotAdmitted where it does not wait."""
    clock = going_on_from(now)
    with database.engine.begin() as connection:
        row = _row(connection.execute(select(deliveries).where(deliveries.c.id == delivery)).first(), delivery)
        if row.state not in TO_BE_TRIED:
            raise _refusal(row)
        rows = [found.id for found in _same_mails(connection, [row])]
        ended = {"state": DeliveryState.SUPERSEDED, "reason": Unsent.GIVEN_UP, "next_try_at": None}
        connection.execute(update(deliveries).where(deliveries.c.id.in_(rows)).values(**ended))
        _note(connection, rows, DeliveryState.SUPERSEDED, now, N_("given up by hand"))
        _tell(database, connection, rows, DeliveryDecision.GIVEN_UP, by, clock)
    return rows


def _tell(
    database: Database,
    connection: Connection,
    rows: Sequence[int],
    decision: DeliveryDecision,
    by: By,
    clock: Callable[[], datetime],
) -> None:
    """The log is told by whose hand, in the same transaction."""
    if rows:
        decided = DeliveriesDecided(deliveries=said_of(runs_of(sorted(rows))), decision=decision)
        append(database, database.backend.beneath(connection), [decided], by, clock)


def _where(which: Selection) -> list[ColumnElement[bool]]:
    columns = {"id": which.ids, "incident": which.incidents, "state": which.states, "fault": which.faults}
    wanted = [among(deliveries.c[name], values) for name, values in columns.items() if values]
    return wanted if which.ids else [*wanted, deliveries.c.state.in_(MAY_BE_RETRIED)]


def _all_can_be_retried(connection: Connection, ids: Collection[int], found: Collection[Row[Any]]) -> None:
    for id_ in ids:
        _row(connection.execute(select(deliveries.c.id).where(deliveries.c.id == id_)).first(), id_)
        if id_ not in {row.id for row in found}:
            raise NotFound("delivery-elsewhere", delivery=id_)
    for row in found:
        given_up = row.state == DeliveryState.SUPERSEDED and row.reason == Unsent.GIVEN_UP
        if row.state not in MAY_BE_RETRIED and not given_up:
            raise _refusal(row)
        if row.reader != SubscriberState.ACTIVE:
            raise NotAdmitted("delivery-without-reader", delivery=row.id, subscriber=row.subscriber)


def _row(row: Row[Any] | None, delivery: int) -> Row[Any]:
    if row is None:
        raise NotFound("delivery", delivery=delivery)
    return row


def _refusal(row: Row[Any]) -> NotAdmitted:
    if row.replaced_by is not None:
        return NotAdmitted("delivery-replaced", delivery=row.id, replaced_by=row.replaced_by)
    return NotAdmitted(f"delivery-{row.state}", delivery=row.id)


def _same_mails(connection: Connection, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """The rows, and what went in the same mails with them."""
    d, mails = deliveries.c, {(row.carrier, row.state, row.subscriber) for row in rows if row.carrier is not None}
    along = select(d.id, d.unclear, d.carrier, d.state, d.subscriber).where(
        among(d.subscriber, {subscriber for _lead, _state, subscriber in mails}),
        among(d.carrier, {lead for lead, _state, _subscriber in mails}),
    )
    together = [row for row in connection.execute(along) if (row.carrier, row.state, row.subscriber) in mails]
    return [*(row for row in rows if row.carrier is None), *together]


def _note(connection: Connection, rows: Sequence[int], state: DeliveryState, now: datetime, words: str) -> None:
    """What a person did about it stands among the attempts."""
    if not rows:
        return
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
