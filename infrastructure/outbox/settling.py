"""What is written down about an attempt: kept for ever beside the row, and in the row while its worker holds it."""

from collections.abc import Sequence

from domain.audience import ChannelName
from domain.delivery import TO_BE_TRIED, DeliveryState, Settlement
from domain.faults import blamed
from infrastructure.database.backend import Connection
from infrastructure.log.codec import written

LONGEST_REPLY = 500

# What was surely not delivered goes with whatever else waits the next time; what may have been goes as it was.
SETTLE = f"""
UPDATE deliveries SET state = ?, worker = NULL, next_try_at = ?, sent_at = ?, fault = ?, channel = coalesce(?, channel),
reason = ?, tries = tries + 1, unclear = unclear OR ?, carrier = CASE WHEN unclear OR ? THEN carrier END
WHERE id = ? AND worker = ? AND state = '{DeliveryState.SENDING}'
"""
KEEP = "INSERT INTO attempts (delivery, at, state, code, enhanced, reply) VALUES (?, ?, ?, ?, ?, ?)"
UNSENT = "INSERT INTO attempts (delivery, at, state, reply) VALUES (?, ?, ?, ?)"
IS_KEPT = "SELECT 1 FROM attempts WHERE delivery = ? AND at = ? AND state = ? LIMIT 1"


def is_kept(connection: Connection, done: Settlement) -> bool:
    """Whether this very attempt has been written down, and so the batch that it was settled in."""
    same = _rows(done)[0], written(done.at), done.outcome.state.value
    return connection.execute(IS_KEPT, same).fetchone() is not None


def keep(connection: Connection, worker: str, settlements: Sequence[Settlement], channel: ChannelName) -> None:
    """Every attempt, and how each row stands by it that the worker still has. `channel` is the one that carried them;
    it stands in the row once that has accepted it."""
    kept, settled = [], []
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
            kept.append((row, at, state, outcome.code, outcome.enhanced, reply))
            settled.append((*stands, row, worker))
    connection.executemany(KEEP, kept)
    connection.executemany(SETTLE, settled)


def _rows(done: Settlement) -> tuple[int, ...]:
    """The deliveries that went in the mail."""
    return done.notice.deliveries or (done.notice.delivery,)


def points_against(done: Settlement) -> float:
    """What the attempt counts against the address, 0 where it is not to blame."""
    outcome = done.outcome
    if outcome.state is not DeliveryState.REFUSED:
        return 0.0
    return blamed(outcome.code, outcome.enhanced, outcome.reply).points
