#!/usr/bin/env python3
"""Check an evidence bundle, with no access to the system that it came from.

    python3 -I verify.py --key KEY                   the files beside this one
    python3 -I verify.py --key KEY bundle.zip        a bundle as it was received
    python3 -I verify.py --key KEY --against mail.eml …

Ends with 0 if everything holds, 1 if something does not, 2 if nothing is wrong but not all of it could be checked: no
key was given, a signature is not of that key, the package `cryptography` is not installed, a file can't be read, this
was called wrongly or failed itself. Any other code: it could not be run.

Only Python's standard library is needed, and `cryptography` for the signatures. -I (isolated) has Python look for them
where it was installed alone, and not in this folder, where anybody may have put a file called json.py.

What is checked: the manifest's signed text names every file and its SHA-256, and nothing else is there. It also says
how many entries the incident has. Every fact's bytes are a leaf of the log's Merkle tree (RFC 9162): leaf = SHA-256(00
‖ bytes), node = SHA-256(01 ‖ left ‖ right); its inclusion proof leads to the root in head.txt. Every checkpoint (C2SP
tlog-checkpoint) was signed with Ed25519, and its consistency proof shows that the tree in head.txt begins with the tree
that was signed then. So a fact whose position is not beyond a signed checkpoint is what it was when that was signed.
Whose key it is, you must know from elsewhere: give it with --key.
"""

import sys

if __name__ == "__main__" and not sys.flags.isolated:  # before anything else is imported
    sys.stderr.write("Run it as python3 -I verify.py: else Python may take a file of this folder for its own.\n")
    sys.exit(2)

import argparse
import json
import re
import struct
import zipfile
import zlib
from base64 import b64decode, b64encode
from datetime import datetime
from email import message_from_bytes, policy
from hashlib import sha256
from io import BytesIO
from pathlib import Path

FIRST_LINE = "reservrutin evidence bundle"
HOLDS, BROKEN, UNCHECKED = 0, 1, 2


def N_(text):
    """Marks what the program that made the bundle says in other languages, too."""
    return text


SAYS = {
    "facts": N_("{incident}: {facts} facts, in a log of {size} with the root {root}."),
    "whole": N_("The incident is whole: the signed manifest counts {entries} entries, and they are all here."),
    "sealed": N_("Sealed by a checked signature: {sealed} of {facts} facts."),
    "strangers": N_("Checkpoints by no key that is known, from which nothing is concluded: {count}."),
    "witnessed": N_("{name}: what it saw, up to position {size}, is here as it was."),
    "clock": N_(
        "A clock was wrong, though nothing needs to have been altered: position {position} was recorded {recorded_at} "
        "UTC, position {after} before it {newest}."
    ),
    "more-than-files": N_("The zip holds more than its files, or was packed anew: unpack it, and check the folder."),
    "twice": N_("{name} is there twice."),
    "no-manifest": N_("manifest.txt is not there."),
    "manifest-malformed": N_("manifest.txt is not written as the system writes it."),
    "other-file": N_("{name} is not the file that the manifest names."),
    "not-in-the-tree": N_("facts.jsonl, line {line}: the fact at position {position} is not in the log's tree."),
    "not-canonical": N_("facts.jsonl, line {line}: not written as the system writes."),
    "out-of-order": N_("facts.jsonl, line {line}: out of order."),
    "not-whole": N_("The manifest counts {entries} entries of {incident}, and here are {found}."),
    "not-extended": N_("checkpoints.jsonl, line {line}: the log of head.txt does not extend it."),
    "other-routine": N_("routine.toml is not the document that was adopted in the log."),
    "no-evidence": N_("verdicts.json: the evidence of {duty} is not there."),
    "no-fact": N_("deliveries.json: delivery {id} is of no fact that is there."),
    "forged": N_("{what}: a known key's signature does not hold."),
    "other-log": N_("{name} bears a known key's signature and saw another log."),
    "two-logs": N_("{name} and the bundle contradict each other, and a known key has signed both: two different logs."),
    "unsigned": N_("{what} is not signed."),
    "unknown": N_("{what} is signed by no key that is known."),
    "no-cryptography": N_("The signature of {what}: the package cryptography is not installed."),
    "own-key": N_("The key is the bundle's own: give the one that you know from elsewhere with --key."),
    "not-counted": N_("Whether the incident is whole: only a signed manifest says how many entries it has."),
    "unsealed": N_("Facts after position {sealed} are sealed by no checked signature."),
    "no-note": N_("{name}: no checkpoint was found in it."),
    "proves-nothing": N_("{name} proves nothing: its checkpoint does not fit, and no known key has signed it."),
    "not-ours": N_("{name} proves nothing: a known key's signature on it does not hold."),
    "other-size": N_("{name}: the bundle holds no proof of the log as it was at position {size}."),
    "unreadable": N_("The bundle can't be read: {problem}."),
}
"""What is said, by its reason."""


class Findings:
    """What was found, each as a reason and what its sentence needs."""

    def __init__(self):
        self.said, self.wrong, self.unchecked = [], [], []

    def say(self, reason, **data):
        self.said.append((reason, data))

    def fail(self, reason, **data):
        self.wrong.append((reason, data))

    def leave(self, reason, **data):
        self.unchecked.append((reason, data))

    @property
    def code(self):
        return BROKEN if self.wrong else UNCHECKED if self.unchecked else HOLDS


def leaf_hash(stored):
    return sha256(b"\x00" + stored).digest()


def node_hash(left, right):
    return sha256(b"\x01" + left + right).digest()


def included(leaf, number, size, proof, root):
    """RFC 9162 §2.1.3.2."""
    if not 0 <= number < size:
        return False
    at, last, node = number, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def extends(old, size, proof, old_root, root):
    """RFC 9162 §2.1.4.2."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    path = ([] if old & (old - 1) else [old_root]) + proof + [b""] * (not proof)
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    was = now = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and was == old_root and now == root


def parse_key(text):
    """`name+id+base64` as `reservrutin keys show` prints it: the name, the key's id and the key."""
    name, key_id, coded = text.strip().split("+", 2)
    material = b64decode(coded, validate=True)
    if material[:1] != b"\x01" or len(material) != 33:
        raise ValueError("no Ed25519 key")
    if sha256(name.encode() + b"\n" + material).hexdigest()[:8] != key_id:
        raise ValueError("the key and its id do not fit")
    return name, bytes.fromhex(key_id), material[1:]


def checked(note, keys):
    """What of a note is signed, and what its signatures are: held, forged, unknown, unsigned, no-cryptography."""
    text, parted, signatures = note.rpartition("\n\n")
    if not parted:
        return note, "unsigned"
    text += "\n"
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return text, "no-cryptography"
    became = "unknown"
    for line in signatures.removesuffix("\n").split("\n"):
        dash, name, coded = line.split(" ")
        raw = b64decode(coded, validate=True)
        for key_name, key_id, public in keys:
            if (dash, name, raw[:4]) == ("—", key_name, key_id):
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
                    became = "held"
                except InvalidSignature:
                    return text, "forged"
    return text, became


def checkpoint(note, keys):
    """Size and root of a checkpoint's note, and what became of its signature by a key of the same name."""
    text, signature = checked(note, [key for key in keys if key[0] == note.partition("\n")[0]])
    _origin, size, root, nothing = text.split("\n")
    if nothing:
        raise ValueError("no checkpoint")
    return int(size), b64decode(root, validate=True), signature


def read(place, found):
    """The bundle's files by name, from the zip or from the folder it was unpacked in."""
    if place.is_dir():
        there = sorted(p for p in place.rglob("*") if p.is_symlink() or not p.is_dir())
        return {p.relative_to(place).as_posix(): p.read_bytes() for p in there}
    stored = place.read_bytes()
    with zipfile.ZipFile(BytesIO(stored)) as archive:
        entries = archive.infolist()
        if not is_nothing_but(entries, stored):
            found.fail("more-than-files")
        for name in sorted({one.filename for one in entries}):
            if sum(one.filename == name for one in entries) > 1:
                found.fail("twice", name=name)
        return {one.filename: archive.read(one) for one in entries}


def is_nothing_but(entries, stored):
    """Whether the zip is its files, one behind the other, their directory and its end, and nothing anywhere else."""
    at = directory = 0
    for one in entries:
        begins = one.FileHeader()
        if one.header_offset != at or stored[at : at + len(begins)] != begins or one.extra or one.comment:
            return False
        at += len(begins) + one.compress_size
        if one.compress_type == zipfile.ZIP_DEFLATED and has_more(stored[at - one.compress_size : at]):
            return False
        directory += 46 + len(one.orig_filename.encode())
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, len(entries), len(entries), directory, at, 0)
    return stored[at + directory :] == end


def has_more(packed):
    """Whether anything stands behind what is packed in here."""
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacking.decompress(packed)
    return unpacking.unused_data or not unpacking.eof


def check_manifest(files, keys, found):
    """The signed text alone says what is there. Returns the incident, how many entries it has, whether it is signed."""
    if "manifest.txt" not in files:
        found.fail("no-manifest")
    text, signature = checked(files["manifest.txt"].decode(), keys)
    if signature != "held":
        (found.fail if signature == "forged" else found.leave)(signature, what="manifest.txt")
    said = re.fullmatch(rf"{FIRST_LINE}\n(\S+)\nentries (\d+)\n((?:[0-9a-f]{{64}}  [\w.-]+\n)+)", text)
    if not said:
        found.fail("manifest-malformed")
        raise ValueError("manifest.txt")
    listed = {name: digest for digest, name in (line.split("  ") for line in said[3].splitlines())}
    for name in sorted(set(files) - {"manifest.txt"} | set(listed)):
        if name not in files or name not in listed or sha256(files[name]).hexdigest() != listed[name]:
            found.fail("other-file", name=name)
    return said[1], int(said[2]), signature == "held"


def check_facts(files, size, root, found):
    """Each fact is in the tree, where it says. Returns their positions and what they say."""
    facts, last = [], 0
    for number, line in enumerate(files["facts.jsonl"].decode().splitlines(), 1):
        fact = json.loads(line)
        stored, position = b64decode(fact["bytes"], validate=True), fact["position"]
        said = json.loads(stored)
        if not included(leaf_hash(stored), position - 1, size, [b64decode(h) for h in fact["proof"]], root):
            found.fail("not-in-the-tree", line=number, position=position)
        if json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != stored:
            found.fail("not-canonical", line=number)
        if position <= last:
            found.fail("out-of-order", line=number)
        last = position
        facts.append((position, said))
    return facts


def check_whole(facts, incident, entries, is_signed, found):
    """The incident's entries are as many as the manifest counts, without a gap."""
    there = [said["entry"] for _, said in facts if said["incident"] == incident]
    if not there or len(there) != entries or there != list(range(1, entries + 1)):
        found.fail("not-whole", incident=incident, entries=entries, found=", ".join(map(str, there)) or "0")
    elif is_signed:
        found.say("whole", entries=entries)
    else:
        found.leave("not-counted")


def check_checkpoints(files, keys, size, root, found):
    """Each checkpoint is a beginning of the tree. Returns the root by size, and the largest size that is signed."""
    seen, sealed, strangers = {size: root}, 0, 0
    for number, line in enumerate(files["checkpoints.jsonl"].decode().splitlines(), 1):
        kept = json.loads(line)
        own_size, own_root, signature = checkpoint(kept["note"], keys)
        if not extends(own_size, size, [b64decode(node) for node in kept["consistency"]], own_root, root):
            found.fail("not-extended", line=number)
        elif signature == "held":
            sealed = max(sealed, own_size)
        seen.setdefault(own_size, own_root)
        what = f"checkpoints.jsonl:{number}"
        if signature == "forged":
            found.fail("forged", what=what)
        elif signature == "no-cryptography":
            found.leave(signature, what=what)
        strangers += signature in ("unknown", "unsigned")
    if strangers:
        found.say("strangers", count=strangers)
    return seen, sealed


def check_clocks(facts, found):
    """What was recorded, by its own clock, more than a second before what is proved to have been written before it."""
    newest, after = None, 0
    for position, said in facts:
        recorded_at = datetime.fromisoformat(said["recorded_at"].rstrip("Z"))
        if newest and (newest - recorded_at).total_seconds() > 1:
            found.say("clock", position=position, recorded_at=recorded_at, after=after, newest=newest)
        if newest is None or recorded_at > newest:
            newest, after = recorded_at, position


def check_what_is_said_of_them(files, incident, facts, found):
    """The routine is the one adopted; verdicts and deliveries name entries that are there."""
    entries = {said["entry"] for _, said in facts if said["incident"] == incident}
    for said in (said for _, said in facts if said["fact"] == "routine-adopted"):
        if said["data"]["document"].encode() != files["routine.toml"]:
            found.fail("other-routine")
    for verdict in json.loads(files["verdicts.json"])["verdicts"]:
        if not set(verdict["evidence"]) <= entries:
            found.fail("no-evidence", duty=verdict["duty"])
    for delivery in json.loads(files["deliveries.json"]):
        if delivery["incident"] != incident or delivery["entry"] not in entries:
            found.fail("no-fact", id=delivery["id"])


def notes_in(stored):
    """The notes in a mail or a text that somebody has kept, also where they were quoted and wrapped."""
    parts = message_from_bytes(stored, policy=policy.default).walk()
    texts = [stored.decode(errors="replace"), *(p.get_content() for p in parts if p.get_content_type() == "text/plain")]
    coded = "(?:[A-Za-z0-9+/] ?)"
    sought = rf"(\S+) (\d{{1,18}}) ({coded}{{43}}=) (?:\S{{1,12}} )?(\S+) ({coded}{{91}}=)"
    for text in texts:
        plain = " ".join(re.sub(r"^[ \t]*(?:[>|] ?)+", "", text, flags=re.MULTILINE).split())
        for origin, size, root, name, signature in re.findall(sought, plain):
            yield f"{origin}\n{size}\n{root.replace(' ', '')}\n\n— {name} {signature.replace(' ', '')}\n"


def check_witness(name, notes, keys, seen, signed, found):
    """What a mail has seen of the log, as its notes say; `signed` is how far that is signed for in the bundle itself.
    Returns the size up to which a known key says so in the mail, or 0."""
    sealed = 0
    for note in dict.fromkeys(notes):
        size, root, signature = checkpoint(note, keys)
        if signature == "forged":
            found.leave("not-ours", name=name)
        elif signature == "held" and size not in seen:
            found.leave("other-size", name=name, size=size)
        elif seen.get(size) == root:
            found.say("witnessed", name=name, size=size)
            sealed = max(sealed, size if signature == "held" else 0)
        elif signature == "held":
            found.fail("two-logs" if size <= signed else "other-log", name=name)
        else:
            found.leave("proves-nothing", name=name)
    if not notes:
        found.leave("no-note", name=name)
    return sealed


def check(files, given, witnesses, found):
    """Everything. `given` are the keys known from elsewhere, `witnesses` names with the notes of each."""
    keys = given or [parse_key(text) for text in files.get("keys.txt", b"").decode().splitlines()]
    incident, entries, is_signed = check_manifest(files, keys, found)
    size, root, _unsigned = checkpoint(files["head.txt"].decode(), [])
    facts = check_facts(files, size, root, found)
    found.say("facts", incident=incident, facts=len(facts), size=size, root=b64encode(root).decode())
    check_whole(facts, incident, entries, is_signed, found)
    check_clocks(facts, found)
    seen, sealed = check_checkpoints(files, keys, size, root, found)
    check_what_is_said_of_them(files, incident, facts, found)
    sealed = max([sealed, *(check_witness(name, notes, keys, seen, sealed, found) for name, notes in witnesses)])
    found.say("sealed", sealed=sum(place <= sealed for place, _ in facts), facts=len(facts))
    if not given:
        found.leave("own-key")
    if sealed < max((position for position, _ in facts), default=0):
        found.leave("unsealed", sealed=sealed)
    return incident


def examine(files, given, witnesses, found):
    """All of it, and whatever goes wrong on the way; `files` and `witnesses` are called for theirs."""
    try:
        return check(files(), given, witnesses(), found)
    except Exception as error:  # what fails here was not checked, and is never taken for an answer
        found.leave("unreadable", problem=f"{type(error).__name__}: {error}")


def on_one_line(text):
    """Whatever a stranger has put there."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def sentence(reason, data):
    return on_one_line(SAYS[reason].format(**data))


def main():
    asked = argparse.ArgumentParser(description="Check an evidence bundle.")
    asked.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    asked.add_argument("--key", action="append", default=[], type=parse_key, help="what you know to be the log's key")
    asked.add_argument("--against", action="append", default=[], type=Path, help="a mail or checkpoint that was kept")
    given, found = asked.parse_args(), Findings()

    def kept():
        return [(path.name, list(notes_in(path.read_bytes()))) for path in given.against]

    examine(lambda: read(given.bundle, found), given.key, kept, found)
    sys.stdout.reconfigure(errors="backslashreplace")
    for label, what in (("", found.said), ("NOT CHECKED  ", found.unchecked), ("WRONG        ", found.wrong)):
        for reason, data in what:
            print(label + sentence(reason, data))
    print(["All holds.", "Something does not hold.", "Not everything could be checked."][found.code])
    return found.code


if __name__ == "__main__":
    try:
        code = main()
        sys.stdout.flush()
    except Exception:  # nobody has read what was found
        code = UNCHECKED
    sys.exit(code)
