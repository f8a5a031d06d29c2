"""A history step by step: nothing told twice, nothing left out, and no step that knows more than was known."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import domain.course
import domain.incident
from domain import facts as f
from domain.fact import Recorded
from domain.history import Limits, as_happened
from domain.incident import Incident, fold
from domain.replay import Standing, Step, in_order_of_events, in_order_of_writing, standing
from domain.review import verdicts
from domain.routine_document import builtin
from domain.verdict import Verdict
from domain.vocabulary import ContactOutcome, RoutineState, Status
from tests.domain.any_day import AnyDay
from tests.given import (
    ACTIVATED,
    DEACTIVATED,
    Day,
    correction,
    moment,
    outage,
    owner_contacted,
    prognosis,
    published,
    restored,
    taken_for_granted,
)


def happened(day: Day) -> list[Step]:
    return [step for step, _ in in_order_of_events(day.happened, day.routine)]


def written(day: Day) -> list[Step]:
    return [step for step, _ in in_order_of_writing(day.facts, day.routine)]


def begun(step: Step) -> list[str]:
    return [start.duty.id for start in step.started]


def done(step: Step) -> list[tuple[str, str]]:
    return [(verdict.duty.id, verdict.word) for verdict in step.fulfilled]


def changed(step: Step) -> dict[str, tuple[Any, Any]]:
    return {change.what: (change.before, change.after) for change in step.changes}


def test_a_step_says_what_the_fact_changed_and_nothing_else(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(f.CallersInformed(count=2))
    day.at("09:00").records(prognosis("11:00"))
    day.at("10:50").records(restored())
    steps = happened(day)
    assert changed(steps[0])["status"] == (None, Status.ONGOING)
    assert changed(steps[1]) == {}
    assert changed(steps[2]) == {"prognosis": (None, moment("11:00"))}
    assert changed(steps[3])["status"] == (Status.ONGOING, Status.RESTORED)


def test_what_time_alone_changed_is_told_at_the_next_fact_and_told_apart(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(prognosis("11:00"))
    day.at("12:30").records(f.CallersInformed(count=2))
    changes = {change.what: change for change in happened(day)[-1].changes}
    assert changes.keys() == {"prognosis", "reserve_routine"}
    assert changes["reserve_routine"].after is RoutineState.DUE
    assert all(change.by_time for change in changes.values())
    assert not any(change.by_time for change in happened(day)[1].changes)


def test_a_duty_begins_with_the_fact_that_brought_it_about_and_ends_with_its_deed(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:20").records(owner_contacted(ContactOutcome.NO_ANSWER))
    day.at("08:30").records(f.UnitManagerContacted(outcome=ContactOutcome.REACHED))
    first, second, third = happened(day)
    assert "report-to-system-owner" in begun(first)
    assert begun(second) == ["contact-unit-manager", "create-servicedesk-incident"]
    assert done(second) == [("report-to-system-owner", "late")]
    assert second.fulfilled[0].late == timedelta(minutes=5)
    assert (begun(third), done(third)) == ([], [("contact-unit-manager", "kept")])


def test_of_several_facts_at_one_minute_each_has_its_own_duties(day: Day) -> None:
    day.at("08:00").records(f.CallersInformed(count=1))
    day.at("08:05").records(f.NoteAdded(text="telefonerna går varma"))
    day.at("08:05").records(outage())
    day.at("08:05").records(owner_contacted())
    day.at("08:05").records(f.NoteAdded(text="fler ringer"))
    steps = happened(day)
    assert [bool(begun(step)) for step in steps] == [False, False, True, False, False]
    assert done(steps[2]) == [("inform-callers", "kept")], "done before it began, it is done when it begins"
    assert done(steps[3]) == [("report-to-system-owner", "kept")]


def test_a_duty_that_a_fact_starts_begins_with_that_one_among_those_of_its_minute(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:20").records(f.NoteAdded(text="ringer upp nu"))
    day.at("08:20").records(owner_contacted(ContactOutcome.NO_ANSWER))
    assert [len(begun(step)) for step in happened(day)[1:]] == [0, 2]


def test_a_deadline_is_told_as_it_was_known_when_the_duty_began(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(prognosis("14:00"))
    for step in (happened(day)[0], written(day)[0]):
        due = {start.duty.id: start.due_at for start in step.started}
        assert due["activate-without-prognosis"] == moment("12:00"), "nobody knew of a prognosis yet"
    day.at("09:30", written="10:00").records(f.ScopeReclassified(scope="local", reason="bara Lund"))
    day.at("10:30").records(f.ScopeReclassified(scope="all-users", reason="ändå alla"))
    again = {start.duty.id: start.due_at for start in happened(day)[-1].started}
    assert again["activate-without-prognosis"] == moment("14:00"), "the prognosis was in force when it began anew"
    day.at("11:00").records(prognosis("16:00"))
    assert again == {start.duty.id: start.due_at for start in happened(day)[-2].started}, "a later one was not known"


def test_paper_is_entered_when_the_last_of_it_is(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:00").records(ACTIVATED)
    for serial in ("OT-1", "OT-2"):
        day.at("13:00").records(taken_for_granted(f.ReferralReceived(serial=serial)))
    day.at("14:00").records(restored())
    day.at("14:10").records(DEACTIVATED)
    day.at("15:00").records(f.ReferralEntered(serial="OT-1"))
    day.at("16:00").records(f.ReferralEntered(serial="OT-2"))
    steps = happened(day)
    assert "enter-referrals" in begun(steps[4])
    assert done(steps[6]) == []
    assert done(steps[7]) == [("enter-referrals", "kept")]


def test_what_was_late_in_being_recorded_is_told_in_both_readings(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:10", written="08:25").records(f.CallersInformed(count=1))
    day.at("08:20", written="08:40").records(owner_contacted())
    for steps in (happened(day), written(day)):
        assert [step.late for step in steps] == [None, None, timedelta(minutes=20)]


def test_a_flag_is_told_at_the_fact_that_does_not_fit_and_as_written_when_it_came_to_light(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(published("https://example.se/a"))
    day.at("12:00").records(ACTIVATED)
    day.at("13:00").records(taken_for_granted(f.ReferralReceived(serial="OT-1")))
    day.at("14:00").records(correction(3, "13:30"))
    told = [[flag.code for flag in step.flags] for step in happened(day)]
    assert ["paper-without-reserve-routine"] in told
    by_writing = [[(flag.entry, flag.code) for flag in step.flags] for step in written(day)]
    assert by_writing[:4] == [[], [], [], []]
    assert by_writing[4] == [(4, "paper-without-reserve-routine")]


def test_as_it_was_written_a_correction_tells_again_what_it_moved(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(correction(1, "07:30"))
    first, second = written(day)
    assert first.recorded.occurred_at == second.recorded.fact.occurred_at + timedelta(minutes=30)  # type: ignore[attr-defined]
    assert changed(second)["reserve_routine_due_at"] == (moment("12:00"), moment("11:30"))
    assert begun(second) == begun(first)


def test_as_it_was_written_a_correction_takes_back_what_was_done(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(owner_contacted())
    day.at("08:12").records(f.SupplierContacted(outcome=ContactOutcome.REACHED))
    day.at("09:00").records(correction(3, outcome="no-answer"))
    assert [[duty.id for duty in step.undone] for step in written(day)] == [[], [], [], ["contact-supplier"]]
    assert not any(done(step) for step in happened(day)[2:]), "as it happened it was never done"


def test_the_moment_that_is_asked_about() -> None:
    day = Day()
    day.at("08:00", written="08:40").records(outage())
    now = moment("15:00")
    assert Limits().moment(day.facts, now) == now
    assert Limits(to_entry=1).moment(day.facts, now) == moment("08:40")
    assert Limits(known_at=moment("10:00")).moment(day.facts, now) == moment("10:00")
    both = Limits(as_of=moment("09:00"), known_at=moment("10:00"))
    assert both.moment(day.facts, now) == moment("09:00")
    assert Limits(as_of=moment("08:30"), known_at=moment("08:30")).happened(day.facts) == []


def keys(found: list[Verdict]) -> tuple[set[Any], set[Any]]:
    """The duties that have begun, and those that are done."""
    started = {(verdict.duty.id, verdict.started_at) for verdict in found}
    fulfilled = {(v.duty.id, v.started_at, v.done_at) for v in found if v.done_at and not v.duty.forbids}
    return started, fulfilled


class ReplayedDay(AnyDay):
    """Each step of a day, held against reading everything up to it anew."""

    def teardown(self) -> None:
        self.told(in_order_of_events(self.happened, builtin()), lambda count: self.happened[:count])
        for facts in (self.facts, self.with_one_withdrawn()):
            self.told(in_order_of_writing(facts, builtin()), lambda count, facts=facts: as_happened(facts[:count]))
            assert sum(1 for _ in in_order_of_writing(facts, builtin())) == len(facts)

    def with_one_withdrawn(self) -> list[Recorded]:
        """The same day, with an entry from its midst withdrawn at its end and a call noted afterwards."""
        last, middle = self.facts[-1], self.facts[len(self.facts) // 2]
        if middle.entry == 1:
            return self.facts
        gone = last._replace(entry=last.entry + 1, fact=f.EntryWithdrawn(entry=middle.entry, reason="fel"))
        return [*self.facts, gone, middle._replace(entry=last.entry + 2, fact=f.CallersInformed(count=1))]

    def told(self, steps: Any, upto: Any) -> None:
        before, started, fulfilled, flags = Standing(), set[Any](), set[Any](), set[Any]()
        for count, (step, incident) in enumerate(steps, 1):
            prefix = upto(count)
            assert incident == fold(prefix, builtin())
            assert step.standing == standing(incident, step.at), "a part replayed is how it stood then"
            assert before._replace(**{change.what: change.after for change in step.changes}) == step.standing
            now_started, now_fulfilled = keys(found := verdicts(prefix, builtin(), max(r.occurred_at for r in prefix)))
            assert {(start.duty.id, start.at) for start in step.started} == now_started - started
            assert {(v.duty.id, v.started_at, v.done_at) for v in step.fulfilled} == now_fulfilled - fulfilled
            again = {verdict.duty.id for verdict in step.fulfilled}
            assert {duty.id for duty in step.undone} == {duty for duty, _, _ in fulfilled - now_fulfilled} - again
            assert set(step.flags) == set(incident.irregularities) - flags
            due = {(verdict.duty.id, verdict.started_at): verdict.due_at for verdict in found}
            assert all(start.due_at == due[start.duty.id, start.at] for start in step.started)
            how = {(v.duty.id, v.started_at): (v.word, v.late) for v in found}
            assert all((v.word, v.late) == how[v.duty.id, v.started_at] for v in step.fulfilled)
            before, started, fulfilled, flags = step.standing, now_started, now_fulfilled, set(incident.irregularities)


def test_whatever_the_day_each_step_tells_exactly_what_reading_it_all_anew_would() -> None:
    once = settings(max_examples=30, stateful_step_count=40, derandomize=True)
    run_state_machine_as_test(ReplayedDay, settings=once)


def test_as_it_was_written_what_was_withdrawn_has_its_step_and_so_has_the_withdrawal(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(owner_contacted())
    day.at("08:20").records(f.EntryWithdrawn(entry=2, reason="fel"))
    day.at("08:15", written="08:30").records(f.CallersInformed(count=1))
    steps = written(day)
    assert [step.recorded.entry for step in steps] == [1, 2, 3, 4]
    assert done(steps[1]) == [("report-to-system-owner", "kept")]
    assert [duty.id for duty in steps[2].undone] == ["report-to-system-owner"]


@pytest.mark.parametrize("replayed", [in_order_of_events, in_order_of_writing])
def test_a_long_history_is_read_a_fixed_number_of_times(replayed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its length; reading each part anew would be some hundred times here."""
    read: Counter[str] = Counter()
    one_fact = domain.incident.go_on

    def counted(incident: Incident, recorded: Recorded) -> None:
        read["facts"] += 1
        one_fact(incident, recorded)

    monkeypatch.setattr(domain.incident, "go_on", counted)
    monkeypatch.setattr(domain.course, "go_on", counted)
    assert sum(1 for _ in replayed(long_day(500), builtin())) == 500
    assert read["facts"] <= 5 * 500
    read.clear()
    assert sum(1 for _ in in_order_of_writing(noted_afterwards(500), builtin())) == 500
    assert read["facts"] <= 5 * 500


def noted_afterwards(count: int) -> list[Recorded]:
    """The same paper, written down once the systems run again, in the order it came; the last is corrected."""
    day = long_day(count - 2)
    over = day[1]._replace(entry=3, fact=restored(), occurred_at=moment("20:00"), recorded_at=moment("20:00"))
    late = [
        each._replace(entry=entry, recorded_at=moment("21:00") + timedelta(seconds=entry))
        for entry, each in enumerate(day[2:], 4)
    ]
    moved = f.EntryCorrected(entry=late[-1].entry, reason="fel", occurred_at=moment("14:00"))
    last = late[-1]._replace(entry=count, fact=moved, occurred_at=moment("22:00"), recorded_at=moment("22:00"))
    return [*day[:2], over, *late, last]


def long_day(count: int) -> list[Recorded]:
    """Paper that comes and goes all day, and a few calls between."""
    day = [outage(), ACTIVATED]
    while len(day) < count:
        serial = f"OT-{len(day)}"
        day += [
            taken_for_granted(f.ReferralReceived(serial=serial)),
            f.CallersInformed(count=3),
            f.ReferralSetAside(serial=serial, reason="returned"),
        ]
    return [
        Recorded(
            "2026-0007", entry, fact, at, at, builtin().recorded_by(type(fact))[0], "s-00c0ffee", f"command {entry}"
        )
        for entry, fact in enumerate(day[:count], 1)
        for at in [moment("08:00") + timedelta(hours=4 if entry > 1 else 0, seconds=10 * entry)]
    ]
