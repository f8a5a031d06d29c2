"""`verify --bundle` and `review --bundle`: somebody else's bundle, checked and judged by the installed program."""

import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from infrastructure.integrity import keys
from tests.terminal import Terminal

NAME = "logg.example.se/sesam"
HOLDS, BROKEN, NOT_ALL = 0, 6, 1


@pytest.fixture
def bundle(terminal: Terminal, tmp_path: Path) -> Path:
    """A signed bundle of a whole incident, in which the system owner was called too late, unpacked."""
    key = tmp_path / "signing.key"
    terminal.desk.settings = replace(terminal.settings, signing_key_file=key, log_origin=NAME)
    assert terminal.types("keys create").code == 0
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    terminal.at("09:40").records("system-owner-contacted --outcome reached")
    terminal.at("10:00").records("service-restored --system sesam-s2")
    made = terminal.types(f"export 1 --format bundle -o {tmp_path / 'bevis.zip'}")
    assert made.code == 0, made.err
    folder = tmp_path / "bevis"
    with zipfile.ZipFile(tmp_path / "bevis.zip") as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def reviewer(tmp_path: Path) -> Terminal:
    """Somebody with the program, without the log."""
    (tmp_path / "reviewer").mkdir()
    somebody = Terminal(tmp_path / "reviewer").at("12:00")
    somebody.desk.settings = replace(somebody.settings, database_url=f"sqlite:///{tmp_path}/nowhere/log.sqlite")
    return somebody


def key_of(folder: Path) -> str:
    return (folder.parent / "signing.key.pub").read_text().strip()


def signed_anew(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Whoever has the key has changed a file, and signs for the bundle as it is now."""
    content = change((folder / name).read_bytes())
    (folder / name).write_bytes(content)
    lines = (folder / "manifest.txt").read_text().partition("\n\n")[0].splitlines()
    lines = [f"{sha256(content).hexdigest()}  {name}" if line.endswith(f"  {name}") else line for line in lines]
    text = "".join(f"{line}\n" for line in lines)
    (folder / "manifest.txt").write_text(keys.read(folder.parent / "signing.key").note(text))


def test_the_installed_program_checks_a_bundle_without_a_log(bundle: Path, reviewer: Terminal) -> None:
    key = key_of(bundle)
    for place in (bundle, bundle.parent / "bevis.zip"):
        found = reviewer.types(f"verify --bundle {place} --key {key}")
        assert (found.code, found.err) == (HOLDS, "")
        assert "Händelsen är hel: det signerade manifestet räknar 3 poster" in " ".join(found.out.split())
        assert "Allt i bevispaketet stämmer." in found.out
        assert all(len(line) <= 80 for line in found.out.splitlines())
    (bundle / "verify.py").write_text("print('All holds.')")
    broken = reviewer.types(f"verify --bundle {bundle} --key {key} --json")
    assert (broken.code, broken.json["verdict"]) == (BROKEN, "broken")
    assert [problem["reason"] for problem in broken.json["problems"]] == ["other-file"]
    assert not (bundle.parent / "nowhere").exists(), "no log is made for it"


def test_holding_broken_and_not_checked_are_told_apart(bundle: Path, reviewer: Terminal) -> None:
    unknown = reviewer.types(f"verify --bundle {bundle}")
    assert (unknown.code, "Nyckeln är paketets egen" in unknown.out) == (NOT_ALL, True)
    no_zip = f"verify --bundle {bundle / 'facts.jsonl'} --key {key_of(bundle)} --json"
    assert reviewer.types(no_zip).json["verdict"] == "unchecked"
    assert reviewer.types(f"verify --bundle {bundle} --key nonsense").code == 2


def test_whoever_exports_without_the_key_is_told_what_is_missing(bundle: Path, terminal: Terminal) -> None:
    terminal.desk.settings = replace(terminal.desk.settings, signing_key_file=None)
    made = terminal.types(f"export 1 --format bundle -o {bundle.parent / 'osignerat.zip'}")
    assert made.code == 0
    assert "manifest är inte signerat" in made.err
    key = key_of(bundle)
    found = terminal.types(f"verify --bundle {bundle.parent / 'osignerat.zip'} --key {key} --json")
    assert (found.code, {one["reason"] for one in found.json["unchecked"]}) == (NOT_ALL, {"unsigned", "not-counted"})


def test_a_mail_is_held_against_a_bundle(bundle: Path, reviewer: Terminal) -> None:
    note = json.loads((bundle / "checkpoints.jsonl").read_text().splitlines()[-1])["note"]
    kept = bundle.parent / "quoted.txt"
    kept.write_text("\n".join(f"> {line}" for line in note.splitlines()), encoding="utf-16")
    found = reviewer.types(f"verify --bundle {bundle} --key {key_of(bundle)} --against {kept}")
    assert found.code == HOLDS
    assert "quoted.txt: det som det såg, till position 3, finns här som det var." in " ".join(found.out.split())
    root = note.split("\n")[2]
    another = ("B" if root[0] == "A" else "A") + root[1:]
    other = keys.read(bundle.parent / "signing.key").note(f"{NAME}\n3\n{another}\n")
    kept.write_text(other, encoding="utf-8")
    assert reviewer.types(f"verify --bundle {bundle} --key {key_of(bundle)} --against {kept}").code == BROKEN


def test_the_review_is_done_again_and_held_against_the_bundles_own(bundle: Path, reviewer: Terminal) -> None:
    key = key_of(bundle)
    found = reviewer.types(f"review --bundle {bundle} --key {key} --json")
    assert found.json["bundle"]["verdict"] == "holds"
    stated = json.loads((bundle / "verdicts.json").read_text())
    assert found.json["verdicts"] == stated["verdicts"]
    late = {line["verdict"] for line in stated["verdicts"]} & {"late", "overdue", "missed"}
    assert (found.code, bool(late)) == (HOLDS, True), "the code says how the bundle fared"
    shown = reviewer.types(f"review --bundle {bundle} --key {key}")
    assert "2026-0001" in shown.out
    assert "Allt i bevispaketet stämmer." in shown.out
    signed_anew(bundle, "verdicts.json", lambda text: text.replace(b'"verdict": "missed"', b'"verdict": "kept"'))
    assert reviewer.types(f"verify --bundle {bundle} --key {key}").code == HOLDS, "whoever has the key has signed it"
    polished = reviewer.types(f"review --bundle {bundle} --key {key} --json")
    assert polished.json["bundle"]["verdict"] == "broken"
    assert {problem["reason"] for problem in polished.json["bundle"]["problems"]} == {"other-verdict"}
    assert "ger en annan bedömning av" in reviewer.types(f"review --bundle {bundle} --key {key}").out


@pytest.mark.parametrize("part", ["routine", "deviations", "recorded_late", "placed_after", "reviewed", "authority"])
def test_all_that_a_review_says_is_held_against_the_facts(bundle: Path, reviewer: Terminal, part: str) -> None:
    def changed(text: bytes) -> bytes:
        review = json.loads(text)
        review[part] = {"id": "sesam", "version": "0"} if part == "routine" else [*review[part][1:], {"entry": 1}]
        return json.dumps(review).encode()

    signed_anew(bundle, "verdicts.json", changed)
    found = reviewer.types(f"review --bundle {bundle} --key {key_of(bundle)} --json").json["bundle"]
    assert [problem["reason"] for problem in found["problems"]] == ["other-review"]
    assert part in found["problems"][0]["text"]


def test_a_routine_that_nothing_vouches_for_is_said_to_be_that(bundle: Path, reviewer: Terminal) -> None:
    key = key_of(bundle)
    signed_anew(bundle, "routine.toml", lambda text: text + b"\n# mildare\n")
    found = reviewer.types(f"review --bundle {bundle} --key {key} --json").json["bundle"]
    assert (found["verdict"], [one["reason"] for one in found["unchecked"]]) == ("unchecked", ["routine-unproved"])
    signed_anew(bundle, "routine.toml", lambda _text: b"[")
    found = reviewer.types(f"review --bundle {bundle} --key {key} --json").json
    assert [one["reason"] for one in found["bundle"]["unchecked"]] == ["not-judged"]
    assert "verdicts" not in found


def test_review_of_a_bundle_takes_no_incident(bundle: Path, reviewer: Terminal) -> None:
    for wrong in (f"1 --bundle {bundle}", f"--all --bundle {bundle}", "--key x"):
        assert reviewer.types(f"review {wrong}").code == 2
    shutil.rmtree(bundle)
    bundle.mkdir()
    assert reviewer.types(f"review --bundle {bundle}").code == BROKEN


def test_a_bundle_that_is_not_there_is_told_as_that(reviewer: Terminal) -> None:
    for command in ("verify", "review"):
        told = reviewer.types(f"{command} --bundle finns-inte.zip")
        assert (told.code, "Det finns inget bevispaket finns-inte.zip" in told.err) == (3, True)


def test_a_review_made_before_the_newest_entry_is_not_taken_for_one_of_the_whole(
    bundle: Path, reviewer: Terminal
) -> None:
    """Whoever has the key could choose the moment at which nothing was missed yet."""

    def early(text: bytes) -> bytes:
        return json.dumps(json.loads(text) | {"judged_at": "2026-12-07T07:06:00Z"}).encode()

    signed_anew(bundle, "verdicts.json", early)
    found = reviewer.types(f"review --bundle {bundle} --key {key_of(bundle)} --json").json["bundle"]
    assert "judged-too-early" in {one["reason"] for one in found["unchecked"]}
