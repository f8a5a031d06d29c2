"""A face that is no terminal records by the same door, with the same answers."""

from datetime import timedelta

import pytest

from application.recording import draft
from domain import facts as f
from domain.refusals import Invalid, NotAdmitted, NotAuthorised, NotFound
from domain.vocabulary import Function, Scope, System
from tests.terminal import DAY, Terminal

SOMEBODY = "somebody-at-a-web-page"
OUTAGE = f.OutageDetected(scope=Scope.ALL_USERS, systems=(System.SESAM_S2,))


def test_what_a_web_page_records_is_answered_as_the_terminal_is(terminal: Terminal) -> None:
    opened = draft(terminal.at("08:05").desk, SOMEBODY, f.OutageDetected).record(OUTAGE)
    assert opened.recorded.incident == "2026-0001"
    assert opened.consequences
    first = opened.consequences.turns.own[0].verdict
    assert first
    assert first.duty.id == terminal.types("due --json").json[0]["duty"]
    assert terminal.types("show --json").json == opened.document["status"]
    begun = draft(terminal.desk, SOMEBODY, f.CallersInformed, command_id="first")
    informed = begun.record(f.CallersInformed(count=3), note="lugnt")
    typed = terminal.records("callers-informed --count 3 --note lugnt --command-id first")
    assert typed.json == informed.document, "the same command, whichever face repeats it"
    assert terminal.facts() == 2


def test_what_would_happen_is_said_first_and_nothing_is_written(outage: Terminal) -> None:
    begun = draft(outage.desk, SOMEBODY, f.ReserveRoutineActivated, function="vo-hjalpmedel")
    told = begun.record(f.ReserveRoutineActivated(), deviation="bråttom", dry_run=True)
    assert (told.dry_run, told.recorded.recorded_as) == (True, Function.VO_HJALPMEDEL)
    assert told.consequences
    assert told.consequences.irregularities
    assert outage.facts() == 1


def test_whoever_may_not_is_refused_before_anything_is_made(outage: Terminal) -> None:
    with pytest.raises(NotAuthorised, match="clock"):
        draft(outage.desk, SOMEBODY, f.NoteAdded, function="clock")
    with pytest.raises(Invalid, match="unknown-word"):
        draft(outage.desk, SOMEBODY, f.NoteAdded, function="chef")
    outage.types("staff add anna --role partner")
    with pytest.raises(NotAuthorised, match="login-not-registered"):
        draft(outage.desk, SOMEBODY, f.NoteAdded)
    assert draft(outage.desk, "anna", f.NoteAdded).function == Function.PARTNER


def test_an_incident_is_chosen_as_at_the_terminal_and_refused_in_its_own_names(terminal: Terminal) -> None:
    with pytest.raises(NotFound, match="no-open-incident"):
        draft(terminal.desk, SOMEBODY, f.NoteAdded)
    terminal.desk.time = DAY + timedelta(hours=8)
    draft(terminal.desk, SOMEBODY, f.OutageDetected).record(OUTAGE)
    second = draft(terminal.desk, SOMEBODY, f.OutageDetected).record(OUTAGE)
    assert second.others == ["2026-0001"]
    with pytest.raises(Invalid, match="several-open"):
        draft(terminal.desk, SOMEBODY, f.NoteAdded)
    entering = draft(terminal.desk, SOMEBODY, f.ReferralEntered, incident="2", function="partner")
    with pytest.raises(NotAdmitted) as refused:
        entering.record(f.ReferralEntered(serial="A-1"))
    assert refused.value.routine == second.routine


def test_a_correction_is_told_what_it_corrects(outage: Terminal) -> None:
    begun = draft(outage.desk, SOMEBODY, f.EntryCorrected)
    assert begun.corrected_by(1) is f.OutageDetected
    assert begun.corrected_by(99) is None
