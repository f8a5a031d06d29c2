"""Runs of alike entries: what folds, what stands by itself, and that none is lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain import facts as f
from domain.fact import Fact, Recorded
from domain.runs import FEWEST, alike, runs, spans
from domain.vocabulary import ReferralVia, SetAsideReason
from tests.given import Day, outage

VIA = [ReferralVia.FAX, ReferralVia.POST] * 2


def written(*facts: Fact, note_at: int = -1) -> list[Recorded]:
    """A log of these, one after the other; nobody asks here whether each is admitted."""
    day = Day()
    day.at("08:00").records(outage())
    return [
        day.facts[0]._replace(entry=place, fact=fact, note="oläslig" if place == note_at else "")
        for place, fact in enumerate(facts)
    ]


def entered(count: int) -> list[Fact]:
    return [f.ReferralEntered(serial=f"OT-{place}", reference=f"{place}") for place in range(count)]


def lengths(facts: list[Recorded]) -> list[int]:
    return [len(run) for run in runs(facts, alike)]


def test_alike_papers_that_follow_on_each_other_are_a_run_and_few_are_none() -> None:
    assert lengths(written(outage(), *entered(4), outage(), *entered(3))) == [1, 4, 1, 1, 1, 1]


def test_a_paper_about_which_somebody_wrote_more_stands_by_itself_in_its_place() -> None:
    assert lengths(written(*entered(9), note_at=4)) == [4, 1, 4]


def test_what_was_done_and_why_tells_runs_apart_and_what_is_each_papers_own_does_not() -> None:
    reasons = [SetAsideReason.DUPLICATE] * 4 + [SetAsideReason.NOT_ACUTE] * 4
    assert lengths(written(*(f.ReferralSetAside(serial="OT-1", reason=reason) for reason in reasons))) == [4, 4]
    came = [f.ReferralReceived(serial=f"OT-{place}", unit=f"Enhet {place}", via=via) for place, via in enumerate(VIA)]
    assert lengths(written(*came)) == [4]


@given(st.lists(st.sampled_from(["a", "b", None]), max_size=30))
def test_no_entry_is_lost_or_moved(kinds: list[str | None]) -> None:
    entries = list(enumerate(kinds))
    found = list(runs(entries, lambda entry: entry[1]))
    assert [entry for run in found for entry in run] == entries
    assert all(len(run) == 1 or len(run) >= FEWEST for run in found)
    assert all(len({kind for _place, kind in run}) == 1 for run in found)


@given(st.sets(st.integers(1, 60)))
def test_numbers_are_told_as_stretches_without_a_hole(numbers: set[int]) -> None:
    found = list(spans(numbers))
    assert [number for first, last in found for number in range(first, last + 1)] == sorted(numbers)
    assert all(later[0] - earlier[1] > 1 for earlier, later in pairwise(found))
