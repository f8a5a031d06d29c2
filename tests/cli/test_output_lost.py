"""Output that can't be written, and Ctrl-C: no traceback, and the exit code says what became of the fact.

The real program in a process of its own, under a shell that points its output where nothing can be written.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.terminal import Terminal

LOST = ["> /dev/full", ">&-", ">&- 2>&- <&-", "> /dev/full 2> /dev/full", ">&- 2> /dev/full"]
PROGRAM = f"{sys.executable} -m cli"
AS_ITS_ENTRY = "import sys; from cli.__main__ import main; print('.', file=sys.stderr, flush=True); main()"
"""The console script, and a sign when Python has started and found it: until then it is Python that is stopped."""


class Shell:
    """A shell with this log."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(log.parent),
            "RESERVRUTIN_DATABASE_URL": f"sqlite:///{log}",
        }

    def runs(self, line: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
        """`reservrutin LINE`, whose exit code is the program's and not that of the end of its pipe."""
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", f"{PROGRAM} {line}"],
            env=self.environment | environment,
            capture_output=True,
            check=False,
            timeout=60,
        )

    def facts(self) -> int:
        with closing(sqlite3.connect(self.log)) as log:
            count: int = log.execute("SELECT count(*) FROM facts").fetchone()[0]
        return count


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log in which an outage is open."""
    folder = tmp_path_factory.mktemp("log")
    with closing(Terminal(folder).on(datetime.now(UTC))) as terminal:
        terminal.records("outage-detected --scope all-users --system sesam-s2")
    return folder / "log.sqlite"


@pytest.fixture
def shell(opened: Path, tmp_path: Path) -> Shell:
    return Shell(Path(shutil.copy(opened, tmp_path)))


@pytest.mark.parametrize(("form", "lost"), [*(("", lost) for lost in LOST), (" --json", LOST[0]), (" --json", LOST[2])])
def test_a_fact_whose_answer_can_t_be_shown_is_written_and_ends_with_zero(shell: Shell, lost: str, form: str) -> None:
    told = shell.runs(f"record note-added --text hej{form} {lost}")
    assert (told.returncode, shell.facts()) == (0, 2)
    if "2>" not in lost:
        assert "Svaret gick inte att visa" in told.stderr.decode()
    refused = shell.runs(f"record note-added --text 811218-9876{form} {lost}")
    assert (refused.returncode, shell.facts()) == (7, 2)
    assert b"Traceback" not in told.stderr + refused.stderr
    if "&-" in lost:
        assert shell.runs("verify").returncode == 0, "nothing was printed into the log"


SHOWS = ("--help", "board", "show --json", "export 1 --format html -o -", "record note-added --text hej --dry-run")
"""One for each way in which anything is printed."""

SHOW_TOO = (
    *("--version", "record", "record note-added --help", "help record", "completion bash"),
    *("log 1", "verify", "settings"),
)


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        *((line, lost) for line in SHOWS for lost in LOST[:2]),
        *((line, LOST[0]) for line in SHOW_TOO),
        *(pytest.param(line, LOST[1], marks=pytest.mark.long) for line in SHOW_TOO),
    ],
)
def test_what_was_only_to_be_shown_and_can_t_be_ends_with_one(shell: Shell, line: str, lost: str) -> None:
    told = shell.runs(f"{line} {lost}")
    assert (told.returncode, len(told.stderr.decode().splitlines())) == (1, 1), told.stderr.decode()
    assert told.stderr.decode().startswith("Svaret gick inte att visa")


@pytest.mark.parametrize("line", ["export 1 --format html -o {folder}/rapport.html", "worker --once"])
def test_work_that_is_done_ends_with_zero_although_its_answer_is_lost(shell: Shell, line: str, tmp_path: Path) -> None:
    told = shell.runs(f"{line.format(folder=tmp_path)} > /dev/full")
    assert told.returncode == 0, told.stderr.decode()
    assert "Svaret gick inte att visa" in told.stderr.decode()
    assert "worker" in line or (tmp_path / "rapport.html").exists()


@pytest.mark.parametrize(
    "line", ["--help", "log 1 --json", "record note-added --text hej", "export 1 --format html -o -"]
)
def test_a_reader_who_has_had_enough_is_no_fault(shell: Shell, line: str) -> None:
    for reader in ("head -1", "true"):
        told = shell.runs(f"{line} | {reader}")
        assert told.returncode == 0, told.stderr.decode()
        assert b"Traceback" not in told.stderr
        assert b"Svaret gick inte" not in told.stderr


@pytest.mark.parametrize(
    "console", [{"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)
def test_json_is_utf_8_whatever_the_console_s_encoding(shell: Shell, console: dict[str, str]) -> None:
    told = shell.runs("record note-added --text 'Åse på Öland 🙂' --json", PYTHONUTF8="1")
    assert told.returncode == 0, told.stderr.decode()
    log = shell.runs("log 1 --json", **console)
    assert json.loads(log.stdout.decode("utf-8"))[1]["data"]["text"] == "Åse på Öland 🙂"
    error = shell.runs("record note-added --text 811218-9876 --json", **console)
    assert "nehålla ett personnummer" in json.loads(error.stdout.decode("utf-8"))["error"]["message"]
    assert shell.runs("log 1", **console).returncode == 0


def test_ctrl_c_at_any_moment_says_by_the_exit_code_whether_the_fact_is_written(shell: Shell) -> None:
    """Also while the program is being loaded, and between the fact and its answer."""
    line = [sys.executable, "-c", AS_ITS_ENTRY, "record", "note-added", "--text", "hej"]
    begun = time.monotonic()
    subprocess.run(line, env=shell.environment, capture_output=True, check=True)
    usual = time.monotonic() - begun
    for step in range(1, 17):
        before = shell.facts()
        with subprocess.Popen(
            line, env=shell.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            process.stderr.readline()
            time.sleep(usual * step / 16)
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=60)[1]
        assert "Traceback" not in err
        assert "KeyboardInterrupt" not in err
        assert (process.returncode, shell.facts() - before) in ((130, 0), (0, 1)), err
