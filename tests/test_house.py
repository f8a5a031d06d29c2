"""The house stands: import directions, one name among packages, a lock that names no address."""

import ast
import re
import tomllib
from collections import defaultdict
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
ROOMS = {"domain", "wording", "infrastructure", "notifiers", "application", "cli", "web"}
CARD = {"eventsourcing", "sqlalchemy", "aiosmtplib", "pydantic"}


def test_imports_only_ever_point_along_the_arrows() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_each_room_is_shipped_inside_the_programs_one_name_and_the_tests_are_not() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert set(wheel["wheel"]["packages"]) == ROOMS | {"reservrutin"}
    assert wheel["wheel"]["sources"] == {room: f"reservrutin/rooms/{room}" for room in ROOMS}


def test_the_packages_of_the_card_are_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = {re.split(r"[<>=\[]", dependency)[0] for dependency in project["project"]["dependencies"]}
    assert named >= CARD
    source = "\n".join(path.read_text(encoding="utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    for package in CARD:
        assert re.search(rf"^\s*(from|import) {package}", source, re.MULTILINE), package


def test_the_lock_pins_with_hashes_and_names_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-release.lock"):
        lock = (ROOT / name).read_text(encoding="utf-8")
        assert "http" not in lock
        pinned = re.findall(r"^[a-z0-9][^\s;=]*==\S+.*\\$", lock, re.MULTILINE)
        assert len(pinned) > 10
        assert lock.count("--hash=sha256:") >= len(pinned)


def test_no_file_is_called_something_that_says_nothing() -> None:
    names = {path.stem for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert not names & {"utils", "util", "helpers", "helper", "misc", "common", "manager"}


def test_no_two_classes_have_one_name() -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    where[node.name].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


def test_the_makefile_says_at_its_head_what_each_of_its_targets_is_for() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    head, _rest = text.split("PYTHON ?=")
    [targets] = re.findall(r"^\.PHONY: (setup .*)$", text, re.MULTILINE)
    assert sorted(re.findall(r"^# make ([\w-]+) +\w", head, re.MULTILINE)) == sorted(targets.split())


def test_ci_runs_what_the_readme_says() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
