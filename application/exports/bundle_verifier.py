#!/usr/bin/env python3
"""Check an evidence bundle, with no access to the system that it came from.

    python3 verify.py                           the files beside this one
    python3 verify.py bundle.zip                a bundle as it was received
    python3 verify.py --key KEY … --against mail.eml …

Only Python's standard library is needed. Signatures are checked where the package `cryptography` is installed; where
it is not, this says so. Ends with 0 if everything holds, 1 if something does not, 2 if all that could be checked
holds but not everything could be.

What is checked: the manifest names every file and its SHA-256. Every fact's bytes are a leaf of the log's Merkle tree
(RFC 9162): leaf = SHA-256(00 ‖ bytes), node = SHA-256(01 ‖ left ‖ right); its inclusion proof leads to the root in
head.txt. Every checkpoint (C2SP tlog-checkpoint) was signed with Ed25519, and its consistency proof shows that the
tree in head.txt begins with the tree that was signed then. So a fact whose position is not beyond a signed checkpoint
is what it was when that was signed. Whose key it is, you must know from elsewhere: give it with --key.
"""

import argparse
import json
import re
import sys
import zipfile
from base64 import b64decode
from datetime import datetime
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path

FAILED, UNCHECKED = [], []
fail = FAILED.append


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


def signed(what, note, keys):
    """The text of a signed note if a known key has signed it, else None."""
    text, parted, signatures = note.rpartition("\n\n")
    text += "\n"
    if not parted:
        UNCHECKED.append(f"{what} is not signed")
        return None
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        UNCHECKED.append(f"the signature of {what}: the package cryptography is not installed")
        return None
    held = False
    for line in signatures.strip("\n").split("\n"):
        dash, name, coded = line.split(" ")
        raw = b64decode(coded, validate=True)
        for key_name, key_id, public in keys:
            if (dash, name, raw[:4]) == ("—", key_name, key_id):
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
                    held = True
                except InvalidSignature:
                    fail(f"{what}: the signature of {name} does not hold")
    if not held:
        UNCHECKED.append(f"{what} is signed by no key that is known")
    return text if held else None


def read(place):
    """The bundle's files by name, from the zip or from the folder it was unpacked in."""
    if place.is_dir():
        return {p.relative_to(place).as_posix(): p.read_bytes() for p in place.rglob("*")
                if p.is_file() and "__pycache__" not in p.parts}  # fmt: skip
    with zipfile.ZipFile(place) as archive:
        names = archive.namelist()
        if len(set(names)) != len(names):
            fail("a file is there twice")
        return {name: archive.read(name) for name in names}


def check_manifest(files, keys):
    note = files["manifest.txt"].decode()
    signed("manifest.txt", note, keys)
    listed = dict(reversed(line.split("  ", 1)) for line in re.findall(r"^[0-9a-f]{64}  .+$", note, re.MULTILINE))
    for name in sorted(set(files) - {"manifest.txt"} | set(listed)):
        if name not in files or name not in listed or sha256(files[name]).hexdigest() != listed[name]:
            fail(f"{name} is not the file that the manifest names")
    return note.split("\n")[1]


def check_facts(files, incident, size, root):
    """Each fact is in the tree; the incident's entries have no gap. Returns their positions and what they say."""
    facts, last = [], 0
    for number, line in enumerate(files["facts.jsonl"].decode().splitlines(), 1):
        fact = json.loads(line)
        stored, position = b64decode(fact["bytes"], validate=True), fact["position"]
        said = json.loads(stored)
        if not included(leaf_hash(stored), position - 1, size, [b64decode(h) for h in fact["proof"]], root):
            fail(f"facts.jsonl, line {number}: the fact at position {position} is not in the log's tree")
        if json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != stored:
            fail(f"facts.jsonl, line {number}: not written as the system writes")
        if position <= last:
            fail(f"facts.jsonl, line {number}: out of order")
        last = position
        facts.append((position, said))
    entries = [said["entry"] for _, said in facts if said["incident"] == incident]
    if entries != list(range(1, len(entries) + 1)) or not entries:
        fail(f"the entries of {incident} have gaps: {entries}")
    return facts


def check_checkpoints(files, keys, origin, size, root):
    """Each checkpoint is a beginning of the tree. Returns all by size, and the largest that is signed."""
    seen, sealed = {}, 0
    for number, line in enumerate(files["checkpoints.jsonl"].decode().splitlines(), 1):
        kept = json.loads(line)
        what = f"checkpoints.jsonl, line {number}"
        own_origin, own_size, own_root = kept["note"].split("\n")[:3]
        proof = [b64decode(node) for node in kept["consistency"]]
        if own_origin != origin or not extends(int(own_size), size, proof, b64decode(own_root), root):
            fail(f"{what}: the log of head.txt does not extend it")
        seen[int(own_size)] = own_root
        if signed(what, kept["note"], [key for key in keys if key[0] == origin]):
            sealed = max(sealed, int(own_size))
    return seen, sealed


def clocks_set_back(facts):
    """What was recorded, by its own clock, more than a second before what is proved to have been written before it."""
    newest, after = None, 0
    for position, said in facts:
        recorded_at = datetime.fromisoformat(said["recorded_at"].rstrip("Z"))
        if newest and (newest - recorded_at).total_seconds() > 1:
            yield f"position {position} was recorded {recorded_at} UTC, position {after} before it {newest}"
        if newest is None or recorded_at > newest:
            newest, after = recorded_at, position


def check_what_is_said_of_them(files, incident, facts):
    """The routine is the one adopted; verdicts and deliveries name entries that are there."""
    entries = {said["entry"] for _, said in facts if said["incident"] == incident}
    for said in (said for _, said in facts if said["fact"] == "routine-adopted"):
        if said["data"]["document"].encode() != files["routine.toml"]:
            fail("routine.toml is not the document that was adopted in the log")
    for verdict in json.loads(files["verdicts.json"])["verdicts"]:
        if not set(verdict["evidence"]) <= entries:
            fail(f"verdicts.json: the evidence of {verdict['duty']} is not there")
    for delivery in json.loads(files["deliveries.json"]):
        if delivery["incident"] != incident or delivery["entry"] not in entries:
            fail(f"deliveries.json: delivery {delivery['id']} is of no fact that is there")


def check_witness(path, seen):
    """A mail, or a checkpoint, that somebody has kept: the same size must have had the same root."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    texts = [path.read_text(errors="replace")] + [
        part.get_content() for part in mail.walk() if part.get_content_type() == "text/plain"
    ]
    found = re.findall(r"^(\d+)\s*\n([A-Za-z0-9+/]{43}=)\s*$", "\n".join(texts), re.MULTILINE)
    found += re.findall(r"(\d+)\s+([A-Za-z0-9+/]{43}=)", str(mail.get("X-Reservrutin-Checkpoint", "")))
    if not found or int(found[0][0]) not in seen:
        UNCHECKED.append(f"{path.name}: the bundle has no checkpoint of the same size")
    elif any(seen.get(int(size)) != root for size, root in found):
        fail(f"{path.name} saw another log")


def main():
    asked = argparse.ArgumentParser(description="Check an evidence bundle.")
    asked.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    asked.add_argument("--key", action="append", default=[], help="a public key that you know to be the log's")
    asked.add_argument("--against", action="append", default=[], type=Path, help="a mail or checkpoint that was kept")
    given = asked.parse_args()
    try:
        files = read(given.bundle)
        keys = [parse_key(text) for text in given.key or files["keys.txt"].decode().splitlines()]
        origin, size, coded, *_ = files["head.txt"].decode().split("\n")
        root = b64decode(coded, validate=True)
        incident = check_manifest(files, keys)
        facts = check_facts(files, incident, int(size), root)
        seen, sealed = check_checkpoints(files, keys, origin, int(size), root)
        check_what_is_said_of_them(files, incident, facts)
        for path in given.against:
            check_witness(path, seen)
        print(f"{incident} in {origin}: {len(facts)} facts, in a log of {size} with the root {coded}")
        print(f"sealed by a checked signature: {sum(place <= sealed for place, _ in facts)} of {len(facts)} facts")
        for what in clocks_set_back(facts):
            print(f"A CLOCK WAS WRONG, though nothing needs to have been altered: {what}")
        if not given.key:
            print("the key is the bundle's own: give the one that you know from elsewhere with --key")
        if sealed < max((position for position, _ in facts), default=0):
            UNCHECKED.append(f"facts after position {sealed} are sealed by no checked signature")
    except (OSError, KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        fail(f"the bundle can't be read: {type(error).__name__}: {error}")
    for what in UNCHECKED:
        print(f"NOT CHECKED  {what}")
    for what in FAILED:
        print(f"WRONG        {what}")
    print("Something does not hold." if FAILED else "Not everything could be checked." if UNCHECKED else "All holds.")
    return 1 if FAILED else 2 if UNCHECKED else 0


if __name__ == "__main__":
    sys.exit(main())
