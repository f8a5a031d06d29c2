"""What comes back about a mail that the mail server had accepted, written into the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from domain.delivery import DeliveryState, Fault
from domain.suspension import SuspensionPolicy, points_of
from domain.texts import N_
from domain.vocabulary import Word
from infrastructure.database.database import Database
from infrastructure.database.tables import attempts, deliveries
from infrastructure.log.codec import written
from infrastructure.outbox.settling import LONGEST_REPLY
from infrastructure.registers.subscribers import blame

FAILED, DELAYED = "failed", "delayed"


class Handled(Word):
    """What became of one report."""

    SETTLED = "settled", N_("not delivered: written into the ledger")
    NOTED = "noted", N_("noted")
    KNOWN = "known", N_("already known")
    UNKNOWN = "unknown", N_("no delivery of ours")


@dataclass(frozen=True, slots=True)
class Report:
    """A report on one mail: the row or the Message-ID it names, what happened (RFC 3464 §2.3.3), the enhanced code
    and the other server's words."""

    delivery: int | None
    message_id: str
    action: str
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a report, which rows it was about, and whether it suspended their subscriber."""

    handled: Handled
    deliveries: tuple[int, ...] = ()
    suspended: str | None = None


def handle(database: Database, report: Report, now: datetime, policy: SuspensionPolicy) -> Verdict:
    """Settle the rows of the mail that the report is about; read again it changes nothing.

    A mail that failed is refused, and counts against the address if that is to blame. Anything else is kept among
    the attempts. A row that a worker has in hand is left to the worker.
    """
    words = " ".join(f"{report.action}: {report.diagnostic or report.status}".split())[:LONGEST_REPLY]
    with database.engine.begin() as connection:
        rows = _rows(connection, report)
        if not rows:
            return Verdict(Handled.UNKNOWN)
        ids = tuple(row.id for row in rows)
        same = attempts.c.delivery.in_(ids), attempts.c.reply == words, attempts.c.enhanced == report.status
        if connection.execute(select(attempts.c.id).where(*same).limit(1)).first():
            return Verdict(Handled.KNOWN, ids)
        ends = [row.id for row in rows if report.action == FAILED and row.state in _MAY_FAIL]
        kept = {"at": written(now), "enhanced": report.status, "reply": words}
        state_of = {row.id: DeliveryState.REFUSED if row.id in ends else DeliveryState(row.state) for row in rows}
        connection.execute(insert(attempts), [{"delivery": id_, "state": state_of[id_], **kept} for id_ in ids])
        if not ends:
            return Verdict(Handled.NOTED, ids)
        failed = {"state": DeliveryState.REFUSED, "next_try_at": None, "fault": _fault(report.status)}
        connection.execute(update(deliveries).where(deliveries.c.id.in_(ends)).values(**failed))
        points, subscriber = points_of(report.status), rows[0].subscriber
        suspends = points > 0 and blame(connection, subscriber, points, now, policy, bounced=True)
    return Verdict(Handled.SETTLED, ids, subscriber if suspends else None)


_MAY_FAIL = (DeliveryState.SENT, DeliveryState.AMBIGUOUS, DeliveryState.DEFERRED)
"""A mail that was accepted; also one of which we did not hear so, and which is now known to have been."""


def _rows(connection: Connection, report: Report) -> list[Any]:
    """The rows of the mail: all that went in it, however the report names it."""
    message_id = report.message_id
    if report.delivery is not None:
        named = select(deliveries.c.message_id).where(deliveries.c.id == report.delivery)
        message_id = connection.execute(named).scalar() or message_id
    if not message_id:
        return []
    return list(connection.execute(select(deliveries).where(deliveries.c.message_id == message_id)))


def _fault(status: str) -> Fault | None:
    if status.startswith("5.7."):
        return Fault.POLICY
    return Fault.ADDRESS if points_of(status) else None
