"""The programs that tests look for: what is not here is said, with Debian's package that has it. In CI a test is passed
over for nothing else, and for that only where `.ci/run` could not have it installed.

`programs.txt` names the packages, each with the names that its program may have.
"""

import os
import shutil
from pathlib import Path

import pytest

PACKAGES = {
    program: package
    for package, *names in map(str.split, Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines())
    for program in names
}
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"
NOT_TO_BE_HAD = "NOT_TO_BE_HAD"
"""Set by `.ci/run`: the packages that it could not install."""


def found(*names: str) -> str | None:
    """Where the program is, by the first of its names that is here."""
    return next((path for name in names if (path := shutil.which(name, path=PLACES))), None)


def absent(program: str) -> str:
    return f"{program} is not here: apt-get install {PACKAGES[program]}"


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(found(program) is None, reason=absent(program))


def is_excused(reason: str) -> bool:
    """Whether a run may pass a test over for this: anybody's may, and CI's for what could not be had there."""
    if not os.environ.get("CI"):
        return True
    return any(reason.endswith(f"apt-get install {gone}") for gone in os.environ.get(NOT_TO_BE_HAD, "").split())
