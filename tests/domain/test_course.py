"""A history gone through once, fact after fact."""

from domain.conditions import Span
from domain.course import Course, go_through
from domain.facts import NoteAdded
from domain.history import as_happened
from domain.review import judged
from domain.routine_document import builtin
from tests.given import Day, moment, outage, owner_contacted, prognosis, restored


def restarted() -> Day:
    """A day on which all runs again for no time at all."""
    day = Day()
    day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    day.at("09:00").records(outage())
    day.at("10:00").records(restored())
    return day


def test_what_ends_at_the_moment_it_begins_has_never_held() -> None:
    restorations = go_through(restarted().happened, builtin()).spans["restored"]
    assert [(span.start, span.end) for span in restorations] == [(moment("10:00"), None)]


def test_to_ask_a_course_for_its_spans_changes_nothing_of_what_comes_after() -> None:
    day = restarted()
    day.at("11:00").records(outage())
    day.at("12:00").records(restored())
    day.at("13:00").records(outage())
    happened = day.happened
    asked = go_through(happened[:1], builtin())
    for recorded in happened[1:]:
        assert asked.spans == asked.spans
        asked.add(recorded)
    assert asked == go_through(happened, builtin())
    assert asked.spans == go_through(happened, builtin()).spans


def late_notes() -> tuple[Course, Day]:
    """What was known at nine, and a day that went on with two facts written in the wrong order."""
    day = Day()
    day.at("08:00").records(outage())
    day.at("09:00").records(NoteAdded(text="ett"))
    course = go_through(day.happened, day.routine)
    day.at("09:30", written="09:31").records(owner_contacted())
    day.at("09:20", written="09:32").records(NoteAdded(text="två"))
    return course, day


def test_a_course_goes_on_with_what_happened_later_in_whatever_order_it_was_written() -> None:
    course, day = late_notes()
    assert course.leads_to(*day.facts[2:])
    course.go_on(day.facts[2:])
    assert course == go_through(day.happened, day.routine)


def test_a_course_does_not_go_on_with_what_happened_before_it() -> None:
    course, day = late_notes()
    day.at("08:59", written="09:40").records(NoteAdded(text="tre"))
    assert not course.leads_to(*day.facts[2:])
    assert course == go_through(as_happened(day.facts[:2]), day.routine), "a question changes nothing"


def test_one_fact_that_a_duty_looks_for_twice_is_one_piece_of_evidence() -> None:
    [duty] = [duty for duty in builtin().duties if duty.id == "report-to-system-owner"]
    twice = duty.model_copy(update={"done_by": duty.done_by * 2})
    routine = builtin().model_copy(update={"duties": (twice,)})
    day = Day()
    day.at("08:00").records(outage())
    day.at("08:10").records(owner_contacted())
    course = go_through(day.happened, routine)
    assert [entry for _at, entry in course.matches[duty.id].doing] == [2]
    assert [verdict.evidence for verdict in judged(course, moment("09:00"))] == [(2,)]


def test_what_is_replaced_as_its_time_passes_goes_on_and_does_not_begin_anew(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:30").records(prognosis("10:00"))
    day.at("10:00").records(prognosis("12:00"))
    held = go_through(day.happened, builtin()).spans["prognosis-in-force"]
    assert held == [Span(moment("08:30"), moment("12:00"))]
    day.at("12:00:01").records(prognosis("13:00"))
    assert len(go_through(day.happened, builtin()).spans["prognosis-in-force"]) == 2
