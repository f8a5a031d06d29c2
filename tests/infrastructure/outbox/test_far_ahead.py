"""A clock that was ahead: what it left waiting goes as soon as a clock that is right looks."""

from datetime import timedelta

import pytest

from domain.delivery import DeliveryState, Notice
from infrastructure.database.database import Database
from infrastructure.log.incident_log import IncidentLog
from infrastructure.outbox.far_ahead import bring_near
from infrastructure.outbox.ledger import ledger
from infrastructure.outbox.outbox import Outbox
from infrastructure.outbox.pace import Pace
from tests.given import outage, prognosis
from tests.infrastructure.mail import Records, Subscribes, message_id, now, plan, send, settle

LONGEST = timedelta(hours=1)
WRONG = timedelta(days=3)
"""By how much a clock was ahead."""


@pytest.fixture
def planned(database: Database, records: Records, subscribes: Subscribes) -> str:
    """An incident that two are to be told of."""
    subscribes("anna")
    subscribes("bo")
    number: str = records(outage()).recorded.incident
    plan(database)
    return number


def claimed(outbox: Outbox, worker: str, at_wrong: timedelta = WRONG) -> list[Notice]:
    return [notice for notice, _tries in outbox.claim(worker, 10, now() + at_wrong)]


def test_what_was_put_off_by_a_clock_that_was_ahead_is_due_now(
    database: Database, outbox: Outbox, planned: str
) -> None:
    for notice in claimed(outbox, "ahead"):
        ended = now() + WRONG
        settle(outbox, "ahead", notice, ended, DeliveryState.DEFERRED, 451, "no", ended + timedelta(seconds=10))
    assert send(outbox, now()) == []
    assert bring_near(database, now(), LONGEST) == 2
    assert len(send(outbox, now())) == 2
    assert bring_near(database, now(), LONGEST) == 0


def test_what_a_worker_that_was_ahead_died_with_in_hand_is_taken_over_now(
    database: Database, outbox: Outbox, planned: str
) -> None:
    assert len(claimed(outbox, "ahead")) == 2
    assert send(outbox, now()) == []
    assert bring_near(database, now(), LONGEST) == 2
    assert len(send(outbox, now())) == 2
    assert {row.attempts[0].state for row in ledger(database)} == {DeliveryState.AMBIGUOUS}


def test_what_waits_as_long_as_anything_may_is_left_to_wait(database: Database, outbox: Outbox, planned: str) -> None:
    for notice in claimed(outbox, "right", timedelta(0)):
        settle(
            outbox, "right", notice, now(), DeliveryState.DEFERRED, 451, "no", now() + LONGEST - timedelta(minutes=1)
        )
    assert bring_near(database, now(), LONGEST) == 0
    assert send(outbox, now()) == []


def test_a_mail_sent_by_a_clock_that_was_ahead_throttles_nobody_until_then(
    database: Database, records: Records, log: IncidentLog, planned: str
) -> None:
    slow = Outbox(database, log.histories, message_id, pace=Pace(most=1, window=timedelta(minutes=15)))
    assert len(send(slow, now() + WRONG)) == 2
    records(prognosis("12:00"), planned)
    plan(database)
    assert len(send(slow, now())) == 2
