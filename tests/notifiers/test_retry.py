"""When a notice is tried again, and when it is too old."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import facts as f
from domain.delivery import DeliveryState, Outcome
from domain.fact import Fact
from domain.vocabulary import Audience
from notifiers.retry import RetryPolicy, expires_at, is_expired, next_try, what_next
from tests.notifiers.outage import ALL, BEGAN, DETECTED, PUBLISHED, every_fact, recorded, told

NOW = DETECTED.recorded_at
POLICY = RetryPolicy()
LATER = Outcome(DeliveryState.DEFERRED, 451, "later")


def waited(attempt: int, state: DeliveryState = DeliveryState.DEFERRED, chance: float = 0) -> timedelta:
    return next_try(POLICY, attempt, NOW, state, chance) - NOW


def test_the_first_tries_come_close_and_the_later_ones_every_half_hour() -> None:
    waits = [waited(attempt) for attempt in range(1, 9)]
    assert waits[:3] == [timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2)]
    assert waits == sorted(waits)
    assert waits[5:] == [timedelta(minutes=30)] * 3


def test_no_wait_is_longer_than_the_longest() -> None:
    """By it a clock that was ahead is known."""
    slow = RetryPolicy(ambiguous_wait=timedelta(hours=1))
    for policy, longest in ((POLICY, timedelta(minutes=36)), (slow, timedelta(minutes=72))):
        assert policy.longest_wait == longest
        for attempt in range(1, 9):
            for state in (DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS):
                assert next_try(policy, attempt, NOW, state, 1.0) - NOW <= longest


def test_a_server_that_may_have_the_mail_is_given_time_to_deliver_it() -> None:
    assert waited(1, DeliveryState.AMBIGUOUS) == timedelta(minutes=5)
    assert waited(6, DeliveryState.AMBIGUOUS) == timedelta(minutes=30)


@given(st.integers(-3, 100), st.floats(0, 1), st.sampled_from([DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS]))
def test_jitter_only_ever_lengthens_a_wait_and_by_a_fifth_at_most(
    attempt: int, chance: float, state: DeliveryState
) -> None:
    assert waited(attempt, state) <= waited(attempt, state, chance) <= waited(attempt, state) * 1.2


@pytest.mark.parametrize(
    ("fact", "hours"),
    [
        (f.ReserveRoutineActivated(), 24),
        (f.ServiceRestored(systems=ALL), 24),
        (PUBLISHED, 12),
        (f.InstructionReceived(text="vänta"), 6),
        (f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=3)), 3),
        (f.PrognosisReceived(restored_by=BEGAN + timedelta(days=3)), 12),
        (f.PrognosisReceived(restored_by=BEGAN - timedelta(hours=1)), 0.25),
        (f.ActivationDeferred(reason="snart", until=BEGAN + timedelta(hours=1)), 1),
    ],
)
def test_what_is_told_for_how_long(fact: Fact, hours: float) -> None:
    assert expires_at(POLICY, recorded(fact)) == BEGAN + timedelta(hours=hours)


def test_every_fact_is_told_for_a_quarter_of_an_hour_at_least_and_for_a_day_at_most() -> None:
    for fact in every_fact():
        lasts = expires_at(POLICY, recorded(fact)) - BEGAN
        assert timedelta(minutes=15) <= lasts <= timedelta(hours=24)


def test_a_late_subscribers_summary_is_as_old_as_its_first_try_not_as_its_fact() -> None:
    days_later = NOW + timedelta(days=3)
    summary = told(Audience.STAFF, DETECTED, summary=True)
    assert not is_expired(POLICY, summary, days_later)
    tried = told(Audience.STAFF, DETECTED, summary=True, dated=days_later)
    assert is_expired(POLICY, tried, days_later + timedelta(hours=6))
    assert is_expired(POLICY, told(Audience.STAFF, DETECTED), days_later)


def test_what_an_operator_insists_on_is_told_however_old_it_is() -> None:
    days_later = NOW + timedelta(days=3)
    for fact in every_fact():
        notice = told(Audience.STAFF, recorded(fact), manual_retry=True)
        assert not is_expired(POLICY, notice, days_later)
        assert what_next(POLICY, notice, LATER, 1, days_later, 0) == (LATER, days_later + timedelta(seconds=10))


def test_a_try_that_would_come_too_late_is_not_made() -> None:
    notice = told(Audience.STAFF, DETECTED)
    ends = expires_at(POLICY, DETECTED)
    assert what_next(POLICY, notice, LATER, 1, NOW, 0) == (LATER, NOW + timedelta(seconds=10))
    outcome, again = what_next(POLICY, notice, LATER, 1, ends - timedelta(seconds=10), 0)
    assert (outcome.state, outcome.code, outcome.reply, again) == (DeliveryState.EXPIRED, 451, "later", None)


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.SUPERSEDED])
def test_what_is_over_is_not_tried_again(state: DeliveryState) -> None:
    outcome = Outcome(state, 250, "so")
    assert what_next(POLICY, told(Audience.STAFF, DETECTED), outcome, 1, NOW, 0) == (outcome, None)


def test_the_moments_are_aware() -> None:
    again = next_try(POLICY, 1, datetime.now().astimezone(), DeliveryState.DEFERRED, 0.5)
    assert again.tzinfo is not None
