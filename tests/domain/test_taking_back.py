"""What was wrong is taken back: an entry that never happened, an incident that never was (Q29)."""

import pytest

from domain import facts as f
from domain.history import as_happened, as_it_reads, as_known, as_written, withdrawn
from domain.refusals import NotAdmitted, NotAuthorised
from domain.vocabulary import ContactOutcome, RoutineState, Status, System
from tests.given import (
    ACTIVATED,
    CLOSED,
    DEACTIVATED,
    LINK,
    OWNER,
    PARTNER,
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


def withdrawal(entry: int) -> f.EntryWithdrawn:
    return f.EntryWithdrawn(entry=entry, reason="hände aldrig")


VOIDED = f.IncidentVoided(reason="övning")


def paper(serial: str) -> f.ReferralReceived:
    return f.ReferralReceived(serial=serial)


def test_q29_a_withdrawn_entry_counts_for_nothing_and_stays_readable(day: Day) -> None:
    day.at("08:00").records(outage())
    told = day.at("08:10").records(owner_contacted())
    day.at("08:30").records(withdrawal(told.entry), VO)
    assert [recorded.entry for recorded in day.happened] == [1, 3]
    assert [recorded.entry for recorded in as_written(day.facts)] == [1, 2, 3]
    assert as_it_reads(day.facts)[2] == told
    assert withdrawn(day.facts) == {2: 3}
    assert [recorded.entry for recorded in as_happened(as_known(day.facts, moment("08:20")))] == [1, 2]
    assert day.verdict("report-to-system-owner", at="08:20").done_at is None


def test_a_false_restoration_withdrawn_and_the_four_hours_never_stopped(day: Day) -> None:
    day.at("08:00").records(outage())
    false = day.at("09:00").records(restored())
    assert day.incident.status is Status.RESTORED
    day.at("09:20").records(withdrawal(false.entry))
    assert (day.incident.status, day.incident.down_since) == (Status.ONGOING, moment("08:00"))
    assert day.incident.routine_due_at == moment("12:00")
    assert "activate-without-prognosis" in day.due("12:01")


def test_a_withdrawn_activation_leaves_no_duty(day: Day) -> None:
    day.at("08:00").records(outage())
    activated = day.at("12:05").records(ACTIVATED)
    assert {"notify-partner", "publish-reserve-routine"} <= set(day.due("12:10"))
    day.at("12:15").records(withdrawal(activated.entry), VO)
    assert {"notify-partner", "publish-reserve-routine"}.isdisjoint(day.due("12:20"))
    assert day.incident.routine_state(moment("12:20")) is RoutineState.DUE
    assert day.verdicts("notify-partner", at="23:00") == []


def test_a_withdrawn_prognosis_was_never_given(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:30").records(prognosis("12:30"))
    wrong = day.at("09:00").records(prognosis("18:00"))
    day.at("09:05").records(withdrawal(wrong.entry))
    assert day.incident.prognosis_at(moment("10:00")).restored_by == moment("12:30")  # type: ignore[union-attr]


def test_what_a_withdrawal_would_make_impossible_is_refused_with_the_entries_in_the_way(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:00").records(ACTIVATED)
    came = day.at("12:30").records(paper("OT-1"))
    day.at("14:00").records(restored())
    entered = day.at("14:30").records(f.ReferralEntered(serial="OT-1"))
    refusal = day.at("15:00").proposes(withdrawal(came.entry), PARTNER).refused(NotAdmitted, "unknown-referral")
    assert refusal.data["entries"] == [entered.entry]
    ended = day.at("15:10").records(DEACTIVATED)
    refusal = day.at("15:20").proposes(withdrawal(2), VO).refused(NotAdmitted, "not-active")
    assert refusal.data["entries"] == [ended.entry]
    day.at("15:30").records(withdrawal(entered.entry), PARTNER)
    day.at("15:31").records(withdrawal(came.entry), PARTNER)
    assert (day.incident.received, day.incident.outstanding) == (0, {})


def test_nobody_takes_back_what_they_may_not_record(day: Day) -> None:
    day.at("08:00").records(outage())
    said = day.at("08:30").records(published(LINK))
    day.at("08:40").proposes(withdrawal(said.entry), VO).refused(NotAuthorised, "function")
    fixed = day.at("08:41").records(correction(said.entry, "08:29"), OWNER)
    day.at("08:42").proposes(withdrawal(fixed.entry), VO).refused(NotAuthorised, "function")
    day.at("08:43").records(withdrawal(said.entry), OWNER)


def test_a_correction_is_withdrawn_and_the_entry_reads_as_it_was_written(day: Day) -> None:
    day.at("08:00").records(outage())
    fixed = day.at("09:00").records(correction(1, "07:00"), VO)
    assert day.incident.down_since == moment("07:00")
    day.at("09:10").records(withdrawal(fixed.entry), VO)
    assert day.incident.down_since == moment("08:00")


def test_a_withdrawal_is_withdrawn_and_the_entry_counts_again(day: Day) -> None:
    day.at("08:00").records(outage())
    told = day.at("08:10").records(owner_contacted(ContactOutcome.NO_ANSWER))
    away = day.at("08:20").records(withdrawal(told.entry), VO)
    day.at("08:25").records(withdrawal(away.entry), VO)
    assert withdrawn(day.facts) == {away.entry: 4}
    assert [recorded.entry for recorded in day.happened] == [1, 2, 4]
    day.at("08:30").records(withdrawal(told.entry), VO)
    assert [recorded.entry for recorded in day.happened] == [1, 4, 5]


def test_what_can_not_be_taken_back_says_why(day: Day) -> None:
    day.at("08:00").records(outage())
    told = day.at("08:10").records(owner_contacted())
    day.at("08:20").proposes(withdrawal(9)).refused(NotAdmitted, "unknown-entry")
    day.at("08:20").proposes(withdrawal(1)).refused(NotAdmitted, "withdrawn-beginning")
    away = day.at("08:21").records(withdrawal(told.entry), VO)
    again = day.at("08:22").proposes(withdrawal(told.entry), VO).refused(NotAdmitted, "already-withdrawn")
    assert again.data == {"entry": told.entry, "by": away.entry}
    day.at("08:23").proposes(correction(told.entry, "08:09"), VO).refused(NotAdmitted, "already-withdrawn")
    day.at("08:24").proposes(correction(away.entry, "08:09"), VO).refused(NotAdmitted, "correction-of-withdrawal")


def test_the_first_sign_may_go_where_the_outage_itself_stays(day: Day) -> None:
    day.at("07:50").records(f.DisturbanceReported(unit="Ortopeden Lund", systems=(System.WEBSESAM,)))
    day.at("08:00").records(outage())
    day.at("08:10").records(withdrawal(1))
    assert day.incident.began_at == moment("08:00")


# The whole incident


def test_q29_a_voided_incident_has_nothing_due_nothing_judged_and_no_deviation(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(f.PartnerNotified(message="all-clear", outcome="reached"), deviation="fel knapp")
    day.at("08:20").records(restored(System.SESAM_S2))
    odd = day.at("08:21").records(restored(System.SESAM_S2))
    assert day.flags(odd) == ["system-was-not-down"]
    day.at("09:00").records(VOIDED)
    incident = day.incident
    assert (incident.status, incident.open, incident.restored_at) == (Status.VOIDED, False, None)
    assert day.flags(odd) == []
    assert day.due("23:00") == []
    assert not [v for duty in day.routine.duties for v in day.verdicts(duty.id, at="23:00")]
    assert incident.routine_state(moment("23:00")) is RoutineState.INACTIVE


def test_an_incident_opened_twice_is_voided_as_the_same_and_says_which(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:05").records(f.IncidentVoided(reason="redan öppnad", same_as="2026-0006"))
    assert day.incident.voided is not None
    assert day.incident.voided.same_as == "2026-0006"
    refusal = day.at("08:10").proposes(owner_contacted()).refused(NotAdmitted, "incident-is-voided")
    assert refusal.data == {"same_as": "2026-0006"}
    day.at("08:10").proposes(outage()).refused(NotAdmitted, "incident-is-voided")
    day.at("08:10").proposes(VOIDED).refused(NotAdmitted, "already-voided")
    day.at("08:11").records(f.NoteAdded(text="stod i två loggar"))


@pytest.mark.parametrize("late", ["08:30", "09:30"])
def test_a_voiding_that_was_wrong_is_withdrawn_and_the_outage_goes_on(day: Day, late: str) -> None:
    day.at("08:00").records(outage())
    voided = day.at("09:00").records(VOIDED)
    day.at(late, written="09:30").records(withdrawal(voided.entry), VO)
    assert (day.incident.status, day.incident.routine_due_at) == (Status.ONGOING, moment("12:00"))


def test_paper_is_balanced_or_moved_before_its_incident_is_voided(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:10").records(paper("OT-1"))
    day.at("08:20").proposes(VOIDED).refused(NotAdmitted, "paper-would-be-lost")
    day.at("08:30").records(withdrawal(2), PARTNER)
    day.at("08:40").records(VOIDED)


def test_a_closed_incident_may_turn_out_never_to_have_been(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored())
    day.at("09:30").records(CLOSED)
    voided = day.at("10:00").records(VOIDED)
    assert day.incident.status is Status.VOIDED
    assert day.flags(voided) == []
