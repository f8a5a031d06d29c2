"""Whoever shows a duty says the same of it at one moment: board, due, review, replay and the clock."""

from datetime import datetime, timedelta
from gettext import NullTranslations

from hypothesis import settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from domain.course import go_through
from domain.hindsight import reviewed
from domain.incident import Incident
from domain.replay import in_order_of_events
from domain.review import judged, verdicts
from domain.routine_document import builtin
from domain.verdict import Verdict, most_urgent
from domain.vocabulary import RoutineState
from domain.whose_turn import everybodys, to_be_done, whose_turn
from tests.domain.any_day import AnyDay
from tests.domain.test_days import FOUR_HOURS, SoundDay, key
from wording.marked import Mark, Marked
from wording.standing import duty_line, rows, turn_rows
from wording.words import Words

WORDS = Words(NullTranslations(), "en", builtin())


class ShownDay(AnyDay):
    """A day looked at from every side when it is over, and at some moments after."""

    def teardown(self) -> None:
        for later in (timedelta(0), timedelta(minutes=14), timedelta(hours=5)):
            self.shown(later)

    def shown(self, later: timedelta) -> None:
        now = self.now + later
        found = verdicts(self.happened, builtin(), now)
        words = {key(verdict): verdict.word for verdict in found}
        course = go_through(self.happened, builtin())

        assert judged(course, now) == found, "the board goes on from a course, the review from all facts"
        lines = reviewed(self.facts, builtin(), now)
        assert {key(line.verdict): line.verdict.word for line in lines if isinstance(line.verdict, Verdict)} == words
        assert {line.verdict.duty.id for line in lines} == {duty.id for duty in builtin().duties}

        due = most_urgent(found, now)
        assert {key(verdict) for verdict in due} == {
            key(verdict) for verdict in found if verdict.word in ("pending", "overdue") and not verdict.duty.forbids
        }
        for verdict in found:
            is_late = verdict.word in ("late", "overdue", "missed") and not verdict.duty.forbids
            assert (verdict.late > timedelta(0)) == is_late
            if verdict.word == "overdue":
                assert verdict.passed(now), "the clock tells of it"
            if verdict.word == "pending":
                assert not verdict.passed(now), "and not before"
            told = duty_line(verdict, WORDS, now)
            late = [part for part in told if isinstance(part, Marked) and part.mark is Mark.LATE]
            assert bool(late) == (verdict.word in ("overdue", "missed") and verdict.due_at is not None)
        if not self.incident.open:
            assert due == [], "nobody is asked for anything after closing"
        self.board_agrees(course.incident, found, now)

        self.replay_agrees(found)
        for word in words.values():
            self.reached[word] += 1

    def replay_agrees(self, found: list[Verdict]) -> None:
        done = {key(v) for step, _incident in in_order_of_events(self.happened, builtin()) for v in step.fulfilled}
        assert done == {key(v) for v in found if v.done_at and not v.duty.forbids}

    def board_agrees(self, incident: Incident, found: list[Verdict], now: datetime) -> None:
        listed = {key(verdict) for verdict in to_be_done(found, now)}
        assert listed <= {key(v) for v in found if v.to_do or v.duty.forbids}
        assert rows(incident, WORDS, now) or incident.detected_at is None or incident.voided
        assert bool(turn_rows(everybodys(found, now), WORDS, now)) == bool(listed)
        for function in builtin().functions:
            turns = whose_turn(found, incident, (function,), now)
            told = [turn.verdict for turn in (*turns.own, *turns.others) if turn.verdict]
            assert {key(verdict) for verdict in told} == listed, "nothing is hidden from anybody"
        decide = [v for v in found if v.duty.id in (*FOUR_HOURS, "activate-as-instructed") and v.to_do]
        due = [v for v in decide if v.due_at and v.due_at <= now]
        if incident.routine_state(now) is RoutineState.DUE and incident.open:
            assert due
        if any(v.word == "overdue" for v in decide) and not incident.deferred_at(now):
            assert incident.routine_state(now) is RoutineState.DUE


class MinuteDay(ShownDay, SoundDay):
    """People write minutes: what was done within one happened at one moment, in the order it was written."""

    def free(self, wanted: datetime) -> datetime:
        return wanted.replace(second=0, microsecond=0)

    @invariant()
    def verdicts_do_not_depend_on_who_wrote_first(self) -> None:
        """Within a minute they do."""

    def shown(self, later: timedelta) -> None:
        super().shown(later)
        if len({recorded.occurred_at for recorded in self.happened}) < len(self.happened):
            self.reached["two at once"] += 1


def test_whatever_the_day_everything_that_shows_a_duty_says_the_same_of_it() -> None:
    ShownDay.reached.clear()
    once = settings(max_examples=50, stateful_step_count=35, derandomize=True)
    run_state_machine_as_test(ShownDay, settings=once)
    assert set(ShownDay.reached) >= {"kept", "late", "overdue", "missed", "pending", "deferred", "not-applicable"}


def test_what_happens_within_one_minute_is_shown_alike_by_all_too() -> None:
    MinuteDay.reached.clear()
    once = settings(max_examples=30, stateful_step_count=35, derandomize=True)
    run_state_machine_as_test(MinuteDay, settings=once)
    assert set(MinuteDay.reached) >= {"two at once", "kept", "overdue", "missed", "pending", "not-applicable"}
