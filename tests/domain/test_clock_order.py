"""The order of writing is proved, so the clocks are held against it."""

from datetime import timedelta

from domain.clock_order import Seen, SetBack, Timed, runs, set_back
from domain.history import as_known, known_from
from tests.given import Day, moment, outage, prognosis

EIGHT, SECOND = moment("08:00"), timedelta(seconds=1)


def test_a_fact_that_was_recorded_before_what_stands_before_it_is_found_with_the_newest_of_that() -> None:
    log = [Timed(1, EIGHT), Timed(2, moment("08:05")), Timed(3, moment("07:59")), Timed(4, moment("08:05"))]
    assert list(set_back(log)) == [SetBack(3, moment("07:59"), moment("08:05"), 2)]
    by_a_second = [Timed(1, EIGHT), Timed(2, EIGHT - SECOND)]
    assert list(set_back(by_a_second)) == [], "a machine puts its clock right by as much"
    assert len(list(set_back([*by_a_second, Timed(3, EIGHT - 2 * SECOND)]))) == 1


def test_a_fact_that_a_mail_had_not_seen_was_not_recorded_before_the_mail() -> None:
    log = [Timed(1, EIGHT), Timed(2, moment("08:10")), Timed(3, moment("08:40"))]
    seen = [Seen(1, moment("08:30"), "ett.eml"), Seen(2, moment("08:30"), "två.eml"), Seen(3, moment("09:00"), "tre")]
    assert list(set_back(log, seen)) == [SetBack(2, moment("08:10"), moment("08:30"), 1, "ett.eml")]
    assert list(set_back(log, [Seen(1, moment("08:10"), "ett.eml")])) == [], "recorded just then"


def test_what_comes_after_a_clock_that_was_ahead_stands_together() -> None:
    log = [Timed(1, moment("12:00")), *(Timed(n, EIGHT) for n in (2, 3)), Timed(4, moment("13:00"))]
    assert [[each.position for each in run] for run in runs(set_back(log))] == [[2, 3]]


def test_nobody_knew_what_was_written_after_what_was_recorded_later(day: Day) -> None:
    day.at("08:05").records(outage())
    day.at("12:00").records(prognosis("16:00"))
    day.at("11:30").records(prognosis("14:00"))
    assert [recorded.entry for recorded in as_known(day.facts, moment("11:45"))] == [1]
    assert [recorded.entry for recorded in as_known(day.facts, moment("12:00"))] == [1, 2, 3]
    assert known_from(day.facts) == {1: moment("08:05"), 2: moment("12:00"), 3: moment("12:00")}


def test_the_whole_log_says_from_which_position_on_nothing_was_known(day: Day) -> None:
    day.at("08:05").records(outage())
    facts = [recorded._replace(position=7) for recorded in day.facts]
    assert as_known(facts, moment("09:00"), before=8) == facts
    assert as_known(facts, moment("09:00"), before=7) == []
