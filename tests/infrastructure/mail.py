"""The ledger's tests in a few words: who subscribes, what is planned, how a mail was settled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from domain.audience import Subscriber
from domain.delivery import DeliveryState, Notice, Outcome, Settlement
from domain.faults import Fault
from infrastructure.database.database import Database
from infrastructure.log.incident_log import Answer
from infrastructure.outbox.backfill import backfill
from infrastructure.outbox.ledger import Delivery, ledger
from infrastructure.outbox.outbox import Outbox
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import catch_up

Records = Callable[..., Answer]
Subscribes = Callable[..., Subscriber]


def message_id(incident: str, entry: int, subscriber: str) -> str:
    return f"<{incident}.{entry}.{subscriber}@example.se>"


def plan(database: Database) -> None:
    Board(database).open_incidents()
    backfill(database)
    assert catch_up(database, Planner(database)) is None


def told(database: Database, subscriber: Subscriber) -> list[tuple[str, int]]:
    return [(row.incident, row.entry) for row in ledger(database) if row.subscriber == subscriber.id]


def now() -> datetime:
    """A moment at which everything that was just planned is due."""
    return datetime.now(UTC) + timedelta(seconds=10)


def only(database: Database) -> Delivery:
    [row] = ledger(database)
    return row


def states(database: Database) -> list[tuple[int, str]]:
    """Each delivery's entry and state, in the order they were planned."""
    return [(row.entry, row.state.value) for row in ledger(database)]


def settle(
    outbox: Outbox,
    worker: str,
    notice: Notice,
    at: datetime,
    state: DeliveryState,
    code: int | None = None,
    reply: str = "",
    next_try_at: datetime | None = None,
    *,
    fault: Fault | None = None,
) -> None:
    """One mail's end, as the dispatcher writes it."""
    outbox.settle(worker, [Settlement(notice, at, Outcome(state, code, reply, fault=fault), next_try_at)])


def send(outbox: Outbox, at: datetime) -> list[Notice]:
    """Everything that is due, accepted by the mail server."""
    sent = []
    while claimed := outbox.claim("w1", 100, at):
        for notice, _tries in claimed:
            settle(outbox, "w1", notice, at, DeliveryState.SENT, 250, "OK")
            sent.append(notice)
    return sent
