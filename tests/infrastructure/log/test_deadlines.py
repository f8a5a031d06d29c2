"""The clock: reminders before a deadline and deadlines that pass, each recorded once."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from application.worker.round import Round, is_waited_for
from domain import review
from domain.course import Course
from domain.refusals import Damaged, Unavailable
from infrastructure.database.database import Database
from infrastructure.log.deadlines import DeadlineScan, Scanned, remember_scanned, scan_deadlines, touched
from infrastructure.log.incident_log import IncidentLog
from tests.given import moment
from tests.mailroom import mailroom, text
from tests.rows import everything
from tests.terminal import Terminal


@pytest.fixture
def outage(tmp_path: Path) -> Iterator[Terminal]:
    with mailroom() as mails:
        terminal = Terminal(tmp_path, smtp_url=mails.url).at("08:05")
        terminal.mails = mails  # type: ignore[attr-defined]
        for name, audience in (("kollega", "staff"), ("ansvarig", "duty"), ("partner", "partner")):
            assert terminal.types(f"subscriber add {name}@example.se --audience {audience}").code == 0
        terminal.records("outage-detected --scope all-users --system sesam-s2")
        yield terminal
        terminal.close()


def clocks(terminal: Terminal) -> list[tuple[str, str]]:
    """What the clock has recorded, in the order of the log."""
    return [
        (entry["fact"], entry["data"]["duty"])
        for entry in terminal.types("log 1 --json").json
        if entry["recorded_as"] == "clock"
    ]


ACTIVATE = [("deadline-approaching", "activate-without-prognosis")]


def test_half_an_hour_before_the_four_hours_whoever_is_to_act_is_reminded_once(outage: Terminal) -> None:
    outage.records("system-owner-contacted --outcome reached")
    outage.records("supplier-contacted --outcome reached")
    outage.records('operating-information-published --as system-owner --channel vardgivare-skane --text "Avvakta."')
    outage.at("11:34").types("worker --once")
    assert clocks(outage) == []
    for time in ("11:35", "11:36", "12:00"):
        outage.at(time).types("worker --once")
        assert clocks(outage) == ACTIVATE
    mails = outage.mails  # type: ignore[attr-defined]
    reminders = [mail for mail in mails.to("kollega") if "Senast 12.05" in mail["Subject"]]
    assert len(reminders) == 1, "both rules ask for the same act"
    assert text(reminders[0]).count("Automatisk påminnelse") == 1
    assert "12.05" in text(reminders[0])
    assert not [mail for name in ("ansvarig", "partner") for mail in mails.to(name) if "Senast" in mail["Subject"]]
    outage.at("12:20").types("worker --once")
    assert clocks(outage) == ACTIVATE, "the quarter of an hour to decide in has not passed (Q22)"
    outage.at("12:21").types("worker --once")
    assert [wire for wire, _ in clocks(outage)] == ["deadline-approaching"] + ["deadline-passed"] * 2


def test_what_gives_no_more_time_than_a_reminder_would_is_not_reminded_of(outage: Terminal) -> None:
    outage.types("worker --once")
    assert clocks(outage) == []


def test_a_worker_that_slept_over_the_deadline_does_not_remind_of_what_has_passed(outage: Terminal) -> None:
    outage.at("12:30").types("worker --once")
    assert {wire for wire, _ in clocks(outage)} == {"deadline-passed"}


def test_a_deadline_that_has_moved_is_reminded_of_anew(outage: Terminal) -> None:
    outage.at("11:35").types("worker --once")
    outage.at("11:40").records("prognosis-received --restored-by 13:00")
    outage.types("worker --once")
    assert clocks(outage).count(("deadline-approaching", "activate-after-four-hours")) == 0, "that act was asked for"
    outage.at("12:35").types("worker --once")
    assert clocks(outage).count(("deadline-approaching", "activate-without-prognosis")) == 2


def test_the_publication_is_the_system_owners_to_be_reminded_of(outage: Terminal) -> None:
    outage.at("08:35").types("worker --once")
    mails = outage.mails  # type: ignore[attr-defined]
    reminder = "Automatisk påminnelse: Publicera driftinformation"
    assert any(reminder in text(mail) for mail in mails.to("ansvarig"))
    assert not any(reminder in text(mail) for mail in mails.to("kollega"))


def test_how_long_before_is_the_routines_to_say(outage: Terminal, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.toml"
    document = outage.types("routine show --toml").out
    earlier.write_text(
        document.replace('version = "1.0.1"', 'version = "1.1"').replace(
            'remind_before = "30 min"', 'remind_before = "1 h"'
        ),
        encoding="utf-8",
    )
    assert outage.types(f"routine adopt {earlier} --as vo-hjalpmedel").code == 0
    outage.records("outage-detected --scope all-users --system websesam --at 08:05")
    outage.at("11:05").types("worker --once")
    of_two = [entry["data"]["duty"] for entry in outage.types("log 2 --json").json if entry["fact"].endswith("aching")]
    assert of_two == ["activate-without-prognosis"]


def passed(terminal: Terminal, number: int = 1) -> list[tuple[str, str]]:
    """Which deadlines the clock has struck, and when each was due, by the clock of the day in UTC."""
    return [
        (entry["data"]["duty"], entry["data"]["due_at"][11:16])
        for entry in terminal.types(f"log {number} --json").json
        if entry["fact"] == "deadline-passed"
    ]


def test_what_was_missed_or_late_in_an_outage_that_is_over_is_struck_when_the_worker_wakes(outage: Terminal) -> None:
    outage.at("10:00").records("system-owner-contacted --outcome reached")
    outage.at("12:30").records("service-restored --system sesam-s2")
    outage.at("13:00").types("worker --once")
    unmet = {v["duty"] for v in outage.types("review 1 --json").json["verdicts"] if v["verdict"] in ("late", "missed")}
    assert {duty for duty, _ in passed(outage)} == unmet > {"report-to-system-owner", "contact-supplier"}
    struck = next(e for e in outage.types("log 1 --json").json if e["fact"] == "deadline-passed")
    assert (struck["occurred_at"][11:16], struck["recorded_at"][11:16]) == ("07:21", "12:00"), "its lateness shows"
    before = outage.facts()
    outage.types("worker --once")
    assert outage.facts() == before


def test_what_was_done_or_over_in_time_is_not_struck(outage: Terminal) -> None:
    outage.at("08:10").records("system-owner-contacted --outcome reached")
    outage.at("08:12").records("service-restored --system sesam-s2")
    outage.at("13:00").types("worker --once")
    assert passed(outage) == []


def test_a_correction_that_makes_a_duty_late_strikes_its_deadline_also_once_the_incident_is_closed(
    outage: Terminal,
) -> None:
    outage.at("08:10").records("system-owner-contacted --outcome reached")
    outage.at("08:15").records("service-restored --system sesam-s2")
    outage.types("worker --once")
    outage.records("entry-corrected --entry 1 --occurred-at 07:50 --reason klockan")
    outage.types("worker --once")
    assert passed(outage) == [("report-to-system-owner", "07:05")]
    outage.records("incident-closed")
    outage.types("worker --once")
    outage.close()
    outage.records("entry-corrected --incident 1 --entry 1 --occurred-at 07:30 --reason igen")
    outage.types("worker --once")
    assert ("report-to-system-owner", "06:45") in passed(outage)
    assert ("contact-supplier", "07:00") in passed(outage)


def test_an_idle_round_looks_at_no_closed_incident(outage: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    outage.at("08:10").records("service-restored --system sesam-s2")
    outage.records("incident-closed")
    outage.types("worker --once")
    outage.types("worker --once")
    looked_at: list[str] = []

    def look(_database: Database, _log: IncidentLog, incidents: list[str], *_when: object) -> dict[str, Scanned]:
        looked_at.extend(incidents)
        return {incident: Scanned([]) for incident in incidents}

    monkeypatch.setattr("application.worker.deadlines.scan_many", look)
    outage.types("worker --once")
    assert looked_at == []
    outage.records("note-added --incident 1 --text Klart")
    outage.types("worker --once")
    assert looked_at == ["2026-0001"]


def test_a_quiet_open_incident_is_looked_through_when_its_next_time_comes_and_no_sooner(outage: Terminal) -> None:
    database = Database(outage.settings.database_url)
    deadlines = DeadlineScan(database)

    def look(clock: str) -> list[str]:
        now = outage.at(clock).desk.now()
        log = IncidentLog(database, lambda: now)
        found, position = deadlines.wanted(["2026-0001"], now)
        for number in found:
            deadlines.scanned(number, scan_deadlines(log, number, now))
        deadlines.scanned_up_to(position)
        return found

    assert look("08:10")  # a worker that has just come knows nothing yet
    assert not look("08:11")
    assert outage.types("due --json").json[0]["due_at"] == "2026-12-07T07:20:00Z"
    assert not look("08:20")
    assert look("08:21")  # it has passed
    assert look("08:21")  # and to say so was a fact
    assert not look("08:22")
    outage.at("08:22").records("prognosis-received --restored-by 13:00")
    touched_by_another = touched(database)[1]
    remember_scanned(database, touched_by_another)
    assert look("08:22")  # what another worker has seen it still sees for itself
    assert not look("08:22")
    database.close()


def test_a_desk_whose_clock_is_ahead_is_waited_for(outage: Terminal) -> None:
    """Its fact lies in the worker's future when the worker hears of it, and starts duties all the same."""
    database = Database(outage.settings.database_url)
    now = outage.at("08:04:59").desk.now()
    struck = scan_deadlines(IncidentLog(database, lambda: now), "2026-0001", now)
    assert (struck.facts, struck.next_at) == ([], moment("08:05"))
    deadlines = DeadlineScan(database)
    deadlines.scanned("2026-0001", struck)
    deadlines.scanned_up_to(deadlines.wanted(["2026-0001"], now)[1])
    assert deadlines.wanted(["2026-0001"], moment("08:05"))[0] == ["2026-0001"]
    database.close()


def test_an_incident_that_could_not_be_looked_through_is_wanted_again(outage: Terminal) -> None:
    database = Database(outage.settings.database_url)
    deadlines = DeadlineScan(database)
    deadlines.scanned("2026-0001", Scanned([], moment("12:00")))
    deadlines.scanned_up_to(deadlines.wanted(["2026-0001"], moment("08:06"))[1])
    assert deadlines.wanted(["2026-0001"], moment("08:07"))[0] == []
    deadlines.forget("2026-0001")
    assert deadlines.wanted(["2026-0001"], moment("08:07"))[0] == ["2026-0001"]
    database.close()


def test_a_worker_that_runs_while_the_log_is_upgraded_writes_nothing_more(outage: Terminal) -> None:
    database = Database(outage.settings.database_url)
    work = Round(outage.desk, [], at_once=True)
    database.connection().execute("UPDATE alembic_version SET version_num = '9999'")
    before = everything(database)
    with pytest.raises(Damaged, match="newer-schema") as refusal:
        asyncio.run(work.run())
    assert is_waited_for(refusal.value), "and goes on when the other is gone"
    assert everything(database) == before
    database.close()


def test_a_log_that_does_not_answer_leaves_nothing_unlooked_at(
    outage: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage.at("08:10").records("system-owner-contacted --outcome reached")
    outage.at("10:00").records("service-restored --system sesam-s2")
    outage.records("incident-closed")
    with monkeypatch.context() as busy:
        for scan in ("scan_many", "scan_deadlines"):
            busy.setattr(f"application.worker.deadlines.{scan}", refusing(Unavailable("busy")))
        assert "upptagen" in outage.types("worker --once").err
    outage.types("worker --once")
    assert passed(outage)


def test_an_incident_that_can_not_be_judged_is_named_and_stops_nothing_for_the_others(
    outage: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage.records("outage-detected --scope local --system websesam")
    judged = review.judged

    def one_is_broken(course: Course, now: datetime) -> Any:
        if course.incident.number == "2026-0001":
            raise OverflowError("date value out of range")
        return judged(course, now)

    for module in (
        "domain.review",
        "infrastructure.log.histories",
        "infrastructure.log.incident_log",
        "cli.commands.due",
    ):
        monkeypatch.setattr(f"{module}.judged", one_is_broken)
    reply = outage.at("09:00").types("worker --once")
    assert reply.code == 0
    assert "2026-0001 kan inte bedömas (OverflowError" in reply.err
    assert passed(outage, 2)
    for command in ("board", "due", "due --at 08:30", "review --all"):
        reply = outage.types(command)
        assert reply.code in (0, 6), reply.err
        assert "2026-0001 kan inte bedömas" in reply.out
        as_json = outage.types(f"{command} --json")
        assert "2026-0001 kan inte bedömas" in as_json.err
        assert {row["incident"] for row in as_json.json} == {"2026-0002"}
    written = outage.facts()
    reply = outage.types('record note-added --incident 1 --text "Vi väntar."')
    assert (reply.code, outage.facts()) == (0, written + 1)
    assert reply.out.startswith("Skrivet: 2026-0001 post")
    assert "Vad som kommer härnäst går inte att säga (OverflowError" in reply.out.replace("\n", " ")


def test_after_a_fact_is_written_a_busy_log_is_not_said_to_have_written_nothing(
    outage: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.recording._others", refusing(Unavailable("busy")))
    reply = outage.types('record note-added --incident 1 --text "Vi väntar."')
    assert reply.code == 0
    assert "Skrivet: 2026-0001 post 2" in reply.out
    assert "inget" not in reply.out + reply.err
    monkeypatch.setattr("cli.commands.record._record", refusing(RuntimeError("trasig")))
    reply = outage.types('record note-added --incident 1 --text "Vi väntar."')
    assert (reply.code, "reservrutin log" in reply.err) == (1, True)


def refusing(error: Exception) -> Callable[..., None]:
    def refuse(*_: Any) -> None:
        raise error

    return refuse


def test_a_deadline_is_told_to_whoever_was_to_act_though_no_list_names_it(outage: Terminal) -> None:
    outage.at("09:00").records("reserve-routine-activated --deviation övning")
    outage.at("09:05").records("referral-received --serial OT-1")
    outage.at("09:10").records("service-restored --system sesam-s2")
    tomorrow = outage.desk.time + timedelta(hours=25)
    outage.on(tomorrow).types("worker --once")
    assert ("enter-referrals", "08:10") in passed(outage)
    told = [text(mail) for mail in outage.mails.to("partner")]  # type: ignore[attr-defined]
    assert any("Försenat: Mata in pappersremisserna, skulle vara gjort 09.10" in mail for mail in told), told


def test_a_duty_of_nobody_who_is_told_goes_to_the_help_desk(outage: Terminal) -> None:
    outage.at("08:10").records("cause-established --cause system --as system-owner")
    outage.at("08:45").types("worker --once")
    assert ("deadline-approaching", "supplier-assists") in clocks(outage)
    told = [text(mail) for mail in outage.mails.to("kollega")]  # type: ignore[attr-defined]
    assert any("Automatisk påminnelse" in mail and "everantören" in mail for mail in told), told


@pytest.mark.parametrize("wire", ["deadline-approaching", "deadline-passed"])
def test_a_deadline_that_waited_for_the_mail_server_is_not_told_once_the_duty_is_done(
    outage: Terminal, wire: str
) -> None:
    there = outage.desk.settings
    outage.desk.settings = replace(there, mail_server=None)
    outage.at("11:36" if wire == "deadline-approaching" else "12:21").types("worker --once")
    outage.at("12:25").records("reserve-routine-activated")
    outage.desk.settings = there
    outage.types("worker --once")
    about = [d for d in outage.types("deliveries 1 --json").json if d["fact"] == wire]
    of_duty = {
        e["entry"] for e in outage.types("log 1 --json").json if e["data"].get("duty", "").startswith("activate")
    }
    activation = outage.types("show 1 --json").json["entries"]
    staff = [d for d in about if d["entry"] in of_duty and d["audience"] == "staff"]
    assert staff
    assert all(d["state"] == "superseded" and d["replaced_by"] for d in staff), (staff, activation)


def test_a_newer_deadline_of_the_same_duty_is_told_instead_of_the_older(outage: Terminal) -> None:
    there = outage.desk.settings
    outage.desk.settings = replace(there, mail_server=None)
    outage.at("11:36").types("worker --once")
    outage.at("11:40").records("prognosis-received --restored-by 13:00")
    outage.at("12:35").types("worker --once")
    outage.desk.settings = there
    outage.types("worker --once")
    entries = {e["entry"]: e["data"] for e in outage.types("log 1 --json").json}
    reminders = {
        (entries[d["entry"]]["due_at"][11:16], d["state"])
        for d in outage.types("deliveries 1 --json").json
        if d["fact"] == "deadline-approaching" and entries[d["entry"]]["duty"] == "activate-without-prognosis"
    }
    assert reminders == {("11:05", "superseded"), ("12:00", "sent")}


def test_several_workers_that_wake_at_once_record_each_deadline_once(outage: Terminal) -> None:
    outage.at("10:00").records("service-restored --system sesam-s2")
    now = outage.desk.now()

    def wakes(_worker: int) -> int:
        database = Database(outage.settings.database_url)
        log = IncidentLog(database, lambda: now)
        numbers, position = touched(database)
        struck = [recorded for number in numbers for recorded in scan_deadlines(log, number, now).facts]
        remember_scanned(database, position)
        database.close()
        return len(struck)

    with ThreadPoolExecutor(4) as pool:
        struck = sum(pool.map(wakes, range(4)))
    assert struck == len(passed(outage)) == len(set(passed(outage))) > 1
