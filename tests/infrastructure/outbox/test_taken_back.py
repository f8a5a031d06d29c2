"""What takes something back is planned for whoever was told of it and for nobody else, and kept as any notice (Q30)."""

from datetime import timedelta

import pytest

from domain import facts as f
from domain.delivery import DeliveryState
from domain.vocabulary import Audience
from infrastructure.database.database import Database
from infrastructure.outbox.backfill import backfill
from infrastructure.outbox.ledger import ledger
from infrastructure.outbox.outbox import LEASE, Outbox
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import catch_up
from infrastructure.registers.subscribers import Subscribers
from tests.conftest import Clock
from tests.given import LINK, correction, outage, prognosis, published
from tests.infrastructure.mail import Records, Subscribes, send, settle, states

VOIDED = f.IncidentVoided(reason="övning")


def plan(database: Database, clock: Clock) -> None:
    """Everything that is due by the clock that the log goes by, too."""
    Board(database).open_incidents()
    backfill(database, clock)
    assert catch_up(database, Planner(database, clock)) is None


def withdrawal(entry: int) -> f.EntryWithdrawn:
    return f.EntryWithdrawn(entry=entry, reason="hände aldrig")


@pytest.fixture
def told(database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, clock: Clock) -> str:
    """Anna has been told of an outage, and of a prognosis."""
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(prognosis("11:00"), number)
    plan(database, clock)
    send(outbox, clock.passes(seconds=10))
    return number


def test_q30_planning_again_and_a_second_worker_tell_it_once(
    database: Database, records: Records, outbox: Outbox, clock: Clock, told: str
) -> None:
    records(withdrawal(2), told)
    plan(database, clock)
    database.connection().execute("UPDATE tracking SET position = 0 WHERE projection = 'outbox'")
    plan(database, clock)
    [notice] = send(outbox, clock.passes(seconds=10))
    [rewriting] = notice.rewritings
    assert (notice.recorded.entry, rewriting.about.entry, rewriting.after) == (3, 2, None)
    assert states(database) == [(1, "sent"), (2, "sent"), (3, "sent")]


def test_q30_a_worker_that_is_killed_with_it_in_hand_sends_the_same_mail_again(
    database: Database, records: Records, outbox: Outbox, clock: Clock, told: str
) -> None:
    records(withdrawal(2), told)
    plan(database, clock)
    at = clock.passes(seconds=10)
    [(killed, _)] = outbox.claim("w1", 10, at)
    [(again, tries)] = outbox.claim("w2", 10, at + LEASE)
    assert (again.message_id, again.dated, tries) == (killed.message_id, killed.dated, 1)
    settle(outbox, "w2", again, at + LEASE, DeliveryState.SENT, 250, "OK")
    assert send(outbox, at + 2 * LEASE) == []


def test_q30_whoever_is_just_being_told_hears_of_it_if_that_mail_arrived(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, clock: Clock
) -> None:
    anna, bertil = subscribes("anna"), subscribes("bertil")
    number = records(outage()).recorded.incident
    plan(database, clock)
    at = clock.passes(seconds=10)
    in_hand = {notice.subscriber.id: notice for notice, _ in outbox.claim("w1", 10, at)}
    earlier = correction(1, occurred_at="05:00")
    records(earlier, number)
    plan(database, clock)
    settle(outbox, "w1", in_hand[anna.id], at, DeliveryState.SENT, 250, "OK")
    settle(outbox, "w1", in_hand[bertil.id], at, DeliveryState.DEFERRED, 451, "later", at + timedelta(minutes=1))
    later = {notice.subscriber.id: notice for notice in send(outbox, at + timedelta(minutes=2))}
    assert later[anna.id].recorded.fact == earlier
    assert (later[bertil.id].recorded.entry, later[bertil.id].also, later[bertil.id].replaces) == (1, (), ())
    assert later[bertil.id].recorded.occurred_at == earlier.occurred_at, "told as it now reads"
    assert {(row.subscriber, row.entry): row.state.value for row in ledger(database)} == {
        (anna.id, 1): "sent",
        (anna.id, 2): "sent",
        (bertil.id, 1): "sent",
        (bertil.id, 2): "superseded",
    }


def test_q30_what_was_refused_was_not_told(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, clock: Clock
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    plan(database, clock)
    at = clock.passes(seconds=10)
    [(notice, _)] = outbox.claim("w1", 10, at)
    settle(outbox, "w1", notice, at, DeliveryState.REFUSED, 550, "no")
    records(correction(1, occurred_at="05:00"), number)
    plan(database, clock)
    assert states(database) == [(1, "refused")]


def test_q30_a_planner_that_was_late_tells_nobody_who_read_it_right(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, clock: Clock
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    plan(database, clock)
    records(correction(1, occurred_at="05:00"), number)
    [notice] = send(outbox, clock.passes(minutes=1))
    plan(database, clock)
    assert notice.recorded.occurred_at.hour < 5
    assert states(database) == [(1, "sent")]


def test_q30_a_correction_that_waits_is_not_told_once_its_entry_is_withdrawn(
    database: Database, records: Records, outbox: Outbox, clock: Clock, told: str
) -> None:
    records(correction(2, source="Visma"), told)
    records(withdrawal(2), told)
    plan(database, clock)
    [notice] = send(outbox, clock.passes(seconds=10))
    assert (notice.recorded.entry, notice.also, notice.replaces) == (4, (), ())
    assert states(database)[2:] == [(3, "superseded"), (4, "sent")]


def test_q30_of_a_voided_incident_nothing_is_told_but_that(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, clock: Clock, told: str
) -> None:
    records(prognosis("12:00"), told)
    plan(database, clock)
    oda = subscribes("oda", Audience.PUBLIC)
    records(published(LINK), told)
    late = subscribes("late")
    plan(database, clock)
    records(VOIDED, told)
    plan(database, clock)
    [notice] = send(outbox, clock.passes(seconds=10))
    assert (notice.recorded.fact, notice.also, notice.replaces) == (VOIDED, (), ())
    by_reader = {(row.subscriber, row.state.value) for row in ledger(database)}
    assert {(oda.id, "superseded"), (late.id, "superseded")} <= by_reader
    assert not {(oda.id, "sent"), (late.id, "sent")} & by_reader


def test_q30_whoever_has_paused_is_not_told(
    database: Database, records: Records, subscribers: Subscribers, outbox: Outbox, clock: Clock, told: str
) -> None:
    [anna] = {row.subscriber for row in ledger(database)}
    subscribers.pause(anna)
    records(withdrawal(2), told)
    plan(database, clock)
    assert send(outbox, clock.passes(seconds=10)) == []
