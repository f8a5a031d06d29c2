"""What a fact makes of what people were told, and who is to hear of it (Q29, Q30)."""

from datetime import datetime, timedelta

import pytest

from domain import facts as f
from domain.fact import Fact, Recorded
from domain.rewriting import Rewriting, rewriting, untold
from tests.given import VO, Day, correction, moment, outage, prognosis


def withdrawal(entry: int) -> f.EntryWithdrawn:
    return f.EntryWithdrawn(entry=entry, reason="hände aldrig")


VOIDED = f.IncidentVoided(reason="övning")


def hears(made: Rewriting | None, entry: int, at: str) -> bool:
    """Whether somebody who was told of this entry by a mail written then hears of it."""
    return made is not None and any(readers.has(entry, moment(at)) for readers in made.readers)


@pytest.fixture
def told(day: Day) -> Day:
    """An outage at eight, a prognosis ten minutes later."""
    day.at("08:00").records(outage())
    day.at("08:10").records(prognosis("11:00"))
    return day


def rewritten(day: Day, at: str, fact: Fact) -> Rewriting | None:
    return rewriting(day.at(at).records(fact, VO), day.facts)


def readings(made: Rewriting | None) -> tuple[Recorded | None, Recorded | None]:
    assert made is not None
    return made.before, made.after


def moments(made: Rewriting | None) -> list[datetime]:
    """When it happened as it read before, and as it reads after."""
    return [reading.occurred_at for reading in readings(made) if reading]


def test_a_correction_has_what_stood_and_what_stands(told: Day) -> None:
    made = rewritten(told, "08:20", correction(1, occurred_at="07:58"))
    assert moments(made) == [moment("08:00"), moment("07:58")]


def test_q30_whoever_was_told_until_then_hears_of_a_correction_and_whoever_read_it_right_does_not(told: Day) -> None:
    made = rewritten(told, "08:20", correction(1, occurred_at="07:58"))
    assert hears(made, 1, "08:19")
    assert not hears(made, 1, "08:21")
    assert not hears(made, 2, "08:19"), "of another entry"


def test_a_second_correction_goes_on_from_the_first(told: Day) -> None:
    told.at("08:20").records(correction(1, occurred_at="07:58"))
    made = rewritten(told, "08:30", correction(1, occurred_at="07:55"))
    assert moments(made) == [moment("07:58"), moment("07:55")]


def test_a_correction_that_changes_nothing_is_none(told: Day) -> None:
    assert rewritten(told, "08:20", correction(1, occurred_at="08:00")) is None


def test_a_withdrawn_correction_is_heard_of_by_whoever_read_what_it_said(told: Day) -> None:
    told.at("08:20").records(correction(1, occurred_at="07:58"))
    made = rewritten(told, "08:30", withdrawal(3))
    assert moments(made) == [moment("07:58"), moment("08:00")]
    assert hears(made, 3, "08:25"), "told of the correction"
    assert hears(made, 1, "08:25"), "told of the entry as corrected"
    assert not hears(made, 1, "08:15"), "told of it as it now stands again"


def test_a_withdrawn_entry_counts_for_nothing_and_one_whose_withdrawal_is_withdrawn_counts_again(told: Day) -> None:
    gone = rewritten(told, "08:20", withdrawal(2))
    assert readings(gone)[1] is None
    back = rewritten(told, "08:30", withdrawal(3))
    assert readings(back)[0] is None
    assert hears(back, 3, "08:25")
    assert not hears(back, 2, "08:15"), "not told that it was gone"


def test_whoever_was_told_anything_of_a_voided_incident_hears_of_that(told: Day) -> None:
    made = rewritten(told, "08:20", VOIDED)
    assert hears(made, 1, "08:05")
    assert hears(made, 2, "08:15")
    back = rewritten(told, "08:30", withdrawal(3))
    assert hears(back, 3, "08:25")
    assert not hears(back, 1, "08:05")


def test_in_a_voided_incident_nothing_is_corrected_for_anybody(told: Day) -> None:
    told.at("08:20").records(VOIDED, VO)
    assert rewritten(told, "08:30", correction(1, occurred_at="07:58")) is None


def test_what_rewrites_nothing_is_none(told: Day) -> None:
    assert [rewriting(recorded, told.facts) for recorded in told.facts] == [None, None]


def test_a_moment_is_left_for_an_entry_to_reach_whoever_writes_a_mail(told: Day) -> None:
    made = rewritten(told, "08:20", correction(1, occurred_at="07:58"))
    assert made is not None
    assert made.readers[0].has(1, moment("08:20") + timedelta(milliseconds=400))


def test_nobody_is_told_any_more_of_what_was_taken_back(told: Day) -> None:
    told.at("08:15").records(correction(2, source="Visma"))
    told.at("08:20").records(withdrawal(2))
    assert untold(told.facts) == {2: 4, 3: 4}
    told.at("08:30").records(VOIDED, VO)
    assert untold(told.facts) == dict.fromkeys((1, 2, 3, 4), 5)
    told.at("08:40").records(withdrawal(5))
    assert untold(told.facts) == {2: 4, 3: 4, 5: 6}
