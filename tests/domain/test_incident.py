"""An incident's state: what each fact makes of it, in the order things happened."""

import pytest

from domain import facts as f
from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import fold
from domain.routine_document import builtin
from domain.vocabulary import Area, RoutineState, Scope, SetAsideReason, Status, System
from tests.given import (
    ACTIVATED,
    CLOSED,
    DEACTIVATED,
    INSTRUCTED,
    REOPENED,
    Day,
    correction,
    deferred,
    moment,
    outage,
    prognosis,
    restored,
    taken_for_granted,
)

REPORT = f.DisturbanceReported(unit="Ortopeden Lund", systems=(System.WEBSESAM,))


def paper(serial: str) -> f.ReferralReceived:
    return f.ReferralReceived(serial=serial)


def status(day: Day) -> Status:
    return day.incident.status


def scope(day: Day) -> Scope | None:
    return day.incident.scope


def state(day: Day, at: str) -> RoutineState:
    return day.incident.routine_state(moment(at))


# Status


def test_an_incident_is_suspected_ongoing_restored_closed_and_ongoing_again(day: Day) -> None:
    told = []
    for clock, fact in (
        ("07:50", REPORT),
        ("08:00", outage()),
        ("09:00", restored()),
        ("10:00", CLOSED),
        ("10:30", REOPENED),
        ("11:00", outage()),
    ):
        day.at(clock).records(fact)
        told.append(status(day))
    assert told == [
        Status.SUSPECTED,
        Status.ONGOING,
        Status.RESTORED,
        Status.CLOSED,
        Status.RESTORED,
        Status.ONGOING,
    ]


def test_a_suspicion_knows_what_was_reported_and_a_detection_says_what_is_down(day: Day) -> None:
    day.at("07:50").records(REPORT)
    day.at("07:55").records(f.DisturbanceReported(unit="Ortopeden Malmö", systems=(System.VISMA_WEBSESAM,)))
    assert day.incident.systems == (System.WEBSESAM, System.VISMA_WEBSESAM)
    assert not day.incident.down
    day.at("08:00").records(outage(systems=[System.SESAM_S2]))
    assert day.incident.systems == day.incident.down == (System.SESAM_S2,)
    assert day.incident.began_at == moment("07:50")
    assert day.incident.detected_at == day.incident.down_since == moment("08:00")


def test_a_report_during_an_outage_changes_nothing_about_which_systems_are_down(day: Day) -> None:
    day.at("08:00").records(outage(systems=[System.SESAM_S2]))
    day.at("08:10").records(REPORT)
    assert day.incident.systems == day.incident.down == (System.SESAM_S2,)


def test_sr_051_region_wide_means_all_three_systems(day: Day) -> None:
    day.at("08:00").records(f.OutageDetected(scope=Scope.REGION_WIDE, systems=(System.WEBSESAM,)))
    assert day.incident.down == day.incident.systems == tuple(System)
    assert taken_for_granted(f.OutageDetected(scope=Scope.REGION_WIDE)) == outage(Scope.REGION_WIDE).model_copy(
        update={"areas": tuple(Area)}
    )


def test_sr_060_an_outage_for_all_users_names_its_systems() -> None:
    with pytest.raises(ValueError, match="systems"):
        f.OutageDetected(scope=Scope.ALL_USERS)
    with pytest.raises(ValueError, match="systems"):
        f.OutageDetected(scope=Scope.LOCAL, systems=())


def test_sr_051_reclassified_to_region_wide_all_three_are_down(day: Day) -> None:
    day.at("08:00").records(outage(systems=[System.WEBSESAM]))
    day.at("08:30").records(f.ScopeReclassified(scope=Scope.REGION_WIDE, reason="hela nätet är nere"))
    assert day.incident.down == tuple(System)
    assert day.incident.waits_for_instruction


def test_sr_012_areas_of_a_second_detection_are_added_and_all_six_are_meant_where_none_is_named(day: Day) -> None:
    day.at("08:00").records(
        f.OutageDetected(scope=Scope.ALL_USERS, systems=(System.WEBSESAM,), areas=(Area.ORTHOPAEDIC,))
    )
    day.at("08:30").records(f.OutageDetected(scope=Scope.ALL_USERS, systems=(System.WEBSESAM,), areas=(Area.VISION,)))
    assert day.incident.areas == (Area.VISION, Area.ORTHOPAEDIC)
    day.at("08:40").records(outage())
    assert day.incident.areas == tuple(Area)


def test_sr_041_the_outage_is_over_when_every_affected_system_runs(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored(System.SESAM_S2))
    assert status(day) is Status.ONGOING
    assert day.incident.down == (System.WEBSESAM, System.VISMA_WEBSESAM)
    assert day.incident.restored_at is None
    day.at("09:30").records(restored(System.WEBSESAM, System.VISMA_WEBSESAM))
    assert status(day) is Status.RESTORED
    assert day.incident.restored_at == moment("09:30")
    assert day.incident.systems == tuple(System), "what was hit stays known"


def test_a_relapse_is_an_outage_of_its_own_with_its_own_four_hours(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("11:00").records(restored())
    day.at("11:30").records(outage(systems=[System.WEBSESAM]))
    assert status(day) is Status.ONGOING
    assert day.incident.restored_at is None
    assert day.incident.detected_at == moment("08:00")
    assert day.incident.down_since == moment("11:30")
    assert day.incident.routine_due_at == moment("15:30")


def test_a_relapse_of_one_system_while_another_is_still_down_is_the_same_outage(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("09:00").records(restored(System.SESAM_S2))
    day.at("10:00").records(outage(systems=[System.SESAM_S2]))
    assert day.incident.down_since == moment("08:00")
    assert day.incident.down == tuple(System)


def test_a_relapse_has_the_scope_that_it_was_detected_with(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("09:00").records(restored())
    day.at("10:00").records(outage(systems=[System.SESAM_S2]))
    assert scope(day) is Scope.ALL_USERS
    assert not day.incident.waits_for_instruction


def test_a_second_detection_never_narrows_an_outage_that_still_goes_on(day: Day) -> None:
    """Only a reclassification does; else a local outage on top of another would stop the four hours."""
    day.at("08:00").records(outage(Scope.ALL_USERS, [System.SESAM_S2]))
    day.at("09:00").records(outage(Scope.LOCAL, [System.WEBSESAM]))
    assert scope(day) is Scope.ALL_USERS
    assert state(day, "12:00") is RoutineState.DUE
    day.at("09:10").records(f.ScopeReclassified(scope=Scope.LOCAL, reason="bara kabeln till kontoret"))
    assert scope(day) is Scope.LOCAL


def test_a_region_wide_outage_is_not_narrowed_by_a_second_detection(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("09:00").records(outage(Scope.ALL_USERS, [System.WEBSESAM]))
    assert scope(day) is Scope.REGION_WIDE


# The four hours


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("11:59:59", RoutineState.INACTIVE),
        ("12:00:00", RoutineState.DUE),
        ("12:00:01", RoutineState.DUE),
    ],
)
def test_q3_sr_069_without_a_prognosis_the_routine_is_due_at_four_hours_sharp(
    day: Day, clock: str, expected: RoutineState
) -> None:
    day.at("08:00").records(outage())
    assert state(day, clock) is expected


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("11:59:59", RoutineState.INACTIVE),
        ("12:00:00", RoutineState.INACTIVE),
        ("12:00:01", RoutineState.DUE),
    ],
)
def test_q3_sr_090_with_a_prognosis_it_is_due_past_four_hours(day: Day, clock: str, expected: RoutineState) -> None:
    day.at("08:00").records(outage())
    day.at("08:30").records(prognosis("14:00"))
    assert state(day, clock) is expected


def test_q1_a_deferral_holds_it_off_until_its_time_or_the_prognosis_has_passed(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("11:00").records(prognosis("13:00"))
    day.at("11:30").records(deferred("12:30"))
    assert state(day, "12:29:59") is RoutineState.INACTIVE
    assert state(day, "12:30") is RoutineState.DUE
    day.at("12:10").records(deferred("14:00"))
    assert state(day, "12:59:59") is RoutineState.INACTIVE
    assert state(day, "13:00") is RoutineState.DUE


def test_q1_a_withdrawn_prognosis_takes_the_deferral_with_it(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("11:00").records(prognosis("14:00"))
    day.at("11:30").records(deferred("13:00"))
    day.at("12:10").records(f.PrognosisWithdrawn(reason="felet är större än man trodde"))
    assert state(day, "12:10") is RoutineState.DUE


def test_q4_a_prognosis_is_in_force_until_withdrawn_passed_or_replaced(day: Day) -> None:
    day.at("08:00").records(outage())
    assert day.incident.prognosis_at(moment("08:00")) is None
    first = day.at("08:30").records(prognosis("10:00"))
    in_force = day.incident.prognosis_at(moment("09:59:59"))
    assert in_force
    assert (in_force.entry, in_force.source) == (first.entry, "Region Skåne IT")
    assert day.incident.prognosis_at(moment("10:00")) is None, "its time has passed"
    day.at("09:00").records(prognosis("11:00"))
    assert day.incident.prognosis_at(moment("10:30"))
    day.at("09:30").records(f.PrognosisWithdrawn(reason="ingen vet"))
    assert day.incident.prognosis_at(moment("09:30")) is None


def test_q4_a_prognosis_without_a_time_is_none() -> None:
    with pytest.raises(ValueError, match="restored_by"):
        f.PrognosisReceived.model_validate({"source": "IT säger att det snart är klart"})


def test_restoring_ends_prognosis_and_deferral(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("08:30").records(prognosis("20:00"))
    day.at("08:40").records(deferred("20:00"))
    day.at("09:00").records(restored())
    day.at("10:00").records(outage())
    assert day.incident.prognosis_at(moment("10:00")) is None
    assert not day.incident.deferred_at(moment("10:00"))


def test_sr_082_a_local_outage_never_starts_the_ot_clock(day: Day) -> None:
    day.at("08:00").records(outage(Scope.LOCAL))
    assert day.incident.routine_due_at is None
    assert state(day, "23:59") is RoutineState.INACTIVE


def test_a_local_outage_that_proves_to_hit_all_users_has_had_its_clock_running_all_along(day: Day) -> None:
    day.at("08:00").records(outage(Scope.LOCAL))
    day.at("10:00").records(f.ScopeReclassified(scope=Scope.ALL_USERS, reason="Malmö når det inte heller"))
    assert day.incident.routine_due_at == moment("12:00")


def test_q7_region_wide_the_clock_waits_for_an_instruction(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    assert day.incident.routine_due_at is None
    day.at("09:00").records(INSTRUCTED)
    assert day.incident.routine_due_at == moment("12:00")


def test_q7_an_instruction_after_four_hours_makes_the_routine_due_there_and_then(day: Day) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("13:00").records(INSTRUCTED)
    assert day.incident.routine_due_at == moment("13:00")


def test_q2_a_back_dated_start_moves_the_four_hours(day: Day) -> None:
    day.at("09:00").records(outage(systems=[System.WEBSESAM]))
    day.at("08:00", written="11:00").records(outage(systems=[System.SESAM_S2]))
    assert day.incident.routine_due_at == moment("12:00")


def test_q2_a_correction_of_the_start_moves_the_four_hours(day: Day) -> None:
    first = day.at("08:00").records(outage())
    day.at("09:00").records(correction(first.entry, "08:30"))
    assert day.incident.routine_due_at == moment("12:30")


def test_q5_the_four_hours_are_elapsed_hours_in_both_nights_of_the_year() -> None:
    spring, autumn = Day(), Day()
    spring.at("2027-03-28T00:30+01:00").records(outage())
    assert spring.incident.routine_due_at == moment("2027-03-28T05:30+02:00")
    autumn.at("2027-10-31T00:30+02:00").records(outage())
    assert autumn.incident.routine_due_at == moment("2027-10-31T03:30+01:00")


def test_the_routine_is_inactive_due_active_ended_and_active_again(day: Day) -> None:
    day.at("08:00").records(outage())
    told = [state(day, "11:00"), state(day, "12:05")]
    day.at("12:10").records(ACTIVATED)
    told.append(state(day, "12:10"))
    day.at("13:00").records(restored())
    day.at("13:10").records(DEACTIVATED)
    told.append(state(day, "13:10"))
    day.at("14:00").records(outage())
    told += [state(day, "14:00"), state(day, "18:00")]
    day.at("18:00").records(ACTIVATED)
    told.append(state(day, "18:00"))
    due, active, ended = RoutineState.DUE, RoutineState.ACTIVE, RoutineState.ENDED
    assert told == [RoutineState.INACTIVE, due, active, ended, ended, due, active]


# Paper


def test_q17_the_paper_balances_received_is_entered_set_aside_and_outstanding(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    for serial in ("OT-0017", "ot-0018", " OT-0019 "):
        day.at("12:20").records(paper(serial))
    day.at("13:00").records(restored())
    day.at("13:10").records(f.ReferralEntered(serial="ot-0017"))
    day.at("13:20").records(f.ReferralSetAside(serial="OT-0019", reason=SetAsideReason.NOT_ACUTE))
    incident = day.incident
    assert (incident.received, incident.entered, incident.set_aside) == (3, 1, 1)
    assert list(incident.outstanding) == ["OT-0018"]
    assert incident.received == incident.entered + incident.set_aside + len(incident.outstanding)


# Order


def several_at_once(order: list[int]) -> list[Recorded]:
    day = Day()
    day.at("08:00").records(outage())
    day.at("12:10").records(ACTIVATED)
    day.at("13:00").records(paper("OT-0017"))
    day.at("13:00").records(restored())
    day.at("13:00").records(f.ReferralEntered(serial="OT-0017"))
    day.at("13:00").records(DEACTIVATED)
    day.at("13:00").records(CLOSED)
    return [day.facts[place] for place in order]


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [3, 6, 0, 5, 1, 4, 2]])
def test_what_happened_at_one_and_the_same_time_goes_by_entry_whatever_order_it_is_read_in(order: list[int]) -> None:
    incident = fold(as_happened(several_at_once(order)), builtin())
    assert incident.status is Status.CLOSED
    assert incident.irregularities == []


def test_a_back_dated_fact_takes_its_place_in_time(day: Day) -> None:
    day.at("08:00").records(outage())
    day.at("10:00").records(prognosis("15:00"))
    day.at("09:00", written="11:00").records(prognosis("12:00"))
    in_force = day.incident.prognosis_at(moment("11:00"))
    assert in_force
    assert in_force.restored_by == moment("15:00")


# Corrections


def test_a_corrected_field_reads_as_if_it_had_been_written_so(day: Day) -> None:
    first = day.at("08:00").records(outage(Scope.LOCAL, [System.WEBSESAM]))
    day.at("09:00").records(correction(first.entry, scope="all-users", systems=["sesam-s2", "websesam"]))
    assert scope(day) is Scope.ALL_USERS
    assert day.incident.down == (System.SESAM_S2, System.WEBSESAM)
    assert day.incident.routine_due_at == moment("12:00")


def test_the_newest_of_several_corrections_stands_and_leaves_the_others_fields_alone(day: Day) -> None:
    came = day.at("08:00").records(outage(systems=[System.WEBSESAM]))
    day.at("09:00").records(correction(came.entry, "07:50", summary="ingen når Sesam"))
    day.at("09:10").records(correction(came.entry, "07:40"))
    [first, *_] = day.happened
    assert first.occurred_at == moment("07:40")
    assert isinstance(first.fact, f.OutageDetected)
    assert first.fact.summary == "ingen når Sesam"


def test_a_restoration_corrected_to_fewer_systems_leaves_the_others_down(day: Day) -> None:
    day.at("08:00").records(outage())
    back = day.at("09:00").records(restored())
    day.at("09:30").records(correction(back.entry, systems=["websesam"]))
    assert status(day) is Status.ONGOING
    assert day.incident.down == (System.SESAM_S2, System.VISMA_WEBSESAM)


def test_a_correction_moves_nothing_but_its_entry(day: Day) -> None:
    first = day.at("08:00").records(outage())
    day.at("09:00").records(correction(first.entry, "07:30"))
    assert day.incident.entries == 2
    assert [recorded.occurred_at for recorded in day.happened] == [moment("07:30"), moment("09:00")]
