"""Mail that comes back after it was accepted: whose fault it is, and what becomes of the mail."""

from datetime import datetime, timedelta

import pytest

from domain.delivery import DeliveryState, Receipt
from domain.faults import Fault
from domain.suspension import SuspensionPolicy
from infrastructure.database.database import Database
from infrastructure.outbox.bounces import HELD_FOR, Handled, Handling, handle
from infrastructure.outbox.figures import waiting
from infrastructure.outbox.ledger import Selection, ledger, retry
from infrastructure.outbox.outbox import Outbox
from infrastructure.registers.subscribers import Subscribers, SubscriberState
from tests.given import outage
from tests.infrastructure.mail import Records, Subscribes, now, plan, send

ACTIVE, SUSPENDED = SubscriberState.ACTIVE, SubscriberState.SUSPENDED
DAY = timedelta(days=1)
POLICY = SuspensionPolicy()


def came_back(delivery: int, status: str = "5.1.1") -> Receipt:
    return Receipt(delivery, "", "failed", status, f"smtp; 550 {status} no")


@pytest.fixture
def sent(database: Database, records: Records, subscribes: Subscribes, outbox: Outbox) -> list[int]:
    """An outage that nine readers have been mailed of."""
    for name in ("anna", "bo", "cia", "dag", "eva", "finn", "gun", "hans", "ida"):
        subscribes(name)
    return told(database, records, outbox, now())


def told(database: Database, records: Records, outbox: Outbox, at: datetime) -> list[int]:
    records(outage())
    plan(database)
    return [notice.delivery for notice in send(outbox, at)]


def states(subscribers: Subscribers) -> list[SubscriberState]:
    return [state for _subscriber, state in subscribers.all()]


def read(database: Database, receipts: list[Receipt], at: datetime, threshold: float = 2) -> list[Handling]:
    return handle(database, receipts, at, SuspensionPolicy(threshold))


def test_what_comes_back_for_most_readers_waits_and_blames_nobody(
    database: Database, records: Records, outbox: Outbox, subscribers: Subscribers, sent: list[int]
) -> None:
    at = now()
    handled = read(database, [came_back(delivery) for delivery in sent[:5]], at, threshold=1)
    assert [one.handled for one in handled] == [Handled.HELD] * 5
    assert [one.suspended for one in handled] == [None] * 5
    assert {(row.state, row.fault) for row in ledger(database)} == {
        (DeliveryState.DEFERRED, Fault.POLICY),
        (DeliveryState.SENT, None),
    }
    assert states(subscribers) == [ACTIVE] * 9
    assert (waiting(database).held, waiting(database).refused) == (5, 0)
    assert len(send(outbox, at + HELD_FOR)) == 5, "and it is tried again"


@pytest.mark.parametrize("how_many", [1, 3, 4])
def test_what_comes_back_for_fewer_is_their_own(
    database: Database, subscribers: Subscribers, sent: list[int], how_many: int
) -> None:
    handled = read(database, [came_back(delivery) for delivery in sent[:how_many]], now(), threshold=1)
    assert {one.handled for one in handled} == {Handled.SETTLED}
    assert states(subscribers).count(SUSPENDED) == how_many


def test_reports_that_say_different_things_are_not_most_alike(database: Database, sent: list[int]) -> None:
    said = ["5.1.1"] * 4 + ["5.2.1"] * 4
    handled = read(database, [came_back(*each) for each in zip(sent, said, strict=False)], now())
    assert {one.handled for one in handled} == {Handled.SETTLED}


def test_reports_that_come_one_at_a_time_are_judged_together_and_who_was_blamed_is_forgiven(
    database: Database, outbox: Outbox, subscribers: Subscribers, sent: list[int]
) -> None:
    at = now()
    for delivery in sent[:4]:
        read(database, [came_back(delivery)], at, threshold=1)
    assert states(subscribers).count(SUSPENDED) == 4
    [fifth] = read(database, [came_back(sent[4])], at, threshold=1)
    assert fifth.handled is Handled.HELD
    assert states(subscribers) == [ACTIVE] * 9
    [sixth] = read(database, [came_back(sent[5])], at + timedelta(minutes=5), threshold=1)
    assert sixth.handled is Handled.HELD, "also one that comes late"
    assert len(send(outbox, at + timedelta(hours=1))) == 6


def test_our_sender_blocked_on_two_mornings_costs_no_subscriber(
    database: Database, records: Records, outbox: Outbox, subscribers: Subscribers, sent: list[int]
) -> None:
    read(database, [came_back(delivery, "5.1.8") for delivery in sent[:2]], now())
    later = told(database, records, outbox, now() + 2 * DAY)
    read(database, [came_back(delivery, "5.1.8") for delivery in later[:2]], now() + 2 * DAY)
    assert states(subscribers) == [ACTIVE] * 9
    assert {row.fault for row in ledger(database) if row.state is DeliveryState.REFUSED} == {Fault.POLICY}
    assert waiting(database).policy == 4


def test_the_better_code_among_a_reports_words_is_what_counts(
    database: Database, subscribers: Subscribers, sent: list[int]
) -> None:
    words = "550 5.1.1 <…>: user unknown"
    [handled] = read(database, [Receipt(sent[0], "", "failed", "5.0.0", words)], now(), threshold=1)
    assert handled.suspended
    assert next(row.fault for row in ledger(database) if row.id == sent[0]) == Fault.ADDRESS


def reported(delivery: int, report: str) -> Receipt:
    return Receipt(delivery, "", "failed", "5.1.1", "550 5.1.1 no", fingerprint=report)


def test_a_mail_that_is_sent_again_and_comes_back_again_is_a_new_report_and_each_counts_once(
    database: Database, outbox: Outbox, sent: list[int]
) -> None:
    [first, *_others] = sent

    def becomes(report: str) -> tuple[Handled, DeliveryState]:
        [handled] = read(database, [reported(first, report)], now())
        return handled.handled, next(row.state for row in ledger(database) if row.id == first)

    assert becomes("monday") == (Handled.SETTLED, DeliveryState.REFUSED)
    retry(database, Selection(ids=(first,)), now())
    send(outbox, now())
    assert becomes("monday") == (Handled.KNOWN, DeliveryState.SENT), "the old one still lies in the mailbox"
    assert becomes("tuesday") == (Handled.SETTLED, DeliveryState.REFUSED)
    assert becomes("another copy") == (Handled.KNOWN, DeliveryState.REFUSED)
