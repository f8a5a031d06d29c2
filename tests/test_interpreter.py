"""`make … PYTHON=python3.13` runs that interpreter: an environment of another's is made anew, an old one is refused."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
THIS = ".".join(map(str, sys.version_info[:2]))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What make needs to begin with, and the environment of an interpreter like this one."""
    for name in ("Makefile", "pyproject.toml", "requirements-dev.lock", "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    interpreter(tmp_path / ".venv" / "bin" / "python", THIS)
    (tmp_path / ".venv" / ".ready").touch()
    return tmp_path


def interpreter(path: Path, version: str) -> Path:
    """One that says it is of this version."""
    number = tuple(map(int, version.split(".")))
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = {number}; $2"\n')
    path.chmod(0o755)
    return path


def made(checkout: Path, python: Path, *how: str) -> subprocess.CompletedProcess[str]:
    command = ["make", *how, "setup", f"PYTHON={python}"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def test_an_environment_is_made_anew_for_another_interpreter_and_kept_for_the_same(checkout: Path) -> None:
    assert "venv" not in made(checkout, interpreter(checkout / "same", THIS), "-n").stdout
    lines = made(checkout, interpreter(checkout / "newer", "3.99"), "-n").stdout
    assert 0 < lines.index("rm -rf .venv") < lines.index(f"{checkout / 'newer'} -m venv .venv")
    (checkout / ".venv" / "bin" / "python").unlink()
    assert "rm -rf .venv" in made(checkout, checkout / "same", "-n").stdout, "its interpreter has been removed"


@pytest.mark.parametrize("version", ["3.10", "2.7", ""])
def test_too_old_an_interpreter_and_none_are_refused_in_one_sentence_and_leave_all_as_it_was(
    checkout: Path, version: str
) -> None:
    named = interpreter(checkout / "python", version) if version else checkout / "python"
    refused = made(checkout, named)
    said = f"reservrutin needs Python 3.11 or newer, and {named} is none: name another, as in PYTHON=python3.11.\n"
    assert (refused.returncode, re.split(r"^make(?:\[\d+\])?: ", refused.stderr, flags=re.MULTILINE)[0]) == (2, said)
    assert (checkout / ".venv" / ".ready").exists()


def test_what_make_was_told_is_not_told_to_a_make_that_the_tests_start(checkout: Path) -> None:
    told = subprocess.run(
        ["make", "--eval", "asked: ; @env", "asked", "VENV=.venv-newest"],
        cwd=checkout, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "PATH=" in told.stdout
    assert "MAKEFLAGS" not in told.stdout
