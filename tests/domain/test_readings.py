"""Histories on the edge, judged as a jurist would: the readings Q7, Q8 and Q18 to Q28, one day each."""

from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from domain import facts as f
from domain.course import go_through
from domain.fact import Fact
from domain.hindsight import Known, known_then
from domain.refusals import NotAdmitted
from domain.review import unapplied
from domain.routine_document import builtin
from domain.verdict import Verdict
from domain.vocabulary import (
    Advice,
    Channel,
    ContactOutcome,
    Orders,
    PartnerMessage,
    RoutineState,
    Scope,
    ServicedeskChannel,
    System,
)
from tests.given import (
    ACTIVATED,
    CLOSED,
    DEACTIVATED,
    INSTRUCTED,
    LINK,
    REOPENED,
    Day,
    correction,
    deferred,
    moment,
    outage,
    owner_contacted,
    prognosis,
    published,
    restored,
)

SR_069, SR_090 = "activate-without-prognosis", "activate-after-four-hours"
MANAGER = f.UnitManagerContacted(outcome=ContactOutcome.REACHED)
SERVICEDESK = f.ServicedeskIncidentCreated(channel=ServicedeskChannel.RITZ, reference="INC0042")
SUPPLIER = f.SupplierContacted(outcome=ContactOutcome.REACHED)
NO_ANSWER = owner_contacted(ContactOutcome.NO_ANSWER)
ALL_CLEAR = f.PartnerNotified(message=PartnerMessage.ALL_CLEAR, outcome="reached")
TOLD = f.PartnerNotified(message=PartnerMessage.ACTIVATION, outcome="reached")
WAIT = f.InstructionReceived(text="avvakta", orders=Orders.WAIT)
ACTIVATE = f.InstructionReceived(text="aktivera reservrutinen", orders=Orders.ACTIVATE)
SEEN = f.OperatingInformationObserved(channel=Channel.VARDGIVARE_SKANE, text="Sesam ligger nere.")


def seen(*, routine: bool) -> f.OperatingInformationObserved:
    return SEEN.model_copy(update={"links": (LINK,), "reserve_routine_applies": routine})


def informed(advice: Advice) -> f.CallersInformed:
    return f.CallersInformed(count=3, advice=advice)


def began(since: str) -> f.OutageDetected:
    """Detected when it is recorded, and had begun earlier."""
    return outage().model_copy(update={"since": moment(since)})


def known(day: Day, duty: str, at: str) -> Known | None:
    return known_then(day.verdict(duty, at), day.facts, day.routine, moment(at))


def told(verdict: Verdict) -> tuple[str, timedelta]:
    return verdict.word, verdict.late


@pytest.fixture
def down(day: Day) -> Day:
    """Nobody reaches any of the three systems from 08:00."""
    day.at("08:00").records(outage())
    return day


# Q7: region-wide


def test_q7_region_wide_nine_hours_without_a_word_ask_for_nothing_but_to_wait(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    assert day.due("17:00") == []
    assert day.verdict("await-instruction", at="17:00").word == "pending"
    assert day.incident.routine_state(moment("17:00")) is RoutineState.INACTIVE
    day.at("17:00").records(restored())
    assert day.verdict("await-instruction", at="18:00").word == "kept", "obeying is no deviation"
    assert {verdict.word for duty in (SR_069, SR_090) for verdict in day.verdicts(duty, "18:00")} == set()


def test_q7_told_to_wait_nothing_is_due_at_five_hours(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("09:00").records(WAIT)
    assert day.due("13:00") == []
    assert day.verdict("await-instruction", at="13:00").word == "pending"
    measure = day.at("10:00").records(SUPPLIER)
    assert "measure-before-instruction" in day.flags(measure), "to wait is to take no measures"


def test_q7_told_to_act_the_duties_of_an_all_users_stop_run_from_then(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("10:00").records(INSTRUCTED)
    assert day.verdict("report-to-system-owner", at="10:05").due_at == moment("10:15")
    assert day.verdict("contact-supplier", at="10:05").due_at == moment("10:30")
    assert [day.verdict(duty, at="10:05").due_at for duty in (SR_069, SR_090)] == [moment("12:00")] * 2


def test_q7_told_to_activate_it_is_due_at_once_before_four_hours_too(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("09:00").records(ACTIVATE)
    assert day.due("09:01")[0] == "activate-as-instructed"
    assert day.incident.routine_state(moment("09:01")) is RoutineState.DUE
    assert "report-to-system-owner" not in day.due("09:01"), "nothing else was ordered"
    assert day.flags(day.at("09:10").records(ACTIVATED)) == []
    assert day.verdict("activate-as-instructed", at="09:20").word == "kept"


def test_q7_told_to_wait_after_all_ends_what_was_to_be_done(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("09:00").records(INSTRUCTED)
    day.at("09:10").records(WAIT)
    assert day.due("14:00") == []
    assert day.verdict("report-to-system-owner", at="14:00").word == "not-applicable"


# Q8: told or published before the activation


def test_q8_the_partner_told_before_the_activation_is_told_in_this_outage(down: Day) -> None:
    notice = down.at("11:50").records(TOLD, deviation="vi visste att det blir så")
    down.at("12:05").records(ACTIVATED)
    kept = down.verdict("notify-partner", at="12:06")
    assert (kept.word, kept.evidence) == ("kept", (notice.entry,))


def test_q8_the_partner_told_in_an_outage_that_is_over_is_told_anew(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("12:10").records(TOLD)
    down.at("13:00").records(restored())
    down.at("13:10").records(DEACTIVATED)
    down.at("14:00").records(outage())
    down.at("18:05").records(ACTIVATED)
    assert "notify-partner" in down.due("18:06")


def test_q8_an_all_clear_undoes_what_the_partner_was_told(down: Day) -> None:
    down.at("10:00").records(TOLD, deviation="vi trodde att det var beslutat")
    down.at("10:20").records(ALL_CLEAR)
    down.at("12:05").records(ACTIVATED)
    assert "notify-partner" in down.due("12:06")


def test_q8_published_before_the_activation_stands_until_another_publication_says_otherwise(down: Day) -> None:
    down.at("11:55").records(published(LINK, routine=True), deviation="beslutet är taget")
    down.at("12:05").records(ACTIVATED)
    assert down.verdict("publish-reserve-routine", at="12:06").word == "kept"
    other = Day()
    other.at("08:00").records(outage())
    other.at("11:00").records(published(LINK, routine=True), deviation="för tidigt")
    other.at("11:10").records(published(LINK))
    other.at("12:05").records(ACTIVATED)
    assert "publish-reserve-routine" in other.due("12:06")


# Q12: reached on the second try


def test_q12_reached_on_the_second_try_no_servicedesk_is_demanded(down: Day) -> None:
    down.at("08:05").records(NO_ANSWER)
    assert {"contact-unit-manager", "create-servicedesk-incident"} <= set(down.due("08:06"))
    down.at("08:12").records(owner_contacted())
    assert not {"contact-unit-manager", "create-servicedesk-incident"} & set(down.due("08:13"))
    for duty in ("contact-unit-manager", "create-servicedesk-incident"):
        assert down.verdict(duty, at="12:00").word == "not-applicable"


def test_q12_reached_in_the_minute_of_the_first_try_they_lapse(down: Day) -> None:
    down.at("08:05").records(NO_ANSWER)
    down.at("08:05").records(owner_contacted())
    assert down.verdict("contact-unit-manager", at="09:00").word == "not-applicable"


def test_q12_what_was_late_when_the_owner_was_reached_stays_late(down: Day) -> None:
    down.at("08:05").records(NO_ANSWER)
    down.at("08:30").records(owner_contacted())
    missed = down.verdict("create-servicedesk-incident", at="12:00")
    assert told(missed) == ("missed", timedelta(minutes=10)), "and it does not grow"
    assert "create-servicedesk-incident" not in down.due("08:31")


# Q18: a duty ends with what it is about


@pytest.mark.parametrize(
    "ending",
    [
        [("13:00", restored())],
        [("13:00", restored()), ("13:10", DEACTIVATED)],
        [("13:00", restored()), ("13:10", DEACTIVATED), ("13:20", CLOSED)],
    ],
    ids=["after the restoration", "after the routine's end", "after closing"],
)
def test_q18_nobody_is_asked_to_say_that_the_routine_applies_once_it_no_longer_does(
    down: Day, ending: list[tuple[str, Fact]]
) -> None:
    down.at("12:05").records(ACTIVATED)
    assert {"notify-partner", "publish-reserve-routine", "inform-callers-of-paper"} <= set(down.due("12:06"))
    for clock, fact in ending:
        down.at(clock).records(fact)
    assert not {"notify-partner", "publish-reserve-routine", "inform-callers-of-paper"} & set(down.due("14:30"))
    assert down.verdict("notify-partner", at="14:30").word == "missed", "40 minutes past its time when it ended"
    assert down.verdict("publish-reserve-routine", at="14:30").word == "not-applicable", "it had an hour"


def test_q18_every_duty_ends_with_the_incident(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("12:30").records(CLOSED, deviation="ärendet förs i en annan logg")
    assert down.due("18:00") == []
    assert [v.late for duty in ("notify-partner",) for v in down.verdicts(duty, "18:00")] == [timedelta(minutes=10)]


def test_q18_closed_while_down_the_routine_is_no_more_due_than_its_duties(down: Day) -> None:
    down.at("12:20").records(CLOSED, deviation="ärendet förs i en annan logg")
    assert down.incident.routine_state(moment("12:30")) is RoutineState.INACTIVE
    assert down.due("12:30") == []


def test_q18_a_report_that_was_not_passed_on_ends_with_the_outage(day: Day) -> None:
    day.at("07:50").records(f.DisturbanceReported(unit="Ortopeden Lund"))
    day.at("08:00").records(outage())
    day.at("08:04").records(restored())
    assert "escalate-internally" not in day.due("08:30")
    assert day.verdict("escalate-internally", at="08:30").word == "not-applicable"


def test_q18_reopened_it_asks_for_what_is_true_then(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("13:00").records(restored())
    down.at("13:05").records(CLOSED, deviation="glömde avsluta rutinen")
    assert down.due("13:30") == []
    down.at("13:40").records(REOPENED)
    assert down.due("13:41") == ["deactivate-reserve-routine"]


# Q19: a deed after the end


def test_q19_an_activation_after_the_outage_does_not_fulfil_it_and_is_shown_beside(down: Day) -> None:
    down.at("12:30").records(restored())
    late = down.at("12:40").records(ACTIVATED, deviation="papper är redan på väg")
    missed = down.verdict(SR_090, at="14:00")
    assert (missed.word, missed.done_at, missed.afterwards) == ("missed", None, (late.entry,))
    assert missed.late == timedelta(minutes=30)


def test_q19_a_telephone_call_after_the_outage_is_no_report_of_it(down: Day) -> None:
    down.at("09:00").records(restored())
    call = down.at("09:10").records(owner_contacted())
    missed = down.verdict("report-to-system-owner", at="10:00")
    assert (missed.word, missed.afterwards, missed.evidence) == ("missed", (call.entry,), ())


def test_q19_a_call_in_the_minute_of_the_restoration_counts(down: Day) -> None:
    down.at("08:10").records(restored())
    down.at("08:10").records(owner_contacted())
    assert down.verdict("report-to-system-owner", at="10:00").word == "kept"


# Q20: fifteen minutes for the decision, whichever it is


def test_q20_a_deferral_at_four_hours_and_ten_is_a_deferral(down: Day) -> None:
    down.at("11:00").records(prognosis("14:00"))
    down.at("12:10").records(deferred("13:00"))
    assert down.verdict(SR_090, at="12:30").word == "deferred"
    assert SR_090 not in down.due("12:30")
    assert told(down.verdict(SR_090, at="13:20")) == ("overdue", timedelta(minutes=20)), "due when it ended"


def test_q20_a_deferral_after_the_time_to_decide_makes_nothing_good(down: Day) -> None:
    down.at("11:00").records(prognosis("14:00"))
    down.at("12:16").records(deferred("13:00"))
    assert down.verdict(SR_090, at="12:30").word == "overdue"


def test_q20_a_prognosis_at_four_hours_and_fifteen_counts_as_at_four_hours(down: Day) -> None:
    down.at("12:15").records(prognosis("15:00"))
    waits = down.verdict(SR_069, at="12:20")
    assert (waits.word, waits.due_at) == ("deferred", moment("15:00"))


def test_q20_a_gap_between_two_prognoses_within_the_fifteen_minutes_asks_for_nothing(down: Day) -> None:
    down.at("11:00").records(prognosis("12:30"))
    assert down.verdict(SR_069, at="12:40").word == "pending"
    down.at("12:44").records(prognosis("14:00"))
    assert down.verdict(SR_069, at="12:50").word == "deferred"
    down.at("14:16").records(prognosis("15:00"))
    assert down.verdict(SR_069, at="14:20").word == "overdue", "this gap was longer"


# Q21: an outage has two times


def test_q21_the_four_hours_run_from_when_it_began_and_at_once_from_when_it_was_detected(day: Day) -> None:
    day.at("08:00").records(began("07:10"))
    assert [day.verdict(duty, at="08:05").due_at for duty in (SR_069, SR_090)] == [moment("11:10")] * 2
    assert day.incident.routine_due_at == moment("11:10")
    assert day.verdict("report-to-system-owner", at="08:05").due_at == moment("08:15")
    assert day.verdict("publish-operating-information", at="08:05").due_at == moment("09:00")


def test_q21_each_outage_has_its_own_beginning(day: Day) -> None:
    day.at("08:00").records(began("07:10"))
    day.at("11:40").records(restored())
    day.at("14:00").records(began("13:30"))
    first, second = day.verdicts(SR_090, "14:05")
    assert (first.due_at, second.due_at) == (moment("11:10"), moment("17:30"))


def test_q21_detected_five_hours_after_it_began_the_routine_is_due_when_it_is_detected(day: Day) -> None:
    day.at("13:00").records(began("08:00"))
    verdict = day.verdict(SR_090, at="13:10")
    assert (verdict.word, verdict.due_at) == ("pending", moment("13:00")), "nobody is late for what nobody knew"


def test_q21_a_start_that_proves_to_be_earlier_makes_nobody_late_for_what_nobody_knew(day: Day) -> None:
    first = day.at("09:00").records(outage())
    day.at("09:10").records(owner_contacted())
    day.at("13:00").records(ACTIVATED)
    assert day.verdict(SR_090, at="13:30").word == "kept"
    changed = day.at("14:00").records(correction(first.entry, since=moment("08:00").isoformat()))
    assert told(day.verdict(SR_090, at="14:10")) == ("late", timedelta(hours=1)), "never silently fine"
    assert known(day, SR_090, "14:10") == Known("kept", moment("13:00"), changed.entry)
    assert day.verdict("report-to-system-owner", at="14:10").word == "kept", "at once is from when it was detected"
    assert known(day, "report-to-system-owner", "14:10") is None


def test_q21_a_restoration_corrected_to_before_the_activation_says_what_was_known(down: Day) -> None:
    down.at("12:20").records(ACTIVATED)
    back = down.at("12:40").records(restored())
    assert down.verdict(SR_090, at="13:00").word == "late"
    changed = down.at("13:10").records(correction(back.entry, "11:50"))
    assert down.verdict(SR_090, at="13:20").word == "not-applicable"
    assert known(down, SR_090, "13:20") == Known("overdue", moment("12:16"), changed.entry)


def test_q21_an_outage_written_down_five_hours_late_was_unknown_when_its_time_passed(day: Day) -> None:
    late = day.at("08:00", written="13:00").records(outage())
    assert day.verdict("report-to-system-owner", at="13:10").word == "overdue"
    assert known(day, "report-to-system-owner", "13:10") == Known("not-applicable", moment("08:16"), late.entry)


def test_q21_of_a_relapse_written_down_afterwards_nothing_was_known_although_the_first_outage_was(day: Day) -> None:
    day.at("08:00", written="13:00").records(outage())
    day.at("11:00", written="13:01").records(restored())
    relapse = day.at("11:00", written="13:02").records(outage())
    [_first, second] = day.verdicts("report-to-system-owner", "13:10")
    assert known_then(second, day.facts, day.routine, moment("13:10")) == Known(
        "not-applicable", moment("11:16"), relapse.entry
    )


def test_q21_a_deed_written_down_afterwards_was_overdue_by_what_was_known(down: Day) -> None:
    deed = down.at("08:10", written="10:00").records(owner_contacted())
    assert down.verdict("report-to-system-owner", at="10:10").word == "kept"
    assert known(down, "report-to-system-owner", "10:10") == Known("overdue", moment("08:16"), deed.entry)


def test_q21_where_nothing_was_told_afterwards_nothing_was_known_otherwise(down: Day) -> None:
    down.at("08:10").records(owner_contacted())
    down.at("08:40").records(SUPPLIER)
    for duty in ("report-to-system-owner", "contact-supplier", "publish-operating-information"):
        assert known(down, duty, "12:00") is None


# Q22 and Q23: late, overdue, missed


@pytest.mark.parametrize(("done", "word"), [("08:15:59", "kept"), ("08:16:00", "late")])
def test_q22_done_in_the_minute_in_which_it_fell_due_is_in_time(day: Day, done: str, word: str) -> None:
    day.at("08:00:30").records(outage())
    day.at(done).records(owner_contacted())
    assert day.verdict("report-to-system-owner", at="09:00").word == word


def test_q22_a_duty_is_due_until_its_tolerance_has_passed_and_only_then_late(down: Day) -> None:
    for clock in ("12:00", "12:10", "12:15:59"):
        assert told(down.verdict(SR_090, at=clock)) == ("pending", timedelta(0))
    assert told(down.verdict(SR_090, at="12:16")) == ("overdue", timedelta(minutes=16))


def test_q23_overdue_can_still_be_done_and_missed_no_longer_and_does_not_grow(down: Day) -> None:
    assert told(down.verdict(SR_090, at="13:00")) == ("overdue", timedelta(hours=1))
    assert SR_090 in down.due("13:00")
    down.at("13:00").records(restored())
    for clock in ("13:00", "15:00", "23:00"):
        assert told(down.verdict(SR_090, at=clock)) == ("missed", timedelta(hours=1))
        assert SR_090 not in down.due(clock)


# Q24: an attempt without an answer


@pytest.mark.parametrize(
    ("duty", "attempt"),
    [
        ("contact-supplier", f.SupplierContacted(outcome=ContactOutcome.NO_ANSWER)),
        ("contact-unit-manager", f.UnitManagerContacted(outcome=ContactOutcome.OFF_DUTY)),
        ("notify-partner", f.PartnerNotified(message=PartnerMessage.ACTIVATION, outcome="no-answer")),
    ],
)
def test_q24_an_attempt_without_an_answer_is_shown_and_is_no_contact(down: Day, duty: str, attempt: Fact) -> None:
    down.at("08:05").records(NO_ANSWER)
    down.at("12:05").records(ACTIVATED)
    tried = down.at("12:06").records(attempt)
    verdict = down.verdicts(duty, "12:10")[-1]
    assert duty in down.due("12:10")
    assert (verdict.evidence, verdict.tried) == ((), (tried.entry,))


def test_q24_an_attempt_without_an_answer_is_the_report_to_the_system_owner(down: Day) -> None:
    down.at("08:05").records(NO_ANSWER)
    assert down.verdict("report-to-system-owner", at="09:00").word == "kept"


# Q25: seen published


def test_q25_that_somebody_saw_it_published_fulfils_the_duty(down: Day) -> None:
    sight = down.at("08:40").records(SEEN)
    kept = down.verdict("publish-operating-information", at="10:00")
    assert (kept.word, kept.evidence) == ("kept", (sight.entry,))
    down.at("12:05").records(ACTIVATED)
    down.at("12:30").records(seen(routine=True))
    assert down.verdict("publish-reserve-routine", at="14:00").word == "kept"


def test_q25_seen_elsewhere_does_not_count(down: Day) -> None:
    down.at("08:40").records(SEEN.model_copy(update={"channel": Channel.INTRANET}))
    assert down.verdict("publish-operating-information", at="10:00").word == "overdue"


# Q26: one of three


@pytest.mark.parametrize("system", list(System))
def test_q26_any_of_the_three_starts_the_clock(day: Day, system: System) -> None:
    day.at("08:00").records(outage(systems=[system]))
    assert {SR_069, SR_090} <= set(day.due("12:05"))
    reading = day.verdict(SR_090, at="12:05").duty.reading
    assert reading
    assert "Q26" in reading.sv


def test_q26_overlapping_systems_are_one_outage_from_the_first_to_the_last(day: Day) -> None:
    day.at("08:00").records(outage(systems=[System.SESAM_S2]))
    day.at("10:00").records(outage(systems=[System.WEBSESAM]))
    day.at("11:00").records(restored(System.SESAM_S2))
    assert [day.verdict(duty, at="12:20").word for duty in (SR_069, SR_090)] == ["overdue", "overdue"]
    assert len(day.verdicts("report-to-system-owner", "12:20")) == 1


def test_q26_the_routine_may_be_ended_once_the_systems_that_paper_is_entered_into_are_back(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("13:00").records(restored(System.SESAM_S2))
    down.at("13:05").proposes(DEACTIVATED).refused(NotAdmitted, "deactivation-while-down")
    down.at("13:10").records(restored(System.VISMA_WEBSESAM))
    assert down.flags(down.at("13:15").records(DEACTIVATED)) == []
    assert "tell-partner-all-clear" in down.due("13:16")


@pytest.fixture
def fewer() -> Day:
    """By a document in which Visma websesam alone starts the clock."""
    terms = builtin().reserve_routine.model_copy(update={"systems": (System.VISMA_WEBSESAM,)})
    return Day(routine=builtin().model_copy(update={"reserve_routine": terms}))


def test_q26_a_document_may_name_fewer_systems_that_start_the_clock(fewer: Day) -> None:
    fewer.at("08:00").records(outage(systems=[System.WEBSESAM]))
    assert fewer.due("13:00") == [
        "report-to-system-owner", "contact-supplier", "publish-operating-information", "inform-callers",
    ], "everything but the reserve routine"  # fmt: skip
    assert fewer.incident.routine_due_at is None
    fewer.at("13:00").proposes(ACTIVATED).refused(NotAdmitted, "activation-out-of-scope")


def test_q26_its_four_hours_run_from_when_the_first_of_them_went_down_until_the_last_is_back(fewer: Day) -> None:
    fewer.at("08:00").records(outage(systems=[System.WEBSESAM]))
    fewer.at("10:00").records(outage(systems=[System.VISMA_WEBSESAM]))
    assert [fewer.verdict(duty, at="10:05").due_at for duty in (SR_069, SR_090)] == [moment("14:00")] * 2
    assert fewer.incident.routine_due_at == moment("14:00")
    fewer.at("13:00").proposes(ACTIVATED).refused(NotAdmitted, "activation-too-early")
    fewer.at("13:30").records(restored(System.VISMA_WEBSESAM))
    assert fewer.verdict(SR_090, at="15:00").word == "not-applicable"
    fewer.at("15:00").records(outage(systems=[System.VISMA_WEBSESAM]))
    assert [verdict.due_at for verdict in fewer.verdicts(SR_090, "15:05")] == [moment("14:00"), moment("19:00")]
    assert len(fewer.verdicts("report-to-system-owner", "15:05")) == 1, "it is one outage all the while"


def test_q26_region_wide_all_are_presumed_down_and_the_clock_runs_from_then(fewer: Day) -> None:
    fewer.at("08:00").records(outage(systems=[System.WEBSESAM]))
    fewer.at("09:00").records(f.ScopeReclassified(scope=Scope.REGION_WIDE, reason="hela regionen"))
    fewer.at("09:30").records(INSTRUCTED)
    assert fewer.incident.routine_due_at == moment("13:00") == fewer.verdict(SR_090, at="10:00").due_at


# Q27: what a caller is told


def test_q27_callers_are_informed_anew_when_the_message_changes(down: Day) -> None:
    down.at("08:30").records(informed(Advice.WAIT))
    assert not [duty for duty in down.due("08:31") if duty.startswith("inform-callers")]
    down.at("12:05").records(ACTIVATED)
    assert "inform-callers-of-paper" in down.due("12:06")
    down.at("12:10").records(informed(Advice.WAIT))
    assert "inform-callers-of-paper" in down.due("12:11"), "the old message is not the new one"
    down.at("12:20").records(informed(Advice.PAPER))
    assert not [duty for duty in down.due("12:21") if duty.startswith("inform-callers")]
    down.at("13:00").records(restored())
    assert "inform-callers-works-again" in down.due("13:01")
    down.at("13:10").records(informed(Advice.WORKS_AGAIN))
    assert not [duty for duty in down.due("13:11") if duty.startswith("inform-callers")]


def test_q27_where_nobody_was_asked_to_wait_nobody_need_hear_that_it_works(down: Day) -> None:
    down.at("09:00").records(restored())
    assert not [duty for duty in down.due("09:01") if duty.startswith("inform-callers")]


# Q28: that it has ended is published too


def test_q28_that_the_routine_has_ended_is_published_within_the_hour(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("13:00").records(restored())
    down.at("13:10").records(DEACTIVATED)
    waits = down.verdict("publish-routine-ended", at="13:20")
    assert (waits.word, waits.due_at, waits.duty.rules) == ("pending", moment("14:10"), ("local",))
    down.at("13:30").records(published(LINK))
    assert down.verdict("publish-routine-ended", at="15:00").word == "kept"


# Flapping, relapses and the two nights


def test_flapping_each_relapse_is_an_outage_of_its_own_and_what_ended_in_time_asks_for_nothing(down: Day) -> None:
    for back, gone in (("08:05", "08:10"), ("08:14", "08:20"), ("08:30", "08:40")):
        down.at(back).records(restored())
        down.at(gone).records(outage())
    reports = down.verdicts("report-to-system-owner", "08:41")
    assert [verdict.word for verdict in reports] == ["not-applicable"] * 3 + ["pending"]
    assert down.due("08:41").count("report-to-system-owner") == 1
    assert down.incident.routine_due_at == moment("12:40")


def test_a_relapse_in_the_minute_of_the_restoration_is_an_outage_of_its_own(down: Day) -> None:
    down.at("08:05").records(owner_contacted())
    down.at("11:00").records(restored())
    down.at("11:00").records(outage())
    assert down.incident.routine_due_at == moment("15:00")
    assert [verdict.due_at for verdict in down.verdicts(SR_090, "11:05")] == [moment("12:00"), moment("15:00")]
    assert [verdict.word for verdict in down.verdicts("report-to-system-owner", "11:05")] == ["kept", "pending"]
    assert SR_090 not in [duty for duty in down.due("12:30") if down.verdicts(duty, "12:30")[-1].word == "overdue"]


def test_an_activation_that_was_ended_in_the_same_minute_activates_nothing(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("12:05").records(DEACTIVATED, deviation="fel incident")
    assert down.verdicts(SR_090, "12:30")[-1].word == "overdue"
    assert down.incident.routine_state(moment("12:30")) is RoutineState.DUE


def test_q7_told_to_wait_and_to_act_in_one_minute_the_clock_runs_from_then(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("09:00").records(INSTRUCTED)
    day.at("13:00").records(WAIT)
    day.at("13:00").records(INSTRUCTED)
    assert day.incident.routine_due_at == moment("13:00")
    assert day.verdicts(SR_090, "13:05")[-1].due_at == moment("13:00")


def test_a_relapse_while_the_routine_is_active_asks_for_no_second_activation(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("12:10").records(TOLD)
    down.at("13:00").records(restored())
    down.at("13:05").records(outage(systems=[System.WEBSESAM]))
    assert not {SR_069, SR_090, "notify-partner"} & set(down.due("17:30"))


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2027-03-28T00:30+01:00", "2027-03-28T05:30+02:00"),
        ("2027-10-31T00:30+02:00", "2027-10-31T03:30+01:00"),
    ],
    ids=["forward", "back"],
)
def test_q5_in_both_nights_four_hours_are_four_hours(start: str, due: str) -> None:
    night = Day()
    night.at(start).records(outage())
    for duty in (SR_069, SR_090):
        verdict = night.verdict(duty, at=due)
        assert (verdict.word, verdict.due_at) == ("pending", moment(due))
        assert night.verdict(duty, at=later(due)).word == "overdue"


def later(told_at: str) -> str:
    return (datetime.fromisoformat(told_at) + timedelta(minutes=16)).isoformat()


# Rules that did not come about


def test_what_did_not_come_about_has_its_line_and_says_why(day: Day) -> None:
    day.at("08:00").records(outage(Scope.LOCAL))
    course = go_through(day.happened, day.routine)
    found = [verdict for duty in day.routine.duties for verdict in day.verdicts(duty.id, "12:00")]
    absent = {each.duty.id: each for each in unapplied(course, found)}
    assert absent.keys() | {verdict.duty.id for verdict in found} == {duty.id for duty in day.routine.duties}
    assert absent["report-to-system-owner"].conditions == ("own-measures",)
    assert absent["supplier-assists"].facts == ("cause-established",)
    assert absent[SR_069].conditions == ("own-measures", "clock-runs")


# Q31: who said it, and why


def test_q31_what_comes_from_outside_says_who_said_it_and_a_decision_says_its_reason(down: Day) -> None:
    with pytest.raises(ValidationError, match="reason"):
        f.DecisionMade.model_validate({"decision": "vi stannar till 18", "decided_by": "vo-hjalpmedel"})
    with pytest.raises(ValidationError, match="decided_by"):
        f.DecisionMade.model_validate({"decision": "vi stannar till 18", "reason": "remisser kommer än"})
    down.at("09:00").records(prognosis("11:00"))
    assert down.incident.prognosis is not None
    assert down.incident.prognosis.source == "Region Skåne IT"
    assert {"source", "orders"} <= set(f.InstructionReceived.model_fields)


@pytest.mark.parametrize(("began", "advice", "duty"), [
    (None, Advice.WAIT, "inform-callers"),
    (ACTIVATED, Advice.PAPER, "inform-callers-of-paper"),
])  # fmt: skip
def test_whoever_was_told_in_the_minute_it_began_has_been_told(
    day: Day, began: Fact | None, advice: Advice, duty: str
) -> None:
    day.at("08:00").records(outage())
    if began:
        day.at("12:10").records(began)
    day.at("12:10" if began else "08:00").records(f.CallersInformed(count=3, advice=advice))
    assert day.verdict(duty, at="13:00").word == "kept"


def test_q29_of_a_voided_incident_no_publication_is_waited_for(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:05").records(f.OperatingInformationRequested(text="Sesam ligger nere."))
    day.at("08:10").records(f.IncidentVoided(reason="en övning"))
    assert day.incident.publication_asked_at is None
