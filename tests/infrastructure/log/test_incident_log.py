"""The one door: commands repeated, races between real processes, and power lost at the worst moment."""

import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain import facts as f
from domain.course import Course
from domain.fact import Fact
from domain.refusals import Invalid, NotAdmitted, NotAuthorised, NotFound, PersonalData
from domain.vocabulary import ContactOutcome, Function, Status
from infrastructure.database.database import Database
from infrastructure.log.incident_log import Answer, IncidentLog, Proposal
from infrastructure.registers.staff import Staff
from tests.conftest import Clock, on_postgresql, on_sqlite
from tests.given import ACTIVATED, CLOSED, LOG_OWNER, VO, moment, outage, published, restored
from tests.infrastructure import work
from tests.infrastructure.processes import all_at_once, told_until_it_ends

Records = Callable[..., Answer]
NOTE = f.NoteAdded(text="Lugnt i växeln.")
PROCESSES, EACH = 8, 12


def entries(database: Database) -> list[tuple[str, int]]:
    rows = database.connection().execute("SELECT incident, entry FROM facts ORDER BY position")
    return [(incident, entry) for incident, entry in rows]


# One fact


def test_what_was_recorded_reads_back_as_it_was_told(log: IncidentLog, clock: Clock) -> None:
    clock.now = moment("09:00")
    answer = log.record(
        Proposal(outage(), VO, "s-1", occurred_at=moment("08:00"), note="en anteckning", deviation="ett skäl")
    )
    [read] = log.history(answer.recorded.incident)
    assert read == answer.recorded
    assert (read.incident, read.entry, read.position) == ("2026-0001", 1, 1)
    assert (read.occurred_at, read.recorded_at) == (moment("08:00"), moment("09:00"))
    assert (read.recorded_as, read.recorded_by, read.note, read.deviation) == (VO, "s-1", "en anteckning", "ett skäl")
    assert answer.incident.status is Status.ONGOING


def test_incidents_are_numbered_within_their_swedish_year(log: IncidentLog, clock: Clock) -> None:
    told = []
    for now in ("2026-12-31T23:30+01:00", "2026-12-31T23:59+01:00", "2027-01-01T00:00+01:00", "2027-01-01T00:30+01:00"):
        clock.now = moment(now)
        told.append(log.record(Proposal(outage(), VO, "s-1")).recorded.incident)
    assert told == ["2026-0001", "2026-0002", "2027-0001", "2027-0002"]


def test_only_a_report_or_a_detection_opens_an_incident(records: Records) -> None:
    with pytest.raises(NotFound, match="no-open-incident"):
        records(NOTE)
    assert records(f.DisturbanceReported(unit="Ortopeden Lund")).recorded.incident == "2026-0001"
    assert records(outage()).recorded.incident == "2026-0002"


def test_an_unknown_incident_is_not_found(records: Records, log: IncidentLog) -> None:
    with pytest.raises(NotFound, match="incident"):
        records(NOTE, "2026-0099")
    with pytest.raises(NotFound, match="incident"):
        log.history("2026-0099")


@pytest.mark.parametrize(
    ("fact", "function", "kind"),
    [
        (published(), VO, NotAuthorised),
        (f.NoteAdded(text="gäller 850709-9805"), VO, PersonalData),
        (f.ReferralEntered(serial="OT-0017"), Function.PARTNER, NotAdmitted),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    database: Database, records: Records, fact: Fact, function: Function, kind: type[Exception]
) -> None:
    number = records(outage()).recorded.incident
    with pytest.raises(kind):
        records(fact, number, function)
    assert entries(database) == [(number, 1)]


def test_the_future_is_refused_by_the_logs_own_clock(log: IncidentLog, clock: Clock, database: Database) -> None:
    with pytest.raises(Invalid, match="future"):
        log.record(Proposal(outage(), VO, "s-1", occurred_at=clock.now + timedelta(seconds=1)))
    assert entries(database) == []


@on_sqlite
def test_a_fact_is_recorded_when_its_turn_to_be_written_has_come(database: Database) -> None:
    """Whoever waited for others is not recorded before them."""
    eight = moment("08:00")
    shows = iter([eight, eight + timedelta(seconds=5), eight, eight - timedelta(seconds=5)])
    log = IncidentLog(database, lambda: next(shows))
    waited = log.record(Proposal(outage(), VO, "s-1")).recorded
    assert (waited.occurred_at, waited.recorded_at) == (eight, eight + timedelta(seconds=5))
    assert log.history("2026-0001") == [waited]
    put_back = log.record(Proposal(NOTE, VO, "s-1", "2026-0001")).recorded
    assert put_back.occurred_at == put_back.recorded_at == eight - timedelta(seconds=5), "nothing happens later"


@on_postgresql
def test_a_server_says_what_time_it_is_with_each_turn_to_write(database: Database) -> None:
    """Whatever has become of this machine's clock since it was asked last."""
    log, staff = IncidentLog(database), Staff(database, database.now)
    for off in (timedelta(hours=1), timedelta(hours=-1)):
        database.backend.ahead = off
        opened = log.record(Proposal(outage(), VO, "s-1")).recorded
        assert abs(opened.recorded_at - datetime.now(UTC)) < timedelta(minutes=1)
        database.backend.ahead = off
        staff.add(f"anna{off.days}", [VO], LOG_OWNER)
        assert abs(staff.history()[-1].recorded_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(log: IncidentLog, database: Database) -> None:
    answer = log.record(Proposal(outage(), VO, "s-1"), dry_run=True)
    assert (answer.recorded.incident, answer.recorded.position) == ("2026-0001", None)
    assert answer.incident.status is Status.ONGOING
    assert entries(database) == []


def test_a_dry_run_is_refused_as_the_real_one_would_be(log: IncidentLog, records: Records) -> None:
    number = records(outage()).recorded.incident
    with pytest.raises(NotAuthorised):
        log.record(Proposal(published(), VO, "s-1", number), dry_run=True)


# A command repeated


def test_a_command_repeated_answers_with_its_entry_and_adds_nothing(
    records: Records, database: Database, clock: Clock
) -> None:
    first = records(outage(), command_id="terminal-1")
    again = records(outage(), command_id="terminal-1")
    assert (first.repeated, again.repeated) == (False, True)
    assert again.recorded == first.recorded
    number = first.recorded.incident
    note = records(NOTE, number, command_id="terminal-2")
    records(f.CallersInformed(count=2), number)
    clock.passes(hours=1)
    assert records(NOTE, number, command_id="terminal-2").recorded == note.recorded
    assert entries(database) == [(number, 1), (number, 2), (number, 3)]


def test_a_decision_repeated_by_its_command_id_is_answered_and_not_refused(records: Records, clock: Clock) -> None:
    number = records(outage()).recorded.incident
    clock.passes(hours=4)
    first = records(ACTIVATED, number, command_id="terminal-1")
    assert records(ACTIVATED, number, command_id="terminal-1").recorded == first.recorded
    with pytest.raises(NotAdmitted, match="already-active"):
        records(ACTIVATED, number, command_id="terminal-2")


def test_asking_twice_yields_one_fact_for_each_decision(records: Records, clock: Clock, database: Database) -> None:
    number = records(outage()).recorded.incident
    clock.passes(hours=4)
    for fact, reason in (
        (ACTIVATED, "already-active"),
        (f.ReserveRoutineDeactivated(), "not-active"),
        (CLOSED, "already-closed"),
        (f.IncidentReopened(reason="mer papper"), "not-closed"),
    ):
        records(fact, number)
        with pytest.raises(NotAdmitted, match=reason):
            records(fact, number)
        if fact is ACTIVATED:
            records(restored(), number)
    facts = [name for (name,) in database.connection().execute("SELECT fact FROM facts ORDER BY entry")]
    assert len(facts) == len(set(facts)) == 6


@pytest.mark.parametrize(
    ("fact", "incident"),
    [(f.NoteAdded(text="en annan"), "2026-0001"), (f.CallersInformed(count=1), "2026-0001"), (NOTE, "2026-0002")],
    ids=["another text", "another fact", "another incident"],
)
def test_a_command_id_of_something_else_is_refused(
    records: Records, database: Database, fact: Fact, incident: str
) -> None:
    records(outage())
    records(outage())
    records(NOTE, "2026-0001", command_id="terminal-1")
    with pytest.raises(NotAdmitted, match="command-id-taken") as refusal:
        records(fact, incident, command_id="terminal-1")
    assert (refusal.value.data["incident"], refusal.value.data["entry"]) == ("2026-0001", 2)
    assert len(entries(database)) == 3


# Races, with real processes


def test_eight_terminals_on_one_incident_all_succeed_and_leave_no_gap(url: str, database: Database) -> None:
    number = work.opens(url)
    got = all_at_once(work.notes, [(url, number, EACH)] * PROCESSES)
    told = sorted(entry for of_one in got for entry in of_one)
    assert told == list(range(2, PROCESSES * EACH + 2))
    assert entries(database) == [(number, entry) for entry in range(1, PROCESSES * EACH + 2)]


def test_eight_terminals_that_open_incidents_at_once_get_a_number_each(url: str, database: Database) -> None:
    numbers = all_at_once(work.opens, [(url,)] * PROCESSES)
    assert sorted(numbers) == [f"2026-{n:04d}" for n in range(1, PROCESSES + 1)] or len(set(numbers)) == PROCESSES
    assert len(entries(database)) == PROCESSES


def test_of_two_who_activate_at_once_one_wins_and_the_other_is_told(url: str, database: Database) -> None:
    for _ in range(3):
        number = work.opens(url)
        told = all_at_once(work.activates, [(url, number)] * 2)
        assert sorted(told) == ["activated", "already-active"]


def test_one_command_sent_by_eight_terminals_at_once_adds_one_entry(url: str, database: Database) -> None:
    number = work.opens(url)
    told = all_at_once(work.repeats, [(url, number, "terminal-1")] * PROCESSES)
    assert {entry for entry, _ in told} == {2}
    assert sorted(repeated for _, repeated in told) == [False] + [True] * (PROCESSES - 1)
    assert entries(database) == [(number, 1), (number, 2)]


def test_the_first_use_of_a_brand_new_file_by_eight_processes_at_once_works(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / 'not' / f'there{n}' / 'yet.sqlite'}" for n in range(5)]
    numbers = all_at_once(work.opens_each, [(urls,)] * PROCESSES)
    for of_one_file in zip(*numbers, strict=True):
        assert len(set(of_one_file)) == PROCESSES


def test_u_1_whatever_was_acknowledged_survives_kill_9(url: str, database: Database) -> None:
    number = work.opens(url)
    chance = random.Random(20260302)  # noqa: S311 - a moment, not a secret
    acknowledged: list[str] = []
    for _ in range(5):
        with told_until_it_ends(work.acknowledges, url, number) as (terminal, says):
            acknowledged.append(next(says))
            time.sleep(chance.uniform(0, 0.15))
            terminal.kill()
            acknowledged += says
        assert terminal.exitcode == -signal.SIGKILL
    assert len(acknowledged) >= 5
    stored = {command_id for (command_id,) in database.connection().execute("SELECT command_id FROM facts")}
    assert set(acknowledged) <= stored
    if database.url.startswith("sqlite"):
        with closing(sqlite3.connect(database.path)) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    history = IncidentLog(database).history(number)
    assert [recorded.entry for recorded in history] == list(range(1, len(stored) + 1))


def test_a_fact_that_lost_its_entry_is_decided_anew(url: str, log: IncidentLog, database: Database) -> None:
    """Between reading and writing another terminal is faster, once."""
    number = work.opens(url)
    contact = Proposal(f.SystemOwnerContacted(outcome=ContactOutcome.REACHED), VO, "s-1", number)
    usual, faster = log.histories.course, [work.notes]

    def read(incident: str) -> Course:
        course = usual(incident)
        if faster:
            faster.pop()(url, number, 1)
        return course

    log.histories.course = read  # type: ignore[method-assign]
    log.clock = lambda: moment("2030-01-01T08:00+01:00")
    assert log.record(contact).recorded.entry == 3
