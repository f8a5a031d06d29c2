"""A stale notice is worse than none: which fact holds instead of which."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import facts as f
from domain.fact import Fact, Recorded
from domain.routine_document import builtin
from domain.staleness import endings, goes_at_once, lead_weight, overtaken, replaced
from domain.vocabulary import Audience, ContactOutcome, PartnerMessage, Scope, Situation, System
from tests.given import (
    ACTIVATED,
    CLOSED,
    DEACTIVATED,
    INSTRUCTED,
    LINK,
    REOPENED,
    Day,
    deferred,
    moment,
    outage,
    prognosis,
    published,
    restored,
)

WITHDRAWN = f.PrognosisWithdrawn(reason="felet är större")
LOCAL = f.ScopeReclassified(scope=Scope.LOCAL, reason="bara kontoret")
WIDE = f.ScopeReclassified(scope=Scope.REGION_WIDE, reason="hela nätet")
REQUESTED = f.OperatingInformationRequested(text="Vi når inte Sesam.")
PASSED = f.DeadlinePassed(duty="contact-supplier", due_at=deferred("09:00").until)


def passed(duty: str, due: str) -> f.DeadlinePassed:
    return f.DeadlinePassed(duty=duty, due_at=moment(due))


def near(duty: str, due: str) -> f.DeadlineApproaching:
    return f.DeadlineApproaching(duty=duty, due_at=moment(due))


ACTIVATE = "activate-after-four-hours"


def test_a_deadline_is_not_told_once_its_duty_is_done_or_has_a_newer_one() -> None:
    day = Day()
    day.at("08:00").records(outage())
    day.at("11:30").records(near(ACTIVATE, "12:00"))
    assert overtaken(day.facts, builtin()) == {}
    day.at("12:00", written="12:01").records(passed(ACTIVATE, "12:00"))
    assert overtaken(day.facts, builtin()) == {2: 3}
    day.at("12:02").records(passed("contact-supplier", "08:30"))
    assert overtaken(day.facts, builtin()) == {2: 3}, "another duty's deadline says nothing of this one"
    day.at("12:03").records(ACTIVATED)
    assert overtaken(day.facts, builtin()) == {2: 5, 3: 5}


def test_what_was_done_for_an_earlier_start_leaves_the_newer_deadline_to_be_told() -> None:
    day = Day()
    day.at("08:00").records(outage())
    day.at("12:00").records(ACTIVATED)
    day.at("12:15").records(passed("notify-partner", "12:15"))
    day.at("12:20").records(
        f.PartnerNotified(message=PartnerMessage.ACTIVATION, outcome=ContactOutcome.REACHED, channel="phone")
    )
    day.at("13:00").records(DEACTIVATED, deviation="övning")
    day.at("13:05").records(f.PartnerNotified(message=PartnerMessage.ALL_CLEAR, outcome=ContactOutcome.REACHED))
    day.at("13:10").records(ACTIVATED)
    day.at("13:25").records(passed("notify-partner", "13:25"))
    assert overtaken(day.facts, builtin()) == {3: 4}


def test_q18_a_deadline_is_not_told_once_its_duty_has_ended() -> None:
    day = Day()
    day.at("08:00").records(outage())
    day.at("08:16").records(passed("report-to-system-owner", "08:15"))
    assert overtaken(day.facts, builtin()) == {}, "it can still be done"
    back = day.at("09:00").records(f.ServiceRestored(systems=tuple(System)))
    assert overtaken(day.facts, builtin()) == {2: back.entry}


def test_q18_a_deadline_is_not_told_once_what_started_its_duty_has_been_taken_back() -> None:
    day = Day()
    day.at("08:00").records(outage())
    activated = day.at("12:00").records(ACTIVATED)
    day.at("12:16").records(passed("notify-partner", "12:15"))
    taken_back = day.at("12:20").records(f.EntryWithdrawn(entry=activated.entry, reason="fel händelse"))
    assert overtaken(day.facts, builtin()) == {3: taken_back.entry}


def test_a_deadline_that_has_been_moved_no_longer_stands_where_it_was() -> None:
    day = Day()
    detected = day.at("08:00").records(outage())
    day.at("11:30").records(near(ACTIVATE, "12:00"))
    day.at("12:01").records(passed(ACTIVATE, "12:00"))
    moved = day.at("12:05").records(
        f.EntryCorrected(entry=detected.entry, occurred_at=moment("08:30"), reason="klockan")
    )
    assert overtaken(day.facts, builtin()) == {2: moved.entry, 3: moved.entry}


def stale(facts: Sequence[Recorded], audience: Audience = Audience.STAFF) -> dict[int, int]:
    return replaced(facts, endings(facts, builtin()), audience)


def told(*facts: Fact, deviation: str = "övning") -> list[Recorded]:
    """These facts, a minute apart, the whole of one incident."""
    day = Day()
    for minute, fact in enumerate(facts):
        day.at(f"08:{minute:02d}").records(fact, deviation=deviation)
    return day.facts


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (prognosis("11:00"), prognosis("12:00")),
        (prognosis("11:00"), WITHDRAWN),
        (WITHDRAWN, prognosis("12:00")),
        (LOCAL, WIDE),
        (published(LINK), published(LINK, routine=True)),
        (deferred("09:00"), ACTIVATED),
        (ACTIVATED, DEACTIVATED),
    ],
)
def test_the_newer_holds_instead_of_the_older(older: Fact, newer: Fact) -> None:
    assert stale(told(outage(), older, newer)) == {2: 3}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (prognosis("11:00"), INSTRUCTED),
        (prognosis("11:00"), LOCAL),
        (published(LINK), prognosis("11:00")),
        (REQUESTED, REQUESTED),
        (ACTIVATED, prognosis("12:00")),
        (prognosis("11:00"), ACTIVATED),
        (PASSED, ACTIVATED),
        (INSTRUCTED, restored(System.WEBSESAM)),
    ],
)
def test_what_is_about_something_else_replaces_nothing(older: Fact, newer: Fact) -> None:
    assert stale(told(outage(), older, newer)) == {}


def test_the_restoration_of_the_last_system_replaces_everything_before_it() -> None:
    facts = told(outage(), prognosis("11:00"), restored(System.WEBSESAM), ACTIVATED, published(LINK), restored())
    assert stale(facts) == {1: 6, 2: 6, 3: 6, 4: 6, 5: 6}


def test_a_relapse_makes_the_restoration_untrue_and_speaks_for_all_that_it_had_replaced() -> None:
    assert stale(told(outage(), prognosis("11:00"), restored(), outage())) == {1: 4, 2: 4, 3: 4}


def test_closing_is_the_last_word_unless_something_is_still_down_or_the_routine_active() -> None:
    assert stale(told(outage(), restored(), CLOSED)) == {1: 3, 2: 3}
    assert stale(told(outage(), CLOSED)) == {}
    assert stale(told(outage(), ACTIVATED, restored(), CLOSED)) == {1: 3, 2: 3}
    assert stale(told(outage(), restored(), CLOSED, REOPENED)) == {1: 4, 2: 4, 3: 4}


def test_a_reviewer_is_told_of_every_deviation_whatever_comes_after() -> None:
    facts = told(outage(), ACTIVATED, restored(), CLOSED, deviation="därför")
    assert stale(facts, Audience.COMPLIANCE) == {}
    assert stale(told(outage(), restored(), CLOSED, REOPENED, deviation=""), Audience.COMPLIANCE)[3] == 4


def test_what_is_recorded_late_is_told_and_neither_replaces_nor_is_replaced_by_what_came_after_it() -> None:
    day = Day()
    day.at("08:00").records(outage())
    day.at("10:00").records(prognosis("14:00"))
    day.at("09:00", written="10:05").records(prognosis("12:00"))
    assert stale(day.facts) == {}


@pytest.mark.parametrize(
    ("audience", "order"),
    [
        (Audience.STAFF, [6, 1, 2, 4, 7, 3, 5]),
        (Audience.DUTY, [6, 1, 2, 4, 3, 5, 7]),
    ],
)
def test_a_mail_is_led_by_what_its_reader_is_asked_to_do_then_by_what_changes_most_and_last_by_the_clock(
    audience: Audience, order: list[int]
) -> None:
    late = passed(ACTIVATE, "12:00")
    facts = told(outage(), prognosis("11:00"), restored(System.WEBSESAM), published(LINK), ACTIVATED, late, REQUESTED)
    lead = sorted(facts, key=lambda recorded: lead_weight(recorded, audience, builtin()))
    assert [recorded.entry for recorded in lead] == order
    assert [recorded.entry for recorded in facts if goes_at_once(recorded.fact)] == [3, 5]


SITUATIONS = st.none() | st.sampled_from(Situation)


@given(routine=st.booleans(), situation=SITUATIONS)
def test_a_publication_goes_at_once_if_it_says_that_the_reserve_routine_applies_or_that_it_works_again(
    routine: bool, situation: Situation | None
) -> None:
    fact = published(LINK, routine=routine).model_copy(update={"situation": situation})
    assert goes_at_once(fact) == (routine or situation == "works-again")


PART = System.WEBSESAM
FACTS = st.lists(
    st.sampled_from(
        [
            outage(),
            prognosis("11:00"),
            WITHDRAWN,
            LOCAL,
            ACTIVATED,
            published(LINK),
            restored(),
            restored(System.WEBSESAM),
        ]
    ),
    min_size=1,
    max_size=12,
)


def history(facts: Sequence[Fact]) -> list[Recorded]:
    """Any facts in any order, also such as no incident would admit."""
    example = told(outage())[0]
    return [
        Recorded(example.incident, entry, fact, example.occurred_at, example.recorded_at, example.recorded_as, "s", "c")
        for entry, fact in enumerate(facts, start=1)
    ]


@given(FACTS)
def test_whatever_happens_the_newest_fact_holds_and_each_stale_one_points_to_a_later_that_holds(
    facts: list[Fact],
) -> None:
    found = stale(history(facts))
    assert len(facts) not in found
    for old, new in found.items():
        assert old < new
        assert new not in found


@given(FACTS, st.data())
def test_who_is_told_less_is_never_referred_to_what_they_are_not_told(facts: list[Fact], data: st.DataObject) -> None:
    whole = history(facts)
    some = data.draw(st.lists(st.sampled_from(whole), unique_by=lambda recorded: recorded.entry))
    found = replaced(some, endings(whole, builtin()), Audience.STAFF)
    assert {*found, *found.values()} <= {recorded.entry for recorded in some}
