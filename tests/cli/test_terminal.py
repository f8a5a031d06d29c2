"""What is wider or longer than the terminal is wrapped between words and leafed through; a record never is."""

import os
from pathlib import Path

import pytest

from tests.programs import needs
from tests.pseudo_terminal import Screen, plainly


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho LEAFED; cat\n", encoding="utf-8")
    pager.chmod(0o755)
    monkeypatch.setenv("PAGER", str(pager))
    plainly(tmp_path, "record outage-detected --scope all-users --system sesam-s2")
    return tmp_path


def shown_at(log: Path, line: str, size: tuple[int, int]) -> str:
    screen = Screen(log, line, size=size)
    screen.ends_after_all()
    return screen.shown


def test_a_refusal_is_wrapped_between_words_at_the_terminals_width(log: Path) -> None:
    shown = shown_at(log, "record cause-established --cause systemet", (24, 60))
    lines = shown.split("\r\n")
    assert len(lines) > 2
    assert max(map(len, lines)) <= 60
    assert "lägg till --as system-owner" in " ".join(shown.split())


def test_a_table_is_as_wide_as_the_terminal(log: Path) -> None:
    plainly(log, "subscriber add anna@example.se --audience staff")
    assert max(map(len, shown_at(log, "subscriber list", (24, 70)).split("\r\n"))) <= 70


def test_an_answer_that_is_longer_than_the_screen_is_leafed_through(log: Path) -> None:
    assert shown_at(log, "due", (10, 80)).startswith("LEAFED")
    assert "LEAFED" not in shown_at(log, "due", (200, 80))
    assert "LEAFED" not in shown_at(log, "due --json", (10, 80))


def test_a_record_is_never_leafed_through(log: Path) -> None:
    shown = shown_at(log, "record callers-informed --count 2", (5, 80))
    assert "Skrivet" in shown
    assert "LEAFED" not in shown


def test_no_pager_prints_and_so_does_an_empty_pager(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in ("due --no-pager", "--no-pager due", "due --utan-bläddring"):
        assert "LEAFED" not in shown_at(log, line, (10, 80))
    monkeypatch.setenv("PAGER", "")
    assert "LEAFED" not in shown_at(log, "due", (10, 80))
    monkeypatch.setenv("PAGER", "no-such-pager")
    assert "Anmäl till systemansvarig" in shown_at(log, "due", (10, 80))


@needs("less")
def test_less_shows_swedish_letters_and_ctrl_c_is_its_own_and_the_exit_code_is_kept(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAGER")
    for name in [name for name in os.environ if name in ("LANG", "LESS", "LESSCHARSET") or name.startswith("LC_")]:
        monkeypatch.delenv(name)
    papers = " ".join(f"--serial OT-{number}" for number in range(50))
    plainly(log, f"record referral-received {papers} --note '{'ål ' * 600}'")
    screen = Screen(log, "log", size=(10, 80))
    screen.until("remiss mottagen")
    screen.interrupts()
    screen.types("q")
    assert screen.ends_after_all() == 0
    assert "ål ål" in screen.shown
    plainly(log, "record outage-detected --incident new --scope all-users --system websesam --at -5h")
    screen = Screen(log, "review 2", size=(10, 80))
    screen.until("försenad")
    screen.types("q")
    assert screen.ends_after_all() == 6
