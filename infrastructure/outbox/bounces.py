"""What comes back about notices that their channel had accepted, written into the ledger.

First each receipt is written down, then it is judged what the failures mean: what most readers of a fact are refused
alike is about us, however the reports come in, and whoever had been blamed for it is not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update

from domain.delivery import DeliveryState, Receipt
from domain.fact import BY_THE_CLOCK, By, Fact
from domain.facts import DeliveriesDecided
from domain.faults import FEWEST_REPORTED, Fault, blamed, code_in, is_about_us, telling
from domain.suspension import SuspensionPolicy
from domain.texts import N_
from domain.vocabulary import DeliveryDecision, Word
from infrastructure.database.among import among
from infrastructure.database.database import Database
from infrastructure.database.tables import attempts, deliveries
from infrastructure.log.codec import written
from infrastructure.log.ledger_seals import runs_of, said_of
from infrastructure.log.own_streams import going_on_from
from infrastructure.outbox.settling import LONGEST_REPLY
from infrastructure.registers.subscribers import blame, forgive, suspensions, tell

FAILED = "failed"
"""The only action (RFC 3464 §2.3.3) that ends a delivery."""

HELD_FOR = timedelta(minutes=30)
"""How long a mail waits that came back for most of its readers: as long as between the later tries of any mail."""

CAME_BACK_FOR_MOST = N_("came back for most of its readers: waits, and is tried again")


class Handled(Word):
    """What became of one receipt."""

    SETTLED = "settled", N_("not delivered: written into the ledger")
    HELD = "held", N_("came back for most of its readers: waits, and is tried again")
    NOTED = "noted", N_("noted")
    KNOWN = "known", N_("already known")
    UNKNOWN = "unknown", N_("no delivery of ours")
    LEFT = "left", N_("has left: the address is erased")


@dataclass(frozen=True, slots=True)
class Handling:
    """What became of a receipt, which rows it was about, and whether it suspended their subscriber. `subscriber` is who
    asked for no more mail, and `answered` whether they were told that they get none."""

    receipt: Receipt
    handled: Handled
    deliveries: tuple[int, ...] = ()
    suspended: str | None = None
    position: int = 0
    """Of the newest fact in the mail."""
    subscriber: str | None = None
    answered: bool = False


_Said = tuple[int | None, str]
"""What makes two refusals one and the same: the code and the enhanced code that tells."""


def handle(
    database: Database,
    receipts: Iterable[Receipt],
    now: datetime,
    policy: SuspensionPolicy,
    by: By = BY_THE_CLOCK,
) -> list[Handling]:
    """Settle the rows of the mails that the receipts are about; read again they change nothing.

    A mail that failed is refused, and counts against the address if that is to blame. Where most readers of its fact
    were refused alike it waits instead, and blames nobody. Anything else is kept among the attempts. A row that a
    worker has in hand is left to the worker. Whom it suspends, or lets in again, the log is told, and by whose hand.
    """
    clock = going_on_from(now)
    handled = [_written_down(database, receipt, now, by, clock) for receipt in receipts]
    for position in {handling.position for handling in handled if handling.handled is Handled.SETTLED}:
        with database.engine.begin() as connection:
            returned = _returned(connection, position)
            held, forgiven = _hold(connection, position, returned, now)
            judged = {
                place: _judged(database, connection, handling, held, now, policy)
                for place, handling in enumerate(handled)
                if handling.position == position
            }
            suspended = [handling.suspended for handling in judged.values() if handling.suspended]
            tell(database, connection, [*forgiven, *suspensions(suspended)], by, clock)
            handled = [judged.get(place, handling) for place, handling in enumerate(handled)]
    return handled


def _written_down(
    database: Database, receipt: Receipt, now: datetime, by: By, clock: Callable[[], datetime]
) -> Handling:
    words = " ".join(f"{receipt.action}: {receipt.diagnostic or receipt.status}".split())[:LONGEST_REPLY]
    with database.engine.begin() as connection:
        rows = _rows(connection, receipt)
        if not rows:
            return Handling(receipt, Handled.UNKNOWN)
        ids, position = tuple(row.id for row in rows), max(row.position for row in rows)
        if _is_known(connection, receipt, ids, words):
            return Handling(receipt, Handled.KNOWN, ids)
        ends = [row.id for row in rows if receipt.action == FAILED and row.state in _MAY_FAIL]
        kept = {"at": written(now), "enhanced": receipt.status, "reply": words}
        state_of = {row.id: DeliveryState.REFUSED if row.id in ends else DeliveryState(row.state) for row in rows}
        connection.execute(insert(attempts), [{"delivery": id_, "state": state_of[id_], **kept} for id_ in ids])
        if ends:
            fault = blamed(code_in(receipt.diagnostic), receipt.status, receipt.diagnostic).fault
            failed = {"state": DeliveryState.REFUSED, "next_try_at": None, "fault": fault}
            connection.execute(update(deliveries).where(deliveries.c.id.in_(ends)).values(**failed))
        if by != BY_THE_CLOCK:
            read = DeliveriesDecided(deliveries=said_of(runs_of(sorted(ids))), decision=DeliveryDecision.REPORTED)
            tell(database, connection, [read], by, clock)
    if not ends:
        return Handling(receipt, Handled.NOTED, ids)
    return Handling(receipt, Handled.SETTLED, ids, position=position)


def _is_known(connection: Connection, receipt: Receipt, ids: Sequence[int], words: str) -> bool:
    """Whether this very report has been read, or one in the same words since the mail was last sent. Remembers it."""
    if receipt.fingerprint and not connection.execute(_REMEMBER, {"fingerprint": receipt.fingerprint}).rowcount:
        return True
    theirs = attempts.c.delivery.in_(ids)
    sent = select(func.max(attempts.c.id)).where(
        theirs, attempts.c.state == DeliveryState.SENT, attempts.c.code.is_not(None)
    )
    since = connection.execute(sent).scalar() or 0
    alike = theirs, attempts.c.id > since, attempts.c.reply == words, attempts.c.enhanced == receipt.status
    return connection.execute(select(attempts.c.id).where(*alike).limit(1)).first() is not None


_REMEMBER = text("INSERT INTO reports (id) VALUES (:fingerprint) ON CONFLICT DO NOTHING")
"""Whoever reads the same report at the same time waits, and then knows it."""

_MAY_FAIL = (DeliveryState.SENT, DeliveryState.AMBIGUOUS, DeliveryState.DEFERRED)
"""A mail that was accepted; also one of which we did not hear so, and which is now known to have been."""


def _rows(connection: Connection, receipt: Receipt) -> list[Any]:
    """The rows of the mail: all that went in it, however the receipt names it."""
    message_id = receipt.message_id
    if receipt.delivery is not None:
        named = select(deliveries.c.message_id).where(deliveries.c.id == receipt.delivery)
        message_id = connection.execute(named).scalar() or message_id
    if not message_id:
        return []
    return list(connection.execute(select(deliveries).where(deliveries.c.message_id == message_id)))


def _returned(connection: Connection, position: int) -> dict[_Said, list[Any]]:
    """The attempts at telling this fact that came to nothing after they had been accepted, by what was said."""
    failed = (
        select(deliveries.c.id, deliveries.c.subscriber, deliveries.c.sent_at, attempts.c.enhanced, attempts.c.reply)
        .join(attempts, attempts.c.delivery == deliveries.c.id)
        .where(deliveries.c.position == position, deliveries.c.sent_at.is_not(None))
        .where(attempts.c.state == DeliveryState.REFUSED, attempts.c.code.is_(None))
    )
    by_said: dict[_Said, list[Any]] = defaultdict(list)
    for row in connection.execute(failed):
        by_said[code_in(row.reply), telling(row.enhanced, row.reply)].append(row)
    return by_said


def _hold(
    connection: Connection, position: int, returned: dict[_Said, list[Any]], now: datetime
) -> tuple[Sequence[int], list[Fact]]:
    """Have those wait that came back for most readers of the fact, and forgive the readers; the deliveries held, and
    whom that lets in again."""
    accepted = (deliveries.c.position == position, deliveries.c.sent_at.is_not(None))
    readers = connection.execute(select(func.count(deliveries.c.subscriber.distinct())).where(*accepted)).scalar_one()
    held: list[int] = []
    forgiven: list[Fact] = []
    for rows in returned.values():
        alike = {row.subscriber for row in rows}
        if not is_about_us(len(alike), readers, FEWEST_REPORTED):
            continue
        forgiven += forgive(connection, alike, min(row.sent_at for row in rows))
        theirs = among(deliveries.c.id, {row.id for row in rows}), deliveries.c.state == DeliveryState.REFUSED
        ids = [row.id for row in connection.execute(select(deliveries.c.id).where(*theirs))]
        waits = {"state": DeliveryState.DEFERRED, "next_try_at": written(now + HELD_FOR), "fault": Fault.POLICY}
        connection.execute(update(deliveries).where(among(deliveries.c.id, ids)).values(**waits))
        note = {"at": written(now), "state": DeliveryState.DEFERRED, "reply": CAME_BACK_FOR_MOST}
        connection.execute(insert(attempts), [{"delivery": id_, **note} for id_ in ids])
        held += ids
    return held, forgiven


def _judged(
    database: Database,
    connection: Connection,
    handling: Handling,
    held: Sequence[int],
    now: datetime,
    policy: SuspensionPolicy,
) -> Handling:
    """What a failure that was written down comes to: its mail waits, or counts against the address."""
    if set(handling.deliveries) & set(held):
        return replace(handling, handled=Handled.HELD)
    receipt = handling.receipt
    points = blamed(code_in(receipt.diagnostic), receipt.status, receipt.diagnostic).points
    if not points:
        return handling
    of_first = deliveries.c.id == handling.deliveries[0]
    subscriber: str = connection.execute(select(deliveries.c.subscriber).where(of_first)).scalar_one()
    suspends = blame(database.backend.beneath(connection), subscriber, points, now, policy, bounced=True)
    return replace(handling, suspended=subscriber if suspends else None)
