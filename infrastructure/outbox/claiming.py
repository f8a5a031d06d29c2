"""The statements of a claim, by the driver alone: each does its part for the whole batch, whatever its size."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from domain.audience import ChannelName, Subscriber
from domain.delivery import DeliveryState, Unsent
from domain.texts import N_
from domain.vocabulary import Area, Audience, System
from infrastructure.database.backend import Connection
from infrastructure.log.codec import written
from infrastructure.outbox.mails import AT_ONCE, Row
from infrastructure.outbox.settling import UNSENT
from infrastructure.registers.one_each import WAITS
from infrastructure.registers.subscribers import SubscriberState
from infrastructure.registers.wishes import WishKind

UNREADABLE_WAIT = timedelta(hours=1)
"""When a delivery that could not be read is looked at again."""

LEASE_RAN_OUT = N_("lease ran out; unclear whether it was sent")

Thread = tuple[str, str]
"""An incident and one who is told of it."""

Readers = dict[str, tuple[Subscriber, Unsent | None]]
"""Who they are, and why one wants no mail any more."""


class Due(NamedTuple):
    """A row whose time has come."""

    id: int
    incident: str
    subscriber: str


class Ended(NamedTuple):
    """A row that ends without being tried: the entry that replaces it, or why else it is not sent."""

    id: int
    state: DeliveryState = DeliveryState.SUPERSEDED
    replaced_by: int | None = None
    why: Unsent | None = None


# The window counts from when the fact was recorded: so a delivery is due as it is planned. What has been put off since
# is due at a later moment, and has waited.
DUE = f"""
FROM deliveries AS d
WHERE next_try_at IS NOT NULL AND next_try_at <= ? AND {WAITS} AND channel = coalesce(?, channel)
AND (turn <= {AT_ONCE} OR tries > 0 OR summary OR next_try_at <= ? OR next_try_at > queued_at)
AND (turn <= {AT_ONCE} OR NOT EXISTS (
    SELECT 1 FROM deliveries AS busy
    WHERE busy.worker IS NOT NULL AND busy.subscriber = d.subscriber AND busy.incident = d.incident
))
ORDER BY turn, position, id LIMIT ?
"""
ANYTHING_DUE = "SELECT 1 FROM deliveries WHERE next_try_at <= ? AND channel = coalesce(?, channel) LIMIT 1"

# So put that the few rows in hand are looked through and not the many that wait.
LAPSED = "worker IS NOT NULL AND coalesce(next_try_at, '') <= ?"
ANYTHING_LAPSED = f"SELECT 1 FROM deliveries WHERE {LAPSED} LIMIT 1"
NOTE_LAPSED = f"""
INSERT INTO attempts (delivery, at, state, reply) SELECT id, ?, '{DeliveryState.AMBIGUOUS}', ? FROM deliveries
WHERE {LAPSED}
"""
TAKE_OVER = f"""
UPDATE deliveries SET state = '{DeliveryState.AMBIGUOUS}', worker = NULL, unclear = true, tries = tries + 1
WHERE {LAPSED}
"""
_STORED_AS = {"priority": "turn", "lead": "carrier"}
"""The columns whose stored names are older than ours."""

OF_A_ROW = ", ".join(_STORED_AS.get(name, name) for name in Row._fields)
OF_A_READER = "id, address, audience, systems, areas, language, channel, state"
GONE = f"""
SELECT w.subscriber FROM ways_out AS w JOIN wishes ON wishes.way = w.id
WHERE wishes.kind = '{WishKind.LEAVE}' AND wishes.done_at IS NULL
"""
_WHY = {
    SubscriberState.ACTIVE.value: None,
    SubscriberState.PAUSED.value: Unsent.PAUSED,
    SubscriberState.SUSPENDED.value: Unsent.SUSPENDED,
}
SENT_BETWEEN = """
SELECT subscriber, min(sent_at) FROM deliveries WHERE sent_at > ? AND sent_at <= ? AND subscriber {these}
GROUP BY subscriber, message_id ORDER BY min(sent_at)
"""
TAKEN = "taken (id bigint, lead bigint, message_id text, dated text)"
TAKE = f"""
UPDATE deliveries SET state = '{DeliveryState.SENDING}', worker = ?, next_try_at = ?, message_id = taken.message_id,
carrier = taken.lead, dated = taken.dated FROM {{taken}} WHERE deliveries.id = taken.id
"""
END = "UPDATE deliveries SET state = ?, next_try_at = NULL, replaced_by = ?, reason = ? WHERE id = ?"
PUT_OFF = "UPDATE deliveries SET next_try_at = ? WHERE id = ?"
DEFER = f"UPDATE deliveries SET state = '{DeliveryState.DEFERRED}', next_try_at = ? WHERE id = ?"


def anything_due(connection: Connection, at: str, channel: ChannelName | None) -> bool:
    """A look that takes nobody's turn as a writer."""
    return connection.execute(ANYTHING_DUE, (at, channel and channel.value)).fetchone() is not None


def due_rows(
    connection: Connection, limit: int, now: datetime, batching_window: timedelta, channel: ChannelName | None
) -> list[Due]:
    """Rows whose time has come and whose batching window is over, by priority: of what goes by this channel, of
    everything where it is None. While a worker has a mail of the same thread in hand the next one waits for it,
    unless it is to go at once."""
    values = written(now), channel and channel.value, written(now - batching_window), limit
    return [Due._make(row) for row in connection.read("id, incident, subscriber", DUE, values)]


def take_over(connection: Connection, at: str) -> None:
    """Leases that have run out: nobody knows whether those mails were sent, and the ledger says so."""
    if connection.execute(ANYTHING_LAPSED, (at,)).fetchone():
        connection.execute(NOTE_LAPSED, (at, LEASE_RAN_OUT, at))
        connection.execute(TAKE_OVER, (at,))


def threads_of(connection: Connection, due: Sequence[Due]) -> dict[Thread, list[Row]]:
    """Every row of each (incident, subscriber) that is due, in the order in which they are due."""
    threads: dict[Thread, list[Row]] = {(row.incident, row.subscriber): [] for row in due}
    among_readers, readers = connection.among({row.subscriber for row in due})
    among_incidents, incidents = connection.among({row.incident for row in due})
    whole = f"FROM deliveries WHERE subscriber {among_readers} AND incident {among_incidents}"
    for row in map(Row._make, connection.read(OF_A_ROW, whole, (readers, incidents))):
        thread = threads.get((row.incident, row.subscriber))
        if thread is not None:
            thread.append(row)
    return threads


def readers_of(connection: Connection, ids: Collection[str]) -> Readers:
    """Who they are, and why one wants no mail any more (left or paused since it was planned). Who has asked to leave
    has left, though no worker may have erased them yet."""
    gone = {subscriber for (subscriber,) in connection.execute(GONE)}
    these, asked = connection.among(ids)
    readers: Readers = {}
    found = connection.read(OF_A_READER, f"FROM subscribers WHERE id {these}", (asked,))
    for id_, address, audience, systems, areas, language, channel, state in found:
        about = Audience(audience), _systems(systems), _areas(areas), language, ChannelName(channel)
        has_left = address is None or id_ in gone
        readers[id_] = Subscriber(id_, address or "", *about), Unsent.LEFT if has_left else _WHY[state]
    return readers


@lru_cache(maxsize=64)
def _systems(stored: str) -> tuple[System, ...]:
    return tuple(System(system) for system in json.loads(stored))


@lru_cache(maxsize=64)
def _areas(stored: str) -> tuple[Area, ...]:
    return tuple(Area(area) for area in json.loads(stored))


def end(connection: Connection, rows: Sequence[Ended], now: datetime) -> None:
    """Beside the attempts at what was tried stands when these ended."""
    if rows:
        connection.executemany(
            END, [(row.state.value, row.replaced_by, row.why and row.why.value, row.id) for row in rows]
        )
        connection.executemany(UNSENT, [(row.id, written(now), row.state.value, "") for row in rows])


def put_off(connection: Connection, rows: Sequence[tuple[str, int]]) -> None:
    """Have each row wait until its moment (as stored)."""
    if rows:
        connection.executemany(PUT_OFF, rows)


def put_off_unreadable(connection: Connection, rows: Sequence[Due], now: datetime) -> None:
    if rows:
        noted = written(now), DeliveryState.DEFERRED.value, N_("could not be read")
        connection.executemany(UNSENT, [(row.id, *noted) for row in rows])
        connection.executemany(DEFER, [(written(now + UNREADABLE_WAIT), row.id) for row in rows])


def sent_between(
    connection: Connection, ids: Collection[str], since: datetime, until: datetime
) -> dict[str, list[datetime]]:
    """When mails were accepted for these subscribers, the oldest first."""
    these, asked = connection.among(ids)
    accepted: dict[str, list[datetime]] = defaultdict(list)
    for subscriber, at in connection.execute(SENT_BETWEEN.format(these=these), (written(since), written(until), asked)):
        accepted[subscriber].append(datetime.fromisoformat(at))
    return accepted
