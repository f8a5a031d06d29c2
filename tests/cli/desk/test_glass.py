"""The desk as a real process at a real pseudo-terminal."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.desk import COMMONEST, TAKEN_BACK, Played, heap, most_keys, play
from bench.glass import Keyboard
from bench.ground import PROGRAM
from infrastructure.database.backend import SQLITE
from tests.empty_log import empty_log
from tests.postgres import own_server

ANYTHING = "? hjälp"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    own = {
        "RESERVRUTIN_DATABASE_URL": f"{SQLITE}{tmp_path / 'log.sqlite'}",
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    return {**os.environ, **own}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """An empty log."""
    path = tmp_path / "empty.sqlite"
    empty_log(path)
    return path


@pytest.mark.parametrize("played", [*COMMONEST, TAKEN_BACK, heap()], ids=lambda played: played.name)
def test_each_of_the_commonest_acts_takes_few_keys(played: Played, log: Path, tmp_path: Path) -> None:
    assert play(played, log, tmp_path).keys <= most_keys(played)


@pytest.fixture
def keyboard(environment: dict[str, str]) -> Iterator[Keyboard]:
    """The program alone, without a word after it."""
    opened = Keyboard([str(PROGRAM)], environment)
    opened.wait(ANYTHING)
    yield opened
    opened.end()


def test_the_program_alone_on_a_terminal_is_the_desk(keyboard: Keyboard) -> None:
    assert "Ingen händelse är öppen" in keyboard.glass.text


def test_in_a_pipe_the_program_alone_is_its_help(environment: dict[str, str]) -> None:
    done = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert "reservrutin record outage-detected" in done.stdout
    refused = subprocess.run([PROGRAM, "desk"], env=environment, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("desk ritar i en terminal")


def test_a_terminal_that_goes_away_takes_nothing_of_what_was_typed(environment: dict[str, str]) -> None:
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    keyboard.wait(ANYTHING)
    keyboard.press("s", "Enhet *")
    keyboard.press("Ortopeden", "Enhet * Ortopeden")
    assert os.WTERMSIG(keyboard.hang_up()) == signal.SIGHUP
    again = Keyboard([str(PROGRAM), "desk"], environment)
    again.wait("Enhet * Ortopeden")
    again.press("\r", "Skrivet: post 1")
    again.end()
    third = Keyboard([str(PROGRAM), "desk"], environment)
    third.wait("MISSTÄNKT")
    assert "Enhet *" not in third.glass.text, "what is written is no draft any more"
    third.end()


def test_a_desk_that_is_killed_takes_nothing_of_what_was_typed(environment: dict[str, str]) -> None:
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    keyboard.wait(ANYTHING)
    keyboard.press("s", "Enhet *")
    keyboard.press("Lund", "Enter skriver: störning anmäld")
    keyboard.end(signal.SIGKILL)
    again = Keyboard([str(PROGRAM), "desk"], environment)
    again.wait("Enhet * Lund")
    again.press("\r", "Skrivet: post 1")
    again.press("r", "post 1,")
    again.press("r", "Post rättad: post 1")
    again.press("\x1b[B", "Enheten")
    again.press("\x15Malmö", "Enhet Malmö")
    again.press("\x1b[B", "Systemet")
    again.end(signal.SIGKILL)
    third = Keyboard([str(PROGRAM), "desk"], environment)
    third.wait("Post rättad: post 1")
    third.wait("Enhet Malmö")
    third.end()


def test_a_log_that_is_moved_away_is_no_quiet_log_and_takes_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    log, away = tmp_path / "log.sqlite", tmp_path / "away.sqlite"
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    keyboard.wait(ANYTHING)
    keyboard.press("220\r", "Skrivet: post 1")
    keyboard.press("n", "Vad har hänt?")
    keyboard.press("anteckning\r", "Text *")
    log.rename(away)
    keyboard.press("Fyra har ringt", "! LOGGEN SVARAR INTE")
    assert "2026-0001 PÅGÅR" in keyboard.glass.text, "what was seen last stays in sight"
    keyboard.press("\r", "Enter försöker igen.")
    assert not log.exists(), "and no empty log takes its place"
    away.rename(log)
    keyboard.press("\r", "Skrivet: post 2")
    keyboard.end()


def test_a_server_that_stops_and_starts_takes_nothing(environment: dict[str, str]) -> None:
    with own_server() as server:
        keyboard = Keyboard([str(PROGRAM), "desk"], {**environment, "RESERVRUTIN_DATABASE_URL": server.url})
        keyboard.wait(ANYTHING)
        keyboard.press("220\r", "Skrivet: post 1")
        keyboard.press("f", "Löpnummer *")
        keyboard.press("OT-1\r", "1 skrivna")
        server.stop()
        keyboard.press("OT-2\rOT-3\r", "2 väntar på loggen")
        keyboard.wait("! LOGGEN SVARAR INTE")
        keyboard.end(signal.SIGKILL)
        server.start()
        again = Keyboard([str(PROGRAM), "desk"], {**environment, "RESERVRUTIN_DATABASE_URL": server.url})
        again.wait("3 papper kvar")
        again.end()


def test_two_desks_at_once_on_one_log_see_what_the_other_writes(environment: dict[str, str]) -> None:
    one, other = (Keyboard([str(PROGRAM), "desk"], environment) for _desk in range(2))
    one.wait(ANYTHING)
    other.wait(ANYTHING)
    one.press("220\r", "Skrivet: post 1")
    other.wait("2026-0001 PÅGÅR")
    other.press("s", "Antal inringande")
    one.press("n", "Vad har hänt?")
    one.press("notering\r", "Anteckning tillagd")
    one.press("Lugnt", "Text * Lugnt")
    other.press("\r", "Skrivet: post 2")
    other.end(signal.SIGKILL)
    one.press("\r", "Skrivet: post 3")
    one.end()


def test_without_colour_there_are_only_greys(environment: dict[str, str]) -> None:
    keyboard = Keyboard([str(PROGRAM), "desk"], {**environment, "NO_COLOR": "1"})
    keyboard.wait(ANYTHING)
    keyboard.press("2", "Omfattning *")
    keyboard.end()
    colours = re.findall(r"[34]8;2;(\d+);(\d+);(\d+)", keyboard.written)
    assert all(red == green == blue for red, green, blue in colours)
    assert not re.search(r"\x1b\[(?:\d+;)*(?:3[1-6]|9[1-6])m", keyboard.written)


def test_keys_that_are_typed_ahead_of_the_screen_find_their_place(environment: dict[str, str]) -> None:
    """All at once, as over a slow line: each key is for the place that the one before it leads to."""
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    keyboard.wait(ANYTHING)
    note = "nanteckning\rLugnt\x1b[B-5\x1b[Bmest\x1b[A\x1b[A\x1b[F igen\r"
    keyboard.press(f"220\r12\r{note}fOT-1\rOT-8\x7f2\rfel\x15OT-3\r", "3 skrivna")
    assert [number in keyboard.glass.text for number in ("OT-1 ", "OT-2 ", "OT-3 ")] == [True] * 3
    keyboard.press("\x1b", "ATT GÖRA")
    keyboard.press("l", "anteckning tillagd: Lugnt igen")
    assert "systemansvarig kontaktad" in keyboard.glass.text
    assert "avbrott upptäckt: alla användare; Sesam S2" in keyboard.glass.text
    keyboard.end()


def test_keys_wait_for_what_is_being_written_and_esc_for_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    keyboard.wait(ANYTHING)
    keyboard.press("220\r", "Skrivet: post 1")
    with closing(sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        keyboard.press("nanteckning\rett\rnanteckning\rtvå\rn", "Skriver …")
        keyboard.rest(3)
        another.execute("ROLLBACK")
        keyboard.wait("Vad har hänt?")
        keyboard.press("\x1b", "SENAST")
        another.execute("BEGIN IMMEDIATE")
        keyboard.press("nanteckning\rtre\r", "Skriver …")
        keyboard.rest(2.5)
        keyboard.press("\x1b", "Det skrivs fortfarande")
        keyboard.press("n", "Vad har hänt?")
        another.execute("ROLLBACK")
        keyboard.wait("Skrivet: post 4")
    keyboard.press("\x1b", "SENAST")
    keyboard.press("l", "anteckning tillagd: tre")
    assert [f"anteckning tillagd: {text}" in keyboard.glass.text for text in ("ett", "två")] == [True, True]
    keyboard.end()


@pytest.mark.parametrize("keys", ["220\r\x1b[O", "\x1b[O220\r", "220\r\x1b[O\x1b[I"], ids=ascii)
def test_a_window_that_is_left_loses_no_key(environment: dict[str, str], keys: str) -> None:
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    keyboard.wait(ANYTHING)
    keyboard.press(keys, "Skrivet: post 1, avbrott upptäckt")
    keyboard.end()


def test_what_was_typed_when_the_desk_is_ended_is_kept(environment: dict[str, str]) -> None:
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    keyboard.wait(ANYTHING)
    keyboard.press("220\r", "Skrivet: post 1")
    keyboard.press("nanteckning\r", "Text *")
    keyboard.press("a" * 150 + "slut", "Text * a")
    keyboard.end()
    again = Keyboard([str(PROGRAM), "desk"], environment)
    again.wait("aslut")
    again.press("\r", "Skrivet: post 2")
    again.press("l", "aslut")
    again.end()


@pytest.mark.parametrize("stands_still", [False, True])
def test_a_desk_whose_terminal_is_gone_ends(environment: dict[str, str], stands_still: bool) -> None:
    """Also one that waits for the terminal itself: it stayed for ever, and took a whole processor."""
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    keyboard.wait(ANYTHING)
    keyboard.press("220\r", "Skrivet: post 1")
    keyboard.press("nanteckning\r", "Text *")
    if stands_still:
        keyboard.type_unseen("a" * 6000)  # more than is drawn before the terminal's own room is full
        time.sleep(3)
    keyboard.let_go()
    ended = time.monotonic() + 10
    while os.waitpid(keyboard.pid, os.WNOHANG) == (0, 0):
        assert time.monotonic() < ended, "it is still there"
        time.sleep(0.05)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=ascii)
def test_of_a_paste_of_several_lines_no_line_is_dropped(environment: dict[str, str], end: str) -> None:
    """Most terminals paste a return where a line ends."""
    keyboard = Keyboard([str(PROGRAM), "desk"], environment)
    keyboard.wait(ANYTHING)
    keyboard.press("220\r", "Skrivet: post 1")
    keyboard.press("nanteckning\r", "Text *")
    keyboard.press(f"\x1b[200~Lugnt i Lund{end}Kö i Malmö\x1b[201~\r", "Skrivet: post 2")
    keyboard.press("l", "Lugnt i Lund Kö i Malmö")
    keyboard.end()
