"""Who is told of what (Q9, SR-015, SR-017)."""

from datetime import timedelta

import pytest

from domain import facts as f
from domain.audience import Subscriber, concerns, is_told
from domain.fact import CATALOGUE, Recorded
from domain.incident import Incident
from domain.routine import Routine
from domain.routine_document import builtin, builtin_text, parse
from domain.vocabulary import Area, Audience, System
from tests.golden.samples import OCCURRED, SAMPLES

POLICY = {
    Audience.PUBLIC: "operating-information-published",
    Audience.STAFF: "outage-detected scope-reclassified prognosis-received prognosis-withdrawn instruction-received "
    "operating-information-published reserve-routine-activated activation-deferred reserve-routine-deactivated "
    "service-restored incident-closed incident-reopened deadline-passed",
    Audience.PARTNER: "reserve-routine-activated reserve-routine-deactivated service-restored "
    "operating-information-published",
    Audience.DUTY: "outage-detected operating-information-requested reserve-routine-activated "
    "reserve-routine-deactivated service-restored deadline-passed",
    Audience.COMPLIANCE: "incident-closed incident-reopened",
}
AS_PLANNED = [sample._replace(deviation="") for sample in SAMPLES]


@pytest.mark.parametrize("audience", list(Audience))
def test_each_audience_is_told_of_exactly_its_own_facts(audience: Audience) -> None:
    planned = [recorded for recorded in AS_PLANNED if not isinstance(recorded.fact, f.DeadlineApproaching)]
    told = {recorded.fact.wire for recorded in planned if is_told(audience, recorded, builtin())}
    assert told == set(POLICY[audience].split())
    assert told <= set(CATALOGUE)


def test_sr_015_q9_the_public_is_told_of_nothing_but_what_the_system_owner_published() -> None:
    told = [recorded.fact for recorded in SAMPLES if is_told(Audience.PUBLIC, recorded, builtin())]
    assert [type(fact) for fact in told] == [f.OperatingInformationPublished]


@pytest.mark.parametrize(("late", "is_news"), [(timedelta(hours=23), True), (timedelta(hours=25), False)])
def test_of_a_deadline_that_is_recorded_long_after_it_passed_nobody_is_told(late: timedelta, is_news: bool) -> None:
    passed = one("deadline-passed")
    passed = passed._replace(recorded_at=passed.occurred_at + late)
    assert any(is_told(audience, passed, builtin()) for audience in Audience) == is_news


def one(wire: str) -> Recorded:
    return next(recorded for recorded in AS_PLANNED if recorded.fact.wire == wire)


def test_the_partner_is_told_of_a_publication_only_where_the_reserve_routine_applies() -> None:
    published = one("operating-information-published")
    assert is_told(Audience.PARTNER, published, builtin())
    plain = published.fact.model_copy(update={"reserve_routine_applies": False})
    assert not is_told(Audience.PARTNER, published._replace(fact=plain), builtin())
    assert is_told(Audience.PUBLIC, published._replace(fact=plain), builtin())


@pytest.mark.parametrize("sample", AS_PLANNED, ids=lambda sample: str(sample.fact.wire))
def test_compliance_is_told_of_any_fact_recorded_with_a_deviation(sample: Recorded) -> None:
    deviating = sample._replace(deviation="ingen gick att nå")
    if sample.fact.clocks:
        return  # the clock has no reasons of its own
    assert is_told(Audience.COMPLIANCE, deviating, builtin())
    for audience in set(Audience) - {Audience.COMPLIANCE}:
        assert is_told(audience, deviating, builtin()) == is_told(audience, sample, builtin())


@pytest.mark.parametrize(
    ("duty", "audience"),
    [
        ("activate-after-four-hours", Audience.STAFF),
        ("publish-reserve-routine", Audience.DUTY),
        ("enter-referrals", Audience.PARTNER),
    ],
)
def test_a_reminder_goes_to_whoever_is_to_act_and_to_nobody_else(duty: str, audience: Audience) -> None:
    assert told_of(f.DeadlineApproaching(duty=duty, due_at=OCCURRED)) == {audience}


def told_of(fact: f.DeadlineApproaching | f.DeadlinePassed, routine: Routine | None = None) -> set[Audience]:
    recorded = one("deadline-approaching")._replace(fact=fact)
    return {audience for audience in Audience if is_told(audience, recorded, routine or builtin())}


@pytest.mark.parametrize(
    ("duty", "told"),
    [
        ("activate-after-four-hours", {Audience.STAFF, Audience.DUTY}),
        ("publish-reserve-routine", {Audience.STAFF, Audience.DUTY}),
        ("report-to-system-owner", {Audience.STAFF}),
        ("enter-referrals", {Audience.STAFF, Audience.PARTNER}),
    ],
)
def test_a_passed_deadline_goes_to_whoever_was_to_act_and_of_those_who_list_it_to_whoever_waits_for_them(
    duty: str, told: set[Audience]
) -> None:
    """The system owner publishes once the reserve routine is activated, and waits for that; the help desk for all."""
    assert told_of(f.DeadlinePassed(duty=duty, due_at=OCCURRED)) == told


def test_a_duty_of_those_who_are_no_audience_is_the_help_desks_to_know_of() -> None:
    assert told_of(f.DeadlineApproaching(duty="supplier-assists", due_at=OCCURRED)) == {Audience.STAFF}
    assert told_of(f.DeadlinePassed(duty="supplier-assists", due_at=OCCURRED)) == {Audience.STAFF}


def test_the_public_is_never_told_of_a_deadline_though_it_were_theirs() -> None:
    supplier, prescriber = 'who = "supplier"', 'who = "prescriber"'
    theirs = parse(builtin_text().replace(supplier, prescriber))
    assert theirs.duty("supplier-assists") != builtin().duty("supplier-assists")
    assert told_of(f.DeadlineApproaching(duty="supplier-assists", due_at=OCCURRED), theirs) == {Audience.STAFF}
    assert told_of(f.DeadlinePassed(duty="supplier-assists", due_at=OCCURRED), theirs) == {Audience.STAFF}


def subscriber(*systems: System, areas: tuple[Area, ...] = ()) -> Subscriber:
    return Subscriber("p-1", "anna@example.se", Audience.STAFF, systems, areas)


OUTAGE = Incident("2026-0007", builtin(), systems=(System.WEBSESAM,), areas=(Area.ORTHOPAEDIC, Area.VISION))


@pytest.mark.parametrize(
    ("who", "told"),
    [
        (subscriber(), True),
        (subscriber(System.WEBSESAM), True),
        (subscriber(System.SESAM_S2, System.WEBSESAM), True),
        (subscriber(System.SESAM_S2), False),
        (subscriber(areas=(Area.VISION,)), True),
        (subscriber(areas=(Area.TENS,)), False),
        (subscriber(System.WEBSESAM, areas=(Area.TENS,)), False),
        (subscriber(System.SESAM_S2, areas=(Area.VISION,)), False),
        (subscriber(System.WEBSESAM, areas=(Area.TENS, Area.VISION)), True),
    ],
)
def test_sr_012_a_subscriber_narrows_by_system_and_by_area(who: Subscriber, told: bool) -> None:
    assert concerns(who, OUTAGE) is told


def test_where_the_systems_are_not_known_yet_everybody_is_concerned() -> None:
    assert concerns(subscriber(System.SESAM_S2, areas=(Area.TENS,)), Incident("2026-0007", builtin()))
