"""`record` at a terminal asks for what is missing, one question each; in a pipe it says what is, and never asks."""

from pathlib import Path

import pytest

from application.authority import written_by_hand
from domain.routine_document import builtin
from tests.pseudo_terminal import Screen, plainly
from tests.terminal import Terminal
from wording.words import texts_in

WORDS = texts_in("sv").of(builtin())


def test_record_alone_asks_what_has_happened_and_then_for_what_is_missing(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "record")
    screen.until("Vad har hänt? Nummer eller ord:")
    screen.types("avbrott\n")
    screen.until("Omfattning – ")
    screen.until("Nummer eller ord:")
    screen.types("alla\n")
    screen.until("System – ")
    screen.until("3 Visma websesam")
    screen.types("1,websesam\n")
    screen.until("Skrivet")
    assert screen.ends() == 0
    [status] = plainly(tmp_path, "board")
    assert (status["scope"], status["systems"]) == ("all-users", ["sesam-s2", "websesam"])


def test_what_can_have_happened_fits_a_terminal_of_24_rows_in_the_order_of_the_day(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "record")
    screen.until("Vad har hänt?")
    screen.types("\x04")
    assert screen.ends() == 130
    shown = screen.shown.splitlines()
    assert len(shown) < 24
    assert max(map(len, shown)) <= 80
    mine = [fact for fact in written_by_hand(builtin()) if builtin().help_desk in builtin().recorded_by(fact)]
    for number, fact in enumerate(mine, 1):
        name = WORDS.fact(fact.wire)
        assert f"{number:>2} {name[0].upper()}{name[1:]}" in screen.shown
    for theirs in ("incident-reviewed", "deadline-passed", "routine-adopted"):
        assert WORDS.fact(theirs).capitalize() not in screen.shown


def test_an_answer_that_does_not_fit_is_asked_for_again_and_letters_leave_fewer_facts(tmp_path: Path) -> None:
    plainly(tmp_path, "record outage-detected --scope all-users --system sesam-s2")
    screen = Screen(tmp_path, "record remiss")
    screen.until("3 Remiss lagd åt sidan")
    screen.types("mott\n")
    screen.until("Löpnummer – ")
    screen.types("OT 17\n")
    screen.until("--serial: numret på pappret, bokstäver och siffror utan mellanslag")
    screen.types("OT-17\n")
    screen.until("Skriva det ändå?")
    screen.types("j\n")
    screen.until("Skrivet")
    assert screen.ends() == 0
    assert plainly(tmp_path, "show")["referrals"]["outstanding"] == ["OT-17"]


def test_of_several_open_incidents_it_is_asked_which(tmp_path: Path) -> None:
    for system in ("sesam-s2", "websesam"):
        plainly(tmp_path, f"record outage-detected --incident new --scope all-users --system {system}")
    screen = Screen(tmp_path, "record note-added --text lugnt")
    screen.until("Vilken händelse?")
    screen.types("2\n")
    screen.until("Skrivet")
    assert screen.ends() == 0
    assert plainly(tmp_path, "log 2")[-1]["data"]["text"] == "lugnt"


def test_in_a_pipe_nobody_is_asked_and_the_refusal_names_the_values(outage: Terminal) -> None:
    refused = outage.types("record supplier-contacted")
    assert refused.code == 2
    assert "--outcome saknas: skriv reached (" in refused.err
    assert outage.types("record referral-set-aside --serial OT-1 --reason annat").err.startswith("--explanation saknas")


@pytest.mark.parametrize("role", ["", "partner"])
def test_record_alone_in_a_pipe_lists_what_this_function_may_record(terminal: Terminal, role: str) -> None:
    if role:
        from cli.terminal.login import login_at_the_keyboard

        terminal.types(f"staff add {login_at_the_keyboard()} --role {role}")
    said = terminal.types("record")
    assert said.code == 0
    assert ("remiss-inmatad" in said.out) is bool(role)
    assert ("avbrott-upptäckt" in said.out) is not bool(role)
    assert len(said.out.splitlines()) < 24
