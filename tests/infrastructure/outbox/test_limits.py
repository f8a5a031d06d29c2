"""The outbox's limits, a moment before each and at it."""

from datetime import datetime, timedelta

import pytest

from domain.delivery import DeliveryState
from domain.suspension import SuspensionPolicy
from infrastructure.database.database import Database
from infrastructure.log.codec import written
from infrastructure.log.histories import Histories
from infrastructure.outbox.far_ahead import bring_near
from infrastructure.outbox.figures import LATE, Waiting
from infrastructure.outbox.ledger import Selection, ledger, retry
from infrastructure.outbox.ledger_then import as_of
from infrastructure.outbox.outbox import LEASE, Outbox
from infrastructure.outbox.pace import Pace
from infrastructure.registers.subscribers import blame, forgive
from tests.conftest import on_sqlite
from tests.given import ACTIVATED, outage, prognosis, restored
from tests.infrastructure.mail import Records, Subscribes, message_id, now, only, plan, settle

MOMENT = timedelta(microseconds=1)
AGAIN, LONGEST = timedelta(minutes=10), timedelta(hours=1)
pytestmark = on_sqlite


@pytest.fixture
def began(database: Database, records: Records, subscribes: Subscribes) -> datetime:
    """When everything is due of one mail to one reader."""
    subscribes("anna")
    records(outage())
    plan(database)
    return now()


def claims(outbox: Outbox, at: datetime, worker: str = "w1") -> int:
    return len(outbox.claim(worker, 10, at))


def test_mail_is_late_when_it_has_waited_for_longer_than_five_minutes(began: datetime) -> None:
    since = began
    waiting = Waiting(1, since.isoformat(), 0)
    assert not waiting.is_late(since + LATE)
    assert waiting.is_late(since + LATE + MOMENT)
    assert not Waiting(0, None, 0).is_late(since)


def test_a_mail_is_tried_again_at_its_moment_and_not_before(outbox: Outbox, began: datetime) -> None:
    [(notice, _tried)] = outbox.claim("w1", 10, began)
    settle(outbox, "w1", notice, began, DeliveryState.DEFERRED, 451, "later", began + AGAIN)
    assert claims(outbox, began + AGAIN - MOMENT) == 0
    assert claims(outbox, began + AGAIN) == 1


def test_a_fact_waits_for_others_until_its_window_is_over(database: Database, began: datetime) -> None:
    outbox = Outbox(database, Histories(database), message_id, pace=Pace(batching_window=LONGEST))
    due = datetime.fromisoformat(only(database).next_try_at or "")
    assert claims(outbox, due + LONGEST - MOMENT) == 0
    assert claims(outbox, due + LONGEST) == 1


def test_while_a_mail_is_in_hand_the_next_of_its_incident_waits_unless_it_is_to_go_at_once(
    database: Database, outbox: Outbox, records: Records, began: datetime
) -> None:
    [(first, _tried)] = outbox.claim("w1", 10, began)
    incident = first.recorded.incident
    records(prognosis("12:00"), incident)
    plan(database)
    assert claims(outbox, now()) == 0
    records(restored(), incident)
    plan(database)
    [(urgent, _tried)] = outbox.claim("w2", 10, now())
    assert [recorded.fact.wire for recorded in (*urgent.also, urgent.recorded)][-1] == "service-restored"


def test_a_lease_is_taken_over_as_it_runs_out_and_where_leases_are_spared_as_that_ends(
    outbox: Outbox, began: datetime
) -> None:
    assert claims(outbox, began) == 1
    assert claims(outbox, began + LEASE - MOMENT, "w2") == 0
    spared = began + 2 * LEASE
    outbox.spare_leases(spared)
    assert claims(outbox, began + LEASE, "w2") == 0
    assert claims(outbox, spared - MOMENT, "w2") == 0
    assert claims(outbox, spared, "w2") == 1
    assert claims(outbox, spared + LEASE - MOMENT, "w3") == 0
    assert claims(outbox, spared + LEASE, "w3") == 1


@pytest.mark.parametrize(("after", "state"), [(-MOMENT, DeliveryState.SENDING), (timedelta(0), DeliveryState.EXPIRED)])
def test_what_is_too_old_at_that_moment_is_not_told_any_more(
    database: Database, began: datetime, after: timedelta, state: DeliveryState
) -> None:
    outbox = Outbox(database, Histories(database), message_id, expires_at=lambda _recorded: began + LONGEST)
    outbox.claim("w1", 10, began + LONGEST + after)
    assert only(database).state is state


def test_so_many_mails_within_the_window_and_the_next_as_its_first_leaves_it(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    subscribes("anna")
    incidents = [records(outage()).recorded.incident for _ in range(3)]
    assert len(set(incidents)) == 3
    plan(database)
    began, window = now(), timedelta(minutes=10)
    outbox = Outbox(database, Histories(database), message_id, pace=Pace(timedelta(0), 2, window))
    taken = outbox.claim("w1", 10, began)
    assert len(taken) == 2
    for notice, _tried in taken:
        settle(outbox, "w1", notice, began, DeliveryState.SENT, 250, "OK")
    assert claims(outbox, began + window - MOMENT) == 0
    assert claims(outbox, began + window) == 1


def test_what_waits_for_as_long_as_anything_may_is_left_and_a_moment_longer_is_brought_near(
    database: Database, outbox: Outbox, began: datetime
) -> None:
    [(notice, _tried)] = outbox.claim("w1", 10, began)
    settle(outbox, "w1", notice, began, DeliveryState.DEFERRED, 451, "later", began + LONGEST)
    assert bring_near(database, began, LONGEST) == 0
    assert bring_near(database, began - MOMENT, LONGEST) == 1


def test_the_ledger_of_a_moment_has_what_was_planned_and_answered_at_it(
    database: Database, outbox: Outbox, records: Records, began: datetime
) -> None:
    [(notice, _tried)] = outbox.claim("w1", 10, began)
    settle(outbox, "w1", notice, began, DeliveryState.SENT, 250, "OK")
    planned = datetime.fromisoformat(only(database).queued_at)
    assert as_of(ledger(database), planned - MOMENT) == []
    assert [row.state for row in as_of(ledger(database), planned)] == [DeliveryState.QUEUED]
    assert [row.state for row in as_of(ledger(database), began - MOMENT)] == [DeliveryState.QUEUED]
    [stood] = as_of(ledger(database), began)
    assert (stood.state, len(stood.attempts)) == (DeliveryState.SENT, 1)


def test_of_many_that_are_tried_again_by_hand_what_goes_at_once_goes_first(
    database: Database, outbox: Outbox, records: Records, began: datetime
) -> None:
    news = records(outage()).recorded.incident
    plan(database)
    urgent = records(outage()).recorded.incident
    records(ACTIVATED, urgent, deviation="bilen är här")
    plan(database)
    at = now()
    for notice, _tried in outbox.claim("w1", 10, at):
        settle(outbox, "w1", notice, at, DeliveryState.REFUSED, 550, "no")
    assert len(retry(database, Selection(states=(DeliveryState.REFUSED,)), at).rows) == 4
    order = [notice.recorded.incident for notice, _tried in outbox.claim("w1", 10, at)]
    assert order[0] == urgent
    assert news in order[1:]


def test_what_is_forgiven_since_a_moment_is_forgiven_also_of_that_moment(
    database: Database, subscribes: Subscribes, began: datetime
) -> None:
    for after, resumed in ((MOMENT, 0), (timedelta(0), 1)):
        somebody = subscribes(f"bo{resumed}")
        with database.engine.begin() as connection:
            assert blame(database.backend.beneath(connection), somebody.id, 5, began, SuspensionPolicy(2))
            assert len(forgive(connection, [somebody.id], written(began + after))) == resumed
