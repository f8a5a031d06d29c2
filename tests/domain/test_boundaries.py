"""The cases on the edge, and the rules that no other test is named after: what somebody would notice.

`docs/rules.md` says which test stands for which rule.
"""

from datetime import timedelta
from gettext import NullTranslations
from pathlib import Path

import pytest

from domain import facts as f
from domain.audience import Subscriber, is_told
from domain.delivery import Notice
from domain.fact import CATALOGUE, Fact, Recorded
from domain.incident import fold
from domain.refusals import NotAuthorised, PersonalData
from domain.routine_document import builtin
from domain.vocabulary import (
    Advice,
    Area,
    Assistance,
    Audience,
    Cause,
    Channel,
    ContactOutcome,
    Function,
    MeasureBy,
    Orders,
    PartnerMessage,
    RoutineState,
    Scope,
    Status,
    System,
)
from notifiers.content import Content, contents
from tests.given import (
    ACTIVATED,
    ADMINISTRATION,
    ALL_THREE,
    CLOSED,
    DEACTIVATED,
    INSTRUCTED,
    LINK,
    OWNER,
    VO,
    Day,
    correction,
    moment,
    outage,
    owner_contacted,
    prognosis,
    published,
    restored,
)
from tests.mailroom import mailroom
from tests.notifiers.outage import DRIFTINFO
from tests.rows import everything
from tests.terminal import Terminal

SR_069, SR_090 = "activate-without-prognosis", "activate-after-four-hours"
STEPS_OF_ALL_USERS = {
    "report-to-system-owner",
    "contact-unit-manager",
    "create-servicedesk-incident",
    "contact-supplier",
    "inform-callers",
    "publish-operating-information",
}


@pytest.fixture
def down(day: Day) -> Day:
    """Nobody reaches any of the three systems from 08:00."""
    day.at("08:00").records(outage())
    return day


def mail(day: Day, recorded: Recorded, audience: Audience) -> Content:
    """What the mail says to somebody of that audience who is told of this entry, in English."""
    assert is_told(audience, recorded, builtin())
    somebody = Subscriber("k7q2m9x4", "anna@example.se", audience, language="en")
    notice = Notice(1, recorded, day.incident, somebody, f"<{recorded.entry}@example.se>")
    return contents(notice, NullTranslations(), recorded.recorded_at, driftinfo_url=DRIFTINFO)


# Boundary cases of the four hours


@pytest.mark.parametrize(
    ("given_at", "word", "due_at"),
    [
        ("11:59:00", "deferred", "15:00"),
        ("11:59:59", "deferred", "15:00"),
        ("12:15:59", "deferred", "15:00"),
        ("12:16:00", "overdue", "12:00"),
    ],
)
def test_a_prognosis_at_three_fifty_nine_stops_sr_069_and_one_after_the_time_to_decide_does_not(
    down: Day, given_at: str, word: str, due_at: str
) -> None:
    down.at(given_at).records(prognosis("15:00"))
    verdict = down.verdict(SR_069, at="12:30")
    assert (verdict.word, verdict.due_at) == (word, moment(due_at))
    assert down.verdict(SR_090, at="12:30").word == "overdue", "SR-090 asks for no prognosis (Q1)"


def test_a_back_dated_start_makes_an_activation_that_was_kept_late_and_says_by_how_much(day: Day) -> None:
    day.at("08:30").records(outage(systems=[System.WEBSESAM]))
    day.at("12:30").records(ACTIVATED)
    assert [day.verdict(duty, at="13:00").word for duty in (SR_069, SR_090)] == ["kept", "kept"]
    day.at("08:00", written="13:00").records(outage(systems=[System.SESAM_S2]))
    for duty in (SR_069, SR_090):
        late = day.verdict(duty, at="13:00")
        assert (late.word, late.late) == ("late", timedelta(minutes=30))


def test_an_activation_that_ended_before_all_users_were_hit_does_not_fulfil_their_four_hours(day: Day) -> None:
    """The board says that the routine is due, so the list of duties must say so too."""
    day.at("08:00").records(outage(Scope.LOCAL))
    day.at("08:30").records(ACTIVATED, deviation="bilen med remisserna är här")
    day.at("09:00").records(DEACTIVATED, deviation="det behövdes inte")
    day.at("09:30").records(f.ScopeReclassified(scope=Scope.ALL_USERS, reason="Malmö når det inte heller"))
    assert day.incident.routine_state(moment("12:30")) is RoutineState.DUE
    assert {SR_069, SR_090} <= set(day.due("12:30"))
    assert [day.verdict(duty, at="12:30").word for duty in (SR_069, SR_090)] == ["overdue", "overdue"]


def test_a_routine_deactivated_too_early_and_activated_again_is_deactivated_again_after_the_restoration(
    down: Day,
) -> None:
    down.at("12:05").records(ACTIVATED)
    down.at("12:30").records(DEACTIVATED, deviation="vi trodde att det var över")
    down.at("12:40").records(ACTIVATED)
    down.at("13:00").records(restored())
    assert "deactivate-reserve-routine" in down.due("13:05")
    assert down.verdict("deactivate-reserve-routine", at="14:01").word == "overdue"


def test_a_relapse_that_hits_all_users_is_reported_anew_also_after_a_local_outage(day: Day) -> None:
    """Decision 0001: a relapse has a new set of duties."""
    day.at("08:00").records(outage(Scope.LOCAL))
    day.at("08:10").records(owner_contacted())
    day.at("08:20").records(published())
    day.at("09:00").records(restored())
    day.at("14:00").records(outage())
    assert {"report-to-system-owner", "publish-operating-information"} <= set(day.due("14:05"))
    assert day.verdict("report-to-system-owner", at="15:00").word == "overdue"


# Boundary cases of the scenarios


def test_region_wide_the_steps_of_sr_06x_are_demanded_only_where_the_instruction_is_to_act(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    assert not STEPS_OF_ALL_USERS & set(day.due("11:00"))
    day.at("11:00").records(f.InstructionReceived(text="avvakta", orders=Orders.WAIT))
    assert not STEPS_OF_ALL_USERS & set(day.due("11:30"))
    day.at("11:40").records(f.InstructionReceived(text="aktivera", orders=Orders.ACTIVATE))
    assert not STEPS_OF_ALL_USERS & set(day.due("11:41"))
    day.at("11:50").records(INSTRUCTED)
    assert {"report-to-system-owner", "contact-supplier"} <= set(day.due("11:51"))


def test_activation_leads_to_the_partners_notice_with_three_items_and_a_publication_with_a_link(down: Day) -> None:
    activated = down.at("12:05").records(ACTIVATED)
    assert mail(down, activated, Audience.PARTNER).asked[0].count(".") == 3
    assert {"notify-partner", "publish-reserve-routine"} <= set(down.due("12:06"))
    down.at("12:10").records(f.PartnerNotified(message=PartnerMessage.ACTIVATION, outcome="reached"))
    down.at("12:15").records(published(routine=True))
    assert "publish-reserve-routine" in down.due("12:16"), "without a link it does not count"
    down.at("12:20").records(published(LINK, routine=True))
    assert not {"notify-partner", "publish-reserve-routine"} & set(down.due("12:21"))


@pytest.mark.parametrize(
    "line",
    [
        "note-added --text 'gäller 19850709-9805'",
        "note-added --text lugnt --note 850709-9805",
        "reserve-routine-activated --deviation '8507099805 väntar'",
        "referral-received --serial 850709-9805",
        "entry-corrected --entry 1 --set summary=850709-9805 --reason fel",
        "note-added --text lugnt --command-id 850709-9805",
    ],
)
def test_a_personnummer_in_any_free_text_is_refused_before_anything_is_written(line: str, tmp_path: Path) -> None:
    desk = Terminal(tmp_path).at("08:00")
    desk.records("outage-detected --scope all-users --system sesam-s2")
    before = desk.facts()
    refused = desk.at("12:30").types(f"record {line}")
    assert refused.code == 7
    assert "9805" not in refused.out + refused.err
    assert desk.facts() == before
    assert "9805" not in everything(desk.desk.database)
    desk.close()


# 0 and 1: the document, its purpose and its scope


def test_sr_003_the_routine_names_functions_and_nobody_by_name() -> None:
    routine = builtin()
    assert not {"created_by", "approved_by"} & set(type(routine).model_fields)
    assert all(isinstance(duty.who, Function) for duty in routine.duties)


def test_sr_011_it_is_about_prescribers_who_are_told_as_an_audience_of_their_own(down: Day) -> None:
    assert "prescribers" in str(builtin().name(Audience.PUBLIC, "en"))
    said = down.at("08:30").records(published(LINK))
    assert "prescribers" in mail(down, said, Audience.PUBLIC).why


@pytest.mark.parametrize("fact", [f.CauseEstablished(cause=Cause.NETWORK), f.MeasureReported(by=MeasureBy.IT_SUPPLIER)])
def test_sr_013_what_is_wrong_and_what_is_done_about_it_is_regional_its_to_say(down: Day, fact: Fact) -> None:
    for function in (VO, ADMINISTRATION, Function.PARTNER):
        down.at("09:00").proposes(fact, function).refused(NotAuthorised, "function")
    down.at("09:00").records(fact, Function.REGION_IT)


def test_sr_017_sr_067_every_mail_points_to_the_one_place_and_only_a_publication_is_no_internal_information(
    down: Day,
) -> None:
    told = [
        (down.at("08:30").records(published(LINK)), Audience.PUBLIC),
        (down.at("09:00").records(prognosis("15:00")), Audience.STAFF),
        (down.at("12:10").records(ACTIVATED), Audience.PARTNER),
        (down.at("12:10").records(f.OperatingInformationRequested(text="Reservrutin gäller.")), Audience.DUTY),
        (down.at("13:00").records(CLOSED, deviation="går vidare i en annan"), Audience.COMPLIANCE),
    ]
    for recorded, audience in told:
        said = mail(down, recorded, audience)
        assert said.driftinfo_url == DRIFTINFO
        assert bool(said.label) == (audience is not Audience.PUBLIC)


def test_sr_018_sr_019_sr_020_operating_information_is_shown_in_three_places_and_the_mail_says_where(down: Day) -> None:
    assert {channel.value for channel in Channel} == {"intranet", "vardgivare-skane", "hemvist"}
    everywhere = f.OperatingInformationPublished(channels=tuple(Channel), text="Sesam ligger nere.")
    said = mail(down, down.at("08:30").records(everywhere), Audience.PUBLIC)
    [where] = [line.value for line in said.happened[0].lines if line.label == "Shown on"]
    assert where == "the intranet's start page, Vårdgivare Skåne, every Hemvist"


def test_sr_021_what_is_published_comes_by_mail_to_those_who_subscribe(tmp_path: Path) -> None:
    with mailroom() as mails:
        desk = Terminal(tmp_path, smtp_url=mails.url).at("08:00")
        desk.types("subscriber add lund@example.se --audience public")
        desk.records("outage-detected --scope all-users --system sesam-s2")
        desk.records(
            "operating-information-published --as system-owner --channel vardgivare-skane --text 'Sesam ligger nere.'"
        )
        assert desk.types("worker --once").code == 0
        assert len(mails.to("lund")) == 1
        desk.close()


@pytest.mark.parametrize("function", [VO, ADMINISTRATION])
@pytest.mark.parametrize("kind", list(Assistance))
def test_sr_022_sr_024_sr_025_sr_026_sr_045_help_of_every_kind_is_recorded_without_a_patients_identity(
    down: Day, kind: Assistance, function: Function
) -> None:
    helped = down.at("09:00").records(f.AssistanceGiven(kind=kind, description="stöd på telefon"), function)
    assert down.flags(helped) == []
    number = f.AssistanceGiven(kind=kind, description="patient 850709-9805")
    down.at("09:00").proposes(number, function).refused(PersonalData, "personal-data")
    assert set(f.AssistanceGiven.model_fields) == {"kind", "description"}


# 3: the scenarios


@pytest.mark.parametrize("cause", [None, *Cause])
def test_sr_050_the_whole_region_may_stop_for_any_cause_known_or_not(day: Day, cause: Cause | None) -> None:
    day.at("08:00").records(f.OutageDetected(scope=Scope.REGION_WIDE, cause=cause))
    assert day.incident.scope is Scope.REGION_WIDE
    assert [verdict.word for verdict in day.verdicts("await-instruction", at="09:00")] == ["pending"]


@pytest.mark.parametrize(
    ("outcome", "asked_for"),
    [(ContactOutcome.REACHED, False), (ContactOutcome.OFF_DUTY, True), (ContactOutcome.NO_ANSWER, True)],
)
def test_sr_062_only_a_system_owner_who_is_not_there_starts_the_way_round(
    down: Day, outcome: ContactOutcome, asked_for: bool
) -> None:
    contact = down.at("08:05").records(owner_contacted())
    down.at("08:20").records(correction(contact.entry, outcome=outcome.value))
    for duty in ("contact-unit-manager", "create-servicedesk-incident"):
        assert bool(down.verdicts(duty, at="08:30")) is asked_for, "a correction counts as if it had been said at once"


def test_sr_066_callers_are_informed_without_a_deadline_and_nobody_is_to_blame_where_nobody_called(down: Day) -> None:
    assert "inform-callers" in down.due("11:00")
    assert down.verdict("inform-callers", at="23:00").word == "pending"
    down.at("08:30").records(f.CallersInformed(count=7))
    assert down.verdict("inform-callers", at="23:00").word == "kept"
    quiet = Day()
    quiet.at("08:00").records(outage())
    quiet.at("10:00").records(restored())
    assert quiet.verdict("inform-callers", at="23:00").word == "not-applicable"


def test_sr_068_callers_are_asked_to_wait_unless_it_is_said_otherwise() -> None:
    assert f.CallersInformed().advice is Advice.WAIT
    assert {advice.value for advice in Advice} == {"wait", "use-paper-referral", "works-again"}


def test_sr_070_sr_097_that_the_routine_applies_is_for_the_system_owner_to_publish_after_the_activation(
    down: Day,
) -> None:
    down.at("12:05").records(ACTIVATED)
    waiting = down.verdict("publish-reserve-routine", at="12:10")
    assert (waiting.word, waiting.duty.who, waiting.due_at) == ("pending", OWNER, moment("13:05"))
    down.at("12:30").proposes(published(LINK, routine=True), VO).refused(NotAuthorised, "function")
    down.at("12:30").records(published(LINK, routine=True), OWNER)
    assert down.verdict("publish-reserve-routine", at="14:00").word == "kept"


def test_sr_060_sr_080_the_scenario_decides_what_is_asked_for(day: Day) -> None:
    local = {"connect-through-mobiles", "request-operating-information"}
    day.at("08:00").records(outage(Scope.LOCAL))
    assert set(day.due("08:05")) == local
    day.at("08:10").records(f.ScopeReclassified(scope=Scope.ALL_USERS, reason="Malmö når det inte heller"))
    now_due = set(day.due("08:15"))
    assert not local & now_due
    assert {"report-to-system-owner", "contact-supplier"} <= now_due


def test_sr_094_sr_095_sr_096_the_partner_reads_down_by_hand_and_until_further_notice(down: Day) -> None:
    [said] = mail(down, down.at("12:05").records(ACTIVATED), Audience.PARTNER).asked
    systems_down, by_hand, until = said.split(". ")
    assert "systems are down" in systems_down
    assert all(str(builtin().name(system, "en")) in systems_down for system in ALL_THREE)
    assert "manually" in by_hand
    assert "until further notice" in until
    assert PartnerMessage.ACTIVATION.label == "systems down, handle manually until further notice"


# The readings


def test_q10_one_party_has_one_identifier_and_the_it_department_is_not_its_supplier() -> None:
    names = {function: str(builtin().name(function, "sv")) for function in builtin().functions}
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert [function for function, name in names.items() if "ortopedteknik" in name] == [Function.PARTNER]
    assert [function for function, name in names.items() if "Administration" in name] == [ADMINISTRATION]
    assert {by.value for by in MeasureBy} == {"it-supplier", "supplier"}
    assert Function.REGION_IT not in {by.value for by in MeasureBy}


def test_q13_callers_are_a_count_and_a_time_and_have_no_identity(down: Day) -> None:
    assert set(f.CallersInformed.model_fields) == {"count", "advice"}
    told = down.at("08:30").records(f.CallersInformed(count=7))
    assert told.fact.texts() == {}


def test_q14_a_day_on_which_everything_went_wrong_is_recorded_whole_and_flagged(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    odd = [
        (day.at("08:10").records(owner_contacted()), "measure-before-instruction"),
        (day.at("09:00").records(prognosis("08:30")), "prognosis-already-passed"),
        (day.at("09:10").records(f.ReferralReceived(serial="OT-1")), "paper-without-reserve-routine"),
        (
            day.at("09:20").records(f.ReferralReceived(serial="OT-2", acute=False, area=Area.TENS)),
            "not-acute",
        ),
        (day.at("10:00").records(ACTIVATED, deviation="ingen gick att nå"), "activation-before-instruction"),
        (day.at("10:10").records(published(routine=True)), "published-without-link"),
    ]
    for recorded, code in odd:
        assert code in day.flags(recorded)
    assert len(day.facts) == len(odd) + 1


# What the user of this project added


def test_u_1_u_2_how_it_stands_is_derived_from_the_facts_alone_and_again_at_any_time(down: Day) -> None:
    down.at("12:10").records(ACTIVATED)
    came = down.at("12:20").records(f.ReferralReceived(serial="OT-1"))
    down.at("13:00").records(restored())
    assert fold(down.happened, builtin()) == fold(down.happened, builtin())
    assert [fold(down.happened[:steps], builtin()).status for steps in range(1, 5)] == [Status.ONGOING] * 3 + [
        Status.RESTORED
    ]
    with pytest.raises(ValueError, match="frozen"):
        came.fact.serial = "OT-2"  # type: ignore[attr-defined]


def test_u_3_recording_waits_for_no_mail_and_the_worker_sends_it_afterwards(tmp_path: Path) -> None:
    with mailroom() as mails:
        desk = Terminal(tmp_path, smtp_url=mails.url).at("08:00")
        desk.types("subscriber add jour@example.se --audience staff")
        desk.records("outage-detected --scope all-users --system sesam-s2")
        assert mails.to("jour") == []
        desk.types("worker --once")
        assert len(mails.to("jour")) == 1
        desk.close()


def test_u_4_staff_record_every_fact_but_the_clocks_with_a_command_of_its_name(tmp_path: Path) -> None:
    desk = Terminal(tmp_path).at("08:00")
    for wire, fact in CATALOGUE.items():
        if wire and not fact.stream and not fact.clocks:
            shown = desk.types(f"record {wire} --help")
            assert shown.code == 0
            assert f"reservrutin record {wire}" in shown.out
    desk.close()


def test_u_5_a_reviewer_replays_how_it_stood_how_it_was_known_and_what_was_written(tmp_path: Path) -> None:
    desk = Terminal(tmp_path).at("08:00")
    desk.records("outage-detected --scope all-users --system sesam-s2")
    desk.at("11:45").records("prognosis-received --restored-by 13:00 --at 11:30")
    desk.at("12:50").records("service-restored --system sesam-s2")

    def replayed(limits: str) -> list[str]:
        return [step["status"]["status"] for step in desk.types(f"replay 1 {limits} --json").json]

    assert replayed("") == ["ongoing", "ongoing", "restored"]
    assert replayed("--as-of 11:35") == ["ongoing", "ongoing"], "by then the prognosis had been given"
    assert replayed("--known-at 11:40") == ["ongoing"], "but nobody had written it down"
    assert replayed("--to-entry 2") == ["ongoing", "ongoing"]
    assert [entry["fact"] for entry in desk.types("log 1 --json").json] == [
        "outage-detected",
        "prognosis-received",
        "service-restored",
    ]
    desk.close()
