"""The evidence bundle of an incident: everything a reviewer needs to check it without us, in one zip.

The same log gives the same bytes: the files stand in one order and carry no time of their own.
"""

import json
import zipfile
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from typing import Any, BinaryIO

from application import documents
from application.desk import Desk
from application.evidence import key_at_hand, known_keys
from application.exports.bundle_verifier import FIRST_LINE
from application.exports.report.export import write as write_report
from domain.checkpoint import Checkpoint
from domain.fact import Recorded
from domain.facts import RoutineAdopted, StaffRegistered
from domain.hindsight import reviewed
from domain.merkle import Subtree, consistency, inclusion
from domain.refusals import Damaged, Refusal
from domain.routine import Routine
from domain.staff import authorities
from infrastructure.database.backend import Connection
from infrastructure.database.faults import MAY_NOT_WRITE
from infrastructure.integrity.checkpoints import StoredCheckpoint, all_kept, make, proofs
from infrastructure.log.tree import as_bytes, compact_range_of
from infrastructure.outbox.ledger import ledger
from wording import times
from wording.words import texts_in

OLDEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file: a zip can't be without one."""
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
MANIFEST = "manifest.txt"
FACTS = "SELECT position, bytes FROM facts WHERE incident = ? AND position <= ? ORDER BY position"


def write(at_desk: Desk, incident: str, out: BinaryIO) -> None:
    """Write the bundle of this incident. Signs for the log first where this person may.

    Raises NotFound for an unknown incident, Damaged where the log is not what its tree says.
    """
    key = key_at_hand(at_desk.settings)
    if key:
        try:
            make(at_desk.database, key)
        except Refusal as refusal:
            if refusal.reason not in MAY_NOT_WRITE:
                raise
            at_desk.leave_out("not-signed")
    else:
        at_desk.leave_out("bundle-unsigned")
    history = at_desk.history(incident)
    routine = at_desk.incident(history).routine
    adopted = _adoption(at_desk, routine)
    keys = known_keys(at_desk.settings)
    parts = {
        "README.txt": _readme(),
        "verify.py": (files("application.exports") / "bundle_verifier.py").read_bytes(),
        "keys.txt": "".join(f"{known}\n" for known in keys).encode(),
        "routine.toml": at_desk.histories.routines.document_of(history).encode(),
        "verdicts.json": _json(_verdicts(at_desk, incident, history, routine)),
        "deliveries.json": _json([documents.delivery(d) for d in ledger(at_desk.database, incident)]),
    }
    with at_desk.database.reading() as connection:
        parts |= _log(connection, history, adopted, keys[-1].name if keys else "unsigned")
    parts["report.html"] = _report(at_desk, incident)
    text = _manifest(incident, len(history), parts)
    parts[MANIFEST] = (key.note(text) if key else text).encode()
    packed = BytesIO()  # what can't be gone back in would leave notes for itself between the files
    _zip(parts, packed)
    out.write(packed.getvalue())


def _log(connection: Connection, history: list[Recorded], adopted: Recorded | None, origin: str) -> dict[str, bytes]:
    """The facts as they were written, with their proofs, and the checkpoints, each shown to be a beginning.

    The log goes by the name that its newest checkpoint was signed by, and by `origin` where there is none.
    """
    tree = compact_range_of(connection)
    kept = all_kept(connection)
    last = history[-1].position or 0
    if tree is None or any(size > tree.size for size in (last, *(one.size for one in kept))):
        raise Damaged("tree-unreadable")
    rows = connection.execute(FACTS, (history[0].incident, last))
    stored = [(position, as_bytes(found)) for position, found in rows]
    if adopted and adopted.position:
        of_routine = connection.execute(FACTS, (adopted.incident, adopted.position)).fetchall()
        stored = sorted([*stored, (adopted.position, as_bytes(of_routine[-1][1]))])
    of_staff = connection.execute(FACTS, (StaffRegistered.stream, tree.size))  # on whose authority they stand
    stored = sorted([*stored, *((position, as_bytes(found)) for position, found in of_staff)])
    paths = {position: inclusion(position - 1, tree.size) for position, _ in stored}
    beginnings = {one.size: consistency(one.size, tree.size) for one in kept}
    wanted = {which for path in (*paths.values(), *beginnings.values()) for which in path}
    hashes = proofs(connection, tree.size, wanted)
    if len(hashes) < len(wanted):
        raise Damaged("tree-does-not-fit")

    def proof(path: Iterable[Subtree]) -> list[str]:
        return [b64encode(hashes[which]).decode() for which in path]

    facts = [
        {"position": position, "bytes": b64encode(found).decode(), "proof": proof(paths[position])}
        for position, found in stored
    ]
    checkpoints = [{"note": one.note, "consistency": proof(beginnings[one.size])} for one in kept]
    return {
        "head.txt": Checkpoint(_name(kept, origin), tree.size, tree.root).text.encode(),
        "facts.jsonl": _lines(facts),
        "checkpoints.jsonl": _lines(checkpoints),
    }


def _name(kept: list[StoredCheckpoint], otherwise: str) -> str:
    return kept[-1].note.partition("\n")[0] if kept else otherwise


def _adoption(at_desk: Desk, routine: Routine) -> Recorded | None:
    """The fact by which this version was adopted; the one that comes with the program was not."""
    for recorded in at_desk.histories.routines.adoptions():
        fact = recorded.fact
        if isinstance(fact, RoutineAdopted) and fact.named == (routine.id, routine.version):
            return recorded
    return None


def _verdicts(at_desk: Desk, incident: str, history: list[Recorded], routine: Routine) -> dict[str, Any]:
    """The review as of now; `judged_at` says when that was, and is None where time alone changes nothing any more."""
    now = at_desk.now()
    lines = reviewed(history, routine, now)
    moves = lines != reviewed(history, routine, END_OF_TIME)
    review = documents.review(incident, history, routine, lines, texts_in("sv").of(routine))
    stands_on = documents.authority(authorities(history, at_desk.staff.history()))
    return {"judged_at": times.iso(now) if moves else None, **review, "authority": stands_on}


def _report(at_desk: Desk, incident: str) -> bytes:
    page = BytesIO()
    write_report(at_desk, incident, page)
    return page.getvalue()


def _manifest(incident: str, entries: int, parts: dict[str, bytes]) -> str:
    """What is signed: how many entries the incident has, so that none can be left out, and every file."""
    listed = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(parts.items()))
    return f"{FIRST_LINE}\n{incident}\nentries {entries}\n{listed}"


def _zip(parts: dict[str, bytes], out: BytesIO) -> None:
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in sorted(parts.items()):
            entry = zipfile.ZipInfo(name, OLDEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compresslevel=9)


def _readme() -> bytes:
    return (files("application.exports") / "bundle_readme.txt").read_bytes()


def _json(document: Any) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _lines(documents: Iterable[Any]) -> bytes:
    return "".join(json.dumps(document, ensure_ascii=False, sort_keys=True) + "\n" for document in documents).encode()
