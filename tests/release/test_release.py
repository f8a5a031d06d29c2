"""What a version is installed from: it is whole, says truly what it is, and works where nobody knows the source."""

import json
import re
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import pytest

from release import building
from release.audit import NOT_ASKED, VULNERABLE, judged
from release.floors import TOUCHED_BY, floors

ROOT = Path(__file__).parents[2]
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_program_its_metadata_and_the_changes_say_one_version() -> None:
    assert installed("reservrutin") == building.version(), "run make setup"
    assert building.released().isoformat() in CHANGES
    versions = [heading["version"] for heading in building.HEADING.finditer(CHANGES)]
    assert versions[0] == building.version()
    assert versions == sorted(versions, key=lambda each: [int(part) for part in each.split(".")], reverse=True)


def test_every_change_stands_in_a_version_as_added_changed_or_fixed() -> None:
    _before, *sections = re.split(r"^(## .*|### .*)$", CHANGES, flags=re.MULTILINE)
    versions = {"Unreleased", *(f"{found['version']} – {found['day']}" for found in building.HEADING.finditer(CHANGES))}
    kinds = ("Added", "Changed", "Fixed")
    for heading, text in zip(sections[::2], sections[1::2], strict=True):
        name = heading.lstrip("# ")
        assert name in versions if heading.startswith("## ") else name in kinds or name.startswith("Upgrading from ")
        assert name in kinds or not re.search("^- ", text, re.MULTILINE), f"a line without a kind below {name}"


def test_the_documents_install_nothing_that_the_release_does_not_have() -> None:
    has = {f"reservrutin-{building.version()}-py3-none-any.whl", "requirements.lock"}
    has |= {name for name in building.tracked() if name.startswith("deploy/")}
    named: set[str] = set()
    for page in ("operations.md", "install.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        named |= set(re.findall(r"\bdeploy/[\w.-]*\w|\breservrutin-[\d.]+-py3-none-any\.whl|\b[\w-]+\.lock\b", text))
    assert {"deploy/reservrutin-worker.service", "deploy/alerts.yml", "requirements.lock"} <= named
    assert named <= has


def library(name: str, *flaws: str) -> dict[str, Any]:
    vulns = [{"id": flaw, "aliases": ["CVE-1"], "fix_versions": ["2"]} for flaw in flaws]
    return {"name": name, "version": "1", "vulns": vulns}


def test_an_index_that_says_nothing_is_not_taken_for_no_vulnerability() -> None:
    assert judged([library("click"), library("rich")])[0] == 0
    assert judged([]) == (NOT_ASKED, ["The index said nothing of any library: nothing is known."])
    code, said = judged([library("click"), {"name": "rich", "skip_reason": "not found"}])
    assert (code, said) == (NOT_ASKED, ["The index said nothing of 1 of 2 libraries: nothing is known of these."])
    code, said = judged([{"name": "rich", "skip_reason": "not found"}, library("click", "PYSEC-1")])
    assert (code, said) == (VULNERABLE, ["click 1: PYSEC-1, CVE-1, mended in 2"])


@pytest.mark.long
def test_a_version_is_built_alike_twice_and_installed_and_played_where_nobody_knows_the_source(tmp_path: Path) -> None:
    """The libraries come from the package index."""
    into = tmp_path / "dist"
    here = f"VENV={sys.prefix}", f"PYTHON={sys.executable}"  # or it would make our own environment anew meanwhile
    made = subprocess.run(
        ["make", "release", *here, f"INTO={into}"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    for seen in ("the demo's day", "a worker that mails what is recorded", "a report, an evidence bundle and verify"):
        assert f"Played there: {seen}." in made.stdout
    sums = dict(line.split("  ")[::-1] for line in (into / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    there = {path.relative_to(into).as_posix(): path for path in into.rglob("*") if path.is_file()}
    assert {name: sha256(path.read_bytes()).hexdigest() for name, path in there.items() if name in sums} == sums
    number = building.version()
    assert set(there) - {name for name in there if name.startswith("deploy/")} == {
        f"reservrutin-{number}.tar.gz",
        f"reservrutin-{number}-py3-none-any.whl",
        f"reservrutin-{number}.cdx.json",
        "requirements.lock",
        "SHA256SUMS",
    }
    inside = json.loads(there[f"reservrutin-{number}.cdx.json"].read_text(encoding="utf-8"))
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w.-]+)(?:\[\w+\])?==([\w.]+)", lock, re.MULTILINE))
    on_every_system = set(re.findall(r"^([\w.-]+)(?:\[\w+\])?==([\w.]+) \\$", lock, re.MULTILINE))
    listed = {(re.sub(r"[._-]+", "-", each["name"]).lower(), each["version"]) for each in inside["components"]}
    assert on_every_system <= listed <= locked
    assert all(each["licenses"] for each in inside["components"])
    asked = {each["ref"]: each.get("dependsOn", ()) for each in inside["dependencies"]}
    assert any(ref.lower().startswith("sqlalchemy==") for ref in asked["root-component"])
    assert (inside["metadata"]["component"]["name"], inside["metadata"]["component"]["version"]) == (
        "reservrutin",
        number,
    )


def test_every_library_that_is_promised_has_tests_that_stand_on_its_floor() -> None:
    assert set(TOUCHED_BY) == set(floors())
    assert all((ROOT / test).is_file() for tests in TOUCHED_BY.values() for test in tests)
