"""What is written down about an attempt: kept for ever beside the row, and in the row while its worker holds it."""

from collections.abc import Sequence

from domain.audience import ChannelName
from domain.delivery import TO_BE_TRIED, DeliveryState, Settlement
from domain.faults import blamed
from infrastructure.database.backend import Connection
from infrastructure.log.codec import written

LONGEST_REPLY = 500

DONE = """done (id bigint, state text, next_try_at text, sent_at text, fault text, channel text, reason text, \
unclear boolean, ended boolean)"""
# What was surely not delivered goes with whatever else waits the next time; what may have been goes as it was.
SETTLE = f"""
UPDATE deliveries SET state = done.state, worker = NULL, next_try_at = done.next_try_at, sent_at = done.sent_at,
fault = done.fault, channel = coalesce(done.channel, deliveries.channel), reason = done.reason, tries = tries + 1,
unclear = deliveries.unclear OR done.unclear,
carrier = CASE WHEN deliveries.unclear OR done.ended THEN carrier END
FROM {{done}} WHERE deliveries.id = done.id AND worker = ? AND deliveries.state = '{DeliveryState.SENDING}'
"""
TRIED = "tried (delivery bigint, at text, state text, code integer, enhanced text, reply text)"
KEEP = "INSERT INTO attempts (delivery, at, state, code, enhanced, reply) SELECT * FROM {tried}"
UNSENT = "INSERT INTO attempts (delivery, at, state, reply) VALUES (?, ?, ?, ?)"
IS_KEPT = "SELECT 1 FROM attempts WHERE delivery = ? AND at = ? AND state = ? LIMIT 1"


def is_kept(connection: Connection, done: Settlement) -> bool:
    """Whether this very attempt has been written down, and so the batch that it was settled in."""
    same = _rows(done)[0], written(done.at), done.outcome.state.value
    return connection.execute(IS_KEPT, same).fetchone() is not None


def keep(connection: Connection, worker: str, settlements: Sequence[Settlement], channel: ChannelName) -> None:
    """Every attempt, and how each row stands by it that the worker still has. `channel` is the one that carried them;
    it stands in the row once that has accepted it."""
    tried, settled = [], []
    for done in settlements:
        outcome, at = done.outcome, written(done.at)
        state, is_sent = outcome.state.value, outcome.state is DeliveryState.SENT
        again = done.next_try_at if outcome.state in TO_BE_TRIED else None
        reply = outcome.reply[:LONGEST_REPLY]
        stands = (
            state,
            written(again) if again else None,
            at if is_sent else None,
            outcome.fault.value if outcome.fault else None,
            channel.value if is_sent else None,
            reply if outcome.state is DeliveryState.SUPERSEDED else None,
            outcome.state is DeliveryState.AMBIGUOUS,
            outcome.state is not DeliveryState.DEFERRED,
        )
        for row in _rows(done):
            tried.append((row, at, state, outcome.code, outcome.enhanced, reply))
            settled.append((row, *stands))
    table, values = connection.rows(TRIED, tried)
    connection.execute(KEEP.format(tried=table), values)
    table, values = connection.rows(DONE, settled)
    connection.execute(SETTLE.format(done=table), (*values, worker))


def _rows(done: Settlement) -> tuple[int, ...]:
    """The deliveries that went in the mail."""
    return done.notice.deliveries or (done.notice.delivery,)


def points_against(done: Settlement) -> float:
    """What the attempt counts against the address, 0 where it is not to blame."""
    outcome = done.outcome
    if outcome.state is not DeliveryState.REFUSED:
        return 0.0
    return blamed(outcome.code, outcome.enhanced, outcome.reply).points
