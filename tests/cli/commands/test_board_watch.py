"""The board on a wall, and every paper that is left."""

import os
from datetime import UTC, datetime
from pathlib import Path

from bench.glass import Keyboard
from bench.ground import PROGRAM
from infrastructure.database.backend import SQLITE
from tests.conftest import on_sqlite
from tests.terminal import Terminal


@on_sqlite
def test_an_empty_board_says_what_to_type_when_the_telephone_rings(terminal: Terminal) -> None:
    lines = terminal.types("board").out.splitlines()
    assert lines[1:] == [
        "Ringer telefonen? Skriv reservrutin desk, eller:",
        '  reservrutin record disturbance-reported --unit "Ortopeden Lund"',
    ]
    assert terminal.types(lines[2].strip().removeprefix("reservrutin ")).code == 0


@on_sqlite
def test_show_lists_every_paper_that_is_left(terminal: Terminal) -> None:
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    terminal.at("12:10").records("reserve-routine-activated")
    for number in range(1, 31):
        terminal.at("12:20").records(f"referral-received --serial OT-{number:02} --via post --unit Lund")
    shown = terminal.types("show --papers").out
    assert "30 papper är kvar att mata in." in shown
    assert [line.split()[0] for line in shown.splitlines()[3:]] == [f"OT-{number:02}" for number in range(1, 31)]
    assert "OT-07" in shown
    assert "12:20 CET" in shown
    assert terminal.types("show --papers --json").json == terminal.types("show --json").json


@on_sqlite
def test_a_board_is_not_watched_in_a_pipe(terminal: Terminal) -> None:
    reply = terminal.types("board --watch")
    assert (reply.code, reply.out) == (2, "")
    assert reply.err.startswith("--watch ritar i en terminal")


def test_a_watched_board_follows_the_log(tmp_path: Path) -> None:
    own = Terminal(tmp_path).on(datetime.now(UTC))
    own.records("disturbance-reported --unit Lund")
    environment = {**os.environ, "RESERVRUTIN_DATABASE_URL": f"{SQLITE}{tmp_path / 'log.sqlite'}"}
    keyboard = Keyboard([str(PROGRAM), "board", "--watch"], environment)
    keyboard.wait("MISSTÄNKT")
    own.records("outage-detected --incident 1 --scope all-users --system sesam-s2")
    keyboard.wait("PÅGÅR")
    assert "MISSTÄNKT" not in keyboard.glass.text, "what no longer holds is gone"
    keyboard.press("\x03", "")
    assert keyboard.ended() == 0
    own.close()
