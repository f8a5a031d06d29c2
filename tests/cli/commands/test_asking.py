"""What is asked at a real terminal before it is written; nobody who scripts is asked anything."""

import json
import os
import pty
import select
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


class Screen:
    """A real pseudo-terminal with the program in it."""

    def __init__(self, folder: Path, line: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("RESERVRUTIN_")}
        kept |= {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "NO_COLOR": "1"}
        mine, its = pty.openpty()
        program = [str(Path(sys.executable).with_name("reservrutin")), *shlex.split(line)]
        self._keys, self.shown = mine, ""
        self._process = subprocess.Popen(program, env=kept, stdin=its, stdout=its, stderr=its, close_fds=True)
        os.close(its)

    def until(self, text: str) -> None:
        while text not in self.shown:
            assert select.select([self._keys], [], [], 60)[0], self.shown
            self.shown += os.read(self._keys, 4096).decode()

    def types(self, keys: str) -> None:
        os.write(self._keys, keys.encode())

    def ends(self) -> int:
        code = self._process.wait(60)
        os.close(self._keys)
        return code


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def plainly(folder: Path, line: str) -> Any:
    screen_free = {k: v for k, v in os.environ.items() if not k.startswith("RESERVRUTIN_")}
    screen_free |= {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    program = [str(Path(sys.executable).with_name("reservrutin")), *shlex.split(line), "--json"]
    return json.loads(subprocess.run(program, env=screen_free, check=True, capture_output=True, text=True).stdout)


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
    assert screen.ends() == 130
    assert len(plainly(program, "log 1")) == 1
    again = Screen(program, "record supplier-contacted --outcome reached")
    again.until("Skriva det ändå?")
    again.types("\n")
    again.until("Skrivet")
    assert again.ends() == 0
