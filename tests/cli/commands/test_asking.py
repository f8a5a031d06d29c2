"""What is asked at a real terminal before it is written; nobody who scripts is asked anything."""

from pathlib import Path

import pytest

from tests.pseudo_terminal import Screen, plainly


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def test_at_a_terminal_it_is_asked_whether_the_outage_is_the_suspected_one(program: Path) -> None:
    plainly(program, "record disturbance-reported --unit Lund --system websesam")
    screen = Screen(program, "record outage-detected --scope all-users --system websesam")
    screen.until("Är det den misstänkta")
    screen.types("j\n")
    screen.until("Skrivet")
    assert screen.ends() == 0
    assert len(plainly(program, "board")) == 1


def test_at_a_terminal_what_would_be_flagged_is_asked_before_it_is_written(program: Path) -> None:
    plainly(program, "record outage-detected --scope region-wide")
    screen = Screen(program, "record supplier-contacted --outcome reached")
    screen.until("Skriva det ändå?")
    assert "obs: " in screen.shown
    screen.types("n\n")
    screen.until("Inget skrevs.")
    assert screen.ends() == 130
    assert len(plainly(program, "log 1")) == 1
    again = Screen(program, "record supplier-contacted --outcome reached")
    again.until("Skriva det ändå?")
    again.types("\n")
    again.until("Skrivet")
    assert again.ends() == 0
