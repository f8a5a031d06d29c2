"""What comes back about a notice that its channel had accepted, written into the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from domain.delivery import DeliveryState, Receipt
from domain.faults import blamed, code_in
from domain.suspension import SuspensionPolicy
from domain.texts import N_
from domain.vocabulary import Word
from infrastructure.database.database import Database
from infrastructure.database.tables import attempts, deliveries
from infrastructure.log.codec import written
from infrastructure.outbox.settling import LONGEST_REPLY
from infrastructure.registers.subscribers import blame

FAILED = "failed"
"""The only action (RFC 3464 §2.3.3) that ends a delivery."""


class Handled(Word):
    """What became of one receipt."""

    SETTLED = "settled", N_("not delivered: written into the ledger")
    NOTED = "noted", N_("noted")
    KNOWN = "known", N_("already known")
    UNKNOWN = "unknown", N_("no delivery of ours")


@dataclass(frozen=True, slots=True)
class Handling:
    """What became of a receipt, which rows it was about, and whether it suspended their subscriber."""

    handled: Handled
    deliveries: tuple[int, ...] = ()
    suspended: str | None = None


def handle(database: Database, receipt: Receipt, now: datetime, policy: SuspensionPolicy) -> Handling:
    """Settle the rows of the mail that the receipt is about; read again it changes nothing.

    A mail that failed is refused, and counts against the address if that is to blame. Anything else is kept among
    the attempts. A row that a worker has in hand is left to the worker.
    """
    words = " ".join(f"{receipt.action}: {receipt.diagnostic or receipt.status}".split())[:LONGEST_REPLY]
    with database.engine.begin() as connection:
        rows = _rows(connection, receipt)
        if not rows:
            return Handling(Handled.UNKNOWN)
        ids = tuple(row.id for row in rows)
        same = attempts.c.delivery.in_(ids), attempts.c.reply == words, attempts.c.enhanced == receipt.status
        if connection.execute(select(attempts.c.id).where(*same).limit(1)).first():
            return Handling(Handled.KNOWN, ids)
        ends = [row.id for row in rows if receipt.action == FAILED and row.state in _MAY_FAIL]
        kept = {"at": written(now), "enhanced": receipt.status, "reply": words}
        state_of = {row.id: DeliveryState.REFUSED if row.id in ends else DeliveryState(row.state) for row in rows}
        connection.execute(insert(attempts), [{"delivery": id_, "state": state_of[id_], **kept} for id_ in ids])
        if not ends:
            return Handling(Handled.NOTED, ids)
        found = blamed(code_in(receipt.diagnostic), receipt.status, receipt.diagnostic)
        failed = {"state": DeliveryState.REFUSED, "next_try_at": None, "fault": found.fault}
        connection.execute(update(deliveries).where(deliveries.c.id.in_(ends)).values(**failed))
        subscriber = rows[0].subscriber
        suspends = found.points > 0 and blame(connection, subscriber, found.points, now, policy, bounced=True)
    return Handling(Handled.SETTLED, ids, subscriber if suspends else None)


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
