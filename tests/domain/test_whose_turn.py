"""Whose turn it is: one's own first, others waited for, and nothing proposed that would be refused."""

from collections.abc import Sequence

from hypothesis import settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from domain import facts as f
from domain.acts import Act, act_towards
from domain.admission import admit
from domain.fact import Recorded
from domain.review import verdicts
from domain.routine_document import builtin
from domain.vocabulary import ContactOutcome, Function, Scope
from domain.whose_turn import Turn, Turns, whose_turn
from tests.domain.any_day import AnyDay
from tests.given import (
    ACTIVATED,
    ADMINISTRATION,
    INSTRUCTED,
    OWNER,
    PARTNER,
    VO,
    Day,
    moment,
    outage,
    owner_contacted,
    restored,
)

REQUESTED = f.OperatingInformationRequested(text="Sesam ligger nere.")


def turns(day: Day, at: str, *functions: Function, just: str = "") -> Turns:
    found = verdicts(day.happened, day.routine, moment(at))
    started_at = moment(just) if just else None
    return whose_turn(found, day.incident, functions or (ADMINISTRATION,), moment(at), started_at)


def act(day: Day, duty: str, at: str, *functions: Function) -> Act | None:
    found = day.routine.duty(duty)
    assert found is not None
    return act_towards(found, day.incident, functions or (ADMINISTRATION,), moment(at))


def duties(some: Sequence[Turn]) -> list[str]:
    return [turn.verdict.duty.id if turn.verdict else "" for turn in some]


def test_the_help_desk_has_its_own_duties_first_and_waits_for_the_system_owner(day: Day) -> None:
    day.at("08:05").records(outage())
    now = turns(day, "08:06")
    assert duties(now.own)[:2] == ["report-to-system-owner", "contact-supplier"]
    assert duties(now.others) == ["publish-operating-information"]


def test_what_the_help_desk_waits_for_is_the_system_owners_own(day: Day) -> None:
    day.at("08:05").records(outage())
    now = turns(day, "08:06", OWNER)
    assert duties(now.own) == ["publish-operating-information"]
    proposed = act(day, "publish-operating-information", "08:06", OWNER)
    assert proposed is not None
    assert (proposed.fact, proposed.function) == (f.OperatingInformationPublished, OWNER)
    assert "report-to-system-owner" in duties(now.others)


def test_a_publication_that_was_asked_for_says_since_when_until_it_has_come(day: Day) -> None:
    day.at("08:05").records(outage())
    day.at("08:55").records(REQUESTED)
    day.at("09:10").records(REQUESTED)
    assert [turn.asked_at for turn in turns(day, "09:20").others] == [moment("08:55")]
    day.at("09:30").records(f.OperatingInformationObserved(channel="vardgivare-skane", text="Sesam ligger nere."))
    assert not any(turn.asked_at for turn in turns(day, "09:31").others)


def test_a_publication_is_waited_for_where_no_duty_demands_it(day: Day) -> None:
    day.at("08:05").records(outage(Scope.LOCAL))
    day.at("08:20").records(REQUESTED)
    [waited] = turns(day, "08:30").others
    assert (waited.verdict, waited.who, waited.asked_at) == (None, OWNER, moment("08:20"))


def test_q18_a_publication_that_was_asked_for_is_waited_for_until_the_outage_is_over(day: Day) -> None:
    day.at("08:05").records(outage(Scope.LOCAL))
    day.at("08:20").records(REQUESTED)
    day.at("09:00").records(restored())
    assert turns(day, "09:01") == Turns((), ())
    day.at("09:05").records(REQUESTED)
    assert [turn.asked_at for turn in turns(day, "09:06").others] == [moment("09:05")], "that it works again"
    day.at("09:10").records(f.IncidentClosed())
    assert turns(day, "09:11") == Turns((), ())


def test_the_partners_notice_stands_before_what_is_older_once_the_activation_has_begun_it(day: Day) -> None:
    day.at("08:05").records(outage())
    day.at("12:10").records(ACTIVATED)
    now = turns(day, "12:10", just="12:10")
    assert duties(now.own)[0] == "notify-partner"
    assert "report-to-system-owner" in duties(now.own)


def test_an_activation_is_proposed_once_it_would_be_admitted(day: Day) -> None:
    day.at("08:05").records(outage())
    assert act(day, "activate-without-prognosis", "12:04") is None
    proposed = act(day, "activate-without-prognosis", "12:05")
    assert proposed is not None
    assert proposed.fact is f.ReserveRoutineActivated


def test_region_wide_what_there_is_to_do_is_to_wait_and_then_to_record_the_instruction(day: Day) -> None:
    day.at("08:05").records(outage(Scope.REGION_WIDE))
    now = turns(day, "08:06")
    assert duties(now.own) == ["await-instruction"]
    proposed = act(day, "await-instruction", "08:06")
    assert proposed is not None
    assert proposed.fact is f.InstructionReceived
    assert proposed.fields["orders"] == ("wait", "act", "activate-reserve-routine")
    day.at("08:30").records(INSTRUCTED)
    assert "await-instruction" not in duties(turns(day, "08:31").own)


def test_what_is_entered_is_the_partners_and_the_first_paper_that_waits(day: Day) -> None:
    day.at("08:05").records(outage())
    day.at("12:10").records(ACTIVATED)
    day.at("12:20").records(f.ReferralReceived(serial="OT-18"))
    day.at("13:00").records(f.ServiceRestored(systems=tuple(day.routine.systems)))
    assert "enter-referrals" in duties(turns(day, "13:01").others)
    proposed = act(day, "enter-referrals", "13:01", PARTNER)
    assert proposed is not None
    assert (proposed.fact, proposed.fields) == (f.ReferralEntered, {"serial": ("OT-18",)})


def test_a_publication_is_the_stand_ins_own_while_the_system_owner_is_away(day: Day) -> None:
    day.at("08:05").records(outage())
    assert "publish-operating-information" in duties(turns(day, "08:06", Function.UNIT_MANAGER).others)
    day.at("08:10").records(owner_contacted(ContactOutcome.OFF_DUTY))
    assert "publish-operating-information" in duties(turns(day, "08:11", Function.UNIT_MANAGER).own)
    proposed = act(day, "publish-operating-information", "08:11", Function.UNIT_MANAGER)
    assert proposed is not None
    assert (proposed.fact, proposed.function) == (f.OperatingInformationPublished, Function.UNIT_MANAGER)


def test_a_publication_that_was_asked_for_is_the_stand_ins_own_too_where_no_duty_demands_it(day: Day) -> None:
    day.at("08:05").records(outage(Scope.LOCAL))
    day.at("08:10").records(REQUESTED)
    day.at("08:15").records(owner_contacted(ContactOutcome.NO_ANSWER))
    assert [turn.asked_at for turn in turns(day, "08:20", Function.REGION_IT).own] == [moment("08:10")]


def test_how_a_contact_went_is_the_persons_own_to_say(day: Day) -> None:
    day.at("08:05").records(outage())
    day.at("08:10").records(owner_contacted(ContactOutcome.NO_ANSWER))
    proposed = act(day, "contact-unit-manager", "08:11", VO)
    assert proposed is not None
    assert proposed.fields == {"outcome": tuple(ContactOutcome)}


FREE = {"text": "Sesam ligger nere.", "links": ("https://vardgivare.example.se/ot",), "to": "jouren"}


class ProposedDay(AnyDay):
    """A day on which, after every fact, everything that is proposed to anybody is held against the door itself."""

    @invariant()
    def whatever_is_proposed_is_admitted(self) -> None:
        if not self.facts:
            return
        found = verdicts(self.happened, builtin(), self.now)
        for function in builtin().functions:
            own = whose_turn(found, self.incident, (function,), self.now).own
            for duty in [turn.verdict.duty for turn in own if turn.verdict]:
                if proposed := act_towards(duty, self.incident, (function,), self.now):
                    self.reached["proposed"] += 1
                    self.admitted(proposed)

    def admitted(self, act: Act) -> None:
        values = {
            name: (values[-1:] if name in ("channels", "links") else values[-1]) if values else FREE[name]
            for name, values in act.fields.items()
        }
        admit(
            self.facts,
            Recorded(
                incident="2026-0007",
                entry=len(self.facts) + 1,
                fact=act.fact.model_validate(values),
                occurred_at=self.now,
                recorded_at=self.now,
                recorded_as=act.function,
                recorded_by="s-00c0ffee",
                command_id="proposed",
            ),
            builtin(),
        )


def test_whatever_the_day_nothing_is_proposed_that_would_be_refused() -> None:
    ProposedDay.reached.clear()
    once = settings(max_examples=40, stateful_step_count=25, derandomize=True)
    run_state_machine_as_test(ProposedDay, settings=once)
    assert ProposedDay.reached["proposed"] > 500
