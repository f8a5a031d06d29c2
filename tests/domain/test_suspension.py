"""When an address that refuses our mail is no longer written to."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.suspension import DEAD, FULL, Score, SuspensionPolicy, counted
from tests.given import moment

POLICY = SuspensionPolicy()
MORNING = moment("08:00")
DAY = timedelta(days=1)


def after(*failures: tuple[timedelta, float]) -> float:
    score = Score()
    for later, points in failures:
        score = counted(score, points, MORNING + later, POLICY)
    return score.points


def test_two_days_with_a_dead_address_reach_the_threshold_and_one_does_not() -> None:
    assert after((0 * DAY, DEAD)) < POLICY.threshold
    assert after((0 * DAY, DEAD), (DAY, DEAD)) >= POLICY.threshold


def test_it_counts_at_most_once_a_day_and_then_the_worse() -> None:
    assert after(*[(timedelta(hours=h), DEAD) for h in range(24)]) == DEAD
    assert after((0 * DAY, FULL), (timedelta(hours=2), DEAD)) == DEAD
    assert after((0 * DAY, DEAD), (timedelta(hours=2), FULL)) == DEAD


def test_a_full_mailbox_counts_half() -> None:
    assert after(*[(n * DAY, FULL) for n in range(3)]) < POLICY.threshold
    assert after(*[(n * DAY, FULL) for n in range(4)]) >= POLICY.threshold


def test_what_is_long_ago_counts_no_more() -> None:
    assert after((0 * DAY, DEAD), (POLICY.remembered, DEAD)) == 2 * DEAD
    assert after((0 * DAY, DEAD), (POLICY.remembered + timedelta(seconds=1), DEAD)) == DEAD


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from([DEAD, FULL]))))
def test_a_score_never_grows_faster_than_one_a_day(failures: list[tuple[int, float]]) -> None:
    days = sorted(failures)
    assert after(*[(day * DAY, points) for day, points in days]) <= len({day for day, _points in days}) * DEAD
