"""What is wider or longer than the terminal is wrapped between words and leafed through; a record never is."""

from pathlib import Path

import pytest

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
