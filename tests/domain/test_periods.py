"""What lasted from when until when."""

from domain import facts as f
from domain.conditions import Span
from domain.periods import periods
from domain.routine_document import builtin
from domain.vocabulary import Function, Scope, System
from tests.given import (
    ACTIVATED,
    ALL_THREE,
    INSTRUCTED,
    Day,
    correction,
    moment,
    outage,
    prognosis,
    restored,
)

FIRST, SECOND, THIRD = ALL_THREE


def test_each_system_is_down_until_it_is_restored_itself() -> None:
    day = Day()
    day.at("08:05").records(outage())
    day.at("10:00").records(restored(FIRST))
    day.at("11:00").records(restored(SECOND))
    found = periods(day.happened, builtin()).systems
    assert found == {
        FIRST: [Span(moment("08:05"), moment("10:00"))],
        SECOND: [Span(moment("08:05"), moment("11:00"))],
        THIRD: [Span(moment("08:05"))],
    }


def test_a_relapse_is_a_span_of_its_own_and_a_suspicion_is_none() -> None:
    day = Day()
    day.at("07:50").records(f.DisturbanceReported(unit="Lund", systems=(FIRST,)))
    assert periods(day.happened, builtin()).systems == {}
    day.at("08:05").records(outage(systems=[FIRST]))
    day.at("09:00").records(restored(FIRST))
    day.at("10:00").records(outage(systems=[FIRST]))
    found = periods(day.happened, builtin()).systems[System.SESAM_S2]
    assert found == [Span(moment("08:05"), moment("09:00")), Span(moment("10:00"))]


def test_a_correction_moves_the_beginning() -> None:
    day = Day()
    day.at("08:05").records(outage())
    day.at("08:30").records(correction(1, "07:45"))
    found = periods(day.happened, builtin())
    assert found.systems[FIRST] == [Span(moment("07:45"))]
    assert found.countdowns[0].due_at == moment("11:45")


def test_a_prognosis_holds_until_it_is_withdrawn_replaced_passed_or_fulfilled() -> None:
    day = Day()
    day.at("08:05").records(outage())
    day.at("09:00").records(prognosis("12:00"))
    day.at("09:30").records(prognosis("11:00"))
    day.at("10:00").records(f.PrognosisWithdrawn(reason="fel"))
    day.at("10:10").records(prognosis("10:30"))
    day.at("11:00").records(prognosis("14:00"))
    day.at("12:00").records(restored())
    held = [
        (promise.prognosis.received_at, promise.held_until) for promise in periods(day.happened, builtin()).promises
    ]
    assert held == [
        (moment("09:00"), moment("09:30")),
        (moment("09:30"), moment("10:00")),
        (moment("10:10"), moment("10:30")),
        (moment("11:00"), moment("12:00")),
    ]


def test_the_clock_stops_with_the_outage_and_runs_out_at_four_hours() -> None:
    day = Day()
    day.at("08:05").records(outage())
    [clock] = periods(day.happened, builtin()).countdowns
    assert (clock.began_at, clock.due_at, clock.ran_out) == (moment("08:05"), moment("12:05"), True)
    day.at("12:00").records(restored())
    [clock] = periods(day.happened, builtin()).countdowns
    assert (clock.stopped_at, clock.ran_out) == (moment("12:00"), False)


def test_a_local_outage_has_no_clock_and_a_region_wide_one_waits_for_the_instruction() -> None:
    local = Day()
    local.at("08:05").records(outage(Scope.LOCAL))
    assert periods(local.happened, builtin()).countdowns == []
    region = Day()
    region.at("06:00").records(outage(Scope.REGION_WIDE))
    assert periods(region.happened, builtin()).countdowns == []
    region.at("11:00").records(INSTRUCTED)
    [clock] = periods(region.happened, builtin()).countdowns
    assert (clock.began_at, clock.due_at) == (moment("06:00"), moment("11:00"))


def test_the_paper_that_is_left_goes_up_and_down() -> None:
    day = Day()
    day.at("08:00").records(outage())
    day.at("12:00").records(ACTIVATED)
    for clock, serial in (("12:10", "A-1"), ("12:20", "A-2")):
        day.at(clock).records(f.ReferralReceived(serial=serial))
    day.at("13:00").records(restored())
    for clock, serial in (("13:10", "A-1"), ("13:20", "A-2")):
        day.at(clock).records(f.ReferralEntered(serial=serial), Function.PARTNER)
    assert [left for _at, left in periods(day.happened, builtin()).paper] == [1, 2, 1, 0]
