"""Where there is no browser: the pages that nobody looked at are named, and in CI that is a failure."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOOKS = "tests/application/exports/test_diary.py::test_on_paper_nothing_covers_anything_with_a_hundred_entries"


@pytest.fixture
def without(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with hardly a program on it."""
    for program in ("bash", "dirname", "id", "env"):
        (tmp_path / program).symlink_to(shutil.which(program) or program)
    return {name: value for name, value in os.environ.items() if name != "CI"} | {"PATH": str(tmp_path)}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.long
def test_a_run_without_a_browser_ends_with_what_it_did_not_look_at_and_fails_in_ci(without: dict[str, str]) -> None:
    pytest_ = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", "-k", "sqlite", LOOKS)
    here = run(*pytest_, **without)
    assert here.returncode == 0
    told = here.stdout.partition("NOT RUN: 1 tests, for there is no Chromium on this machine")[2]
    assert LOOKS in told
    assert "apt-get install chromium" in told
    ci = run(*pytest_, **without, CI="true")
    assert ci.returncode == 1
    assert "no Chromium on this machine" in ci.stdout


def test_ci_fails_in_one_sentence_where_there_is_no_browser_and_none_can_be_had(without: dict[str, str]) -> None:
    ci = run("bash", ".ci/run", **without)
    assert (ci.returncode, ci.stdout) == (1, "")
    assert ci.stderr == "The tests look at every page in a browser: install Debian's package chromium.\n"


def test_ci_has_a_browser_installed_where_it_may(without: dict[str, str], tmp_path: Path) -> None:
    became = shutil.which("true")
    for name, does in {
        "sudo": 'shift; exec "$@"',
        "apt-get": f'[[ "$*" != *"install "*chromium ]] || PATH=/usr/bin:/bin ln -s {became} {tmp_path}/chromium',
        "make": 'echo "$1, CI=$CI"',
    }.items():
        (tmp_path / name).write_text(f"#!{shutil.which('bash')}\n{does}\n")
        (tmp_path / name).chmod(0o755)
    ci = run("bash", ".ci/run", **without)
    assert (ci.returncode, ci.stdout, ci.stderr) == (0, "test, CI=true\n", "")
