"""The evidence bundle, as a reviewer gets it: it holds by itself, and no part of it can be changed unnoticed."""

import json
import subprocess
import sys
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest

from application.exports import bundle_verifier as verifier
from application.exports.bundle import write
from domain.refusals import NotFound
from infrastructure.integrity import keys
from tests.terminal import Terminal

HOLDS, WRONG, NOT_ALL = verifier.HOLDS, verifier.BROKEN, verifier.UNCHECKED
Parts = dict[str, bytes]


@pytest.fixture
def signed(terminal: Terminal, tmp_path: Path) -> Terminal:
    """A terminal with a key, and an incident of four facts among those of another."""
    return with_a_key(terminal, tmp_path)


class Bundle(NamedTuple):
    """What was made of it: the zip, the files in it and the key that signed."""

    stored: bytes
    parts: Parts
    key: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Made once, for those who change a copy of what is in it."""
    folder = tmp_path_factory.mktemp("made")
    terminal = with_a_key(Terminal(folder).at("08:10"), folder)
    stored = BytesIO()
    write(terminal.desk, "2026-0001", stored)
    bundle = Bundle(stored.getvalue(), bundled(terminal), key_of(terminal))
    terminal.close()
    return bundle


def with_a_key(terminal: Terminal, folder: Path) -> Terminal:
    settings = replace(terminal.settings, signing_key_file=folder / "signing.key", log_origin="logg.example.se/sesam")
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


@dataclass
class Found:
    """What a verifier found: its exit code, and what it says."""

    code: int
    said: str


def check(parts: Parts, *keys: str, against: dict[str, str] | None = None) -> Found:
    """What the verifier finds in these files, in this process."""
    found = verifier.Findings()
    kept = [(name, list(verifier.notes_in(text.encode()))) for name, text in (against or {}).items()]
    verifier.examine(lambda: parts, [verifier.parse_key(key) for key in keys], lambda: kept, found)
    everything = [*found.said, *found.unchecked, *found.wrong]
    return Found(found.code, "\n".join(verifier.sentence(reason, data) for reason, data in everything))


def unpacked(parts: Parts, folder: Path) -> Path:
    bundle = folder / "bundle"
    bundle.mkdir()
    for name, content in parts.items():
        (bundle / name).write_bytes(content)
    return bundle


def run(bundle: Path, *more: str, python: tuple[str, ...] = ("-I",)) -> subprocess.CompletedProcess[str]:
    """The bundle's own verifier, run as its README says."""
    command = [sys.executable, *python, str(bundle / "verify.py"), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=bundle.parent)


def key_of(terminal: Terminal) -> str:
    return terminal.types("keys show").out.split()[-1]


def listed_anew(parts: Parts) -> Parts:
    """With a manifest that names the files as they are now, which nobody has signed."""
    first, incident, entries, *_ = parts["manifest.txt"].decode().split("\n")
    names = sorted(set(parts) - {"manifest.txt"})
    lines = "".join(f"{sha256(parts[name]).hexdigest()}  {name}\n" for name in names)
    return parts | {"manifest.txt": f"{first}\n{incident}\n{entries}\n{lines}".encode()}


def test_it_holds_by_itself_with_the_key_that_the_reviewer_knows(made: Bundle, tmp_path: Path) -> None:
    found = run(unpacked(made.parts, tmp_path), "--key", made.key)
    assert (found.returncode, found.stderr) == (HOLDS, "")
    assert "2026-0001: 4 facts, in a log of 7" in found.stdout
    assert "counts 4 entries, and they are all here" in found.stdout
    assert "Sealed by a checked signature: 4 of 4 facts." in found.stdout
    assert found.stdout.endswith("All holds.\n")


def test_it_is_checked_as_a_zip_too_and_comes_out_the_same_twice(signed: Terminal, tmp_path: Path) -> None:
    first, second = BytesIO(), BytesIO()
    write(signed.desk, "2026-0001", first)
    write(signed.desk, "2026-0001", second)
    assert first.getvalue() == second.getvalue()
    assert zipped(first.getvalue(), tmp_path, key_of(signed)).code == HOLDS


def test_nothing_of_the_bundle_is_ever_run_but_the_verifier(made: Bundle, tmp_path: Path) -> None:
    """A file beside it that is called as one of Python's own would be taken for that, before anything is checked."""
    bundle, key = unpacked(made.parts, tmp_path), made.key
    for name in ("json", "argparse", "zipfile", "cryptography", "re"):
        (bundle / f"{name}.py").write_text("print('All holds.'); raise SystemExit(0)")
    refused = run(bundle, "--key", key, python=())
    assert (refused.returncode, refused.stdout) == (NOT_ALL, "")
    assert "python3 -I verify.py" in refused.stderr
    found = run(bundle, "--key", key)
    assert found.returncode == WRONG
    assert "json.py is not the file that the manifest names." in found.stdout
    assert "All holds." not in found.stdout


def test_every_file_of_the_folder_has_to_be_listed(made: Bundle, tmp_path: Path) -> None:
    bundle, key = unpacked(made.parts, tmp_path), verifier.parse_key(made.key)

    def code() -> int:
        found = verifier.Findings()
        verifier.examine(lambda: verifier.read(bundle, found), [key], list, found)
        return int(found.code)

    assert code() == HOLDS
    for name in ("fil", ".dold", "mapp/fil", "__pycache__/json.cpython-311.pyc"):
        (bundle / name).parent.mkdir(exist_ok=True)
        (bundle / name).write_bytes(b"x")
        assert code() == WRONG, name
        (bundle / name).unlink()
    (bundle / "annan").symlink_to(tmp_path, target_is_directory=True)
    assert code() != HOLDS


def test_what_goes_wrong_with_the_verifier_itself_is_no_answer(made: Bundle, tmp_path: Path) -> None:
    bundle = unpacked(made.parts, tmp_path)
    assert run(bundle, "--key", "no-key").returncode == NOT_ALL
    assert run(bundle, "--wrong").returncode == NOT_ALL
    assert run(bundle, str(tmp_path / "nowhere.zip")).returncode == NOT_ALL
    for lost in (">&-", "> /dev/full"):
        shell = ["sh", "-c", f'exec "$0" -I "$1" {lost} 2> /dev/null', sys.executable, str(bundle / "verify.py")]
        assert subprocess.run(shell, check=False).returncode not in (HOLDS, WRONG), lost
    without = run(bundle, "--key", made.key, python=("-I", "-S"))
    assert without.returncode == NOT_ALL
    assert "the package cryptography is not installed" in without.stdout
    assert "Sealed by a checked signature: 0 of 4" in without.stdout
    assert "WRONG" not in without.stdout


def test_a_clock_that_was_behind_is_named_and_breaks_nothing(signed: Terminal) -> None:
    signed.at("08:02").records("note-added --text Lugnt --incident 1")
    found = check(bundled(signed.at("08:30")), key_of(signed))
    assert found.code == HOLDS
    assert "position 8 was recorded 2026-12-07 07:02:00 UTC, position 2 before it 2026-12-07 07:10:00" in found.said


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


def test_a_log_that_nobody_signs_for_says_so(terminal: Terminal) -> None:
    found = check(bundled(told(terminal)))
    assert found.code == NOT_ALL
    assert "manifest.txt is not signed" in found.said
    assert "Facts after position 0 are sealed by no checked signature" in found.said
    assert "Whether the incident is whole" in found.said


def test_only_a_key_that_the_reviewer_knows_makes_it_hold(made: Bundle) -> None:
    own = check(made.parts)
    assert own.code == NOT_ALL
    assert "The key is the bundle's own" in own.said
    other = check(made.parts, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert other.code == NOT_ALL
    assert "0 of 4 facts" in other.said


def test_a_log_that_has_changed_its_key_and_its_name_is_what_it_was(signed: Terminal, tmp_path: Path) -> None:
    """And one whose key is not set where the bundle is made: its name is that of its checkpoints."""
    old = key_of(signed)
    signed.desk.settings = replace(signed.desk.settings, signing_key_file=None, log_origin="")
    unset = check(bundled(signed), old)
    assert (unset.code, "manifest.txt is not signed" in unset.said) == (NOT_ALL, True)
    new = tmp_path / "new.key"
    signed.desk.settings = replace(signed.desk.settings, signing_key_file=new, log_origin="ny.example.se/sesam")
    assert signed.types("keys create").code == 0
    signed.records("note-added --text Nytt --incident 1")
    assert signed.types("checkpoint").code == 0
    found = check(bundled(signed), key_of(signed))
    assert found.code == HOLDS, found.said
    assert "Checkpoints by no key that is known, from which nothing is concluded: " in found.said
    assert check(bundled(signed), key_of(signed), old).code == HOLDS


def test_a_mail_that_was_kept_bears_witness(signed: Terminal, tmp_path: Path) -> None:
    parts, key = bundled(signed), key_of(signed)
    note = json.loads(parts["checkpoints.jsonl"].splitlines()[0])["note"]
    signing = keys.read(signed.desk.settings.signing_key_file or Path())
    stranger = keys.create(tmp_path / "other.key", signing.name)

    def saw(text: str) -> Found:
        return check(parts, key, against={"mejl.eml": text})

    def of_another_log(size: int) -> str:
        return f"{signing.name}\n{size}\n{b64encode(bytes(32)).decode()}\n"

    for kept in (note, "\n".join(f"> {line}" for line in f"Hej\n\n{note}".splitlines()), note.replace(" ", "\n")):
        assert "mejl.eml: what it saw, up to position 3, is here" in saw(kept).said
        assert saw(kept).code == HOLDS
    contradicting = saw(f"Hej\n\n{signing.note(of_another_log(3))}")
    assert (contradicting.code, "has signed both: two different logs" in contradicting.said) == (WRONG, True)
    hidden = saw(f"{note}\n{signing.note(of_another_log(3))}")
    assert hidden.code == WRONG, "the second is looked at as well"
    for kept, because in (
        (signing.note(of_another_log(1)), "no proof of the log as it was at position 1"),
        (signing.note(of_another_log(99)), "no proof of the log as it was at position 99"),
        (stranger.note(of_another_log(3)), "mejl.eml proves nothing"),
        (signing.note(of_another_log(3).replace(signing.name, "annan.example.se")), "mejl.eml proves nothing"),
        (note.replace("\n3\n", "\n1\n"), "mejl.eml proves nothing"),
        ("Hej", "no checkpoint was found in it"),
    ):
        found = saw(kept)
        assert (found.code, because in found.said) == (NOT_ALL, True), found.said


def test_a_fact_in_other_bytes_than_the_system_writes_is_named_though_its_proof_holds() -> None:
    """Two programs may read two things in it: of a key that is there twice the first or the last."""
    stored = b'{"entry":1,"incident":"2026-0001","incident":"2026-0002"}'
    line = json.dumps({"position": 1, "bytes": b64encode(stored).decode(), "proof": []}).encode()
    found = verifier.Findings()
    verifier.check_facts({"facts.jsonl": line}, 1, verifier.leaf_hash(stored), found)
    assert found.wrong == [("not-canonical", {"line": 1})]


def test_nothing_can_be_changed_in_any_file_left_out_or_added(made: Bundle) -> None:
    parts, key = made.parts, made.key
    assert set(parts) >= {
        "README.txt", "checkpoints.jsonl", "deliveries.json", "facts.jsonl", "head.txt", "keys.txt", "manifest.txt",
        "routine.toml", "verdicts.json", "verify.py",
    }  # fmt: skip
    for name, content in parts.items():
        place = len(content) // 2
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        assert check(parts | {name: changed}, key).code == WRONG, name
        assert check({n: c for n, c in parts.items() if n != name}, key).code == WRONG, name
    for name in ("extra.txt", "__pycache__/json.pyc", ".dold", "facts.jsonl/"):
        assert check(parts | {name: b"x"}, key).code == WRONG, name


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


LISTED = b"0" * 64 + b"  extra.txt\n"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (fact(said), "is not in the log's tree"),
        (fact(lambda d: d.update(position=5)), "is not in the log's tree"),
        (fact(lambda d: d.update(position=99)), "is not in the log's tree"),
        (fact(lambda d: d.update(proof=d["proof"][1:])), "is not in the log's tree"),  # type: ignore[index]
        (fact(lambda d: d.update(proof=[*d["proof"], d["proof"][0]])), "is not in the log's tree"),  # type: ignore[misc,index]
        (lambda p: p | {"facts.jsonl": b"\n".join(p["facts.jsonl"].splitlines()[1:])}, "and here are 2, 3, 4"),
        (lambda p: p | {"facts.jsonl": b"\n".join(p["facts.jsonl"].splitlines()[:-1])}, "and here are 1, 2, 3"),
        (lambda p: p | {"facts.jsonl": b"\n".join(p["facts.jsonl"].splitlines()[::-1])}, "out of order"),
        (lambda p: p | {"facts.jsonl": p["facts.jsonl"].splitlines()[0] + b"\n" + p["facts.jsonl"]}, "out of order"),
        (lambda p: p | {"facts.jsonl": b""}, "and here are 0"),
        (checkpoint(lambda d: d.update(note=str(d["note"]).replace("\n3\n", "\n4\n"))), "does not extend it"),
        (checkpoint(lambda d: d.update(consistency=[])), "does not extend it"),
        (checkpoint(lambda d: d.update(note=str(d["note"])[:-9] + "AAAAAAA=\n")), "does not hold"),
        (swapped("head.txt", b"\n7\n", b"\n6\n"), "is not in the log's tree"),
        (swapped("verdicts.json", b'"evidence": []', b'"evidence": [77]'), "is not there"),
        (swapped("deliveries.json", b'"entry": 1', b'"entry": 77'), "of no fact that is there"),
    ],
)
def test_a_forger_who_lists_the_files_anew_is_found_by_the_proofs(
    made: Bundle, change: Callable[[Parts], Parts], wrong: str
) -> None:
    found = check(listed_anew(change(made.parts)), made.key)
    assert found.code == WRONG, found.said
    assert wrong in found.said


@pytest.mark.parametrize("line", range(4))
def test_the_very_line_the_position_and_the_delivery_are_named(made: Bundle, line: int) -> None:
    rows = made.parts["facts.jsonl"].splitlines()
    position = json.loads(rows[line])["position"]

    def only(change: Callable[[Parts], Parts], about: str) -> str:
        [named] = [row for row in check(listed_anew(change(made.parts)), made.key).said.splitlines() if about in row]
        return named.strip()

    moved = only(fact(lambda d: d.update(position=position + 10), line), "log's tree")
    assert f"facts.jsonl, line {line + 1}: the fact at position {position + 10} is not in the log's tree." in moved
    spaced = only(fact(lambda d: d.update(bytes=b64encode(b64decode(str(d["bytes"])) + b" ").decode()), line), "writes")
    assert f"facts.jsonl, line {line + 1}: not written as the system writes." in spaced
    twice = b"\n".join([*rows[: line + 1], rows[line], *rows[line + 1 :]])
    assert f"facts.jsonl, line {line + 2}: out of order." in only(lambda p: p | {"facts.jsonl": twice}, "order")
    deliveries = json.loads(made.parts["deliveries.json"])
    if line < len(deliveries):
        deliveries[line]["entry"] = 77
        unknown = only(lambda p: p | {"deliveries.json": json.dumps(deliveries).encode()}, "of no fact")
        assert f"delivery {deliveries[line]['id']} is of no fact" in unknown


def test_a_forger_who_lists_the_files_anew_has_no_signature(made: Bundle) -> None:
    parts, key = made.parts, made.key
    polished = listed_anew(parts | {"routine.toml": parts["routine.toml"] + b"# mildare\n"})
    found = check(polished, key)
    assert (found.code, "manifest.txt is not signed" in found.said) == (NOT_ALL, True)
    signature = parts["manifest.txt"].partition(b"\n\n")[2]
    found = check(polished | {"manifest.txt": polished["manifest.txt"] + b"\n" + signature}, key)
    assert (found.code, "manifest.txt: a known key's signature does not hold" in found.said) == (WRONG, True)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest + LISTED,
        lambda manifest: manifest + b"\n" + LISTED,
        lambda manifest: manifest.replace(b"\n\n", b"\n\n" + LISTED),
        lambda manifest: LISTED + manifest,
        lambda manifest: b"\n" + LISTED + b"\n\n" + manifest,
        lambda manifest: manifest.replace(b"entries 4\n", b"entries 4\n" + LISTED),
        lambda manifest: manifest.replace(b"entries 4\n", b"entries 3\n"),
        lambda manifest: manifest.replace(b"\n", b"\r\n"),
    ],
)
def test_only_what_is_signed_of_the_manifest_counts(made: Bundle, change: Callable[[bytes], bytes]) -> None:
    parts = made.parts | {"extra.txt": b"x"}
    found = check(parts | {"manifest.txt": change(parts["manifest.txt"])}, made.key)
    assert found.code != HOLDS
    assert "All holds" not in found.said


@pytest.mark.parametrize("line", [b"entries 4\n", b"2026-0001\n", b"reservrutin evidence bundle\n"])
def test_a_manifest_that_says_less_than_the_system_does_is_wrong(made: Bundle, line: bytes) -> None:
    parts = listed_anew(made.parts)
    found = check(parts | {"manifest.txt": parts["manifest.txt"].replace(line, b"", 1)}, made.key)
    assert (found.code, "manifest.txt is not written as the system writes it" in found.said) == (WRONG, True)


def zipped(stored: bytes, folder: Path, key: str) -> Found:
    """What the verifier finds in a zip of these bytes."""
    path, found = folder / "bundle.zip", verifier.Findings()
    path.write_bytes(stored)
    verifier.examine(lambda: verifier.read(path, found), [verifier.parse_key(key)], list, found)
    return Found(found.code, "\n".join(verifier.sentence(*one) for one in found.wrong + found.unchecked))


def packed(stored: bytes, change: Callable[[zipfile.ZipFile], None]) -> bytes:
    """The zip with something more in it, as another program would pack it."""
    out = BytesIO(stored)
    with zipfile.ZipFile(out, "a") as archive:
        change(archive)
    return out.getvalue()


def commented(archive: zipfile.ZipFile) -> None:
    archive.comment = b"All holds."


def behind_the_files(stored: bytes) -> bytes:
    """Something between the last file and the directory, to which its end points rightly."""
    at = stored.index(b"PK\x01\x02")
    start = int.from_bytes(stored[-6:-2], "little") + 4
    return stored[:at] + b"hide" + stored[at:-6] + start.to_bytes(4, "little") + stored[-2:]


def behind_what_is_packed(stored: bytes) -> bytes:
    """Bytes that no program unpacks, within the length that both headers say."""
    with zipfile.ZipFile(BytesIO(stored)) as archive:
        last = archive.infolist()[-1]
    size, more = last.compress_size, b"hide"
    end = last.header_offset + 30 + len(last.filename) + size
    new, old = (size + len(more)).to_bytes(4, "little"), size.to_bytes(4, "little")
    start = int.from_bytes(stored[-6:-2], "little") + len(more)
    head = stored[: last.header_offset + 18] + new + stored[last.header_offset + 22 : end] + more
    directory = stored[end:-6]
    at = directory.rindex(b"PK\x01\x02") + 20
    assert directory[at : at + 4] == old
    return head + directory[:at] + new + directory[at + 4 :] + start.to_bytes(4, "little") + stored[-2:]


MORE = "The zip holds more than its files"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda stored: b"#!/bin/sh\n" + stored, MORE),
        (lambda stored: stored + b"x", MORE),
        (lambda stored: stored + stored, MORE),
        (lambda stored: packed(stored, commented), MORE),
        (behind_the_files, MORE),
        (behind_what_is_packed, MORE),
        (lambda stored: packed(stored, lambda archive: archive.writestr("verdicts.json", b"{}")), "is there twice"),
        (lambda stored: packed(stored, lambda archive: archive.writestr("extra.txt", b"x")), "extra.txt is not"),
        (lambda stored: packed(stored, lambda archive: archive.mkdir("mapp")), "mapp/ is not"),
        (lambda stored: stored.replace(b"facts.jsonl", b"facta.jsonl", 1), MORE),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_there_is_nothing_in_the_zip_but_its_files(
    made: Bundle, tmp_path: Path, change: Callable[[bytes], bytes], wrong: str
) -> None:
    found = zipped(change(made.stored), tmp_path, made.key)
    assert found.code == WRONG, found.said
    assert wrong in found.said


def test_a_file_is_read_where_whoever_unpacks_it_in_order_finds_it(tmp_path: Path) -> None:
    """Its place in the directory may lie inside another file, with another text than what stands in its turn."""

    def stored(**files: bytes) -> bytearray:
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(name), content)
        return bytearray(out.getvalue())

    hidden = stored(b=b"inside")
    hidden = hidden[: hidden.index(b"PK\x01\x02")]
    packed = stored(a=bytes(hidden), b=b"inside")
    at = packed.rindex(b"inside", 0, packed.index(b"PK\x01\x02"))
    packed[at : at + 6] = b"inturn"
    place = packed.rindex(b"PK\x01\x02") + 42
    packed[place : place + 4] = packed.index(hidden).to_bytes(4, "little")
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        assert archive.read("b") == b"inside", "what the directory says"
        assert not verifier.is_nothing_but(archive.infolist(), bytes(packed))
    with zipfile.ZipFile(BytesIO(stored(a=b"x", b=b"y"))) as archive:
        assert verifier.is_nothing_but(archive.infolist(), bytes(stored(a=b"x", b=b"y")))


def test_what_can_not_be_read_is_neither_right_nor_wrong(made: Bundle, tmp_path: Path) -> None:
    parts, key = made.parts, made.key
    for broken in (b"", b"PK", made.stored[:-30], b"Hej" * 500):
        assert zipped(broken, tmp_path, key).code == NOT_ALL
    unlisted = listed_anew(parts | {"facts.jsonl": b"[" * 100_000})
    assert check(unlisted, key).code == NOT_ALL
    assert check(listed_anew(parts | {"keys.txt": b"x+00000000+AAAA\n"})).code == NOT_ALL


def test_a_stranger_has_no_line_of_what_is_printed_to_himself(made: Bundle) -> None:
    parts = made.parts
    manifest = parts["manifest.txt"].replace(b"2026-0001", "2026\x85\x1b[2KAll holds.".encode())
    found = check(parts | {"manifest.txt": manifest}, made.key)
    assert "\x85" not in found.said
    assert "\x1b" not in found.said


def test_the_adopted_routine_is_proved_along(signed: Terminal, tmp_path: Path) -> None:
    toml = tmp_path / "next.toml"
    toml.write_text(
        signed.types("routine show --toml").out.replace('version = "', 'version = "9.', 1), encoding="utf-8"
    )
    adopted = signed.types(f"routine adopt {toml} --as vo-hjalpmedel")
    assert adopted.code == 0, adopted.err
    signed.records("outage-detected --scope local --system websesam --incident new")
    parts = bundled(signed, "2026-0003")
    assert check(parts, key_of(signed)).code == HOLDS
    changed = listed_anew(parts | {"routine.toml": parts["routine.toml"] + b"# mildare\n"})
    found = check(changed, key_of(signed))
    assert found.code == WRONG
    assert "not the document that was adopted" in found.said


def test_an_incident_that_is_not_there(signed: Terminal) -> None:
    with pytest.raises(NotFound):
        write(signed.desk, "2026-0099", BytesIO())


def test_the_verifier_is_short_and_of_the_standard_library_alone(made: Bundle) -> None:
    source = made.parts["verify.py"].decode()
    assert len(source.splitlines()) <= 440
    imported = {
        line.split()[1].partition(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported <= sys.stdlib_module_names
