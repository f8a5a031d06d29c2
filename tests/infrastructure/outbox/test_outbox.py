"""The ledger of deliveries: claimed by one, settled by that one, taken over when its lease runs out."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.delivery import DeliveryState, Outcome, Receipt, Settlement
from domain.suspension import SuspensionPolicy
from domain.vocabulary import System
from infrastructure.database.backend import POSTGRESQL, Conflict
from infrastructure.database.database import Database
from infrastructure.log.codec import written
from infrastructure.log.histories import Histories
from infrastructure.outbox.bounces import handle
from infrastructure.outbox.claiming import LEASE_RAN_OUT
from infrastructure.outbox.figures import Waiting, waiting
from infrastructure.outbox.ledger import Selection, ledger, retry
from infrastructure.outbox.outbox import LEASE, Outbox, renew_leases
from infrastructure.registers.subscribers import Subscribers
from tests.conftest import on_sqlite
from tests.given import outage, prognosis, restored
from tests.infrastructure import work
from tests.infrastructure.mail import Records, Subscribes, message_id, now, only, plan, send, settle
from tests.infrastructure.processes import all_at_once

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
    assert notice.first == ""
    assert only(database).state is DeliveryState.SENDING


@pytest.mark.parametrize("state", [DeliveryState.AMBIGUOUS, DeliveryState.DEFERRED])
def test_a_mail_that_may_have_arrived_is_sent_again_as_it_was_dated_and_any_other_as_of_now(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, state: DeliveryState
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    first_at = now()
    [(first, _)] = outbox.claim("w1", 10, first_at)
    assert first.dated == first_at
    later = first_at + timedelta(minutes=10)
    settle(outbox, "w1", first, first_at, state, 451, "later", later)
    [(again, _)] = outbox.claim("w1", 10, later)
    assert again.message_id == first.message_id
    assert again.dated == (first_at if state is DeliveryState.AMBIGUOUS else later)


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
    assert sorted(one + other) == sorted(row.id for row in ledger(database) if row.entry == 2)
    assert len(one) + len(other) == len(set(one) | set(other)) == 20


def test_a_claim_takes_the_oldest_first_and_no_more_than_asked_for(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    for name in ("anna", "bertil"):
        subscribes(name)
    numbers = [records(outage()).recorded.incident for _ in range(2)]
    plan(database)
    claimed = [[notice.recorded.incident for notice, _ in outbox.claim("w1", 3, now())] for _ in range(2)]
    assert claimed == [[numbers[0], numbers[0], numbers[1]], [numbers[1]]]


def test_activation_and_restoration_go_before_what_is_older(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    first, second, third = (records(outage()).recorded.incident for _ in range(3))
    records(restored(), third)
    plan(database)
    assert [notice.recorded.incident for notice, _ in outbox.claim("w1", 10, now())] == [third, first, second]


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
    settle(outbox, "w1", notice, at, DeliveryState.SENT, 250, "OK", None)
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
    settle(outbox, "w1", first, at, state, 451, "try later", later)
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
    settle(outbox, "w1", notice, at, state, 550, "no", at)
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
    settle(outbox, "w1", notice, at + LEASE, DeliveryState.REFUSED, 550, "no", None)
    assert only(database).state is DeliveryState.SENDING
    settle(outbox, "w2", notice, at + LEASE, DeliveryState.SENT, 250, "OK", None)
    row = only(database)
    assert row.state is DeliveryState.SENT
    assert [attempt.code for attempt in row.attempts] == [None, 550, 250]
    settle(outbox, "w2", notice, at + LEASE, DeliveryState.REFUSED, 550, "no", None)
    assert only(database).state is DeliveryState.SENT, "what is settled stays so"


def test_a_lease_that_runs_out_is_told_in_the_ledger_because_the_mail_may_have_gone(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    at = now()
    outbox.claim("w1", 10, at)
    [(_notice, tried)] = outbox.claim("w2", 10, at + LEASE)
    [attempt] = only(database).attempts
    assert (attempt.state, attempt.reply, tried) == (DeliveryState.AMBIGUOUS, LEASE_RAN_OUT, 1)


def test_a_living_worker_keeps_what_it_has_in_hand_however_long_the_server_takes(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    at = now()
    outbox.claim("w1", 10, at)
    for _ in range(5):
        at += LEASE / 2
        renew_leases(database, "w1", at)
        renew_leases(database, "w3", at)
        assert outbox.claim("w2", 10, at + LEASE / 3) == []
    assert len(outbox.claim("w2", 10, at + LEASE)) == 1


def test_a_batch_is_settled_whole_or_not_at_all(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    for name in ("anna", "bertil"):
        subscribes(name)
    records(outage())
    plan(database)
    at = now()
    notices = [notice for notice, _ in outbox.claim("w1", 10, at)]
    batch = [Settlement(notice, at, Outcome(DeliveryState.SENT, 250, "OK")) for notice in notices]
    broken = replace(batch[1], notice=replace(notices[1], deliveries=(999,)))
    with pytest.raises(Conflict):
        outbox.settle("w1", [batch[0], broken])
    assert [(row.state, row.attempts) for row in ledger(database)] == [(DeliveryState.SENDING, ())] * 2
    outbox.settle("w1", batch)
    assert {row.state for row in ledger(database)} == {DeliveryState.SENT}


def test_a_batch_whose_settlement_was_done_unheard_is_settled_once(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    subscribes("bertil")
    records(outage())
    plan(database)
    batch = [
        Settlement(notice, now(), Outcome(DeliveryState.SENT, 250, "OK")) for notice, _ in outbox.claim("w1", 10, now())
    ]
    outbox.settle("w1", batch)
    outbox.settle("w1", batch)
    assert [(row.state, len(row.attempts)) for row in ledger(database)] == [(DeliveryState.SENT, 1)] * 2


def test_leases_that_ran_out_while_the_database_was_away_are_spared_for_a_while(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    claimed_at = now()
    [(sent, _)] = outbox.claim("w1", 10, claimed_at)
    back_at = claimed_at + LEASE + timedelta(minutes=1)
    outbox.spare_leases(back_at + timedelta(minutes=1))
    assert outbox.claim("w2", 10, back_at) == []
    settle(outbox, "w1", sent, back_at, DeliveryState.SENT)
    assert outbox.claim("w2", 10, back_at + timedelta(minutes=1)) == []
    assert only(database).state is DeliveryState.SENT


def test_a_later_mail_knows_the_first_that_its_reader_has_of_its_incident(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    anna, bertil = subscribes("anna"), subscribes("bertil")
    number = records(outage()).recorded.incident
    records(outage())
    plan(database)
    at = now()
    for notice, _ in outbox.claim("w1", 10, at):
        state = DeliveryState.SENT if notice.subscriber == anna else DeliveryState.REFUSED
        settle(outbox, "w1", notice, at, state)
    for wanted in ("", f"<{number}.2.{bertil.id}@example.se>"):
        records(prognosis("12:00"), number)
        plan(database)
        told = {notice.subscriber.id: notice.first for notice in send(outbox, now())}
        assert told == {anna.id: f"<{number}.1.{anna.id}@example.se>", bertil.id: wanted}


def test_a_mail_that_came_back_and_is_sent_again_does_not_answer_itself(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    [sent] = send(outbox, now())
    handle(database, [Receipt(sent.delivery, "", "failed", "5.2.2", "")], now(), SuspensionPolicy())
    retry(database, Selection(ids=(sent.delivery,)), now())
    [again] = send(outbox, now())
    assert (again.message_id, again.first) == (sent.message_id, "")


def test_an_incident_that_cannot_be_read_stops_no_other(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    unreadable, other = (records(outage()).recorded.incident for _ in range(2))
    plan(database)
    on_postgresql = " ON facts" if database.url.startswith(POSTGRESQL) else ""
    database.connection().execute(f"DROP TRIGGER facts_are_never_changed{on_postgresql}")
    database.connection().execute("UPDATE facts SET bytes = '{}' WHERE incident = ?", (unreadable,))
    at = now()
    assert [notice.recorded.incident for notice in send(outbox, at)] == [other]
    [row] = ledger(database, unreadable)
    assert (row.state, row.attempts[-1].reply) == (DeliveryState.DEFERRED, "could not be read")
    assert outbox.claim("w1", 10, at + timedelta(minutes=59)) == []


@on_sqlite
@pytest.mark.parametrize("odd", [f"{column} = x'ff'" for column in ("message_id", "dated")] + ["carrier = 9e999"])
def test_a_row_in_which_somebody_has_put_what_is_no_text_or_number_stops_no_other(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, odd: str
) -> None:
    """SQLite keeps anything in any column."""
    for name in ("anna", "bertil"):
        subscribes(name)
    records(outage())
    plan(database)
    at = now()
    for notice, _tried in outbox.claim("w1", 10, at):
        settle(outbox, "w1", notice, at, DeliveryState.AMBIGUOUS, next_try_at=at)
    with sqlite3.connect(database=database.path) as stranger:
        stranger.execute(f"UPDATE deliveries SET {odd} WHERE id = 1")
    stranger.close()
    assert [notice.delivery for notice, _ in outbox.claim("w1", 10, at)] == [1, 2]


@pytest.mark.parametrize("why", ["paused", "left"])
@pytest.mark.parametrize("comes_back", [False, True])
def test_who_paused_or_left_after_the_planning_is_not_delivered_to_nor_told_old_news_on_coming_back(
    database: Database,
    records: Records,
    subscribes: Subscribes,
    subscribers: Subscribers,
    outbox: Outbox,
    why: str,
    comes_back: bool,
) -> None:
    anna = subscribes("anna")
    number = records(outage()).recorded.incident
    plan(database)
    if why == "left":
        subscribers.remove(anna.id)
    else:
        subscribers.pause(anna.id)
        records(prognosis("11:00"), number)
        if comes_back:
            subscribers.resume(anna.id)
    plan(database)
    assert outbox.claim("w1", 10, now()) == []
    row = only(database)
    assert (row.state, row.reason, row.next_try_at) == (DeliveryState.SUPERSEDED, why, None)
    records(prognosis("12:00"), number)
    plan(database)
    assert [notice.recorded.entry for notice in send(outbox, now())] == ([3] if comes_back and why == "paused" else [])


@pytest.mark.parametrize("why", ["replaced", "too old", "paused"])
def test_the_ledger_says_when_a_notice_ended_that_was_never_tried(
    database: Database, records: Records, subscribes: Subscribes, subscribers: Subscribers, why: str
) -> None:
    anna, at = subscribes("anna"), now()
    outbox = Outbox(database, Histories(database), message_id, expires_at=lambda _: at if why == "too old" else None)
    number = records(outage()).recorded.incident
    if why == "replaced":
        for restored_by in ("11:00", "12:00"):
            records(prognosis(restored_by), number)
    plan(database)
    if why == "paused":
        subscribers.pause(anna.id)
    outbox.claim("w1", 10, at)
    state = DeliveryState.EXPIRED if why == "too old" else DeliveryState.SUPERSEDED
    [ended] = [row for row in ledger(database, number) if row.state is state]
    [only_one] = ended.attempts
    assert (only_one.state, only_one.code, only_one.reply) == (state, None, "")
    assert why == "paused" or only_one.at == written(at)


def test_who_is_found_paused_at_sending_gets_nothing_even_if_the_rows_still_waited(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    anna = subscribes("anna")
    records(outage())
    plan(database)
    database.connection().execute("UPDATE subscribers SET state = 'paused' WHERE id = ?", (anna.id,))
    assert outbox.claim("w1", 10, now()) == []
    assert (only(database).state, only(database).reason) == (DeliveryState.SUPERSEDED, "paused")


def test_a_claim_looks_on_until_it_has_found_a_mail_to_send(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    """A round ends when nothing is claimed, so what ends at the claim must not hide what waits behind it."""
    gone = [subscribes(f"borta{n}") for n in range(4)]
    stays = subscribes("kvar")
    records(outage())
    plan(database)
    for subscriber in gone:
        database.connection().execute("UPDATE subscribers SET state = 'paused' WHERE id = ?", (subscriber.id,))
    [(notice, _)] = outbox.claim("w1", 2, now())
    assert notice.subscriber == stays


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
    settle(outbox, "w1", summary, at, DeliveryState.SENT, 250, "OK", None)
    assert waiting(database) == Waiting(0, None, 0)
    records(outage())
    assert waiting(database) == Waiting(0, None, 1)
    plan(database)
    found = waiting(database)
    assert (found.deliveries, found.facts) == (1, 0)
    assert found.since == ledger(database)[-1].queued_at
