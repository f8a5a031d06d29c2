"""A kept mail held against the ledger: whether that knows it, to whom it went, and when.

Its headers are not signed, so what is said here is that mail and ledger differ. Only of a mail that saw this very log:
another log's is no business of this one's. Nothing is written, and no address is told.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from domain.clock_order import NOTICED
from domain.delivery import DeliveryState
from domain.fact import within_bounds
from domain.mailbox import kept_form
from domain.refusals import Invalid
from infrastructure.database.backend import Connection
from infrastructure.integrity.problems import Problem
from infrastructure.integrity.witnesses import Witness

OURS = re.compile(r"<([0-9]{4}-[0-9]{4})\.([0-9]{1,9})\.([^.@<>]+)@[^<>]+>")
"""A Message-ID names the incident, the entry and the reader; the domain may have been another then."""

SENT_WITHIN = timedelta(hours=1)
"""How long after its Date a mail may be taken by the mail server: those of a batch have the Date of their claim."""

DELIVERY = (
    "SELECT id, state, dated, queued_at FROM deliveries WHERE incident = ? AND entry = ? AND subscriber = ? ORDER BY id"
)
ADDRESS = "SELECT address FROM subscribers WHERE id = ?"
ATTEMPTS = "SELECT state, at FROM attempts WHERE delivery = ? AND state IN (?, ?) ORDER BY id"
MAY_HAVE_ARRIVED = (DeliveryState.SENT.value, DeliveryState.AMBIGUOUS.value)


def in_ledger(connection: Connection, witness: Witness, *, sees_addresses: bool) -> tuple[Witness, list[Problem]]:
    """The witness with its delivery, and what the ledger says otherwise than the mail; nothing of what was no mail of
    ours. Without the right to see addresses the reader is not held against the mail."""
    named = OURS.fullmatch(witness.message_id)
    if named is None or not witness.extends:
        return witness, []
    incident, entry, subscriber = named.groups()
    found = connection.execute(DELIVERY, (incident, int(entry), subscriber)).fetchone()
    if found is None:
        said = {"name": witness.name, "incident": incident, "entry": int(entry), "subscriber": subscriber}
        return witness, [Problem(None, "mail-unknown", said)]
    id_, state, dated, queued_at = found
    problems = list(_of_time(connection, witness, id_, state, dated, queued_at))
    [address] = (connection.execute(ADDRESS, (subscriber,)).fetchone() or [None]) if sees_addresses else [""]
    if address and witness.reader and not _is_to(witness.reader, address):
        problems.append(Problem(None, "mail-to-another", {"name": witness.name, "id": id_, "subscriber": subscriber}))
    return replace(witness, delivery=id_, reader_is_erased=address is None), problems


def _of_time(
    connection: Connection, witness: Witness, delivery: int, state: str, dated: Any, queued_at: Any
) -> Iterator[Problem]:
    """Whether an attempt at this delivery can have brought the mail. One that is just under way has not been noted."""
    tried = connection.execute(ATTEMPTS, (delivery, *MAY_HAVE_ARRIVED)).fetchall()
    noted = [(how, moment) for how, at in tried if (moment := _moment(at))]
    said, date = {"name": witness.name, "id": delivery}, witness.date
    if not noted:
        if state != DeliveryState.SENDING:
            yield Problem(None, "mail-not-sent", said)
    elif (
        date
        and not _same_second(dated, date)
        and (_is_before(date, queued_at) or not any(_fits(date, *attempt) for attempt in noted))
    ):
        yield Problem(None, "mail-at-another-time", said | {"dated": date, "sent_at": noted[-1][1]})


def _fits(date: datetime, how: str, at: datetime) -> bool:
    """What may have arrived was noted some time after it went, hours if its worker had been killed."""
    return date <= at and (how == DeliveryState.AMBIGUOUS or at - date <= SENT_WITHIN)


def _is_before(date: datetime, stored: Any) -> bool:
    """No mail was written before it was planned; whoever planned it and whoever sent it may have two clocks."""
    moment = _moment(stored)
    return moment is not None and date < moment - NOTICED


def _same_second(stored: Any, date: datetime) -> bool:
    moment = _moment(stored)
    return moment is not None and moment.replace(microsecond=0) == date


def _moment(stored: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(stored)
        return within_bounds(found) if found.tzinfo else None
    except (ArithmeticError, TypeError, ValueError):
        return None


def _is_to(reader: str, address: str) -> bool:
    try:
        return kept_form(parseaddr(reader)[1]) == address
    except Invalid:
        return False
