"""Where a program is missing: what was not tried for want of it is named, and in CI that is a failure, unless it could
not be had there."""

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
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PYENV_ROOT")}
    return kept | {"PATH": str(tmp_path), "HOME": str(tmp_path)}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.long
def test_a_run_without_a_browser_ends_with_what_it_did_not_look_at_and_fails_in_ci(without: dict[str, str]) -> None:
    pytest_ = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", "-k", "sqlite", LOOKS)
    here = run(*pytest_, **without)
    assert here.returncode == 0
    told = here.stdout.partition("NOT RUN: 1 tests, chromium is not here: apt-get install chromium")[2]
    assert LOOKS in told
    ci = run(*pytest_, **without, CI="true")
    assert ci.returncode == 1
    assert "passed over in CI: chromium is not here" in ci.stdout


PASSED_OVER = """
import pytest
from tests.programs import absent

def test_that_needs_what_could_not_be_had():
    pytest.skip(absent("fish"))

def test_that_is_passed_over_for_a_reason_of_its_own():
    pytest.skip("not today")

@pytest.mark.xfail(strict=True)
def test_that_is_known_to_fail():
    raise AssertionError
"""


def test_in_ci_nothing_is_passed_over_but_for_what_could_not_be_had(tmp_path: Path) -> None:
    (tmp_path / "test_passed_over.py").write_text(PASSED_OVER)
    pytest_ = (sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-n0", str(tmp_path))
    around = {**os.environ, "CI": "true", "NOT_TO_BE_HAD": "zsh fish"}
    ci = run(*pytest_, **around)
    assert "1 failed, 1 skipped, 1 xfailed" in ci.stdout
    assert "passed over in CI: not today" in ci.stdout
    assert "NOT RUN: 1 tests, fish is not here: apt-get install fish" in ci.stdout
    around.pop("CI")
    assert run(*pytest_, **around).returncode == 0


def test_ci_fails_in_one_sentence_where_there_is_no_browser_and_none_can_be_had(without: dict[str, str]) -> None:
    ci = run("bash", ".ci/run", **without)
    assert (ci.returncode, ci.stdout) == (1, "")
    assert ci.stderr == "The tests look at every page in a browser: install Debian's package chromium.\n"


def test_ci_has_a_browser_installed_where_it_may(without: dict[str, str], tmp_path: Path) -> None:
    became = shutil.which("true")
    for name, does in {
        "sudo": 'shift; exec "$@"',
        "apt-get": f'[[ "$*" != *"install "*chromium* ]] || PATH=/usr/bin:/bin ln -s {became} {tmp_path}/chromium',
        "make": 'echo "$1, CI=$CI"',
    }.items():
        (tmp_path / name).write_text(f"#!{shutil.which('bash')}\n{does}\n")
        (tmp_path / name).chmod(0o755)
    ci = run("bash", ".ci/run", **without)
    assert (ci.returncode, ci.stdout) == (0, "test, CI=true\n-j2, CI=true\ntest-system, CI=true\n"), ci.stderr
    assert "Not to be had here, so what needs it is not run: fish groff less " in ci.stderr
    assert "There is no newer Python here than python3, so no other was tried." in ci.stderr
