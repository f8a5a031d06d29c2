"""Who publishes while the system owner is away (Q25), what callers are told (Q27), and what is told too late (Q18)."""

import pytest

from domain import facts as f
from domain.presumed import completed
from domain.refusals import Invalid, NotAdmitted, NotAuthorised
from domain.vocabulary import Advice, Channel, ContactOutcome, Function, PartnerMessage, Scope, Situation
from tests.given import (
    ACTIVATED,
    DEACTIVATED,
    LINK,
    OWNER,
    Day,
    correction,
    moment,
    outage,
    owner_contacted,
    published,
    restored,
)

IT, MANAGER = Function.REGION_IT, Function.UNIT_MANAGER
DESK = Function.HJALPMEDEL_ADMINISTRATION
INFORMATION = published(LINK)


@pytest.mark.parametrize("who", [IT, MANAGER])
@pytest.mark.parametrize("outcome", [ContactOutcome.OFF_DUTY, ContactOutcome.NO_ANSWER])
def test_q25_while_the_system_owner_is_away_it_or_the_manager_publishes_and_it_is_flagged(
    day: Day, who: Function, outcome: ContactOutcome
) -> None:
    day.at("08:00").records(outage())
    day.at("08:05").proposes(INFORMATION, who).refused(NotAuthorised, "function")
    day.at("08:10").records(owner_contacted(outcome))
    told = day.at("08:20").records(INFORMATION, who)
    [flag] = day.incident.flags(told.entry)
    assert (flag.code, flag.rule) == ("not-through-the-system-owner", "SR-016")
    assert day.verdict("publish-operating-information", at="08:30").word == "kept"


def test_once_the_system_owner_is_reached_nobody_stands_in(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(owner_contacted(ContactOutcome.NO_ANSWER))
    told = day.at("08:12").records(INFORMATION, IT)
    day.at("08:20").records(owner_contacted())
    day.at("08:25").proposes(INFORMATION, IT).refused(NotAuthorised, "function")
    day.at("08:15", written="08:26").records(published(), IT)
    day.at("08:30").records(correction(told.entry, text="Sesam ligger nere sedan 8."), IT)
    assert day.flags(day.at("08:40").records(INFORMATION, OWNER)) == []


def test_within_one_minute_it_goes_by_what_was_written_first(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(owner_contacted(ContactOutcome.NO_ANSWER))
    day.at("08:10").records(INFORMATION, IT)
    day.at("08:20").records(owner_contacted())
    day.at("08:20").proposes(INFORMATION, IT).refused(NotAuthorised, "function")


def test_whoever_called_while_it_was_only_suspected_need_not_call_again(day: Day) -> None:
    day.at("08:00").records(f.DisturbanceReported(unit="Ortopeden Lund"))
    day.at("08:05").records(owner_contacted(ContactOutcome.NO_ANSWER))
    day.at("08:10").records(outage())
    day.at("08:20").records(INFORMATION, IT)


def test_whoever_is_refused_is_told_who_may_just_now(day: Day) -> None:
    day.at("08:00").records(outage())
    assert day.at("08:05").proposes(INFORMATION, DESK).refused(NotAuthorised, "function").data["may"] == (OWNER,)
    day.at("08:10").records(owner_contacted(ContactOutcome.OFF_DUTY))
    refused = day.at("08:20").proposes(INFORMATION, DESK).refused(NotAuthorised, "function")
    assert set(refused.data["may"]) == {OWNER, IT, MANAGER}


def test_a_new_outage_asks_for_the_system_owner_anew(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(owner_contacted(ContactOutcome.OFF_DUTY))
    day.at("09:00").records(restored())
    day.at("10:00").records(outage())
    day.at("10:05").proposes(INFORMATION, IT).refused(NotAuthorised, "function")


@pytest.mark.parametrize("who", [Function.HJALPMEDEL_ADMINISTRATION, Function.VO_HJALPMEDEL, Function.SERVICEDESK])
def test_nobody_else_stands_in_however_long_nobody_answers(day: Day, who: Function) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(owner_contacted(ContactOutcome.OFF_DUTY))
    day.at("08:20").proposes(INFORMATION, who).refused(NotAuthorised, "function")


def test_whoever_saw_it_published_says_so_and_it_is_done(day: Day) -> None:
    day.at("08:00").records(outage())
    seen = f.OperatingInformationObserved(channel=Channel.VARDGIVARE_SKANE, text="Sesam ligger nere.")
    told = day.at("08:20").records(seen)
    assert day.flags(told) == []
    verdict = day.verdict("publish-operating-information", at="08:30")
    assert (verdict.word, verdict.evidence) == ("kept", (told.entry,))


# What callers are told


def told_callers(day: Day) -> Advice:
    fact = completed(f.CallersInformed(count=3), day.incident)
    assert isinstance(fact, f.CallersInformed)
    return fact.advice


def test_q27_what_callers_are_told_follows_the_moment_and_what_contradicts_it_is_flagged(day: Day) -> None:
    day.at("08:00").records(outage())
    assert told_callers(day) is Advice.WAIT
    wrong = day.at("08:10").records(f.CallersInformed(advice=Advice.PAPER))
    assert day.flags(wrong) == ["contradicts-the-moment"]
    day.at("12:00").records(ACTIVATED)
    assert told_callers(day) is Advice.PAPER
    assert day.flags(day.at("12:10").records(f.CallersInformed(advice=Advice.PAPER))) == []
    day.at("14:00").records(restored())
    assert told_callers(day) is Advice.WORKS_AGAIN
    wrong = day.at("14:10").records(f.CallersInformed(advice=Advice.WAIT))
    assert day.flags(wrong) == ["contradicts-the-moment"]


def test_what_is_published_says_of_the_systems_what_the_moment_does_unless_its_owner_says_otherwise(day: Day) -> None:
    day.at("08:00").records(outage())
    unsaid = f.OperatingInformationPublished(channels=(Channel.INTRANET,), text="x")
    assert completed(unsaid, day.incident).situation is Situation.DOWN  # type: ignore[attr-defined]
    said = f.OperatingInformationPublished(channels=(Channel.INTRANET,), text="x", situation=Situation.OTHER)
    assert completed(said, day.incident) == said
    day.at("09:00").records(restored())
    assert completed(unsaid, day.incident).situation is Situation.WORKS_AGAIN  # type: ignore[attr-defined]


# What is no longer true


def test_q18_that_the_reserve_routine_applies_is_not_told_while_it_does_not(day: Day) -> None:
    applies = published(LINK, routine=True)
    day.at("08:00").records(outage())
    day.at("08:10").proposes(applies, OWNER).refused(NotAdmitted, "reserve-routine-does-not-apply")
    day.at("08:11").records(applies, OWNER, deviation="IT publicerade för tidigt")
    day.at("12:00").records(ACTIVATED)
    assert day.flags(day.at("12:05").records(applies, OWNER)) == []
    day.at("14:00").records(restored())
    day.at("14:05").records(DEACTIVATED)
    day.at("14:10").proposes(applies, OWNER).refused(NotAdmitted, "reserve-routine-does-not-apply")
    told = f.PartnerNotified(message=PartnerMessage.ACTIVATION, outcome=ContactOutcome.REACHED)
    day.at("14:11").proposes(told).refused(NotAdmitted, "reserve-routine-does-not-apply")
    day.at("14:12").records(told, deviation="ringde fel")


def test_q8_the_partner_may_be_told_before_the_activation(day: Day) -> None:
    day.at("08:00").records(outage())
    told = f.PartnerNotified(message=PartnerMessage.ACTIVATION, outcome=ContactOutcome.REACHED)
    assert day.flags(day.at("08:30").records(told)) == []


def test_the_partner_is_not_told_of_paper_in_an_outage_that_the_reserve_routine_is_not_for(day: Day) -> None:
    day.at("08:00").records(outage(Scope.LOCAL))
    told = f.PartnerNotified(message=PartnerMessage.ACTIVATION, outcome=ContactOutcome.REACHED)
    day.at("08:30").proposes(told).refused(NotAdmitted, "reserve-routine-does-not-apply")


# Since when


def test_q21_an_outage_can_not_have_begun_after_it_was_detected(day: Day) -> None:
    late = outage().model_copy(update={"since": moment("08:10")})
    day.at("08:00").proposes(late).refused(Invalid, "began-after-detected")
    day.at("08:00").records(outage().model_copy(update={"since": moment("07:40")}))
    assert (day.incident.detected_at, day.incident.down_since) == (moment("08:00"), moment("07:40"))
