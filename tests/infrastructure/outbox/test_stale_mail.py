"""What waits for the same reader of the same incident: what is stale is not sent, and the rest goes as one mail."""

from datetime import UTC, datetime, timedelta

import pytest

from domain import facts as f
from domain.delivery import DeliveryState
from domain.fact import Fact, Recorded
from domain.vocabulary import Audience, Channel, Situation, System
from infrastructure.database.database import Database
from infrastructure.log.incident_log import IncidentLog
from infrastructure.outbox.claiming import LEASE_RAN_OUT
from infrastructure.outbox.ledger import Selection, ledger, retry
from infrastructure.outbox.outbox import LEASE, Outbox
from infrastructure.outbox.pace import Pace
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.catch_up import catch_up
from tests.conftest import Clock
from tests.given import CLOSED, INSTRUCTED, LINK, outage, prognosis, published, restored
from tests.infrastructure.mail import Records, Subscribes, message_id, now, plan, send, settle, states

HOLD = timedelta(seconds=20)
WITHDRAWN = f.PrognosisWithdrawn(reason="felet är större")
RECLASSIFIED = f.ScopeReclassified(scope=outage().scope, reason="bara kontoret")
WORKS_AGAIN = f.OperatingInformationPublished(
    channels=(Channel.VARDGIVARE_SKANE,), text="Sesam fungerar igen.", situation=Situation.WORKS_AGAIN
)
ACTED_ON = pytest.mark.parametrize(
    "fact",
    [f.ReserveRoutineActivated(), restored(System.WEBSESAM), published(LINK, routine=True), WORKS_AGAIN],
    ids=["activated", "restored", "published: routine", "published: works again"],
)


@pytest.fixture
def holding(database: Database, log: IncidentLog, clock: Clock) -> Outbox:
    clock.now = datetime.now(UTC)
    return Outbox(database, log.histories, message_id, pace=Pace(batching_window=HOLD))


def test_a_prognosis_that_has_not_gone_out_is_replaced_by_the_newer_which_says_so(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    send(outbox, now())
    plan(database)
    send(outbox, now())
    records(prognosis("11:00"), number)
    records(prognosis("12:00"), number)
    records(WITHDRAWN, number)
    plan(database)
    [notice] = send(outbox, now())
    assert notice.recorded.entry == 4
    assert [replaced.entry for replaced in notice.replaces] == [2, 3]
    assert notice.also == ()
    assert states(database) == [(1, "sent"), (2, "superseded"), (3, "superseded"), (4, "sent")]
    assert [row.replaced_by for row in ledger(database)] == [None, 4, 4, None]


def test_q29_a_notice_that_waits_for_what_is_then_withdrawn_is_superseded_and_stops_no_other(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(prognosis("11:00"), number)
    plan(database)
    records(f.EntryWithdrawn(entry=2, reason="fel händelse"), number)
    plan(database)
    assert [notice.recorded.entry for notice in send(outbox, now())] == [1]
    assert states(database)[:2] == [(1, "sent"), (2, "superseded")]
    assert ledger(database)[1].replaced_by == 3


def test_what_was_sent_is_never_superseded(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    for fact in (prognosis("11:00"), prognosis("12:00"), restored()):
        plan(database)
        send(outbox, now())
        records(fact, number)
    plan(database)
    [notice] = send(outbox, now())
    assert notice.replaces == ()
    assert {state for _entry, state in states(database)} == {"sent"}


def test_a_restoration_of_everything_replaces_all_that_waits_for_those_who_are_told_of_it(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    anna, oda = subscribes("anna"), subscribes("oda", Audience.PUBLIC)
    number = records(outage()).recorded.incident
    records(prognosis("11:00"), number)
    records(published(LINK), number)
    records(f.ReserveRoutineActivated(), number, deviation="IT säger minst åtta timmar")
    records(restored(), number)
    plan(database)
    mails = {notice.subscriber.id: notice for notice in send(outbox, now())}
    assert mails[anna.id].recorded.entry == 5
    assert [old.entry for old in mails[anna.id].replaces] == [1, 2, 3, 4]
    assert (mails[oda.id].recorded.entry, mails[oda.id].replaces) == (3, ())


def test_a_restoration_of_one_system_replaces_nothing(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(restored(System.WEBSESAM), number)
    plan(database)
    [notice] = send(outbox, now())
    assert (notice.recorded.entry, [other.entry for other in notice.also], notice.replaces) == (2, [1], ())


def test_facts_within_the_hold_become_one_mail_with_the_newest_at_its_head(
    database: Database, records: Records, subscribes: Subscribes, holding: Outbox
) -> None:
    anna = subscribes("anna")
    number = records(outage()).recorded.incident
    records(prognosis("12:00"), number)
    records(INSTRUCTED, number)
    plan(database)
    at = now()
    assert holding.claim("w1", 10, at) == []
    [notice] = send(holding, at + HOLD)
    assert notice.recorded.entry == 3
    assert [other.entry for other in notice.also] == [1, 2]
    assert notice.deliveries[-1] == notice.delivery
    assert {(row.state, row.message_id) for row in ledger(database)} == {
        (DeliveryState.SENT, f"<{number}.3.{anna.id}@example.se>")
    }


@ACTED_ON
def test_what_people_act_on_is_not_held_and_takes_along_what_is(
    database: Database, records: Records, subscribes: Subscribes, holding: Outbox, fact: Fact
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(INSTRUCTED, number)
    records(fact, number, deviation="IT säger minst åtta timmar")
    plan(database)
    [notice] = send(holding, now())
    assert notice.recorded.entry == 3
    assert [other.entry for other in notice.also] == [1, 2]


def test_an_activation_stands_in_the_subject_whatever_is_newer(
    database: Database, records: Records, subscribes: Subscribes, holding: Outbox
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(f.ReserveRoutineActivated(), number, deviation="IT säger minst åtta timmar")
    records(published(LINK), number)
    plan(database)
    [notice] = send(holding, now())
    assert (notice.recorded.entry, [other.entry for other in notice.also]) == (2, [1, 3])


@pytest.mark.parametrize("said", [Situation.DOWN, Situation.OTHER])
def test_a_publication_that_people_only_read_is_held(
    database: Database, records: Records, subscribes: Subscribes, holding: Outbox, said: Situation
) -> None:
    subscribes("oda", Audience.PUBLIC)
    number = records(outage()).recorded.incident
    records(WORKS_AGAIN.model_copy(update={"situation": said}), number)
    plan(database)
    assert send(holding, now()) == []


def test_the_hold_counts_from_recording_however_late_it_is_planned(
    database: Database, records: Records, subscribes: Subscribes, holding: Outbox, clock: Clock
) -> None:
    subscribes("anna")
    clock.now -= HOLD
    records(outage())
    clock.now += timedelta(hours=1)  # a recorder whose clock is ahead is not waited for
    records(outage())
    plan(database)
    first, second = (row.incident for row in ledger(database))
    at = now()
    assert [notice.recorded.incident for notice in send(holding, at)] == [first]
    assert [notice.recorded.incident for notice in send(holding, at + HOLD)] == [second]


def test_the_hold_counts_from_the_first_fact_so_that_many_do_not_put_it_off_for_ever(
    database: Database, records: Records, subscribes: Subscribes, holding: Outbox, clock: Clock
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    plan(database)
    at = now()
    clock.passes(seconds=HOLD.total_seconds() - 1)
    records(prognosis("12:00"), number)
    catch_up(database, Planner(database, clock))
    [notice] = send(holding, at + HOLD)
    assert (notice.recorded.entry, [other.entry for other in notice.also]) == (2, [1])


def test_a_summary_goes_by_itself_and_is_not_held(
    database: Database, records: Records, subscribes: Subscribes, holding: Outbox
) -> None:
    number = records(outage()).recorded.incident
    plan(database)
    subscribes("sen")
    records(prognosis("12:00"), number)
    plan(database)
    at = now()
    [summary] = send(holding, at)
    assert (summary.summary, summary.recorded.entry, summary.also) == (True, 1, ())
    [news] = send(holding, at + HOLD)
    assert (news.summary, news.recorded.entry, news.also) == (False, 2, ())


def test_after_a_crash_the_same_facts_go_under_the_same_message_id_and_newer_ones_in_another_mail(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(prognosis("12:00"), number)
    plan(database)
    at = now()
    [(first, _)] = outbox.claim("w1", 10, at)
    records(INSTRUCTED, number)
    plan(database)
    assert outbox.claim("w2", 10, at) == [], "the next mail of the thread waits for the one in hand"
    again, news = send(outbox, at + LEASE)
    assert (again.message_id, again.recorded, again.also) == (first.message_id, first.recorded, first.also)
    assert (news.recorded.entry, news.also) == (3, ())
    assert [row.attempts[0].reply for row in ledger(database)] == [LEASE_RAN_OUT, LEASE_RAN_OUT, "OK"]


def test_what_may_have_arrived_is_sent_again_as_it_was_beside_the_news(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(RECLASSIFIED, number)
    records(INSTRUCTED, number)
    plan(database)
    at = now()
    [(mail, _)] = outbox.claim("w1", 10, at)
    settle(outbox, "w1", mail, at, DeliveryState.AMBIGUOUS, next_try_at=at)
    records(RECLASSIFIED, number)
    plan(database)
    again, news = send(outbox, at)
    assert (again.message_id, again.also) == (mail.message_id, mail.also)
    assert (news.recorded.entry, news.replaces) == (4, ()), "what was told again is not said to be replaced unsent"


def test_of_an_unclear_mail_whose_subject_is_stale_the_rest_goes_with_the_news(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    anna = subscribes("anna")
    number = records(outage()).recorded.incident
    records(prognosis("11:00"), number)
    plan(database)
    at = now()
    [(mail, _)] = outbox.claim("w1", 10, at)
    settle(outbox, "w1", mail, at, DeliveryState.AMBIGUOUS, next_try_at=at)
    records(prognosis("12:00"), number)
    plan(database)
    [news] = send(outbox, at)
    assert news.message_id == f"<{number}.3.{anna.id}@example.se>"
    assert [other.entry for other in news.also] == [1]
    assert [old.entry for old in news.replaces] == [2]


def test_an_unclear_prognosis_is_not_sent_again_once_there_is_a_newer(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    plan(database)
    send(outbox, now())
    records(prognosis("11:00"), number)
    plan(database)
    at = now()
    [(mail, _)] = outbox.claim("w1", 10, at)
    settle(outbox, "w1", mail, at, DeliveryState.AMBIGUOUS, next_try_at=at)
    records(prognosis("12:00"), number)
    plan(database)
    [news] = send(outbox, at)
    assert (news.recorded.entry, [old.entry for old in news.replaces]) == (3, [2])


def test_what_was_deferred_goes_with_the_next_mail_so_that_the_order_holds(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    plan(database)
    at = now()
    [(mail, _)] = outbox.claim("w1", 10, at)
    settle(outbox, "w1", mail, at, DeliveryState.DEFERRED, 451, "later", at + timedelta(minutes=30))
    records(prognosis("12:00"), number)
    plan(database)
    [notice] = send(outbox, now())
    assert (notice.recorded.entry, [other.entry for other in notice.also]) == (2, [1])


def test_no_more_mails_than_the_throttle_allows_and_what_waited_goes_as_one(
    database: Database, records: Records, subscribes: Subscribes, log: IncidentLog
) -> None:
    subscribes("anna")
    limited = Outbox(database, log.histories, message_id, pace=Pace(most=2, window=timedelta(minutes=15)))
    number = records(outage()).recorded.incident
    plan(database)
    at = now()
    assert len(send(limited, at)) == 1
    for minute, fact in enumerate((prognosis("11:00"), INSTRUCTED, RECLASSIFIED), start=1):
        records(fact, number)
        plan(database)
        sent = send(limited, at + timedelta(minutes=minute))
        assert len(sent) == (1 if minute == 1 else 0)
    assert send(limited, at + timedelta(minutes=15, seconds=-1)) == []
    [notice] = send(limited, at + timedelta(minutes=15))
    assert (notice.recorded.entry, [other.entry for other in notice.also]) == (4, [3])


@ACTED_ON
def test_what_people_act_on_passes_by_the_throttle(
    database: Database, records: Records, subscribes: Subscribes, log: IncidentLog, fact: Fact
) -> None:
    subscribes("anna")
    limited = Outbox(database, log.histories, message_id, pace=Pace(most=1, window=timedelta(hours=1)))
    number = records(outage()).recorded.incident
    plan(database)
    at = now()
    assert len(send(limited, at)) == 1
    records(prognosis("11:00"), number)
    plan(database)
    assert send(limited, at) == []
    records(fact, number, deviation="IT säger minst åtta timmar")
    plan(database)
    [notice] = send(limited, now())
    assert (notice.recorded.entry, [other.entry for other in notice.also]) == (3, [2])


def test_what_is_too_old_is_not_sent_and_stops_nothing_newer(
    database: Database, records: Records, subscribes: Subscribes, log: IncidentLog
) -> None:
    subscribes("anna")
    number = records(outage()).recorded.incident
    records(INSTRUCTED, number)
    plan(database)

    def expires_at(recorded: Recorded) -> object:
        return now() - timedelta(hours=1) if recorded.entry == 1 else None

    strict = Outbox(database, log.histories, message_id, expires_at=expires_at)  # type: ignore[arg-type]
    [notice] = send(strict, now())
    assert (notice.recorded.entry, notice.also) == (2, ())
    assert states(database) == [(1, "expired"), (2, "sent")]


def test_what_somebody_asks_for_by_hand_is_sent_however_old_it_is(
    database: Database, records: Records, subscribes: Subscribes, log: IncidentLog
) -> None:
    subscribes("anna")
    records(outage())
    plan(database)
    until = now() + timedelta(hours=6)
    strict = Outbox(database, log.histories, message_id, expires_at=lambda _recorded: until)
    [(notice, _)] = strict.claim("w1", 10, now())
    settle(strict, "w1", notice, now(), DeliveryState.REFUSED, 550, "no")
    [row] = ledger(database)
    later = until + timedelta(hours=1)
    retry(database, Selection(ids=(row.id,)), later)
    [again] = send(strict, later)
    assert again.manual_retry
    assert states(database) == [(1, "sent")]


def test_a_closing_is_the_last_word_on_what_has_not_been_told(
    database: Database, records: Records, subscribes: Subscribes, outbox: Outbox
) -> None:
    subscribes("anna")
    subscribes("granskare", Audience.COMPLIANCE)
    number = records(outage()).recorded.incident
    records(restored(), number)
    records(CLOSED, number)
    plan(database)
    assert [(notice.subscriber.audience, notice.recorded.entry) for notice in send(outbox, now())] == [
        (Audience.STAFF, 3),
        (Audience.COMPLIANCE, 3),
    ]
