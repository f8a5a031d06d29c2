"""The history held against the routine: verdicts, evidence and what is due."""

from datetime import timedelta

import pytest

from domain import facts as f
from domain.vocabulary import (
    Cause,
    Channel,
    ContactOutcome,
    MobileOutcome,
    PartnerMessage,
    Scope,
    ServicedeskChannel,
    SetAsideReason,
    System,
)
from tests.given import (
    ACTIVATED,
    DEACTIVATED,
    INSTRUCTED,
    LINK,
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

MANAGER = f.UnitManagerContacted(outcome=ContactOutcome.REACHED)
SERVICEDESK = f.ServicedeskIncidentCreated(channel=ServicedeskChannel.RITZ, reference="INC0042")
SUPPLIER = f.SupplierContacted(outcome=ContactOutcome.REACHED)
OFF_DUTY = owner_contacted(ContactOutcome.OFF_DUTY)
SR_069, SR_090 = "activate-without-prognosis", "activate-after-four-hours"


def partner(message: PartnerMessage) -> f.PartnerNotified:
    return f.PartnerNotified(message=message, outcome="reached")


@pytest.fixture
def down(day: Day) -> Day:
    """Nobody reaches any of the three systems from 08:00."""
    day.at("08:00").records(outage())
    return day


# Whom to contact


def test_sr_061_the_system_owner_is_told_within_the_local_tolerance(down: Day) -> None:
    assert down.verdict("report-to-system-owner", at="08:15:59").word == "pending"
    assert down.verdict("report-to-system-owner", at="08:16").word == "overdue"
    contact = down.at("08:10").records(owner_contacted())
    kept = down.verdict("report-to-system-owner", at="09:00")
    assert (kept.word, kept.due_at, kept.evidence) == ("kept", moment("08:15"), (contact.entry,))


def test_sr_061_told_too_late_says_by_how_much(down: Day) -> None:
    down.at("08:40").records(owner_contacted())
    late = down.verdict("report-to-system-owner", at="09:00")
    assert (late.word, late.late) == ("late", timedelta(minutes=25))


def test_sr_061_told_while_it_was_only_suspected_counts(day: Day) -> None:
    day.at("07:45").records(f.DisturbanceReported(unit="Ortopeden Lund"))
    day.at("07:55").records(owner_contacted())
    day.at("08:00").records(outage())
    assert day.verdict("report-to-system-owner", at="09:00").word == "kept"


@pytest.mark.parametrize("outcome", [ContactOutcome.OFF_DUTY, ContactOutcome.NO_ANSWER])
def test_sr_063_sr_064_a_system_owner_who_is_not_there_needs_both_unit_manager_and_servicedesk(
    down: Day, outcome: ContactOutcome
) -> None:
    down.at("08:05").records(owner_contacted(outcome))
    assert {"contact-unit-manager", "create-servicedesk-incident"} <= set(down.due("08:06"))
    down.at("08:10").records(MANAGER)
    assert down.verdict("contact-unit-manager", at="09:00").word == "kept"
    assert down.verdict("create-servicedesk-incident", at="09:00").word == "overdue"
    down.at("08:18").records(SERVICEDESK)
    assert down.verdict("create-servicedesk-incident", at="09:00").word == "kept"


def test_q12_a_system_owner_who_was_reached_needs_neither(down: Day) -> None:
    down.at("08:05").records(owner_contacted())
    assert down.verdicts("contact-unit-manager", at="12:00") == []
    assert down.verdicts("create-servicedesk-incident", at="12:00") == []


def test_sr_064_servicedesk_before_the_owner_was_sought_does_not_count(down: Day) -> None:
    down.at("08:02").records(SERVICEDESK)
    down.at("08:05").records(OFF_DUTY)
    assert down.verdict("create-servicedesk-incident", at="09:00").word == "overdue"


def test_sr_065_the_supplier_is_contacted_also_when_the_owner_answered(down: Day) -> None:
    down.at("08:05").records(owner_contacted())
    assert "contact-supplier" in down.due("08:10")
    assert down.verdict("contact-supplier", at="08:31").word == "overdue"
    down.at("08:20").records(SUPPLIER)
    assert down.verdict("contact-supplier", at="08:31").word == "kept"


def test_sr_027_a_report_is_escalated_internally(day: Day) -> None:
    day.at("07:45").records(f.DisturbanceReported(unit="Ortopeden Lund"))
    assert day.due("07:50") == ["escalate-internally"]
    day.at("07:55").records(f.EscalatedInternally(to="jour VO Hjälpmedel"))
    assert day.verdict("escalate-internally", at="08:30").word == "kept"


def test_sr_042_the_supplier_assists_only_where_the_system_is_the_cause(down: Day) -> None:
    down.at("08:30").records(f.CauseEstablished(cause=Cause.NETWORK))
    assert down.verdicts("supplier-assists", at="12:00") == []
    down.at("09:00").records(f.CauseEstablished(cause=Cause.SYSTEM))
    assert down.verdict("supplier-assists", at="10:01").word == "overdue"


def test_sr_028_asking_the_prescriber_to_call_30_000_is_never_demanded(day: Day) -> None:
    day.at("07:45").records(f.DisturbanceReported(unit="Ortopeden Lund", referred_to_servicedesk=False))
    assert day.due("12:00") == ["escalate-internally"]


def test_sr_046_operating_information_elsewhere_than_on_vardgivare_skane_does_not_count(down: Day) -> None:
    down.at("08:30").records(published(LINK, channel=Channel.INTRANET))
    assert down.verdict("publish-operating-information", at="09:01").word == "overdue"
    down.at("08:50").records(published())
    assert down.verdict("publish-operating-information", at="09:01").word == "kept"


# Region-wide and local


def test_sr_052_region_wide_the_steps_of_sr_06x_are_not_demanded(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    judged = {
        verdict for duty in ("report-to-system-owner", "contact-supplier") for verdict in day.verdicts(duty, "12:00")
    }
    assert judged == set()
    assert day.due("12:30") == []
    assert day.verdict("await-instruction", at="12:30").word == "pending"


def test_sr_053_waiting_without_a_measure_is_kept(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("09:00").records(INSTRUCTED)
    day.at("09:30").records(owner_contacted())
    assert day.verdict("await-instruction", at="10:00").word == "kept"


def test_sr_053_a_measure_before_the_instruction_is_missed_with_the_measure_as_evidence(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    measure = day.at("08:30").records(owner_contacted())
    day.at("09:00").records(INSTRUCTED)
    missed = day.verdict("await-instruction", at="10:00")
    assert (missed.word, missed.evidence) == ("missed", (measure.entry,))
    assert "await-instruction" not in day.due("10:00"), "nobody can do it any more"


def test_q7_region_wide_both_rules_of_four_hours_run_once_ordered_to_act(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    assert day.verdicts(SR_069, at="13:00") == day.verdicts(SR_090, at="13:00") == []
    day.at("09:00").records(INSTRUCTED)
    assert [day.verdict(duty, at="12:16").word for duty in (SR_069, SR_090)] == ["overdue", "overdue"]


def test_q7_an_instruction_after_four_hours_gives_its_own_time_to_activate(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("13:00").records(INSTRUCTED)
    verdict = day.verdict(SR_090, at="13:10")
    assert (verdict.word, verdict.due_at) == ("pending", moment("13:00"))


def test_the_duties_follow_the_scope_when_it_is_reclassified(down: Day) -> None:
    down.at("08:10").records(f.ScopeReclassified(scope=Scope.REGION_WIDE, reason="hela nätet är nere"))
    assert down.verdict("report-to-system-owner", at="12:00").word == "not-applicable"
    assert down.due("12:00") == []


def test_sr_081_sr_082_a_local_outage_has_its_own_duties_and_no_clock(day: Day) -> None:
    day.at("08:00").records(outage(Scope.LOCAL))
    assert sorted(day.due("08:10")) == ["connect-through-mobiles", "request-operating-information"]
    day.at("08:10").records(f.MobileConnectionTried(outcome=MobileOutcome.NOT_POSSIBLE))
    day.at("08:15").records(f.OperatingInformationRequested(text="Vi når inte Sesam från Lund."))
    assert day.verdict("connect-through-mobiles", at="09:00").word == "kept"
    assert day.verdict("request-operating-information", at="09:00").word == "kept"
    assert day.verdicts(SR_069, at="23:00") == []
    assert day.verdicts(SR_090, at="23:00") == []


# The four hours


@pytest.mark.parametrize(
    ("clock", "word"),
    [("12:00", "kept"), ("12:15:59", "kept"), ("12:16", "late")],
)
def test_sr_069_sr_090_activation_at_four_hours_is_kept_and_past_the_tolerance_late(
    down: Day, clock: str, word: str
) -> None:
    down.at(clock).records(ACTIVATED)
    for duty in (SR_069, SR_090):
        verdict = down.verdict(duty, at="13:00")
        assert (verdict.word, verdict.due_at) == (word, moment("12:00"))


@pytest.mark.parametrize(("clock", "word"), [("11:59:59", "pending"), ("12:15:59", "pending"), ("12:16", "overdue")])
def test_sr_069_sr_090_without_activation_they_are_pending_then_overdue(down: Day, clock: str, word: str) -> None:
    assert down.verdict(SR_069, at=clock).word == word
    assert down.verdict(SR_090, at=clock).word == word


def test_the_worker_asleep_over_the_deadline_says_by_how_much(down: Day) -> None:
    missed = down.verdict(SR_069, at="14:30")
    assert (missed.word, missed.due_at, missed.late) == ("overdue", moment("12:00"), timedelta(hours=2, minutes=30))
    assert SR_069 in down.due("14:30")


def test_q4_a_prognosis_at_three_fifty_nine_stops_sr_069_and_not_sr_090(down: Day) -> None:
    down.at("11:59").records(prognosis("15:00"))
    assert down.verdict(SR_069, at="12:30").word == "deferred"
    assert down.verdict(SR_069, at="12:30").why == "prognosis-in-force"
    assert down.verdict(SR_090, at="12:30").word == "overdue"


def test_q4_a_prognosis_that_expires_at_four_thirty_arms_sr_069_again(down: Day) -> None:
    down.at("11:59").records(prognosis("12:30"))
    assert down.verdict(SR_069, at="12:29:59").word == "deferred"
    armed = down.verdict(SR_069, at="12:30")
    assert (armed.word, armed.due_at) == ("pending", moment("12:30"))
    assert down.verdict(SR_069, at="12:46").word == "overdue"


def test_q4_a_withdrawn_prognosis_arms_sr_069_at_its_withdrawal(down: Day) -> None:
    down.at("11:00").records(prognosis("15:00"))
    down.at("12:40").records(f.PrognosisWithdrawn(reason="ingen vet"))
    assert down.verdict(SR_069, at="12:41").due_at == moment("12:40")


def test_q4_a_prognosis_replaced_before_it_expires_never_arms_sr_069(down: Day) -> None:
    down.at("11:00").records(prognosis("12:30"))
    down.at("12:20").records(prognosis("14:00"))
    assert down.verdict(SR_069, at="13:00").word == "deferred"


def test_q4_a_prognosis_that_ends_before_the_four_hours_puts_nothing_off(down: Day) -> None:
    down.at("08:30").records(prognosis("11:00"))
    verdict = down.verdict(SR_069, at="10:00")
    assert (verdict.word, verdict.due_at) == ("pending", moment("12:00"))
    assert SR_069 in down.due("10:00")


def test_q4_a_prognosis_after_the_time_to_decide_comes_too_late_to_stop_sr_069(down: Day) -> None:
    down.at("12:16").records(prognosis("13:00"))
    verdict = down.verdict(SR_069, at="12:30")
    assert (verdict.word, verdict.due_at) == ("overdue", moment("12:00"))


def test_an_outage_of_less_than_four_hours_asks_for_no_activation(down: Day) -> None:
    down.at("11:59:59").records(restored())
    for duty in (SR_069, SR_090):
        assert down.verdict(duty, at="18:00").word == "not-applicable"
        assert duty not in down.due("18:00")


def test_a_five_hour_outage_without_activation_is_missed_for_ever(down: Day) -> None:
    down.at("13:00").records(restored())
    for duty in (SR_069, SR_090):
        missed = down.verdict(duty, at="18:00")
        assert (missed.word, missed.why) == ("missed", "lapsed")
        assert duty not in down.due("18:00"), "there is nothing left to activate"


def test_q2_a_back_dated_start_moves_the_deadline_into_the_past_late_never_silently_fine(day: Day) -> None:
    first = day.at("09:00").records(outage())
    done = day.at("13:00").records(ACTIVATED)
    assert day.verdict(SR_069, at="14:00").word == "kept"
    day.at("14:10").records(correction(first.entry, "08:00"))
    late = day.verdict(SR_069, at="14:20")
    assert (late.word, late.due_at, late.late, late.evidence) == (
        "late",
        moment("12:00"),
        timedelta(hours=1),
        (done.entry,),
    )


def test_q2_an_outage_recorded_five_hours_after_it_began_is_overdue_at_once(day: Day) -> None:
    day.at("08:00", written="13:00").records(outage())
    missed = day.verdict(SR_069, at="13:00")
    assert (missed.word, missed.late) == ("overdue", timedelta(hours=1))
    assert SR_069 in day.due("13:00")


def test_q5_the_night_when_clocks_go_forward_has_its_deadline_at_half_past_five() -> None:
    day = Day()
    day.at("2027-03-28T00:30+01:00").records(outage())
    assert day.verdict(SR_069, at="2027-03-28T05:00+02:00").due_at == moment("2027-03-28T05:30+02:00")


def test_a_relapse_is_judged_on_its_own(down: Day) -> None:
    down.at("08:05").records(owner_contacted())
    down.at("12:05").records(ACTIVATED)
    down.at("13:00").records(restored())
    down.at("13:10").records(DEACTIVATED)
    down.at("14:00").records(outage(systems=[System.WEBSESAM]))
    first, second = down.verdicts(SR_069, at="18:30")
    assert (first.word, second.word, second.due_at) == ("kept", "overdue", moment("18:00"))
    assert [verdict.word for verdict in down.verdicts("report-to-system-owner", at="14:20")] == ["kept", "overdue"]


def test_a_relapse_while_the_routine_is_active_is_still_covered_by_it(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("13:00").records(restored())
    down.at("13:05").records(outage(systems=[System.WEBSESAM]))
    assert down.verdicts(SR_069, at="17:30")[-1].word != "overdue"
    assert SR_069 not in down.due("17:30")


# Deferral


def test_q1_sr_090_is_deferred_by_a_decision_while_the_prognosis_is_in_force(down: Day) -> None:
    down.at("11:00").records(prognosis("13:00"))
    down.at("11:50").records(deferred("12:40"))
    waits = down.verdict(SR_090, at="12:30")
    assert (waits.word, waits.why) == ("deferred", "deferral-in-force")
    assert SR_090 not in down.due("12:30")
    armed = down.verdict(SR_090, at="12:40")
    assert (armed.word, armed.due_at) == ("pending", moment("12:40"))
    assert down.verdict(SR_090, at="12:56").word == "overdue"


def test_q1_a_deferral_ends_with_the_prognosis_however_long_it_was_meant_to_last(down: Day) -> None:
    down.at("11:00").records(prognosis("12:30"))
    down.at("11:50").records(deferred("20:00"))
    assert down.verdict(SR_090, at="12:30").due_at == moment("12:30")


def test_q1_deferring_never_turns_missed_into_kept(down: Day) -> None:
    down.at("11:00").records(prognosis("14:00"))
    assert down.verdict(SR_090, at="12:20").word == "overdue"
    down.at("12:20").records(deferred("13:30"))
    assert down.verdict(SR_090, at="12:30").word == "overdue"
    down.at("13:00").records(ACTIVATED)
    late = down.verdict(SR_090, at="13:10")
    assert (late.word, late.late) == ("late", timedelta(hours=1))


def test_q1_a_deferral_made_good_by_the_restoration_asks_for_nothing(down: Day) -> None:
    down.at("11:00").records(prognosis("13:00"))
    down.at("11:50").records(deferred("13:00"))
    down.at("12:50").records(restored())
    for duty in (SR_069, SR_090):
        assert down.verdict(duty, at="18:00").word == "not-applicable"


def test_q1_the_two_rules_have_two_verdicts(down: Day) -> None:
    down.at("11:00").records(prognosis("14:00"))
    down.at("13:00").records(ACTIVATED)
    assert down.verdict(SR_069, at="15:00").word == "kept"
    assert down.verdict(SR_090, at="15:00").word == "late"


# What an activation brings about


def test_sr_093_sr_097_activation_calls_for_the_partners_notice_and_a_publication(down: Day) -> None:
    assert down.verdicts("notify-partner", at="12:00") == []
    down.at("12:05").records(ACTIVATED)
    assert {"notify-partner", "publish-reserve-routine"} <= set(down.due("12:06"))
    notified = down.at("12:10").records(partner(PartnerMessage.ACTIVATION))
    kept = down.verdict("notify-partner", at="13:00")
    assert (kept.word, kept.due_at, kept.evidence) == ("kept", moment("12:20"), (notified.entry,))


def test_q8_a_heads_up_before_activation_does_not_replace_the_notice(down: Day) -> None:
    down.at("11:00").records(partner(PartnerMessage.HEADS_UP))
    down.at("12:05").records(ACTIVATED)
    down.at("12:06").records(partner(PartnerMessage.HEADS_UP))
    assert down.verdict("notify-partner", at="12:21").word == "overdue"


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (published(LINK, routine=True), "kept"),
        (published(routine=True), "overdue"),
        (published(LINK, routine=False), "overdue"),
        (published(LINK, routine=True, channel=Channel.INTRANET), "overdue"),
    ],
    ids=["with a link on Vårdgivare Skåne", "without a link", "not saying so", "elsewhere"],
)
def test_sr_098_the_publication_says_so_on_vardgivare_skane_with_at_least_one_link(
    down: Day, said: f.OperatingInformationPublished, word: str
) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("12:20").records(said)
    assert down.verdict("publish-reserve-routine", at="13:06").word == word


def test_each_activation_calls_for_its_own_notice(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("12:10").records(partner(PartnerMessage.ACTIVATION))
    down.at("13:00").records(restored())
    down.at("13:10").records(DEACTIVATED)
    down.at("13:30").records(outage())
    down.at("17:30").records(ACTIVATED)
    assert [verdict.word for verdict in down.verdicts("notify-partner", at="18:00")] == ["kept", "overdue"]


def test_sr_096_the_all_clear_is_required_on_deactivation(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("13:00").records(restored())
    down.at("13:10").records(DEACTIVATED)
    assert "tell-partner-all-clear" in down.due("13:11")
    assert down.verdict("tell-partner-all-clear", at="13:26").word == "overdue"
    down.at("13:20").records(partner(PartnerMessage.ALL_CLEAR))
    assert down.verdict("tell-partner-all-clear", at="13:26").word == "kept"


def test_local_an_active_routine_ends_within_an_hour_of_the_restoration(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    assert down.verdicts("deactivate-reserve-routine", at="12:30") == []
    down.at("13:00").records(restored())
    verdict = down.verdict("deactivate-reserve-routine", at="13:30")
    assert (verdict.word, verdict.due_at, verdict.duty.rules) == ("pending", moment("14:00"), ("local",))
    down.at("13:40").records(DEACTIVATED)
    assert down.verdict("deactivate-reserve-routine", at="15:00").word == "kept"


# Paper


def with_two_papers(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("12:20").records(f.ReferralReceived(serial="OT-0017"))
    down.at("12:30").records(f.ReferralReceived(serial="OT-0018"))


def test_sr_092_the_referrals_are_entered_once_the_system_runs(down: Day) -> None:
    with_two_papers(down)
    assert down.verdicts("enter-referrals", at="12:40") == []
    down.at("13:00").records(restored())
    assert "enter-referrals" in down.due("13:01")
    one = down.at("13:30").records(f.ReferralEntered(serial="OT-0017"))
    half = down.verdict("enter-referrals", at="14:00")
    assert (half.word, half.due_at) == ("pending", moment("2026-12-08T13:00+01:00"))
    assert half.evidence == (one.entry,)
    two = down.at("14:30").records(f.ReferralSetAside(serial="OT-0018", reason=SetAsideReason.DUPLICATE))
    done = down.verdict("enter-referrals", at="15:00")
    assert (done.word, done.done_at, done.evidence) == ("kept", moment("14:30"), (one.entry, two.entry))


def test_sr_092_paper_that_lies_a_day_is_overdue_and_then_late(down: Day) -> None:
    with_two_papers(down)
    down.at("13:00").records(restored())
    assert down.verdict("enter-referrals", at="2026-12-08T13:01+01:00").word == "overdue"
    for serial in ("OT-0017", "OT-0018"):
        down.at("2026-12-08T14:00+01:00").records(f.ReferralEntered(serial=serial))
    late = down.verdict("enter-referrals", at="2026-12-09T08:00+01:00")
    assert (late.word, late.late) == ("late", timedelta(hours=1))


def test_sr_092_a_relapse_with_paper_outstanding_is_not_called_entered(down: Day) -> None:
    with_two_papers(down)
    down.at("13:00").records(restored())
    down.at("13:30").records(f.ReferralEntered(serial="OT-0017"))
    down.at("14:00").records(outage())
    [verdict] = down.verdicts("enter-referrals", at="15:00")
    assert verdict.word == "not-applicable", "one referral is still on paper, and can't be entered just now"


# The list of what is due


def test_the_most_urgent_comes_first_and_what_has_no_deadline_last(down: Day) -> None:
    assert down.due("08:01") == [
        "report-to-system-owner",
        "contact-supplier",
        "publish-operating-information",
        SR_069,
        SR_090,
        "inform-callers",
    ]


def test_what_is_done_is_no_longer_due_even_when_it_was_late(down: Day) -> None:
    down.at("09:30").records(owner_contacted())
    assert "report-to-system-owner" not in down.due("10:00")


def test_what_has_not_happened_yet_at_that_time_is_not_counted(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    assert down.verdict(SR_069, at="11:00").word == "pending"
    assert down.verdict(SR_069, at="13:00").word == "kept"


def test_sr_093_the_notice_of_a_later_activation_does_not_stand_in_for_the_one_that_was_missed(down: Day) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("13:00").records(DEACTIVATED, deviation="trodde att det var över")
    down.at("14:00").records(ACTIVATED)
    down.at("14:05").records(partner(PartnerMessage.ACTIVATION))
    assert [verdict.word for verdict in down.verdicts("notify-partner", at="15:00")] == ["missed", "kept"]
