"""The evidence bundle, as a reviewer gets it: it holds by itself, and no part of it can be changed unnoticed."""

import json
import subprocess
import sys
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from application.exports.bundle import write
from domain.refusals import NotFound
from tests.terminal import Terminal

HOLDS, WRONG, NOT_ALL = 0, 1, 2
Parts = dict[str, bytes]


@pytest.fixture
def signed(terminal: Terminal, tmp_path: Path) -> Terminal:
    """A terminal with a key, and an incident of four facts among those of another."""
    settings = replace(terminal.settings, signing_key_file=tmp_path / "signing.key", log_origin="logg.example.se/sesam")
    terminal.desk.settings = settings
    assert terminal.types("keys create").code == 0
    return told(terminal)


def told(terminal: Terminal) -> Terminal:
    terminal.types("subscriber add anna@example.se --audience staff")
    terminal.records("outage-detected --scope all-users --system sesam-s2 --at 08:05")
    terminal.records("outage-detected --scope local --system websesam --at 08:06 --incident new")
    terminal.types("checkpoint")
    terminal.records("system-owner-contacted --outcome no-answer --incident 1")
    terminal.records("note-added --text Lugnt --incident 2")
    terminal.records("prognosis-received --restored-by 11:30 --incident 1")
    terminal.types("checkpoint")
    terminal.types("worker --once")
    terminal.records("service-restored --incident 1 --system sesam-s2")
    return terminal


def bundled(terminal: Terminal, incident: str = "2026-0001") -> Parts:
    out = BytesIO()
    write(terminal.desk, incident, out)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check(parts: Parts, folder: Path, *more: str, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """What the bundle's own verifier says, run by itself in a folder of its own."""
    bundle = folder / "bundle"
    bundle.mkdir(exist_ok=True)
    for left_over in bundle.iterdir():
        left_over.unlink()
    for name, content in parts.items():
        (bundle / name).write_bytes(content)
    command = [sys.executable, "-I", *python, str(bundle / "verify.py"), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def listed_anew(parts: Parts) -> Parts:
    """With a manifest that names the files as they are now, which nobody has signed."""
    first, incident, *_ = parts["manifest.txt"].decode().split("\n")
    names = sorted(set(parts) - {"manifest.txt"})
    lines = "".join(f"{sha256(parts[name]).hexdigest()}  {name}\n" for name in names)
    return parts | {"manifest.txt": f"{first}\n{incident}\n{lines}".encode()}


def test_it_holds_by_itself_with_the_key_that_the_reviewer_knows(signed: Terminal, tmp_path: Path) -> None:
    key = signed.types("keys show").out.strip()
    found = check(bundled(signed), tmp_path, "--key", key)
    assert (found.returncode, found.stderr) == (HOLDS, "")
    assert "2026-0001 in logg.example.se/sesam: 4 facts, in a log of 6" in found.stdout
    assert "sealed by a checked signature: 4 of 4 facts" in found.stdout
    assert "All holds." in found.stdout


def test_it_is_checked_as_a_zip_too_and_comes_out_the_same_twice(signed: Terminal, tmp_path: Path) -> None:
    first, second = BytesIO(), BytesIO()
    write(signed.desk, "2026-0001", first)
    write(signed.desk, "2026-0001", second)
    assert first.getvalue() == second.getvalue()
    path = tmp_path / "bundle.zip"
    path.write_bytes(first.getvalue())
    verifier = tmp_path / "verify.py"
    verifier.write_bytes(bundled(signed)["verify.py"])
    found = subprocess.run([sys.executable, "-I", verifier, path], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (HOLDS, "")
    assert "the key is the bundle's own" in found.stdout


def test_a_clock_that_was_behind_is_named_and_breaks_nothing(signed: Terminal, tmp_path: Path) -> None:
    signed.at("08:02").records("note-added --text Lugnt --incident 1")
    found = check(bundled(signed.at("08:30")), tmp_path)
    assert (found.returncode, found.stderr) == (HOLDS, "")
    assert "position 7 was recorded 2026-12-07 07:02:00 UTC, position 1 before it 2026-12-07 07:10:00" in (found.stdout)


def test_it_says_when_it_was_judged_as_long_as_time_may_change_a_verdict(signed: Terminal) -> None:
    def judged(incident: str, at: str) -> tuple[object, list[object]]:
        found = json.loads(bundled(signed.at(at), incident)["verdicts.json"])
        return found["judged_at"], found["verdicts"]

    assert judged("2026-0001", "09:00")[0] is None
    assert judged("2026-0001", "09:00") == judged("2026-0001", "23:50")
    assert judged("2026-0002", "09:00")[0] == "2026-12-07T08:00:00Z"
    assert judged("2026-0002", "09:00")[1] != judged("2026-0002", "20:00")[1]
    signed.at("20:05").records("service-restored --incident 2 --system websesam")
    signed.records("incident-closed --incident 2")
    assert judged("2026-0002", "20:10")[0] is None
    assert judged("2026-0002", "20:10") == judged("2026-0002", "23:50")


@pytest.mark.parametrize("incident", ["2026-0001", "2026-0002"])
def test_its_verdicts_are_the_review(signed: Terminal, incident: str) -> None:
    signed.at("09:00").types(f"record entry-corrected --incident {incident} --entry 1 --reason fel --occurred-at 08:01")
    found = json.loads(bundled(signed.at("09:01"), incident)["verdicts.json"])
    assert found.pop("judged_at") in (None, "2026-12-07T08:01:00Z")
    reviewed = signed.types(f"review {incident} --json").json
    assert reviewed.pop("clocks") == [], "held against the whole log, which the bundle has not"
    assert found == reviewed
    assert {"not-applicable"} < {line["verdict"] for line in found["verdicts"]}, "also what did not come about"


def test_it_holds_no_address_and_no_login(signed: Terminal) -> None:
    signed.types("staff add annalogin --role vo-hjalpmedel")
    for name, content in bundled(signed).items():
        assert b"anna@example.se" not in content, name
        assert b"annalogin" not in content, name


def test_where_signatures_can_not_be_checked_it_says_so(signed: Terminal, tmp_path: Path) -> None:
    found = check(bundled(signed), tmp_path, python=("-S",))
    assert found.returncode == NOT_ALL
    assert "the package cryptography is not installed" in found.stdout
    assert "sealed by a checked signature: 0 of 4" in found.stdout
    assert "WRONG" not in found.stdout


def test_a_log_that_nobody_signs_for_says_so(terminal: Terminal, tmp_path: Path) -> None:
    found = check(bundled(told(terminal)), tmp_path)
    assert found.returncode == NOT_ALL
    assert "manifest.txt is not signed" in found.stdout
    assert "facts after position 0 are sealed by no checked signature" in found.stdout


def test_with_another_key_than_the_logs_nothing_is_sealed(signed: Terminal, tmp_path: Path) -> None:
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    found = check(bundled(signed), tmp_path, "--key", other)
    assert found.returncode == NOT_ALL
    assert "0 of 4 facts" in found.stdout


def test_a_mail_that_was_kept_bears_witness(signed: Terminal, tmp_path: Path) -> None:
    parts = bundled(signed)
    note = json.loads(parts["checkpoints.jsonl"].splitlines()[0])["note"]
    kept = tmp_path / "kept.txt"
    kept.write_text(f"Hej\n\n{note}", encoding="utf-8")
    assert check(parts, tmp_path, "--against", str(kept)).returncode == HOLDS
    other = note.split("\n")
    other[2] = b64encode(bytes(32)).decode()
    kept.write_text("\n".join(other), encoding="utf-8")
    found = check(parts, tmp_path, "--against", str(kept))
    assert found.returncode == WRONG
    assert "kept.txt saw another log" in found.stdout
    kept.write_text(note.replace("\n2\n", "\n1\n"), encoding="utf-8")
    assert check(parts, tmp_path, "--against", str(kept)).returncode == NOT_ALL


def test_nothing_can_be_changed_in_any_file_left_out_or_added(signed: Terminal, tmp_path: Path) -> None:
    parts = bundled(signed)
    assert set(parts) >= {
        "README.txt", "checkpoints.jsonl", "deliveries.json", "facts.jsonl", "head.txt", "keys.txt", "manifest.txt",
        "routine.toml", "verdicts.json", "verify.py",
    }  # fmt: skip
    for name, content in parts.items():
        place = len(content) // 2
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        if name != "verify.py":  # a verifier that was changed proves nothing either way: the reviewer keeps a copy
            assert check(parts | {name: changed}, tmp_path).returncode == WRONG, name
            assert check({n: c for n, c in parts.items() if n != name}, tmp_path).returncode == WRONG, name
        else:
            assert check(parts | {name: content + b"\n# polished\n"}, tmp_path).returncode == WRONG
    assert check(parts | {"extra.txt": b"x"}, tmp_path).returncode == WRONG


def fact(change: Callable[[dict[str, object]], None], line: int = 1) -> Callable[[Parts], Parts]:
    """The bundle with one of its facts as somebody would rather have it."""

    def changed(parts: Parts) -> Parts:
        lines = parts["facts.jsonl"].splitlines()
        document = json.loads(lines[line])
        change(document)
        lines[line] = json.dumps(document).encode()
        return parts | {"facts.jsonl": b"\n".join(lines) + b"\n"}

    return changed


def said(document: dict[str, object]) -> None:
    stored = b64decode(str(document["bytes"])).replace(b"no-answer", b"reached")
    document["bytes"] = b64encode(stored).decode()


def checkpoint(change: Callable[[dict[str, object]], None]) -> Callable[[Parts], Parts]:
    def changed(parts: Parts) -> Parts:
        first, *rest = parts["checkpoints.jsonl"].splitlines()
        document = json.loads(first)
        change(document)
        return parts | {"checkpoints.jsonl": b"\n".join([json.dumps(document).encode(), *rest]) + b"\n"}

    return changed


def swapped(name: str, old: bytes, new: bytes) -> Callable[[Parts], Parts]:
    def changed(parts: Parts) -> Parts:
        assert old in parts[name]
        return parts | {name: parts[name].replace(old, new, 1)}

    return changed


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (fact(said), "is not in the log's tree"),
        (fact(lambda d: d.update(position=4)), "is not in the log's tree"),
        (fact(lambda d: d.update(position=99)), "is not in the log's tree"),
        (fact(lambda d: d.update(proof=d["proof"][1:])), "is not in the log's tree"),  # type: ignore[index]
        (fact(lambda d: d.update(proof=[*d["proof"], d["proof"][0]])), "is not in the log's tree"),  # type: ignore[misc,index]
        (lambda p: p | {"facts.jsonl": b"\n".join(p["facts.jsonl"].splitlines()[1:])}, "have gaps"),
        (lambda p: p | {"facts.jsonl": b"\n".join(p["facts.jsonl"].splitlines()[::-1])}, "out of order"),
        (lambda p: p | {"facts.jsonl": p["facts.jsonl"].splitlines()[0] + b"\n" + p["facts.jsonl"]}, "out of order"),
        (lambda p: p | {"facts.jsonl": b""}, "have gaps"),
        (checkpoint(lambda d: d.update(note=str(d["note"]).replace("\n2\n", "\n3\n"))), "does not extend it"),
        (checkpoint(lambda d: d.update(consistency=[])), "does not extend it"),
        (checkpoint(lambda d: d.update(note=str(d["note"])[:-9] + "AAAAAAA=\n")), "does not hold"),
        (swapped("head.txt", b"\n6\n", b"\n5\n"), "is not in the log's tree"),
        (swapped("head.txt", b"logg.", b"logh."), "does not extend it"),
        (swapped("verdicts.json", b'"evidence": []', b'"evidence": [77]'), "is not there"),
        (swapped("deliveries.json", b'"entry": 1', b'"entry": 77'), "of no fact that is there"),
        (lambda p: p | {"keys.txt": b"x+00000000+AAAA\n"}, "can't be read"),
    ],
)
def test_a_forger_who_lists_the_files_anew_is_found_by_the_proofs(
    signed: Terminal, tmp_path: Path, change: Callable[[Parts], Parts], wrong: str
) -> None:
    parts = bundled(signed)
    found = check(listed_anew(change(parts)), tmp_path)
    assert found.returncode == WRONG, found.stdout
    assert wrong in found.stdout
    assert found.stderr == ""


def test_a_forger_who_lists_the_files_anew_has_no_signature(signed: Terminal, tmp_path: Path) -> None:
    parts = bundled(signed)
    polished = listed_anew(parts | {"routine.toml": parts["routine.toml"] + b"# mildare\n"})
    found = check(polished, tmp_path)
    assert found.returncode == NOT_ALL
    assert "manifest.txt is not signed" in found.stdout
    signature = parts["manifest.txt"].partition(b"\n\n")[2]
    found = check(polished | {"manifest.txt": polished["manifest.txt"] + b"\n" + signature}, tmp_path)
    assert found.returncode == WRONG
    assert "manifest.txt: the signature of logg.example.se/sesam does not hold" in found.stdout


def test_the_adopted_routine_is_proved_along(signed: Terminal, tmp_path: Path) -> None:
    toml = tmp_path / "next.toml"
    toml.write_text(
        signed.types("routine show --toml").out.replace('version = "', 'version = "9.', 1), encoding="utf-8"
    )
    adopted = signed.types(f"routine adopt {toml} --as vo-hjalpmedel")
    assert adopted.code == 0, adopted.err
    signed.records("outage-detected --scope local --system websesam --incident new")
    parts = bundled(signed, "2026-0003")
    assert check(parts, tmp_path).returncode == HOLDS
    changed = listed_anew(parts | {"routine.toml": parts["routine.toml"] + b"# mildare\n"})
    found = check(changed, tmp_path)
    assert found.returncode == WRONG
    assert "not the document that was adopted" in found.stdout


def test_an_incident_that_is_not_there(signed: Terminal) -> None:
    with pytest.raises(NotFound):
        write(signed.desk, "2026-0099", BytesIO())


def test_the_verifier_is_short_and_of_the_standard_library_alone(signed: Terminal) -> None:
    source = bundled(signed)["verify.py"].decode()
    assert len(source.splitlines()) <= 260
    imported = {
        line.split()[1].partition(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported <= sys.stdlib_module_names
