"""What is written down about an attempt: kept for ever beside the row, and in the row while its worker holds it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, or_, select, update

from domain.audience import ChannelName
from domain.delivery import TO_BE_TRIED, DeliveryState, Settlement
from domain.faults import blamed
from infrastructure.database.batches import Batch
from infrastructure.database.tables import attempts, deliveries
from infrastructure.log.codec import written

LONGEST_REPLY = 500

# What was surely not delivered goes with whatever else waits the next time; what may have been goes as it was.
SETTLE = Batch(
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("b_id"),
        deliveries.c.worker == bindparam("b_worker"),
        deliveries.c.state == DeliveryState.SENDING.value,
    )
    .values(
        state=bindparam("b_state"),
        worker=None,
        next_try_at=bindparam("b_next"),
        sent_at=bindparam("b_sent"),
        fault=bindparam("b_fault"),
        channel=func.coalesce(bindparam("b_channel"), deliveries.c.channel),
        reason=bindparam("b_reason"),
        tries=deliveries.c.tries + 1,
        unclear=or_(deliveries.c.unclear, bindparam("b_unclear")),
        carrier=case((or_(deliveries.c.unclear, bindparam("b_keeps")), deliveries.c.carrier), else_=None),
    )
)
KEEP = Batch(
    insert(attempts).values(
        {name: bindparam(name) for name in ("delivery", "at", "state", "code", "enhanced", "reply")}
    )
)


def rows_of(done: Settlement) -> tuple[int, ...]:
    """The deliveries that went in the mail."""
    return done.notice.deliveries or (done.notice.delivery,)


def attempt_row(delivery: int, done: Settlement) -> dict[str, Any]:
    outcome = done.outcome
    return {
        "delivery": delivery,
        "at": written(done.at),
        "state": outcome.state.value,
        "code": outcome.code,
        "enhanced": outcome.enhanced,
        "reply": outcome.reply[:LONGEST_REPLY],
    }


def unsent_row(delivery: int, state: DeliveryState, at: datetime) -> dict[str, Any]:
    """That it ended without being tried, and when (aware), beside the attempts at what was."""
    return {"delivery": delivery, "at": written(at), "state": state.value, "code": None, "enhanced": "", "reply": ""}


def is_kept(connection: Connection, done: Settlement) -> bool:
    """Whether this very attempt has been written down, and so the batch that it was settled in."""
    kept = attempt_row(rows_of(done)[0], done)
    same = [attempts.c[name] == kept[name] for name in ("delivery", "at", "state")]
    return connection.execute(select(attempts.c.id).where(*same).limit(1)).first() is not None


def settled_row(delivery: int, worker: str, done: Settlement, channel: ChannelName) -> dict[str, Any]:
    """`channel` is the one that carried it; it stands in the row once that has accepted it."""
    state = done.outcome.state
    again = done.next_try_at if state in TO_BE_TRIED else None
    return {
        "b_id": delivery,
        "b_worker": worker,
        "b_state": state.value,
        "b_next": written(again) if again else None,
        "b_sent": written(done.at) if state is DeliveryState.SENT else None,
        "b_channel": channel.value if state is DeliveryState.SENT else None,
        "b_fault": done.outcome.fault.value if done.outcome.fault else None,
        "b_reason": done.outcome.reply[:LONGEST_REPLY] if state is DeliveryState.SUPERSEDED else None,
        "b_unclear": state is DeliveryState.AMBIGUOUS,
        "b_keeps": state is not DeliveryState.DEFERRED,
    }


def points_against(done: Settlement) -> float:
    """What the attempt counts against the address, 0 where it is not to blame."""
    outcome = done.outcome
    if outcome.state is not DeliveryState.REFUSED:
        return 0.0
    return blamed(outcome.code, outcome.enhanced, outcome.reply).points
