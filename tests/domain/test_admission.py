"""What the incident admits and what it refuses (Q14: the log never refuses the truth)."""

from datetime import timedelta
from typing import Any

import pytest

from domain import facts as f
from domain.admission import refuse_future
from domain.fact import EARLIEST, Fact
from domain.refusals import Invalid, NotAdmitted, NotAuthorised, PersonalData
from domain.routine_document import builtin
from domain.vocabulary import (
    Advice,
    Area,
    Cause,
    Channel,
    Function,
    MeasureBy,
    PartnerMessage,
    ReviewConclusion,
    Scope,
    SetAsideReason,
    System,
)
from tests.given import (
    ACTIVATED,
    ADMINISTRATION,
    CLOSED,
    DEACTIVATED,
    INSTRUCTED,
    LINK,
    OWNER,
    REOPENED,
    VO,
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
from tests.golden.samples import SAMPLES

PERSONNUMMER = "850709-9805"


def paper(serial: str = "OT-0017") -> f.ReferralReceived:
    return f.ReferralReceived(serial=serial, unit="Ortopeden Lund")


def entered(serial: str = "OT-0017") -> f.ReferralEntered:
    return f.ReferralEntered(serial=serial, reference="884213")


def set_aside(serial: str = "OT-0017") -> f.ReferralSetAside:
    return f.ReferralSetAside(serial=serial, reason=SetAsideReason.RETURNED)


# Authority


def test_sr_015_only_the_system_owner_publishes(day: Day) -> None:
    day.at("08:00").records(outage())
    for function in Function:
        if function is not OWNER:
            refusal = day.at("08:30").proposes(published(LINK), function).refused(NotAuthorised, "function")
            assert refusal.data["may"] == (OWNER,)
    day.at("08:30").records(published(LINK), OWNER)


@pytest.mark.parametrize("fact", [sample.fact for sample in SAMPLES], ids=lambda fact: str(fact.wire))
def test_a_fact_is_recorded_only_in_the_functions_that_its_catalogue_names(day: Day, fact: Fact) -> None:
    day.at("08:00").records(outage())
    for function in set(Function) - set(builtin().recorded_by(type(fact))):
        day.at("23:00").proposes(fact, function).refused(NotAuthorised, "function")


def test_sr_015_a_correction_takes_the_authority_of_what_it_corrects(day: Day) -> None:
    day.at("08:00").records(outage())
    said = day.at("08:30").records(published(LINK))
    fix = correction(said.entry, text="Sesam är åter i drift.")
    for function in builtin().recorded_by(f.EntryCorrected):
        if function is not OWNER:
            day.at("09:00").proposes(fix, function).refused(NotAuthorised, "function")
    day.at("09:00").records(fix, OWNER)


def test_nobody_corrects_what_the_clock_recorded(day: Day) -> None:
    first = day.at("08:00").records(outage())
    passed = day.at("12:15").records(
        f.DeadlinePassed(duty="activate-without-prognosis", due_at=first.occurred_at), Function.CLOCK
    )
    for function in Function:
        day.at("12:20").proposes(correction(passed.entry, "12:00"), function).refused(NotAuthorised, "function")


# The impossible


def test_the_future_is_refused(day: Day) -> None:
    day.at("08:00:01", written="08:00").proposes(outage()).refused(Invalid, "future")
    day.at("08:00", written="08:00").records(outage())


def test_nothing_happened_before_the_century_nor_after_now_and_the_limits_themselves_are_taken() -> None:
    """`now` is the recorder's clock, `known` what the log knows to be past where that clock is behind."""
    second, now = timedelta(seconds=1), moment("08:00")
    known = now + timedelta(minutes=5)
    for taken in (EARLIEST, now):
        refuse_future(taken, now)
    for taken in (EARLIEST, now, known):
        refuse_future(taken, now, known)
    in_1970 = EARLIEST - timedelta(days=365)
    refuse_future(in_1970, in_1970)
    for refused, clock, at_most, reason in (
        (EARLIEST - second, now, None, "time"),
        (in_1970 - second, in_1970, None, "time"),
        (now + second, now, None, "future"),
        (now + second, now, now - second, "future"),
        (known + second, now, known, "future"),
    ):
        with pytest.raises(Invalid) as refusal:
            refuse_future(refused, clock, at_most)
        assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("told", "meant"), [("23:59:59", "2026-12-06T23:59:59+01:00"), ("2026-12-08T00:00+01:00", None)]
)
def test_what_the_clock_has_not_come_to_yet_today_is_taken_for_yesterdays(
    day: Day, told: str, meant: str | None
) -> None:
    refusal = day.at(told, written="08:00").proposes(outage()).refused(Invalid, "future")
    assert refusal.data["earlier"] == (moment(meant) if meant else None)


def test_what_was_explained_once_refuses_nothing_that_is_flagged_later(day: Day) -> None:
    """The deviation of one entry is not asked for again by the next that does not fit."""
    day.at("08:00").records(outage(systems=[System.SESAM_S2]))
    early = day.at("09:00").records(ACTIVATED, deviation="bilen med remisserna är här")
    odd = day.at("09:30").records(restored(System.WEBSESAM))
    assert (day.flags(early), day.flags(odd)) == (["activation-too-early"], ["system-was-not-down"])


def test_a_correction_moves_nothing_into_the_future(day: Day) -> None:
    first = day.at("08:00").records(outage())
    day.at("09:00").proposes(correction(first.entry, "09:00:01")).refused(Invalid, "future")


def test_sr_091_a_serial_is_received_once(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    day.at("12:20").records(paper())
    refusal = day.at("12:30").proposes(paper("ot-0017")).refused(NotAdmitted, "duplicate-serial")
    assert refusal.data["serial"] == "OT-0017"
    assert refusal.data["rule"] == "SR-091"
    day.at("13:00").records(restored())
    day.at("13:10").records(entered())
    day.at("13:20").proposes(paper()).refused(NotAdmitted, "duplicate-serial")


def test_a_back_dated_duplicate_is_refused_although_it_would_come_first(day: Day) -> None:
    day.at("08:00").records(outage())
    first = day.at("12:20").records(paper())
    refusal = day.at("12:00", written="12:30").proposes(paper()).refused(NotAdmitted, "duplicate-serial")
    assert refusal.data["entry"] == first.entry


def test_sr_092_a_referral_that_never_came_is_neither_entered_nor_set_aside(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    day.at("10:00").proposes(entered()).refused(NotAdmitted, "unknown-referral")
    day.at("10:00").proposes(set_aside()).refused(NotAdmitted, "unknown-referral")


def test_sr_092_a_referral_is_not_entered_before_it_came(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    day.at("10:00").records(paper())
    day.at("09:30", written="10:30").proposes(entered()).refused(NotAdmitted, "unknown-referral")


def test_sr_092_a_referral_is_balanced_once(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:30").records(paper())
    day.at("09:00").records(restored())
    day.at("10:00").records(entered())
    for again in (entered(), set_aside()):
        day.at("10:30").proposes(again).refused(NotAdmitted, "already-balanced")


def test_an_unknown_or_already_corrected_way_of_correcting_is_refused(day: Day) -> None:
    first = day.at("08:10").records(outage())
    day.at("09:00").proposes(correction(7, "08:00")).refused(NotAdmitted, "unknown-entry")
    day.at("09:00").proposes(correction(2, "08:00")).refused(NotAdmitted, "unknown-entry")
    fix = day.at("09:00").records(correction(first.entry, "08:00"))
    refusal = day.at("09:10").proposes(correction(fix.entry, "08:30")).refused(NotAdmitted, "correction-of-correction")
    assert refusal.data["entry"] == first.entry, "the person is told which entry to correct instead"
    day.at("09:10").records(correction(first.entry, "08:05"))
    assert day.incident.down_since == day.at("08:05").occurred_at


def test_a_correction_names_a_field_of_the_fact_and_a_value_that_it_takes(day: Day) -> None:
    first = day.at("08:00").records(outage())
    unknown = day.at("09:00").proposes(correction(first.entry, serial="OT-1")).refused(Invalid, "unknown-field")
    assert unknown.data["field"] == "serial"
    wrongs: tuple[dict[str, Any], ...] = ({"scope": "universal"}, {"systems": ["Sesam S3"]}, {"systems": []})
    for wrong in wrongs:
        day.at("09:00").proposes(correction(first.entry, **wrong)).refused(Invalid, "invalid-correction")


def test_sr_010_a_system_that_the_routine_does_not_know_is_refused_also_in_a_correction(day: Day) -> None:
    unknown = outage(systems=[System("sesam-s3")])
    refused = day.at("08:00").proposes(unknown).refused(Invalid, "unknown-word")
    assert refused.data["known"] == "sesam-s2, websesam, visma-websesam"
    first = day.at("08:00").records(outage())
    day.at("09:00").proposes(correction(first.entry, systems=["sesam-s3"])).refused(Invalid, "unknown-word")


def test_no_duplicate_slips_in_through_a_correction(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:20").records(paper("OT-0017"))
    second = day.at("12:30").records(paper("OT-0018"))
    day.at("12:40").proposes(correction(second.entry, serial="OT-0017")).refused(NotAdmitted, "duplicate-serial")
    day.at("12:40").records(correction(second.entry, serial="OT-0019"))
    assert list(day.incident.outstanding) == ["OT-0017", "OT-0019"]


def test_a_correction_does_not_take_the_paper_from_under_its_entering(day: Day) -> None:
    day.at("08:00").records(outage())
    came = day.at("12:20").records(paper())
    day.at("13:00").records(restored())
    day.at("13:30").records(entered())
    day.at("14:00").proposes(correction(came.entry, "13:40")).refused(NotAdmitted, "unknown-referral")
    day.at("14:00").proposes(correction(came.entry, serial="OT-0018")).refused(NotAdmitted, "unknown-referral")


# Personal data


WRITTEN_IN_ONE_WAY_ALONE = {"moved_to", "same_as", "person", "subscriber", "deliveries", "attempts", "digest"}
"""Numbers, pseudonyms and digests: they have a form that nothing else fits."""


@pytest.mark.parametrize("fact", [sample.fact for sample in SAMPLES], ids=lambda fact: str(fact.wire))
def test_a_personnummer_in_any_text_of_any_fact_is_refused_naming_the_field_and_never_the_number(
    day: Day, fact: Fact
) -> None:
    day.at("08:00").records(outage())
    for name in fact.texts().keys() - WRITTEN_IN_ONE_WAY_ALONE:
        if name == "links":
            said: object = (f"{LINK}?q={PERSONNUMMER}",)
        elif name == "fields":
            said = {"summary": f"gäller {PERSONNUMMER}"}
        elif name == "serial":
            said = PERSONNUMMER
        else:
            said = f"gäller {PERSONNUMMER}"
        with_number = type(fact).model_validate(fact.model_dump() | {name: said})
        refusal = day.at("23:00").proposes(with_number).refused(PersonalData, "personal-data")
        assert refusal.data == {"field": name}
        assert PERSONNUMMER not in str(refusal)
    for name in ("note", "deviation"):
        proposed = day.at("23:00").proposes(fact, **{name: PERSONNUMMER})  # type: ignore[arg-type]
        assert proposed.refused(PersonalData, "personal-data").data == {"field": name}


def test_a_personnummer_is_not_smuggled_in_by_a_correction_with_control_characters(day: Day) -> None:
    note = day.at("08:00").records(outage())
    hidden = correction(note.entry, summary="gäller 8507\x0109-9805")
    day.at("09:00").proposes(hidden).refused(PersonalData, "personal-data")
    assert "850709-9805" not in day.incident.__repr__()


def test_a_personnummer_hidden_by_control_characters_in_a_note_is_refused(day: Day) -> None:
    day.at("08:00").proposes(outage(), note="gäller 8507\x0109-9805").refused(PersonalData, "personal-data")


# Region-wide: await instructions, take no measures


MEASURES = [sample.fact for sample in SAMPLES if sample.fact.measure]


def test_sr_053_the_measures_are_those_that_somebody_takes() -> None:
    assert {fact.wire for fact in MEASURES} == {
        "system-owner-contacted",
        "unit-manager-contacted",
        "servicedesk-incident-created",
        "supplier-contacted",
        "assistance-given",
        "mobile-connection-tried",
        "operating-information-requested",
        "partner-notified",
    }


@pytest.mark.parametrize("fact", MEASURES, ids=lambda fact: str(fact.wire))
def test_sr_053_a_measure_before_an_instruction_is_recorded_and_flagged(day: Day, fact: Fact) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    early = day.at("08:30").records(fact)
    assert day.flags(early) == ["measure-before-instruction"]
    day.at("09:00").records(INSTRUCTED)
    assert day.flags(day.at("09:30").records(fact)) == []


def test_sr_053_an_instruction_recorded_late_but_given_in_time_clears_the_flag(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    measure = day.at("08:30").records(owner_contacted())
    day.at("08:20", written="10:00").records(INSTRUCTED)
    assert day.flags(measure) == []


def test_sr_053_it_s_own_work_is_no_measure_of_vo_hjalpmedel(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    for fact, function in (
        (f.CauseEstablished(cause=Cause.NETWORK), Function.REGION_IT),
        (f.MeasureReported(by=MeasureBy.IT_SUPPLIER), Function.REGION_IT),
        (published(LINK), OWNER),
        (f.CallersInformed(count=3), ADMINISTRATION),
    ):
        assert day.flags(day.at("08:30").records(fact, function)) == []


def test_q7_region_wide_the_routine_is_activated_only_after_an_instruction(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("13:00").proposes(ACTIVATED).refused(NotAdmitted, "activation-before-instruction")
    day.at("13:10").records(INSTRUCTED)
    assert day.flags(day.at("13:20").records(ACTIVATED)) == []


def test_q7_activated_before_an_instruction_with_its_reason_it_is_a_deviation(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    early = day.at("13:00").records(ACTIVATED, deviation="ingen gick att nå")
    assert day.flags(early) == ["activation-before-instruction"]
    assert day.incident.stated == {early.entry: "ingen gick att nå"}
    assert day.incident.active


# Activation


@pytest.mark.parametrize("clock", ["09:00", "11:59", "11:59:59"])
def test_q1_activation_before_four_hours_is_refused_and_with_a_deviation_recorded(day: Day, clock: str) -> None:
    day.at("08:00").records(outage())
    refusal = day.at(clock).proposes(ACTIVATED).refused(NotAdmitted, "activation-too-early")
    assert refusal.data["allowed_at"] == day.at("12:00").occurred_at.isoformat()
    early = day.at(clock).records(ACTIVATED, deviation="IT säger minst åtta timmar")
    assert day.flags(early) == ["activation-too-early"]
    assert day.incident.active


@pytest.mark.parametrize("clock", ["12:00", "12:00:01", "18:00"])
def test_q1_from_four_hours_on_activation_is_always_allowed(day: Day, clock: str) -> None:
    day.at("08:00").records(outage())
    day.at("08:30").records(prognosis("20:00"))
    assert day.flags(day.at(clock).records(ACTIVATED)) == []


def test_q2_the_four_hours_start_at_the_earliest_system(day: Day) -> None:
    day.at("08:30").records(outage(systems=[System.WEBSESAM]))
    day.at("08:00", written="09:00").records(outage(systems=[System.SESAM_S2]))
    assert day.flags(day.at("12:00").records(ACTIVATED)) == []


def test_q5_the_night_when_clocks_go_forward_has_its_four_hours_at_half_past_five() -> None:
    day = Day()
    day.at("2027-03-28T00:30+01:00").records(outage())
    early = day.at("2027-03-28T05:29:59+02:00").proposes(ACTIVATED)
    early.refused(NotAdmitted, "activation-too-early")
    day.at("2027-03-28T05:30:00+02:00").records(ACTIVATED)


def test_without_an_outage_or_in_a_local_one_there_is_nothing_to_activate(day: Day) -> None:
    day.at("07:00").records(f.DisturbanceReported(unit="Ortopeden Lund"))
    day.at("12:30").proposes(ACTIVATED).refused(NotAdmitted, "activation-without-outage")
    day.at("08:00", written="12:30").records(outage(Scope.LOCAL))
    day.at("12:30").proposes(ACTIVATED).refused(NotAdmitted, "activation-out-of-scope")
    day.at("12:30").records(ACTIVATED, deviation="bilen med remisserna är här")
    assert day.incident.active


def test_activation_after_everything_is_restored_is_refused(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:00").records(restored())
    day.at("12:30").proposes(ACTIVATED).refused(NotAdmitted, "activation-without-outage")


def test_asking_twice_activates_once_even_with_a_deviation(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    for deviation in ("", "för säkerhets skull"):
        day.at("12:20").proposes(ACTIVATED, deviation=deviation).refused(NotAdmitted, "already-active")
    back_dated = day.at("12:05", written="12:20").proposes(ACTIVATED)
    back_dated.refused(NotAdmitted, "already-active")


def test_asking_twice_deactivates_once_even_with_a_deviation(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    day.at("13:00").records(restored())
    day.at("13:10").records(DEACTIVATED)
    for deviation in ("", "för säkerhets skull"):
        day.at("13:20").proposes(DEACTIVATED, deviation=deviation).refused(NotAdmitted, "not-active")


def test_what_was_never_active_is_not_deactivated(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("13:00").records(restored())
    day.at("13:10").proposes(DEACTIVATED, deviation="ändå").refused(NotAdmitted, "not-active")


def test_deactivation_while_a_system_is_down_needs_its_reason(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    day.at("13:00").records(restored(System.SESAM_S2, System.WEBSESAM))
    day.at("13:10").proposes(DEACTIVATED).refused(NotAdmitted, "deactivation-while-down")
    assert day.flags(day.at("13:10").records(DEACTIVATED, deviation="OT går att beställa")) == [
        "deactivation-while-down"
    ]
    assert not day.incident.active


# Deferral


def test_q1_activation_is_deferred_only_while_a_prognosis_is_in_force(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("11:50").proposes(deferred("12:30")).refused(NotAdmitted, "deferral-without-prognosis")
    day.at("11:50").records(prognosis("12:20"))
    assert day.flags(day.at("11:55").records(deferred("12:30"))) == []
    day.at("12:20").proposes(deferred("12:40")).refused(NotAdmitted, "deferral-without-prognosis")
    late = day.at("12:20").records(deferred("12:40"), deviation="IT svarar strax")
    assert day.flags(late) == ["deferral-without-prognosis"]


def test_a_deferral_until_a_time_that_has_passed_is_refused(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("11:50").records(prognosis("12:30"))
    for deviation in ("", "jo"):
        proposed = day.at("12:10").proposes(deferred("12:10"), deviation=deviation)
        proposed.refused(NotAdmitted, "deferral-already-passed")


# Entering, closing, reopening


def test_q16_a_referral_is_not_entered_into_a_system_that_is_down(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    day.at("12:20").records(paper())
    for deviation in ("", "det gick ändå"):
        refusal = day.at("13:00").proposes(entered(), deviation=deviation).refused(NotAdmitted, "system-is-down")
        assert refusal.data["rule"] == "Q16"
    day.at("12:50", written="13:00").records(restored())
    assert day.flags(day.at("13:00").records(entered())) == []


def test_q16_a_back_dated_entering_is_refused_where_the_system_was_down(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:20").records(paper())
    day.at("12:50").records(restored())
    day.at("12:49", written="13:00").proposes(entered()).refused(NotAdmitted, "system-is-down")


def test_q16_partial_restoration_is_enough_once_the_ordering_system_runs(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:20").records(paper())
    day.at("09:00").records(restored(System.SESAM_S2, System.WEBSESAM))
    day.at("09:10").proposes(entered()).refused(NotAdmitted, "system-is-down")
    day.at("09:20").records(restored(System.VISMA_WEBSESAM))
    day.at("09:30").records(entered())


def test_q16_with_the_ordering_system_running_a_referral_is_entered_while_the_others_are_still_down(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:20").records(paper())
    day.at("09:00").records(restored(System.VISMA_WEBSESAM))
    assert day.flags(day.at("09:10").records(entered())) == []


def test_q16_setting_aside_needs_no_system(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:20").records(paper())
    day.at("08:30").records(set_aside())
    assert not day.incident.outstanding


def test_q16_a_restoration_that_proves_to_be_later_flags_what_was_entered(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:20").records(paper())
    back = day.at("09:00").records(restored())
    done = day.at("09:10").records(entered())
    day.at("10:00").records(correction(back.entry, "09:30"))
    assert day.flags(done) == ["system-is-down"]


def test_q17_closing_with_outstanding_paper_is_refused_even_with_a_deviation(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    day.at("12:20").records(paper("OT-0017"))
    day.at("12:21").records(paper("OT-0018"))
    day.at("13:00").records(restored())
    day.at("13:10").records(DEACTIVATED)
    day.at("13:20").records(entered("OT-0017"))
    for deviation in ("", "vi gör det imorgon"):
        refusal = day.at("14:00").proposes(CLOSED, deviation=deviation).refused(NotAdmitted, "outstanding-referrals")
        assert refusal.data["serials"] == "OT-0018"
        assert refusal.data["rule"] == "Q17"
    day.at("14:00").records(set_aside("OT-0018"))
    day.at("14:10").records(CLOSED)
    assert not day.incident.open


def test_q17_closing_back_dated_to_before_the_paper_came_is_refused_too(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    day.at("12:20").records(paper())
    day.at("10:00", written="13:00").proposes(CLOSED).refused(NotAdmitted, "outstanding-referrals")


def test_q17_a_set_aside_for_another_reason_says_which() -> None:
    with pytest.raises(ValueError, match="explanation"):
        f.ReferralSetAside(serial="OT-0017", reason=SetAsideReason.OTHER)
    f.ReferralSetAside(serial="OT-0017", reason=SetAsideReason.OTHER, explanation="hör till en annan region")


def test_closing_while_a_system_is_down_or_the_routine_active_needs_its_reason(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    day.at("12:20").proposes(CLOSED).refused(NotAdmitted, "closing-while-down")
    day.at("13:00").records(restored())
    day.at("13:10").proposes(CLOSED).refused(NotAdmitted, "closing-while-active")
    closed = day.at("13:10").records(CLOSED, deviation="rutinen gäller vidare i en annan händelse")
    assert day.flags(closed) == ["closing-while-active"]


def test_asking_twice_closes_once_even_with_a_deviation(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    day.at("10:00").records(CLOSED)
    for deviation in ("", "för säkerhets skull"):
        day.at("10:10").proposes(CLOSED, deviation=deviation).refused(NotAdmitted, "already-closed")
    day.at("09:30", written="10:10").proposes(CLOSED).refused(NotAdmitted, "already-closed")


def test_a_suspicion_that_came_to_nothing_is_closed(day: Day) -> None:
    day.at("08:00").records(f.DisturbanceReported(unit="Ortopeden Lund"))
    assert day.flags(day.at("09:00").records(CLOSED)) == []


def test_only_a_closed_incident_is_reopened_and_asking_twice_reopens_once(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    day.at("09:30").proposes(REOPENED).refused(NotAdmitted, "not-closed")
    day.at("10:00").records(CLOSED)
    day.at("11:00").records(REOPENED)
    assert day.incident.open
    day.at("11:10").proposes(REOPENED).refused(NotAdmitted, "not-closed")
    day.at("12:00").records(CLOSED)
    assert not day.incident.open


def test_a_decision_in_a_closed_incident_is_refused_even_with_a_deviation(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("10:00").records(CLOSED, deviation="registrerad två gånger")
    for decision in (ACTIVATED, deferred("14:00")):
        proposed = day.at("12:30").proposes(decision, deviation="ändå")
        proposed.refused(NotAdmitted, "incident-is-closed")


WORKS_AGAIN = f.CallersInformed(count=2, advice=Advice.WORKS_AGAIN)


@pytest.mark.parametrize("fact", [prognosis("18:00"), WORKS_AGAIN, owner_contacted(), outage()])
def test_what_happens_after_closing_is_recorded_and_flagged(day: Day, fact: Fact) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    day.at("10:00").records(CLOSED)
    assert day.flags(day.at("11:00").records(fact)) == ["after-closing"]
    assert day.flags(day.at("08:30", written="11:00").records(f.CallersInformed(count=1))) == []


def test_a_closed_incident_is_noted_reviewed_and_corrected_without_a_flag(day: Day) -> None:
    first = day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    day.at("10:00").records(CLOSED)
    for fact in (
        f.NoteAdded(text="Lugnt."),
        f.IncidentReviewed(verdict=ReviewConclusion.FOLLOWED),
        correction(first.entry, "07:55"),
    ):
        assert day.flags(day.at("11:00").records(fact)) == []


def test_paper_that_comes_after_closing_puts_the_incident_back_on_the_board(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    closed = day.at("10:00").records(CLOSED)
    late = day.at("11:00").records(paper())
    assert day.incident.open
    assert "after-closing" in day.flags(late)
    day.at("09:30", written="11:30").records(paper("OT-0018"))
    assert day.flags(closed) == ["outstanding-referrals"], "what truth has made of the closing is flagged, not refused"


# Recorded and flagged: the log never refuses the truth


def test_q15_paper_without_the_reserve_routine_is_recorded_flagged_and_balanced(day: Day) -> None:
    day.at("08:00").records(outage())
    early = day.at("09:00").records(paper())
    assert day.flags(early) == ["paper-without-reserve-routine"]
    assert list(day.incident.outstanding) == ["OT-0017"]


@pytest.mark.parametrize("odd", [{"acute": False}, {"area": Area.VISION}])
def test_q15_paper_that_is_not_acute_ot_is_recorded_flagged_and_balanced(day: Day, odd: dict[str, object]) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    received = f.ReferralReceived.model_validate({"serial": "OT-0017"} | odd)
    assert day.flags(day.at("12:20").records(received)) == ["not-acute"]
    assert list(day.incident.outstanding) == ["OT-0017"]


def test_q15_a_back_dated_activation_clears_the_flag_of_the_paper(day: Day) -> None:
    day.at("08:00").records(outage())
    came = day.at("12:20").records(paper())
    day.at("12:10", written="13:00").records(ACTIVATED)
    assert day.flags(came) == []


def test_a_system_that_was_not_down_is_restored_with_a_flag(day: Day) -> None:
    day.at("08:00").records(outage(systems=[System.WEBSESAM]))
    odd = day.at("09:00").records(restored(System.WEBSESAM, System.SESAM_S2))
    [flag] = day.incident.flags(odd.entry)
    assert (flag.code, dict(flag.data)) == ("system-was-not-down", {"system": "sesam-s2"})


def test_q4_a_prognosis_that_has_already_passed_is_recorded_and_flagged(day: Day) -> None:
    day.at("08:00").records(outage())
    assert day.flags(day.at("09:00").records(prognosis("09:00"))) == ["prognosis-already-passed"]


def test_sr_098_the_routine_is_published_with_a_link_and_on_vardgivare_skane_or_flagged(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:05").records(ACTIVATED)
    bare = day.at("12:10").records(published(routine=True))
    assert day.flags(bare) == ["published-without-link"]
    elsewhere = day.at("12:10").records(published(LINK, routine=True, channel=Channel.INTRANET))
    assert day.flags(elsewhere) == ["published-elsewhere"]
    assert day.flags(day.at("12:10").records(published(LINK, routine=True))) == []
    assert day.flags(day.at("12:10").records(published())) == []


def test_sr_096_an_all_clear_while_the_routine_is_active_is_flagged(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    clear = f.PartnerNotified(message=PartnerMessage.ALL_CLEAR, outcome="reached")
    early = day.at("12:20").records(clear)
    assert day.flags(early) == ["all-clear-while-active"]
    day.at("13:00").records(restored())
    day.at("13:10").records(DEACTIVATED)
    assert day.flags(day.at("13:20").records(clear)) == []


def test_sr_015_a_deviation_does_not_make_up_for_authority(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").proposes(published(LINK), VO, deviation="ägaren svarar inte").refused(NotAuthorised, "function")
    day.at("09:00").proposes(entered(), ADMINISTRATION, deviation="partnern bad oss").refused(NotAuthorised, "function")


# What says nothing


@pytest.mark.parametrize("nothing", ["…", "-", ".", "–", "?!", "☎ …"])
def test_a_text_without_a_letter_or_digit_is_refused_wherever_a_text_is_asked_for(day: Day, nothing: str) -> None:
    day.at("08:00").records(outage())
    text = f.OperatingInformationPublished(channels=(Channel.VARDGIVARE_SKANE,), text=nothing)
    assert day.at("08:10").proposes(text).refused(Invalid, "says-nothing").data == {"field": "text"}
    summary = f.IncidentClosed(summary=nothing)
    assert day.at("08:10").proposes(summary).refused(Invalid, "says-nothing").data == {"field": "summary"}
    for name in ("note", "deviation"):
        proposed = day.at("08:10").proposes(f.NoteAdded(text="Lugnt."), **{name: nothing})  # type: ignore[arg-type]
        assert proposed.refused(Invalid, "says-nothing").data == {"field": name}
    fixed = f.EntryCorrected(entry=1, reason="fel", fields={"summary": nothing, "cause": "network"})
    day.at("08:10").proposes(fixed).refused(Invalid, "says-nothing")
    day.at("08:10").records(f.NoteAdded(text="7"))


@pytest.mark.parametrize("serial", ["850709-9805", "850709-9806", "8507099800", "19850709-1234", "OT-850769-1234"])
def test_a_serial_shaped_like_a_personnummer_is_refused_whatever_its_check_digit(day: Day, serial: str) -> None:
    day.at("08:00").records(outage())
    paper = f.ReferralReceived(serial=serial)
    assert day.at("08:10").proposes(paper).refused(PersonalData, "personal-data").data == {"field": "serial"}
    came = day.at("08:10").records(f.ReferralReceived(serial="OT-0017"))
    fixed = f.EntryCorrected(entry=came.entry, reason="fel", fields={"serial": serial})
    day.at("08:11").proposes(fixed).refused(PersonalData, "personal-data")


@pytest.mark.parametrize("serial", ["OT-2026-0017", "2611-0017", "998877-0017", "20261328-0017", "1234567"])
def test_a_running_number_that_holds_no_birth_date_is_none(day: Day, serial: str) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(f.ReferralReceived(serial=serial))
