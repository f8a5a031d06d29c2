"""The ledger of deliveries: planned once, claimed by one, settled by that one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain import facts as f
from domain.audience import Subscriber
from domain.delivery import DeliveryState, Notice, Outcome, Settlement
from domain.vocabulary import Area, Audience, Function, Scope, System
from infrastructure.board import Board
from infrastructure.catch_up import catch_up
from infrastructure.database import Database
from infrastructure.incident_log import Answer, IncidentLog
from infrastructure.outbox import LEASE, Delivery, Outbox, ledger
from infrastructure.planning import Planner, welcome
from infrastructure.subscribers import Subscribers, SubscriberState
from infrastructure.waiting import Waiting, waiting
from tests.given import CLOSED, LINK, outage, prognosis, published, restored
from tests.infrastructure import work
from tests.infrastructure.processes import all_at_once

Records = Callable[..., Answer]
Subscribes = Callable[..., Subscriber]


@pytest.fixture
def subscribers(database: Database) -> Subscribers:
    return Subscribers(database)


@pytest.fixture
def subscribes(subscribers: Subscribers) -> Subscribes:
    def subscribe(
        name: str, audience: Audience = Audience.STAFF, *systems: System, areas: tuple[Area, ...] = ()
    ) -> Subscriber:
        return subscribers.add(f"{name}@example.se", audience, systems, areas, "sv")

    return subscribe


@pytest.fixture
def outbox(database: Database, log: IncidentLog) -> Outbox:
    return Outbox(database, log, lambda incident, entry, subscriber: f"<{incident}.{entry}.{subscriber}@example.se>")


def plan(database: Database) -> None:
    Board(database).open_incidents()
    welcome(database)
    assert catch_up(database, Planner(database)) is None


def told(database: Database, subscriber: Subscriber) -> list[tuple[str, int]]:
    return [(row.incident, row.entry) for row in ledger(database) if row.subscriber == subscriber.id]


def settle(outbox: Outbox, notice: Notice, worker: str, at: datetime, outcome: Outcome, again: datetime | None) -> None:
    outbox.settle(worker, [Settlement(notice, at, outcome, again)])


def now() -> datetime:
    """A moment at which everything that was just planned is due."""
    return datetime.now(UTC) + timedelta(seconds=1)


def only(database: Database) -> Delivery:
    [row] = ledger(database)
    return row


# Planning


def test_each_fact_is_planned_once_for_each_subscriber_however_often_it_is_planned(
    database: Database, records: Records, subscribes: Subscribes, url: str
) -> None:
    anna, bertil = subscribes("anna"), subscribes("bertil")
    number = records(outage()).recorded.incident
    records(f.NoteAdded(text="ingen nyhet"), number)
    records(prognosis("12:00"), number)
    all_at_once(work.plans, [(url,)] * 4)
    plan(database)
    for subscriber in (anna, bertil):
        assert told(database, subscriber) == [(number, 1), (number, 3)]
    assert {row.state for row in ledger(database)} == {DeliveryState.QUEUED}


def test_sr_015_q9_the_public_gets_only_what_the_system_owner_published(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    anna = subscribes("anna", Audience.PUBLIC)
    number = records(outage()).recorded.incident
    records(prognosis("12:00"), number)
    records(published(LINK), number)
    records(restored(), number)
    plan(database)
    assert told(database, anna) == [(number, 3)]


def test_sr_012_a_subscriber_gets_what_concerns_the_systems_and_areas_asked_for(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    everything = subscribes("alla")
    ours = subscribes("vi", Audience.STAFF, System.WEBSESAM, areas=(Area.VISION,))
    other_system = subscribes("de", Audience.STAFF, System.VISMA_WEBSESAM)
    other_area = subscribes("dom", Audience.STAFF, System.WEBSESAM, areas=(Area.TENS,))
    number = records(
        f.OutageDetected(
            scope=Scope.ALL_USERS, systems=(System.SESAM_S2, System.WEBSESAM), areas=(Area.VISION, Area.HEARING)
        )
    ).recorded.incident
    records(prognosis("12:00"), number)
    plan(database)
    for subscriber, count in ((everything, 2), (ours, 2), (other_system, 0), (other_area, 0)):
        assert len(told(database, subscriber)) == count


def test_a_paused_subscriber_is_planned_nothing(
    database: Database, records: Records, subscribes: Subscribes, subscribers: Subscribers
) -> None:
    anna = subscribes("anna")
    subscribers.set_state(anna.id, SubscriberState.PAUSED)
    records(outage())
    plan(database)
    assert told(database, anna) == []


def test_compliance_is_planned_any_fact_with_a_deviation(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    anna = subscribes("anna", Audience.COMPLIANCE)
    number = records(outage()).recorded.incident
    records(f.ReserveRoutineActivated(), number, deviation="IT säger minst åtta timmar")
    plan(database)
    assert told(database, anna) == [(number, 2)]


def test_a_late_subscriber_gets_one_summary_of_each_open_incident_and_then_the_news(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    closed = records(outage()).recorded.incident
    records(restored(), closed)
    records(CLOSED, closed)
    first = records(outage()).recorded.incident
    records(prognosis("12:00"), first)
    records(f.NoteAdded(text="ingen nyhet"), first)
    second = records(outage()).recorded.incident
    plan(database)
    late = subscribes("sen")
    for _ in range(2):
        plan(database)
    assert told(database, late) == [(first, 2), (second, 1)]
    records(restored(), first)
    plan(database)
    assert told(database, late) == [(first, 2), (second, 1), (first, 4)]
    rows = database.connection().execute("SELECT entry, summary FROM deliveries ORDER BY position").fetchall()
    assert rows == [(2, 1), (1, 1), (4, 0)]


def test_who_subscribes_before_the_worker_has_planned_gets_the_summary_and_not_every_old_fact(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    subscribes("tidig")
    number = records(outage()).recorded.incident
    records(prognosis("12:00"), number)
    late = subscribes("sen")
    records(prognosis("13:00"), number)
    plan(database)
    assert told(database, late) == [(number, 2), (number, 3)]


def test_a_late_subscriber_of_the_public_is_summed_up_only_what_was_published(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    number = records(outage()).recorded.incident
    subscribes("tidig", Audience.PUBLIC)
    plan(database)
    assert ledger(database) == []
    records(published(LINK), number)
    records(restored(), number)
    late = subscribes("sen", Audience.PUBLIC)
    plan(database)
    assert told(database, late) == [(number, 2)]


def test_a_late_subscriber_is_summed_up_only_what_is_of_concern(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    records(outage(systems=[System.SESAM_S2]))
    late = subscribes("sen", Audience.STAFF, System.WEBSESAM)
    plan(database)
    assert told(database, late) == []


# Claiming


def test_what_is_claimed_carries_everything_that_a_mail_is_written_from(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    anna = subscribes("anna")
    answer = records(outage())
    plan(database)
    [(notice, tried)] = outbox.claim("w1", 10, now())
    assert (notice.recorded, notice.subscriber, notice.summary, tried) == (answer.recorded, anna, False, 0)
    assert notice.incident.down == tuple(System)
    assert notice.message_id == f"<2026-0001.1.{anna.id}@example.se>"
    assert notice.earlier == ()
    assert only(database).state is DeliveryState.SENDING


def test_what_one_worker_has_claimed_no_other_gets(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    assert len(outbox.claim("w1", 10, now())) == 1
    assert outbox.claim("w2", 10, now()) == []
    assert outbox.claim("w1", 10, now()) == []


def test_two_workers_at_once_share_the_work_and_nothing_is_claimed_twice(
    database: Database, records: Records, subscribes: Subscribes, url: str
) -> None:
    for n in range(20):
        subscribes(f"person{n}")
    number = records(outage()).recorded.incident
    records(prognosis("12:00"), number)
    plan(database)
    one, other = all_at_once(work.claims, [(url, "w1", 3, now()), (url, "w2", 3, now())])
    assert sorted(one + other) == sorted(row.id for row in ledger(database))
    assert len(one) + len(other) == len(set(one) | set(other)) == 40


def test_a_claim_takes_the_oldest_first_and_no_more_than_asked_for(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    subscribes("bertil")
    number = records(outage()).recorded.incident
    records(prognosis("12:00"), number)
    plan(database)
    entries = [[notice.recorded.entry for notice, _ in outbox.claim("w1", 3, now())] for _ in range(2)]
    assert entries == [[1, 1, 2], [2]]


def test_a_lease_that_has_run_out_is_taken_over_with_the_same_message_id(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    claimed_at = now()
    [(first, _)] = outbox.claim("w1", 10, claimed_at)
    assert outbox.claim("w2", 10, claimed_at + LEASE - timedelta(seconds=1)) == []
    [(again, _)] = outbox.claim("w2", 10, claimed_at + LEASE)
    assert (again.delivery, again.message_id) == (first.delivery, first.message_id)


# Settling


def test_what_was_sent_is_settled_and_waits_no_more(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    at = now()
    [(notice, _)] = outbox.claim("w1", 10, at)
    settle(outbox, notice, "w1", at, Outcome(DeliveryState.SENT, 250, "OK"), None)
    row = only(database)
    assert (row.state, row.next_try_at) == (DeliveryState.SENT, None)
    assert row.sent_at
    [attempt] = row.attempts
    assert (attempt.code, attempt.reply) == (250, "OK")
    assert outbox.claim("w1", 10, at + timedelta(days=9)) == []


@pytest.mark.parametrize("state", [DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS])
def test_what_was_put_off_is_tried_again_when_its_time_has_come(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, state: DeliveryState
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    at = now()
    [(first, _)] = outbox.claim("w1", 10, at)
    later = at + timedelta(minutes=5)
    settle(outbox, first, "w1", at, Outcome(state, 451, "try later"), later)
    assert only(database).state is state
    assert outbox.claim("w1", 10, later - timedelta(seconds=1)) == []
    [(again, tried)] = outbox.claim("w2", 10, later)
    assert (again.message_id, tried) == (first.message_id, 1)


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.EXPIRED, DeliveryState.SUPERSEDED])
def test_what_is_over_is_never_tried_again_even_if_a_time_is_given(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, state: DeliveryState
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    at = now()
    [(notice, _)] = outbox.claim("w1", 10, at)
    settle(outbox, notice, "w1", at, Outcome(state, 550, "no"), at)
    assert outbox.claim("w1", 10, at + timedelta(days=9)) == []
    assert only(database).sent_at is None


def test_a_worker_that_has_lost_its_lease_writes_its_attempt_and_leaves_the_row_alone(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    at = now()
    [(notice, _)] = outbox.claim("w1", 10, at)
    outbox.claim("w2", 10, at + LEASE)
    settle(outbox, notice, "w1", at + LEASE, Outcome(DeliveryState.REFUSED, 550, "no"), None)
    assert only(database).state is DeliveryState.SENDING
    settle(outbox, notice, "w2", at + LEASE, Outcome(DeliveryState.SENT, 250, "OK"), None)
    row = only(database)
    assert row.state is DeliveryState.SENT
    assert [attempt.code for attempt in row.attempts] == [550, 250]
    settle(outbox, notice, "w2", at + LEASE, Outcome(DeliveryState.REFUSED, 550, "no"), None)
    assert only(database).state is DeliveryState.SENT, "what is settled stays so"


def test_a_later_mail_knows_the_earlier_ones_of_its_incident(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    anna, bertil = subscribes("anna"), subscribes("bertil")
    number = records(outage()).recorded.incident
    records(outage())
    plan(database)
    at = now()
    for notice, _ in outbox.claim("w1", 10, at):
        if notice.subscriber == anna:
            settle(outbox, notice, "w1", at, Outcome(DeliveryState.SENT, 250, "OK"), None)
    records(prognosis("12:00"), number)
    plan(database)
    earlier = {notice.subscriber.id: notice.earlier for notice, _ in outbox.claim("w1", 10, now())}
    assert earlier == {anna.id: (f"<{number}.1.{anna.id}@example.se>",), bertil.id: ()}


@pytest.mark.parametrize("left", ["paused", "removed"])
def test_who_paused_or_left_after_the_planning_is_not_delivered_to(
    database: Database, records: Records, subscribes: Subscribes, subscribers: Subscribers, outbox: Outbox, left: str
) -> None:
    anna = subscribes("anna")
    records(outage())
    plan(database)
    if left == "paused":
        subscribers.set_state(anna.id, SubscriberState.PAUSED)
    else:
        subscribers.remove(anna.id)
    [(notice, _)] = outbox.claim("w1", 10, now())
    assert (notice.subscriber.id, notice.subscriber.address) == (anna.id, "")


# The ledger and what is waiting


def test_the_ledger_knows_subscribers_by_pseudonym_alone(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    anna = subscribes("anna")
    first = records(outage()).recorded.incident
    second = records(outage()).recorded.incident
    plan(database)
    assert [row.incident for row in ledger(database, second)] == [second]
    assert [row.incident for row in ledger(database)] == [first, second]
    assert {row.subscriber for row in ledger(database)} == {anna.id}
    assert "anna@" not in repr(ledger(database))


def test_waiting_counts_what_is_planned_and_what_nobody_has_planned_for(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    records(outage())
    assert waiting(database) == Waiting(0, None, 0), "with nobody to tell, nothing waits"
    subscribes("anna")
    plan(database)
    at = now()
    [(summary, _)] = outbox.claim("w1", 1, at)
    assert waiting(database).deliveries == 1, "what is being sent has not been accepted yet"
    settle(outbox, summary, "w1", at, Outcome(DeliveryState.SENT, 250, "OK"), None)
    assert waiting(database) == Waiting(0, None, 0)
    records(outage())
    assert waiting(database) == Waiting(0, None, 1)
    plan(database)
    found = waiting(database)
    assert (found.deliveries, found.facts) == (1, 0)
    assert found.since == ledger(database)[-1].queued_at


def test_sr_016_the_system_owner_is_told_of_a_request_to_publish(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    owner = subscribes("jour", Audience.DUTY)
    number = records(outage(), None, Function.SYSTEM_OWNER).recorded.incident
    records(f.OperatingInformationRequested(text="Vi når inte Sesam från Lund."), number)
    plan(database)
    assert told(database, owner) == [(number, 1), (number, 2)]
