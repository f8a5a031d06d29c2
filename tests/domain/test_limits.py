"""Each limit at the moment itself, and a second or a byte to either side: on which of the two it lies is a decision."""

from datetime import date, datetime, timedelta

import pytest

from domain import facts as f
from domain.audience import NO_NEWS_AFTER, is_no_news
from domain.clock_order import HOW_FAR_BEHIND, JITTER, Timed, may_have_happened_until, set_back
from domain.conditions import Span
from domain.fact import Recorded
from domain.faults import FEWEST_AT_ONCE, FEWEST_REPORTED, is_about_us
from domain.history import Limits, as_known, placed_after
from domain.mailbox import LONGEST_ADDRESS, LONGEST_LOCAL_PART, sender, wire_form
from domain.refusals import Invalid, NotAdmitted
from domain.review import recorded_afterwards
from domain.rewriting import Readership
from domain.routine_document import builtin
from domain.runs import FEWEST, runs
from domain.suspension import DEAD, Score, SuspensionPolicy, counted
from domain.verdict import reminded_at
from domain.versions import version_in_force
from domain.vocabulary import Advice, ContactOutcome, Function, PartnerMessage, Status
from tests.given import (
    ACTIVATED,
    CLOSED,
    Day,
    deferred,
    moment,
    outage,
    owner_contacted,
    prognosis,
    restored,
)

SECOND, A_DAY = timedelta(seconds=1), timedelta(days=1)
NOW = moment("08:00")


def around(before: object, at: object, after: object) -> list[tuple[timedelta, object]]:
    """What is so a second before a limit, at it and a second after it."""
    return [(-SECOND, before), (timedelta(0), at), (SECOND, after)]


@pytest.fixture
def down(day: Day) -> Day:
    day.at("08:00").records(outage())
    return day


# What is admitted, and flagged


def test_sr_069_from_four_hours_on_an_activation_needs_no_reason(down: Day) -> None:
    down.at("11:59:59").proposes(ACTIVATED).refused(NotAdmitted, "activation-too-early")
    assert down.flags(down.at("12:00:00").records(ACTIVATED)) == []


def test_q21_an_outage_is_detected_as_it_begins_or_later(day: Day) -> None:
    since = outage().model_copy(update={"since": moment("08:00:01")})
    day.at("08:00:00").proposes(since).refused(Invalid, "began-after-detected")
    day.at("08:00:01").records(since)
    assert day.incident.down_since == moment("08:00:01")


@pytest.mark.parametrize(
    ("restored_by", "flags"),
    [
        ("2026-12-07T09:00+01:00", ["prognosis-already-passed"]),
        ("2026-12-07T09:00:01+01:00", []),
        ("2026-12-21T09:00+01:00", []),
        ("2026-12-21T09:00:01+01:00", ["prognosis-far-ahead"]),
    ],
)
def test_a_prognosis_is_of_what_is_to_come_and_within_a_fortnight(
    down: Day, restored_by: str, flags: list[str]
) -> None:
    assert down.flags(down.at("09:00").records(prognosis(restored_by))) == flags


def test_a_deferral_is_until_later(down: Day) -> None:
    down.at("08:30").records(prognosis("15:00"))
    down.at("11:00").proposes(deferred("11:00")).refused(NotAdmitted, "deferral-already-passed")
    down.at("11:00").records(deferred("11:00:01"))


def test_what_happens_as_an_incident_is_closed_does_not_come_after_it(down: Day) -> None:
    down.at("09:00").records(restored())
    down.at("10:00").records(CLOSED)
    informed = f.CallersInformed(count=1, advice=Advice.WORKS_AGAIN)
    assert down.flags(down.at("10:00").records(informed)) == []
    assert down.flags(down.at("10:00:01").records(informed)) == ["after-closing"]


@pytest.mark.parametrize(("again", "is_open"), [("10:00", False), ("10:00:01", True)])
def test_an_outage_that_begins_after_the_closing_opens_it_again(down: Day, again: str, is_open: bool) -> None:
    down.at("09:00").records(restored())
    down.at("10:00").records(CLOSED)
    down.at(again).records(outage())
    assert down.incident.status is Status.CLOSED
    assert down.incident.open is is_open


# What is judged


def test_what_lasted_holds_from_its_beginning_up_to_its_end_which_belongs_to_what_follows() -> None:
    lasted = Span(NOW, NOW + A_DAY)
    for at, holds in ((NOW - SECOND, False), (NOW, True), (NOW + A_DAY - SECOND, True), (NOW + A_DAY, False)):
        assert lasted.holds(at) is holds
        assert Span(NOW).holds(at) is (at >= NOW)


@pytest.mark.parametrize(("at", "asked"), [("08:59:59", 1), ("09:00", 0)])
def test_sr_063_nobody_goes_round_the_system_owner_once_the_outage_is_over(down: Day, at: str, asked: int) -> None:
    down.at("09:00").records(restored())
    down.at(at, written="09:05").records(owner_contacted(ContactOutcome.OFF_DUTY))
    assert len(down.verdicts("contact-unit-manager", at="10:00")) == asked


@pytest.mark.parametrize(
    ("at", "word"), [("08:59:59", "not-applicable"), ("09:00", "overdue"), ("09:00:01", "overdue")]
)
def test_what_starts_a_duty_as_an_outage_ends_starts_it_in_the_next(down: Day, at: str, word: str) -> None:
    """The moment belongs to what follows."""
    down.at("09:00").records(restored())
    down.at(at, written="09:05").records(owner_contacted(ContactOutcome.OFF_DUTY))
    down.at("10:00").records(outage())
    assert down.verdict("contact-unit-manager", at="10:30").word == word


@pytest.mark.parametrize(("all_clear", "word"), [("12:04:59", "pending"), ("12:05", "pending"), (None, "kept")])
def test_q8_a_notice_that_was_called_off_as_the_routine_is_activated_is_given_anew(
    down: Day, all_clear: str | None, word: str
) -> None:
    told = f.PartnerNotified(message=PartnerMessage.ACTIVATION, outcome=ContactOutcome.REACHED)
    down.at("11:30").records(told)
    if all_clear:
        down.at(all_clear).records(told.model_copy(update={"message": PartnerMessage.ALL_CLEAR}))
    down.at("12:05").records(ACTIVATED)
    assert down.verdict("notify-partner", at="12:06").word == word


@pytest.mark.parametrize(("done", "word"), [("08:15", "kept"), ("08:15:59", "kept"), ("08:16", "late")])
def test_a_duty_that_is_done_in_the_minute_in_which_it_falls_due_is_kept(down: Day, done: str, word: str) -> None:
    """A deadline is told and kept in whole minutes."""
    down.at(done).records(owner_contacted())
    assert down.verdict("report-to-system-owner", at="09:00").word == word


@pytest.mark.parametrize(("now", "word"), [("08:15:59", "pending"), ("08:16", "overdue")])
def test_a_duty_is_overdue_once_that_minute_is_over(down: Day, now: str, word: str) -> None:
    assert down.verdict("report-to-system-owner", at=now).word == word


@pytest.mark.parametrize(("over", "word"), [("08:15:59", "not-applicable"), ("08:16", "missed")])
def test_a_duty_whose_outage_ends_in_that_minute_was_missed_by_nobody(down: Day, over: str, word: str) -> None:
    down.at(over).records(restored())
    assert down.verdict("report-to-system-owner", at="09:00").word == word


@pytest.mark.parametrize(
    ("now", "word"),
    [
        ("12:00", "deferred"),
        ("14:59:59", "deferred"),
        ("15:00", "pending"),
        ("15:15:59", "pending"),
        ("15:16", "overdue"),
    ],
)
def test_q20_what_a_prognosis_puts_off_falls_due_as_its_time_passes(down: Day, now: str, word: str) -> None:
    down.at("11:00").records(prognosis("15:00"))
    assert down.verdict("activate-without-prognosis", at=now).word == word


@pytest.mark.parametrize(("late", "is_late"), around(False, False, True))
def test_what_is_written_down_within_what_the_routine_takes_for_at_once_is_not_written_afterwards(
    down: Day, late: timedelta, is_late: bool
) -> None:
    [told] = down.facts
    told = told._replace(recorded_at=told.occurred_at + builtin().recorded_within + late)
    assert bool(recorded_afterwards([told], builtin())) is is_late


@pytest.mark.parametrize(("late", "is_news"), around(True, True, False))
def test_a_deadline_is_news_for_a_day(late: timedelta, is_news: bool) -> None:
    passed = f.DeadlinePassed(duty="contact-supplier", due_at=NOW)
    told = Recorded("2026-0007", 2, passed, NOW, NOW + NO_NEWS_AFTER + late, Function.CLOCK, "clock", "c")
    assert is_no_news(told) is not is_news


@pytest.mark.parametrize(("now", "passed"), [("08:15:59", False), ("08:16", True)])
@pytest.mark.parametrize(("done", "met"), [("08:15:59", True), ("08:16", False), (None, False)])
def test_a_deadline_has_passed_unless_it_was_met_before_its_minute_was_over(
    down: Day, now: str, passed: bool, done: str | None, met: bool
) -> None:
    if done:
        down.at(done).records(owner_contacted())
    verdict = down.verdict("report-to-system-owner", at="09:00")
    assert verdict.passed(moment(now)) is (passed and not met)


def test_a_reminder_is_for_what_gives_more_time_than_the_reminder_would(down: Day) -> None:
    verdict = down.verdict("contact-supplier", at="08:01")
    assert verdict.due_at
    before = builtin().reminder(verdict.duty)
    for more, reminded in around(False, False, True):
        lasts = verdict._replace(started_at=verdict.due_at - before - more)
        assert (reminded_at(lasts, builtin()) is not None) is reminded


# What was known


def test_what_was_known_and_had_happened_at_a_moment_has_what_was_written_and_happened_at_it(down: Day) -> None:
    told = down.at("09:00", written="09:30").records(owner_contacted())
    for after, known in around(False, True, True):
        assert (told in as_known(down.facts, moment("09:30") + after)) is known
        assert (told in Limits(as_of=moment("09:00") + after).happened(down.facts)) is known
    first, second = (recorded._replace(position=place) for place, recorded in enumerate(down.facts, 4))
    assert as_known([first, second], moment("10:00"), before=5) == [first]
    assert as_known([first, second], moment("10:00"), before=6) == [first, second]


@pytest.mark.parametrize(("ahead", "is_odd"), around(False, False, True))
def test_what_happens_as_it_is_written_down_is_not_placed_after_it(down: Day, ahead: timedelta, is_odd: bool) -> None:
    [told] = down.facts
    assert (placed_after(told._replace(occurred_at=told.recorded_at + ahead), None) is not None) is is_odd


def test_readers_are_those_of_the_first_and_the_last_entry_and_moment_too() -> None:
    readers = Readership(2, 4, NOW, NOW + A_DAY)
    assert [entry for entry in range(1, 6) if readers.has(entry, NOW)] == [2, 3, 4]
    assert [readers.has(2, at) for at in (NOW - SECOND, NOW, NOW + A_DAY, NOW + A_DAY + SECOND)] == [
        False,
        True,
        True,
        False,
    ]


# Clocks and versions


@pytest.mark.parametrize(("behind", "was_set_back"), around(False, False, True))
def test_a_clock_that_a_machine_puts_right_by_itself_has_not_been_set(behind: timedelta, was_set_back: bool) -> None:
    later = NOW - JITTER - behind
    assert bool(list(set_back([Timed(1, NOW), Timed(2, later)]))) is was_set_back


@pytest.mark.parametrize(("ahead", "until"), [(JITTER, NOW), (JITTER + SECOND, NOW + JITTER + SECOND + HOW_FAR_BEHIND)])
def test_a_clock_that_the_log_shows_to_be_behind_refuses_nothing_true(ahead: timedelta, until: datetime) -> None:
    assert may_have_happened_until(NOW, NOW + ahead) == until


@pytest.mark.parametrize(
    ("day", "in_force"),
    [("2026-11-30", False), ("2026-12-01", True), ("2026-12-31", True), ("2027-01-01", False)],
)
def test_a_version_is_in_force_from_its_first_day_to_its_last(day: str, in_force: bool) -> None:
    version = f.RoutineAdopted.model_construct(
        routine=builtin().id, valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 31)
    )
    adopted = Recorded("routines", 1, version, moment("2026-11-01T08:00+01:00"), NOW, Function.VO_HJALPMEDEL, "s", "c")
    for clock in ("00:00:00", "23:59:59"):
        found = version_in_force([adopted], moment(f"{day}T{clock}+01:00"))
        assert (found is version) is in_force
    assert version_in_force([adopted], adopted.occurred_at - SECOND) is None


# Refusals of mail, and addresses


@pytest.mark.parametrize(("since", "points"), around(1, 2, 2))
def test_an_address_that_refuses_again_a_day_later_counts_again(since: timedelta, points: float) -> None:
    assert counted(Score(DEAD, NOW), DEAD, NOW + A_DAY + since, SuspensionPolicy()).points == points


@pytest.mark.parametrize(("since", "points"), around(2, 2, 1))
def test_a_refusal_is_remembered_for_its_time(since: timedelta, points: float) -> None:
    policy = SuspensionPolicy()
    assert counted(Score(DEAD, NOW), DEAD, NOW + policy.remembered + since, policy).points == points


@pytest.mark.parametrize("fewest", [FEWEST_AT_ONCE, FEWEST_REPORTED])
def test_more_than_half_of_the_readers_and_the_fewest_that_it_takes_are_about_us(fewest: int) -> None:
    assert is_about_us(fewest, fewest, fewest)
    assert not is_about_us(fewest - 1, fewest - 1, fewest)
    assert not is_about_us(fewest, 2 * fewest, fewest), "exactly half"
    assert is_about_us(fewest, 2 * fewest - 1, fewest)


def test_an_address_is_as_long_as_it_may_be_and_no_longer() -> None:
    """64 bytes before the @, 254 in all (RFC 5321 §4.5.3.1)."""
    labels = ".".join(["d" * 63] * 3)
    local = "a" * LONGEST_LOCAL_PART
    longest = f"{'a' * (LONGEST_ADDRESS - len(labels) - 4)}@{labels}.se"
    assert (len(local), len(longest)) == (64, 254)
    for of in (wire_form, lambda text: sender(text)[1]):
        assert of(f"{local}@example.se") == f"{local}@example.se"
        assert of(longest) == longest
        for too_long in (f"{local}a@example.se", f"a{longest}"):
            with pytest.raises(Invalid):
                of(too_long)


def test_four_alike_are_a_run_and_three_are_not() -> None:
    assert list(runs("a" * FEWEST, str)) == [["a"] * FEWEST]
    assert list(runs("a" * (FEWEST - 1), str)) == [["a"]] * (FEWEST - 1)
