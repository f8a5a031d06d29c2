"""What stays true of every day, whatever happens on it: after each fact it is held against a plain reading."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from domain import facts as f
from domain.admission import admit, admit_next
from domain.course import go_through
from domain.fact import Recorded
from domain.history import as_happened, as_known, as_written
from domain.incident import Incident, Kind, fold, fold_steps
from domain.review import verdicts
from domain.routine_document import builtin
from domain.verdict import Verdict, most_urgent
from domain.vocabulary import RoutineState, Scope, Status, System
from tests.domain.any_day import MINUTE, SECOND, AnyDay, answered

FOUR_HOURS = ("activate-without-prognosis", "activate-after-four-hours")


class SoundDay(AnyDay):
    """A day of which everything is held against a plain reading of its facts, after each of them."""

    def answer_to(self, proposed: Recorded) -> Incident | tuple[str, Any]:
        """What reading all of it anew answers, and the same from going on with the course."""
        answer = super().answer_to(proposed)
        assert self.gone_on_with(proposed) in (None, answer)
        return answer

    def gone_on_with(self, proposed: Recorded) -> Incident | tuple[str, Any] | None:
        """What going on with the course answers; None where it does not lead to the fact."""
        course = go_through(self.happened, builtin())
        if not course.leads_to(proposed):
            return None
        self.reached["gone on with"] += 1

        def next_() -> Incident:
            admit_next(course, proposed)
            return course.incident

        return answered(next_)

    @invariant()
    def the_status_is_what_the_facts_say(self) -> None:
        incident, down, detected, closed = self.incident, set[System](), False, False
        for recorded in self.happened:
            match recorded.fact:
                case f.OutageDetected(systems=systems, scope=scope):
                    down |= set(System) if scope is Scope.REGION_WIDE else set(systems)
                    detected = True
                case f.ScopeReclassified(scope=Scope.REGION_WIDE) if down:
                    down = set(System)
                case f.ServiceRestored(systems=systems):
                    down -= set(systems)
                case f.IncidentClosed():
                    closed = True
                case f.IncidentReopened():
                    closed = False
        assert set(incident.down) == down <= set(incident.systems)
        assert (incident.down_since is not None) == bool(down)
        assert (incident.status is Status.CLOSED) == closed == bool(incident.closed_at)
        if not closed:
            expected = Status.ONGOING if down else Status.RESTORED if detected else Status.SUSPECTED
            assert incident.status is expected
        self.reached[incident.status] += 1

    @invariant()
    def the_paper_balances(self) -> None:
        came, gone = Counter[str](), Counter[str]()
        for recorded in self.happened:
            match recorded.fact:
                case f.ReferralReceived(serial=serial):
                    came[serial] += 1
                case f.ReferralEntered(serial=serial) | f.ReferralSetAside(serial=serial):
                    gone[serial] += 1
                    assert came[serial], "balanced before it came"
        incident = self.incident
        assert max(came.values(), default=1) == max(gone.values(), default=1) == 1, "each came once and went once"
        assert set(incident.outstanding) == set(came) - set(gone)
        assert incident.received == incident.entered + incident.set_aside + len(incident.outstanding) == len(came)
        if incident.status is Status.CLOSED and incident.outstanding:
            assert incident.open, "paper that came after closing keeps the incident on the board"

    @invariant()
    def the_reserve_routine_is_as_it_was_last_decided(self) -> None:
        active, ever = False, False
        for recorded in self.happened:
            if isinstance(recorded.fact, f.ReserveRoutineActivated | f.ReserveRoutineDeactivated):
                active, ever = isinstance(recorded.fact, f.ReserveRoutineActivated), True
        incident = self.incident
        state = incident.routine_state(self.now)
        assert (state is RoutineState.ACTIVE) == active == incident.active
        if state is RoutineState.DUE:
            assert incident.down_since
            assert self.now >= incident.down_since + timedelta(hours=4)
            assert incident.scope in (Scope.ALL_USERS, Scope.REGION_WIDE)
            assert not incident.waits_for_instruction
        elif not active:
            assert (state is RoutineState.ENDED) == ever
        self.reached[f"routine {state}"] += 1

    @invariant()
    def what_the_board_calls_due_is_on_the_list_of_duties(self) -> None:
        if self.incident.routine_state(self.now) is RoutineState.DUE:
            found = most_urgent(verdicts(self.happened, builtin(), self.now), self.now)
            to_do = [verdict for verdict in found if verdict.duty.id in FOUR_HOURS]
            assert any(verdict.due_at and verdict.due_at <= self.now for verdict in to_do)

    @invariant()
    def nothing_impossible_is_in_the_log(self) -> None:
        assert [odd for odd in self.incident.irregularities if odd.kind is Kind.IMPOSSIBLE] == []

    def teardown(self) -> None:
        """When the day is over, every step of it is looked back at."""
        for place, step in enumerate(fold_steps(self.happened, builtin()), 1):
            assert step == fold(self.happened[:place], builtin()), "replaying a part is folding that part"
        for recorded, answer in zip(self.facts, self.answers, strict=True):
            known = as_known(self.facts, recorded.recorded_at)
            assert as_written(known) == self.facts[: recorded.entry]
            assert fold(as_happened(known), builtin()) == answer, "what was answered then is what was known then"

    @invariant()
    def a_condition_never_holds_twice_at_once(self) -> None:
        spans = go_through(self.happened, builtin()).spans
        for held in spans.values():
            for earlier, later in pairwise(held):
                assert earlier.end
                assert earlier.start < earlier.end <= later.start
        assert ("outage" in spans and spans["outage"][-1].end is None) == bool(self.incident.down)

    @invariant()
    def verdicts_do_not_depend_on_who_wrote_first(self) -> None:
        told = fared(verdicts(self.happened, builtin(), self.now))
        other = as_happened(rewritten(self.facts, OTHER_ORDERS[len(self.facts) % len(OTHER_ORDERS)]))
        assert fared(verdicts(other, builtin(), self.now)) == told
        assert fold(other, builtin()).status is self.incident.status
        for _, word, _, _ in told:
            self.reached[word] += 1

    @invariant()
    def putting_off_never_makes_good_what_was_missed(self) -> None:
        missed = [v for v in verdicts(self.happened, builtin(), self.now) if v.word == "missed"]
        if not missed or self.incident.closed_at:
            return
        at = self.now + SECOND
        excuse = Recorded(
            "2026-0007", len(self.facts) + 1, f.ActivationDeferred(reason="strax", until=at + 120 * MINUTE),
            at, at, builtin().recorded_by(f.ActivationDeferred)[0], "s-00c0ffee", "excuse", deviation="vi hann inte",
        )  # fmt: skip
        admit(self.facts, excuse, builtin())
        excused = as_happened([*self.facts, excuse])
        for later in (at, at + 60 * MINUTE, at + 121 * MINUTE):
            still = {key(verdict): verdict.word for verdict in verdicts(excused, builtin(), later)}
            assert {still[key(verdict)] for verdict in missed} == {"missed"}
        self.reached["tried to excuse"] += 1


def key(verdict: Verdict) -> tuple[str, datetime]:
    return verdict.duty.id, verdict.started_at


def fared(found: Iterable[Verdict]) -> list[tuple[str, str, datetime | None, datetime | None]]:
    """What must be the same whoever wrote first; the entries' own numbers are not."""
    return [(verdict.duty.id, verdict.word, verdict.due_at, verdict.done_at) for verdict in found]


OTHER_ORDERS: tuple[Callable[[Recorded], Any], ...] = (
    lambda recorded: recorded.occurred_at,
    lambda recorded: -recorded.entry,
    lambda recorded: (recorded.entry * 37) % 101,
)
"""As it happened, the newest first, and as if several people had written at once."""


def rewritten(facts: list[Recorded], first: Callable[[Recorded], Any]) -> list[Recorded]:
    """The same facts recorded in another order; a correction still comes after what it corrects, and in turn."""
    waiting, written, now_called = sorted(facts, key=first), list[Recorded](), dict[int, int]()
    while waiting:
        recorded = next(r for r in waiting if may_be_written(r, waiting))
        waiting.remove(recorded)
        now_called[recorded.entry] = len(written) + 1
        fact = recorded.fact
        if isinstance(fact, f.EntryCorrected):
            fact = fact.model_copy(update={"entry": now_called[fact.entry]})
        written.append(recorded._replace(entry=len(written) + 1, fact=fact))
    return written


def may_be_written(recorded: Recorded, waiting: list[Recorded]) -> bool:
    if not isinstance(recorded.fact, f.EntryCorrected):
        return True
    target = recorded.fact.entry
    return not any(
        other.entry == target
        or (isinstance(other.fact, f.EntryCorrected) and other.fact.entry == target and other.entry < recorded.entry)
        for other in waiting
    )


REACHED = {
    Status.ONGOING, Status.RESTORED, Status.CLOSED, "routine active", "kept", "late", "missed", "pending",
    "gone on with",
}  # fmt: skip


def test_whatever_the_day_its_state_its_paper_and_its_verdicts_agree_with_its_facts() -> None:
    SoundDay.reached.clear()
    once = settings(max_examples=100, stateful_step_count=40, derandomize=True)
    run_state_machine_as_test(SoundDay, settings=once)
    assert set(SoundDay.reached) >= REACHED, "the days have become too much alike to say anything"
