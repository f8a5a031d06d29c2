"""A test run that is ended from outside leaves no process behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests import postgres
from tests.cli.commands.test_worker import wait_for
from tests.warden import left_over

ROOT = Path(__file__).parents[1]
HANGS = """
import os, subprocess, sys
from pathlib import Path

def test_something_that_starts_what_does_not_end_by_itself():
    stubborn = "import signal, time; signal.signal(signal.SIGHUP, signal.SIG_IGN); time.sleep(600)"
    started = subprocess.Popen([sys.executable, "-c", stubborn], start_new_session=True)
    Path(__file__).with_name("started").write_text(f"{os.environ['POSTGRESQL_OF_THESE_TESTS']}")
    started.wait()
"""


def test_a_run_that_is_killed_leaves_neither_a_process_nor_its_folder(tmp_path: Path) -> None:
    (tmp_path / "test_hangs.py").write_text(HANGS)
    around = {name: value for name, value in os.environ.items() if name not in (postgres.HOME, "PYTEST_XDIST_WORKER")}
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-n", "1", tmp_path],
        cwd=ROOT, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for((tmp_path / "started").exists, 60)
    home = (tmp_path / "started").read_text()
    told = f"={home}\0".encode()
    assert len(left_over(told)) >= 2, "one that runs tests, and what its test has started"
    run.send_signal(signal.SIGKILL)
    run.wait()
    wait_for(lambda: not left_over(told) and not Path(home).exists(), 60)
