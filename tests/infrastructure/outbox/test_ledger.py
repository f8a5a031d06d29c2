"""What a person may do about a delivery, and what an address that refuses our mail comes to."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain import facts as f
from domain.delivery import DeliveryState, Notice, Settlement
from domain.refusals import NotAdmitted, NotFound
from infrastructure.database.database import Database
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.outbox.figures import waiting
from infrastructure.outbox.ledger import Selection, give_up, ledger, retry
from infrastructure.outbox.outbox import Outbox
from infrastructure.outbox.pace import Pace
from infrastructure.registers.subscribers import Subscribers, SubscriberState
from notifiers.email.answers import answered
from tests.given import VO, outage, prognosis
from tests.infrastructure.mail import Records, Subscribes, message_id, now, only, plan, send, settle

REFUSED, DEFERRED = DeliveryState.REFUSED, DeliveryState.DEFERRED
DEAD = "5.1.1 no such user"
Claims = Callable[[], Notice]


@pytest.fixture
def mail(database: Database, records: Records, subscribes: Subscribes, outbox: Outbox) -> Notice:
    """One mail about two facts, in the hands of w1."""
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(prognosis("12:00"), number)
    plan(database)
    [(notice, _tries)] = outbox.claim("w1", 10, now())
    return notice


@pytest.mark.parametrize(("state", "wait"), [(REFUSED, None), (DEFERRED, timedelta(hours=9))])
def test_a_retry_sends_the_whole_mail_at_once(
    database: Database, outbox: Outbox, mail: Notice, state: DeliveryState, wait: timedelta | None
) -> None:
    at = now()
    settle(outbox, "w1", mail, at, state, 550, "no", at + wait if wait else None)
    assert outbox.claim("w1", 10, at) == []
    retry(database, Selection(ids=(mail.delivery,)), at)
    [again] = send(outbox, at)
    assert again.recorded == mail.recorded
    if state is REFUSED:
        assert again.deliveries == mail.deliveries
    assert [a.reply for a in ledger(database)[-1].attempts] == ["no", "asked for by hand", "OK"]


def test_a_retry_lifts_the_hold(database: Database, subscribes: Subscribes) -> None:
    subscribes("anna")
    log = IncidentLog(database)  # by the clock of this machine, because the hold counts from when it was recorded
    log.record(Proposal(outage(), VO, "s-1"))
    plan(database)
    batching = Outbox(database, log.histories, message_id, pace=Pace(batching_window=timedelta(hours=1)))
    assert send(batching, now()) == []
    retry(database, Selection(ids=(only(database).id,)), now())
    assert len(send(batching, now())) == 1
    log.close()


def test_what_is_given_up_is_not_sent_but_may_be_asked_for_again(
    database: Database, outbox: Outbox, mail: Notice
) -> None:
    at = now()
    settle(outbox, "w1", mail, at, DeliveryState.AMBIGUOUS, None, "silence", at)
    assert sorted(give_up(database, mail.delivery, at)) == sorted(mail.deliveries)
    assert outbox.claim("w1", 10, at + timedelta(days=1)) == []
    assert {(row.state, row.reason) for row in ledger(database)} == {(DeliveryState.SUPERSEDED, "given-up")}
    retry(database, Selection(ids=(mail.delivery,)), at)
    [again] = send(outbox, at)
    assert (again.message_id, again.deliveries) == (mail.message_id, mail.deliveries)


def test_what_can_no_longer_be_sent_or_stopped_is_refused_in_words(
    database: Database, records: Records, outbox: Outbox, mail: Notice, subscribers: Subscribers
) -> None:
    def why(act: Callable[..., object], delivery: int) -> str:
        with pytest.raises((NotAdmitted, NotFound)) as refusal:
            act(database, Selection(ids=(delivery,)) if act is retry else delivery, now())
        return refusal.value.reason

    assert (why(retry, mail.delivery), why(give_up, mail.delivery)) == ("delivery-sending", "delivery-sending")
    settle(outbox, "w1", mail, now(), REFUSED, 550, "no")
    assert why(give_up, mail.delivery) == "delivery-refused"
    subscribers.pause(mail.subscriber.id)
    assert why(retry, mail.delivery) == "delivery-without-reader"
    subscribers.resume(mail.subscriber.id)
    retry(database, Selection(ids=(mail.delivery,)), now())
    send(outbox, now())
    assert (why(retry, mail.delivery), why(give_up, mail.delivery)) == ("delivery-sent", "delivery-sent")
    for restored_by in ("13:00", "14:00"):
        records(prognosis(restored_by), mail.recorded.incident)
    plan(database)
    send(outbox, now())
    [replaced] = [row.id for row in ledger(database, state=DeliveryState.SUPERSEDED)]
    assert (why(retry, replaced), why(give_up, replaced)) == ("delivery-replaced", "delivery-replaced")
    assert (why(retry, 999), why(give_up, 999)) == ("delivery", "delivery")


# An address that refuses our mail


@pytest.fixture
def fails(database: Database, records: Records, outbox: Outbox) -> Callable[..., None]:
    """A new incident whose mails all end like this, some days from now."""

    def fail(code: int, said: str, days: float) -> None:
        records(outage())
        plan(database)
        at = now() + timedelta(days=days)
        for notice, _tries in outbox.claim("w1", 10, at):
            outbox.settle("w1", [Settlement(notice, at, answered(code, said, after_final_dot=True))])

    return fail


def state_of(subscribers: Subscribers) -> SubscriberState:
    [(_subscriber, state)] = subscribers.all()
    return state


def test_an_address_that_is_dead_on_two_days_is_suspended_and_what_waits_for_it_is_not_sent(
    database: Database,
    records: Records,
    subscribes: Subscribes,
    subscribers: Subscribers,
    log: IncidentLog,
    fails: Callable[..., None],
) -> None:
    anna = subscribes("anna")
    fails(550, DEAD, 0)
    fails(550, DEAD, 0.5)
    assert state_of(subscribers) is SubscriberState.ACTIVE, "one bad day is not enough"
    suspended: list[str] = []
    telling = Outbox(database, log.histories, message_id, on_suspended=suspended.append)
    records(outage())
    number = records(outage()).recorded.incident
    plan(database)
    at = now() + timedelta(days=2)
    [(first, _)] = telling.claim("w1", 1, at)
    telling.settle("w1", [Settlement(first, at, answered(550, DEAD, after_final_dot=False))])
    assert (state_of(subscribers), suspended) == (SubscriberState.SUSPENDED, [anna.id])
    assert waiting(database).suspended == 1
    [waited] = ledger(database, number)
    assert (waited.state, waited.reason) == (DeliveryState.SUPERSEDED, "suspended")
    records(f.NoteAdded(text="x"), number)
    records(outage())
    plan(database)
    assert send(telling, at) == []


def test_resuming_forgets_what_counted_against_the_address(
    subscribes: Subscribes, subscribers: Subscribers, fails: Callable[..., None]
) -> None:
    anna = subscribes("anna")
    fails(550, DEAD, 0)
    fails(550, DEAD, 2)
    subscribers.resume(anna.id)
    assert state_of(subscribers) is SubscriberState.ACTIVE
    fails(550, DEAD, 4)
    assert state_of(subscribers) is SubscriberState.ACTIVE


def test_a_mail_that_is_accepted_clears_the_score(
    subscribes: Subscribes, subscribers: Subscribers, fails: Callable[..., None]
) -> None:
    subscribes("anna")
    fails(550, DEAD, 0)
    fails(250, "OK", 2)
    fails(550, DEAD, 4)
    assert state_of(subscribers) is SubscriberState.ACTIVE


@pytest.mark.parametrize(("said", "policy"), [("5.1.8 bad sender", 10), ("5.7.1 not allowed", 10), ("5.3.4 long", 0)])
def test_what_is_not_the_addresss_fault_never_counts_against_it(
    database: Database,
    subscribes: Subscribes,
    subscribers: Subscribers,
    fails: Callable[..., None],
    said: str,
    policy: int,
) -> None:
    subscribes("anna")
    for day in range(0, 20, 2):
        fails(550, said, day)
    assert state_of(subscribers) is SubscriberState.ACTIVE
    assert waiting(database).policy == policy
