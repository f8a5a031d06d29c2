"""An end waits for whoever is to hear of the beginning, and falls away where that never reached them."""

from domain.delivery import DeliveryState, Unsent
from domain.vocabulary import Audience
from infrastructure.database.database import Database
from infrastructure.outbox.ledger import ledger
from infrastructure.outbox.outbox import Outbox
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.catch_up import catch_up
from tests.conftest import Clock
from tests.given import ACTIVATED, outage, restored
from tests.infrastructure.mail import Records, Subscribes, send, settle, states


def test_an_end_is_not_sent_where_the_beginning_was_in_hand_and_then_refused(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, clock: Clock
) -> None:
    anna, bertil = subscribes("anna"), subscribes("bertil")
    number = records(outage()).recorded.incident
    assert catch_up(database, Planner(database, clock)) is None
    at = clock.passes(seconds=10)
    in_hand = {notice.subscriber.id: notice for notice, _ in outbox.claim("w1", 10, at)}
    records(restored(), number)
    assert catch_up(database, Planner(database, clock)) is None
    settle(outbox, "w1", in_hand[anna.id], at, DeliveryState.SENT, 250, "OK")
    settle(outbox, "w1", in_hand[bertil.id], at, DeliveryState.REFUSED, 550, "no such user")
    assert [notice.subscriber.id for notice in send(outbox, clock.passes(seconds=10))] == [anna.id]
    [bertils] = [row for row in ledger(database, number) if row.subscriber == bertil.id and row.entry == 2]
    assert (bertils.state, bertils.reason, bertils.replaced_by) == (DeliveryState.SUPERSEDED, Unsent.NOT_TOLD, None)


def test_an_end_that_was_deferred_with_its_beginning_still_goes_and_names_it(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox, clock: Clock
) -> None:
    subscribes("aktiv", Audience.PARTNER)
    number = records(outage()).recorded.incident
    records(ACTIVATED, number, deviation="IT säger minst åtta timmar")
    records(restored(), number)
    assert catch_up(database, Planner(database, clock)) is None
    at = clock.passes(seconds=10)
    [(notice, _)] = outbox.claim("w1", 10, at)
    settle(outbox, "w1", notice, at, DeliveryState.DEFERRED, 451, "later", at)
    [again] = send(outbox, at)
    assert (again.recorded.entry, [fact.entry for fact in again.replaces]) == (3, [2])
    assert states(database) == [(2, "superseded"), (3, "sent")]


def test_an_end_is_planned_once_whoever_plans(
    database: Database, records: Records, subscribes: Subscribes, clock: Clock
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(restored(), number)
    assert catch_up(database, Planner(database, clock)) is None
    database.connection().execute("UPDATE tracking SET position = 0 WHERE projection = 'outbox'")
    assert catch_up(database, Planner(database, clock)) is None
    assert states(database) == [(1, "queued"), (2, "queued")]
