"""One history, three readings."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import facts as f
from domain.fact import Fact, Recorded
from domain.history import as_happened, as_known, as_written, corrected, corrections
from domain.incident import fold
from domain.refusals import Invalid
from domain.routine_document import builtin
from tests.given import ADMINISTRATION, Day, correction, moment, outage, prognosis

BEGAN = datetime(2026, 12, 7, 7, 0, tzinfo=UTC)
MINUTES = st.integers(0, 600).map(lambda minutes: BEGAN + timedelta(minutes=minutes))


@st.composite
def histories(draw: st.DrawFn) -> list[Recorded]:
    """Entries that happened in any order, back-dated and corrected; recorded one after the other."""
    written: list[Recorded] = []
    recorded_at = BEGAN
    for entry in range(1, draw(st.integers(1, 12)) + 1):
        recorded_at += timedelta(minutes=draw(st.integers(0, 60)))
        correctable = [r.entry for r in written if not isinstance(r.fact, f.EntryCorrected)]
        fact: Fact = f.CallersInformed(count=entry)
        if correctable and draw(st.sampled_from([True, False])):
            fact = f.EntryCorrected(
                entry=draw(st.sampled_from(correctable)),
                reason="fel",
                occurred_at=draw(st.none() | MINUTES),
                fields={"count": draw(st.integers(1, 99))},
            )
        written.append(
            Recorded("2026-0007", entry, fact, draw(MINUTES), recorded_at, ADMINISTRATION, "s-1", f"command {entry}")
        )
    return written


@given(histories(), st.randoms(use_true_random=False))
def test_as_it_happened_is_the_same_in_whatever_order_it_is_given(
    history: list[Recorded], random: st.DataObject
) -> None:
    shuffled = sorted(history, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert as_happened(shuffled) == as_happened(history)
    assert as_written(shuffled) == as_written(history)


@given(histories())
def test_as_it_happened_is_in_the_order_of_time_and_loses_no_entry(history: list[Recorded]) -> None:
    happened = as_happened(history)
    assert sorted(recorded.entry for recorded in happened) == [recorded.entry for recorded in history]
    order = [(recorded.occurred_at, recorded.entry) for recorded in happened]
    assert order == sorted(order)


@given(histories(), MINUTES, MINUTES)
def test_as_it_was_known_is_what_had_been_recorded_by_then_and_never_less_later(
    history: list[Recorded], one: datetime, other: datetime
) -> None:
    earlier, later = sorted((one, other))
    known = as_known(history, earlier)
    assert known == [recorded for recorded in as_written(history) if recorded.recorded_at <= earlier]
    assert known == as_known(history, later)[: len(known)]
    assert fold(as_happened(known), builtin()).entries == len(known)


@given(histories())
def test_as_it_was_written_applies_nothing(history: list[Recorded]) -> None:
    assert as_written(reversed(history)) == history


@given(histories())
def test_a_correction_is_in_the_reading_of_what_happened_and_not_in_what_was_written(history: list[Recorded]) -> None:
    by_entry = {recorded.entry: recorded for recorded in as_happened(history)}
    for entry, fixes in corrections(history).items():
        last = history[fixes[-1] - 1].fact
        assert isinstance(last, f.EntryCorrected)
        assert by_entry[entry].fact == f.CallersInformed(count=last.fields["count"])
        assert history[entry - 1].fact == f.CallersInformed(count=entry)


@given(histories())
def test_reading_a_history_changes_nothing_in_it(history: list[Recorded]) -> None:
    before = [recorded._replace() for recorded in history]
    as_happened(history)
    assert history == before


def test_what_did_we_know_at_eleven_forty() -> None:
    day = Day()
    day.at("08:00").records(outage())
    day.at("11:35", written="11:45").records(prognosis("12:30"))
    known = fold(as_happened(as_known(day.facts, moment("11:40"))), builtin())
    assert known.prognosis_at(moment("11:40")) is None
    assert fold(as_happened(as_known(day.facts, moment("11:45"))), builtin()).prognosis_at(moment("11:45"))


def test_what_was_known_before_the_correction_reads_uncorrected() -> None:
    day = Day()
    first = day.at("08:00").records(outage())
    day.at("10:00").records(correction(first.entry, "07:30"))
    assert as_happened(as_known(day.facts, moment("09:59")))[0].occurred_at == moment("08:00")
    assert as_happened(as_known(day.facts, moment("10:00")))[0].occurred_at == moment("07:30")
    assert corrections(day.facts) == {1: [2]}


def test_a_computer_whose_clock_was_set_back_between_an_entry_and_its_correction_is_still_read() -> None:
    day = Day()
    first = day.at("08:00", written="10:00:05").records(outage())
    day.at("10:00:03").records(correction(first.entry, "07:30"))
    assert as_happened(as_known(day.facts, moment("10:00:04"))) is not None


def test_a_correction_keeps_who_recorded_it_and_when() -> None:
    day = Day()
    first = day.at("08:00").records(outage())
    fixed = corrected(first, correction(1, "07:30", summary="ingen når Sesam"))
    assert fixed._replace(fact=first.fact, occurred_at=first.occurred_at) == first
    with pytest.raises(Invalid, match="unknown-field"):
        corrected(first, correction(1, serial="OT-0017"))
