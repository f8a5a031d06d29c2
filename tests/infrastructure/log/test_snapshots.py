"""Long incidents: gone on from where they were kept, and never otherwise than from their first fact."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from domain import facts as f
from domain.course import go_through
from domain.fact import Recorded
from domain.history import as_happened
from domain.refusals import NotAdmitted
from domain.routine import Routine
from domain.routine_document import builtin, builtin_text, parse
from domain.vocabulary import ContactOutcome, Scope, SetAsideReason
from infrastructure.database.database import Database
from infrastructure.integrity.verifying import verify
from infrastructure.log import codec, histories, snapshots
from infrastructure.log.histories import Histories
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import rebuild
from tests.domain.any_day import AnyDay
from tests.given import (
    ACTIVATED,
    DEACTIVATED,
    INSTRUCTED,
    LINK,
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
    taken_for_granted,
)
from tests.infrastructure import work
from tests.infrastructure.processes import all_at_once

NUMBER = "2026-0001"


class KeptDay(AnyDay):
    """A day whose course is kept after each of its facts, and gone on from with the rest."""

    def teardown(self) -> None:
        whole = go_through(self.happened, builtin())
        for count in range(1, len(self.facts)):
            kept = go_through(as_happened(self.facts[:count]), builtin())
            course = snapshots.read(snapshots.stored(kept), kept.incident.number, builtin())
            assert course == kept
            if course and course.leads_to(*self.facts[count:]):
                course.go_on(self.facts[count:])
                assert course == whole
                assert snapshots.stored(course) == snapshots.stored(whole)
                self.reached["gone on from what was kept"] += 1


def test_whatever_the_day_what_was_kept_of_it_leads_to_the_same_end() -> None:
    KeptDay.reached.clear()
    run_state_machine_as_test(KeptDay, settings=settings(max_examples=100, stateful_step_count=30, derandomize=True))
    assert KeptDay.reached["gone on from what was kept"] > 50


def eventful() -> Day:
    """A day on which there is something of everything that a course holds."""
    day = Day()
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("08:10").records(f.OutageDetected(scope=Scope.REGION_WIDE), VO)
    day.at("08:20").records(owner_contacted())
    day.at("08:30").records(owner_contacted(ContactOutcome.NO_ANSWER))
    day.at("09:00").records(INSTRUCTED)
    day.at("09:05").records(f.ScopeReclassified(scope=Scope.ALL_USERS, reason="övriga regionen är i gång"))
    day.at("09:30").records(prognosis("13:00"))
    day.at("09:40").records(deferred("12:45"), deviation="")
    day.at("12:50").records(f.DeskHandedOver(to="vo-hjalpmedel", open_matters="Visma ringer åter 15.30"))
    day.at("13:05").records(ACTIVATED)
    day.at("13:06").records(published(routine=True))
    day.at("13:07").records(published(LINK, routine=True))
    for n in range(1, 6):
        day.at(f"13:1{n}").records(taken_for_granted(f.ReferralReceived(serial=f"OT-{10 - n}", acute=n != 3)))
    day.at("14:00").records(f.ReferralSetAside(serial="OT-9", reason=SetAsideReason.RETURNED))
    day.at("14:30").records(restored())
    day.at("14:31").records(DEACTIVATED)
    day.at("14:40").records(f.ReferralEntered(serial="OT-8"))
    day.at("14:50").records(correction(3, "08:04"))
    day.at("15:00").records(f.NoteAdded(text="Lugnt i växeln."), deviation="ingen hann skriva")
    day.at("15:10").records(outage(Scope.LOCAL, ("websesam",)))  # type: ignore[arg-type]
    day.at("15:20").records(prognosis("16:00"))
    day.at("15:30").records(f.OperatingInformationRequested(text="Vi når inte websesam."))
    return day


def test_a_course_holds_what_it_held_when_its_makers_number_was_last_raised() -> None:
    """Where this fails, what logs have kept is not what would be kept now: raise MADE_BY, let a migration empty the
    table, note the new sum."""
    text = snapshots.stored(go_through(eventful().happened, builtin()))[64:]
    routine = f'"routine":["{builtin().id}","{builtin().version}"]'
    assert routine in text
    summed = hashlib.sha256(text.replace(routine, "").encode()).hexdigest()[:16]
    assert (snapshots.MADE_BY, summed) == (7, "67fd7e33006a628b")


def test_a_course_of_everything_reads_back_as_it_was_kept() -> None:
    course = go_through(eventful().happened, builtin())
    assert snapshots.read(snapshots.stored(course), course.incident.number, builtin()) == course


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Courses are kept of short incidents."""
    monkeypatch.setattr(snapshots, "EVERY", 4)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is read of the log from now on."""
    found: list[bytes] = []

    def noting(stored: bytes, position: int | None = None) -> Recorded:
        found.append(stored)
        return codec.decode(stored, position)

    monkeypatch.setattr(histories, "decode", noting)
    return found


Tell = Callable[..., Recorded]


@pytest.fixture
def tell(database: Database) -> Tell:
    """tell(fact, at): record it as if it had happened then, and bring the board up."""
    log = IncidentLog(database, lambda: moment("18:00"))

    def record(fact: Any, at: str, incident: str | None = NUMBER) -> Recorded:
        function = builtin().recorded_by(type(fact))[0]
        answer = log.record(Proposal(fact, function, "s-1", incident, occurred_at=moment(at)))
        Board(database).open_incidents()
        return answer.recorded

    return record


def opened(tell: Tell, until: int = 30) -> None:
    tell(outage(), "08:00", None)
    for minute in range(1, until):
        tell(f.NoteAdded(text=f"lugnt {minute}"), f"08:{minute:02}")


def as_if_never_kept(database: Database) -> Any:
    history = Histories(database).history(NUMBER)
    return go_through(as_happened(history), builtin())


@pytest.mark.usefixtures("short")
def test_who_reads_a_long_incident_reads_its_last_facts_alone(
    database: Database, tell: Tell, decoded: list[bytes]
) -> None:
    opened(tell)
    decoded.clear()
    course = Histories(database).course(NUMBER)
    assert len(decoded) <= snapshots.EVERY
    assert course.incident.entries == 30
    assert course == as_if_never_kept(database)
    decoded.clear()
    tell(owner_contacted(), "08:40")
    assert len(decoded) <= 3 * snapshots.EVERY, "who records reads no more than that either"


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    ("fact", "at"), [(owner_contacted(), "08:05"), (correction(2, "08:45"), "08:50"), (correction(1, "07:00"), "08:50")]
)
def test_what_changes_what_came_before_it_is_read_from_the_first_fact_on(
    database: Database, tell: Tell, decoded: list[bytes], fact: Any, at: str
) -> None:
    opened(tell)
    tell(fact, at)
    assert Histories(database).course(NUMBER) == as_if_never_kept(database)
    decoded.clear()
    tell(prognosis("12:00"), "08:55")
    assert Histories(database).course(NUMBER) == as_if_never_kept(database)
    assert len(decoded) - 32 <= 3 * snapshots.EVERY, "once it has been read anew, that is kept"
    assert verify(database).problems == []


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"incident":[]}', "null", "17", "ö" * 70])
def test_what_we_can_not_read_is_as_if_it_had_not_been_kept(database: Database, tell: Tell, text: str) -> None:
    opened(tell, 9)
    expected = as_if_never_kept(database)
    with database.writing() as connection:
        connection.execute("UPDATE courses SET course = ?", (text,))
    assert Histories(database).course(NUMBER) == expected
    tell(owner_contacted(), "08:40")
    assert verify(database).problems == [], "and it is kept anew with the next fact"


def local(count: int, number: str = NUMBER, routine: Routine | None = None) -> str:
    """The kept course of another outage of so many facts."""
    day = Day(number)
    day.at("08:00").records(outage(Scope.LOCAL))
    for minute in range(1, count):
        day.at(f"08:{minute:02}").records(f.NoteAdded(text="lokalt"))
    return snapshots.stored(go_through(day.happened, routine or builtin()))


def by_hand(text: str) -> str:
    assert "all-users" in text
    return text.replace("all-users", "local")


NOT_OURS: dict[str, Callable[[str], str]] = {
    "changed by hand": by_hand,
    "of another incident": lambda _: local(8, "2026-0002"),
    "by another routine": lambda _: local(8, routine=builtin().model_copy(update={"version": "0"})),
    "further than the log": lambda _: local(10),
}


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("what", NOT_OURS)
def test_a_course_that_is_not_this_incidents_own_is_named_and_not_believed(
    database: Database, tell: Tell, what: str
) -> None:
    opened(tell, 9)
    [(text,)] = database.connection().execute("SELECT course FROM courses").fetchall()
    with database.writing() as connection:
        connection.execute("UPDATE courses SET course = ?", (NOT_OURS[what](text),))
    assert [problem.reason for problem in verify(database).problems] == ["snapshot-differs"]
    assert Histories(database).course(NUMBER) == as_if_never_kept(database)
    assert tell(owner_contacted(), "08:40").entry == 10
    assert verify(database).problems == []


@pytest.mark.usefixtures("short")
def test_what_another_program_has_kept_is_not_believed(
    database: Database, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tell, 9)
    with monkeypatch.context() as other:
        other.setattr(snapshots, "MADE_BY", snapshots.MADE_BY + 1)
        text = local(8)
    with database.writing() as connection:
        connection.execute("UPDATE courses SET course = ?", (text,))
    assert Histories(database).course(NUMBER) == as_if_never_kept(database)


@pytest.mark.usefixtures("short")
def test_whoever_edits_what_was_kept_lets_nothing_into_the_log_that_the_facts_refuse(
    database: Database, tell: Tell
) -> None:
    opened(tell, 7)
    tell(taken_for_granted(f.ReferralReceived(serial="OT-1", acute=True)), "08:30")
    tell(restored(), "08:35")
    outstanding = '"outstanding":{"OT-1"'
    with database.writing() as connection:
        [(text,)] = connection.execute("SELECT course FROM courses").fetchall()
        assert outstanding in text
        connection.execute("UPDATE courses SET course = ?", (text.replace(outstanding, '"outstanding":{"OT-2"'),))
    for fact in (f.ReferralEntered(serial="OT-2"), f.IncidentClosed()):
        with pytest.raises(NotAdmitted) as refusal:
            tell(fact, "08:40")
        assert refusal.value.reason in ("unknown-referral", "outstanding-referrals")
    tell(f.ReferralEntered(serial="OT-1"), "08:45")


@pytest.mark.usefixtures("short")
def test_where_nothing_can_be_kept_the_facts_are_read(database: Database, tell: Tell) -> None:
    opened(tell, 9)
    with database.writing() as connection:
        connection.execute("DROP TABLE courses")
    assert Histories(database).course(NUMBER) == as_if_never_kept(database)
    log = IncidentLog(database, lambda: moment("18:00"))
    assert log.record(Proposal(owner_contacted(), VO, "s-1", NUMBER)).recorded.entry == 10


@pytest.mark.usefixtures("short")
def test_a_rebuild_keeps_the_same_courses(database: Database, tell: Tell) -> None:
    opened(tell, 21)
    rows = "SELECT * FROM courses ORDER BY incident"
    [before] = database.connection().execute(rows).fetchall()
    with database.writing() as connection:
        connection.execute("UPDATE courses SET course = 'x'")
        connection.execute("INSERT INTO courses (incident, entry, course) VALUES ('2026-0099', 4, 'x')")
    assert [problem.reason for problem in verify(database).problems] == ["snapshot-differs"] * 2
    assert rebuild(database, [Board(database)]) == []
    [after] = database.connection().execute(rows).fetchall()
    assert after[0] == before[0]
    assert verify(database).problems == []


@pytest.mark.usefixtures("short")
def test_a_rebuild_judges_each_incident_by_the_routine_it_began_with(database: Database, tell: Tell) -> None:
    opened(tell, 9)
    text = builtin_text().replace('version = "1.0.1"', 'version = "2.0"', 1)
    log = IncidentLog(database, lambda: moment("18:00"))
    log.adopt(parse(text), text, VO, "s-1")
    opened_later = log.record(Proposal(outage(), VO, "s-1", occurred_at=moment("18:00"))).recorded.incident
    for minute in range(4):
        log.record(Proposal(f.NoteAdded(text=f"senare {minute}"), VO, "s-1", opened_later))
    assert rebuild(database, [Board(database)]) == []
    kept = dict(database.connection().execute("SELECT incident, course FROM courses").fetchall())
    for number, version in ((NUMBER, "1.0.1"), (opened_later, "2.0")):
        assert f'"routine":["{builtin().id}","{version}"]' in kept[number]
    assert verify(database).problems == []


@pytest.mark.usefixtures("short")
def test_what_is_ahead_of_our_clock_has_not_happened_yet(database: Database, tell: Tell) -> None:
    opened(tell, 12)
    found = Histories(database)
    at = moment("08:05:30")
    assert found.course_at(NUMBER, at).incident.entries == 6
    course = found.course(NUMBER)
    due = [verdict for verdict in found.verdicts(course, at) if verdict.due_at]
    assert all(verdict.word == "pending" for verdict in due), "half an hour is not over yet"
    assert found.course_at(NUMBER, moment("07:00")).incident.entries == 0
    assert found.verdicts(course, moment("07:00")) == []


def test_terminals_that_record_at_once_keep_one_course(url: str, database: Database) -> None:
    number = work.opens(url)
    all_at_once(work.notes_and_looks, [(url, number, 20)] * 6)
    assert Histories(database).course(number) == go_through(as_happened(Histories(database).history(number)), builtin())
    [(entry,)] = database.connection().execute("SELECT entry FROM courses").fetchall()
    assert entry >= 100, "kept anew after each fifty"
    assert verify(database).problems == []
