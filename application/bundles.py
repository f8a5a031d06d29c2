"""An evidence bundle that somebody hands over, checked by this program. Nothing in the bundle is run.

What is checked, and the words for it, are those of the verifier that goes along in every bundle; this one knows the
keys that are trusted here and reads any mail. It also does the review again, from the facts and the routine.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Any

from application import documents
from application.exports import bundle_verifier as verifier
from domain.checkpoint import VerifierKey
from domain.clock_order import SetBack, Timed, set_back
from domain.fact import Recorded
from domain.facts import RoutineAdopted, StaffRegistered
from domain.hindsight import Reviewed, reviewed
from domain.refusals import Damaged, NotFound
from domain.routine import Routine
from domain.routine_document import builtin_versions, parse
from domain.staff import Entitlement, authorities
from domain.texts import N_
from infrastructure.integrity.witnesses import Witness
from infrastructure.log.codec import decode
from wording.words import Texts, texts_in

Finding = tuple[str, dict[str, Any]]
"""A reason, and what its sentence needs."""

END_OF_TIME = datetime.max.replace(tzinfo=UTC)
JUDGED = (
    "rule", "rules", "duty", "who", "verdict", "due_at", "done_at", "late_seconds", "evidence", "known", "changed_by",
)  # fmt: skip
"""What of a verdict is worked out, in no language."""
ALSO_JUDGED = ("routine", "deviations", "recorded_late", "placed_after", "reviewed", "authority")
"""What else a review says, in no language either."""


@dataclass(slots=True)
class Checked:
    """What was found. `incident` and `files` are empty where the bundle can't be read so far."""

    files: dict[str, bytes]
    incident: str
    said: list[Finding]
    wrong: list[Finding]
    unchecked: list[Finding]

    @property
    def verdict(self) -> str:
        return "broken" if self.wrong else "unchecked" if self.unchecked else "holds"


@dataclass(frozen=True, slots=True)
class JudgedAnew:
    """The review, done again: the facts of the incident, the routine, and how each duty fared by them."""

    history: list[Recorded]
    routine: Routine
    lines: list[Reviewed]
    clocks: dict[int, SetBack]
    """By position what was recorded before, by its own clock, what had been written already."""
    stands_on: list[Entitlement]
    """On whose authority its entries stand, by the facts of the register that go along."""


def check(path: str, keys: Sequence[VerifierKey], witnesses: Sequence[Witness] = ()) -> Checked:
    """Check the zip, or the folder it was unpacked in, with the keys that are trusted and these mails. Raises NotFound
    where there is neither."""
    if not Path(path).exists():
        raise NotFound("bundle", path=path)
    found = verifier.Findings()
    files: dict[str, bytes] = {}

    def read() -> dict[str, bytes]:
        files.update(verifier.read(Path(path), found))
        return files

    kept: dict[str, list[str]] = {}
    for one in witnesses:
        kept.setdefault(one.name, []).extend([one.note] if one.note else [])
    trusted = [(key.name, key.id, key.public) for key in keys]
    incident = verifier.examine(read, trusted, lambda: list(kept.items()), found)
    return Checked(files, incident or "", found.said, found.wrong, found.unchecked)


def judge(checked: Checked) -> JudgedAnew | None:
    """The review done again, held against what the bundle says of it; None where it can't be done.

    What differs is added to what was found, and so is a routine that nothing here vouches for.
    """
    try:
        facts = _facts(checked.files)
        document = checked.files["routine.toml"].decode()
        routine = parse(document)
        stated = json.loads(checked.files["verdicts.json"])
        history = [recorded for recorded in facts if recorded.incident == checked.incident]
        at = datetime.fromisoformat(stated["judged_at"]) if stated["judged_at"] else END_OF_TIME
        lines = reviewed(history, routine, at)
        staff = [recorded for recorded in facts if recorded.fact.stream == StaffRegistered.stream]
        stands_on = authorities(history, staff)
        done_again = documents.review(checked.incident, history, routine, lines, texts_in("sv").of(routine))
        done_again["authority"] = documents.authority(stands_on)
        if at < max(recorded.recorded_at for recorded in history):  # or by a clock that was ahead
            checked.unchecked.append(("judged-too-early", {"at": stated["judged_at"]}))
        checked.wrong += _differing(stated, done_again)
    except (Damaged, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, TOMLDecodeError) as error:
        checked.unchecked.append(("not-judged", {"problem": f"{type(error).__name__}: {error}".partition("\n")[0]}))
        return None
    adopted = any(isinstance(recorded.fact, RoutineAdopted) for recorded in facts)
    if not adopted and document not in (text for _routine, text in builtin_versions()):
        checked.unchecked.append(("routine-unproved", {"routine": routine.id, "version": routine.version}))
    times = (Timed(recorded.position or 0, recorded.recorded_at) for recorded in facts)
    return JudgedAnew(history, routine, lines, {odd.position: odd for odd in set_back(times)}, stands_on)


def _facts(files: dict[str, bytes]) -> list[Recorded]:
    lines = [json.loads(line) for line in files["facts.jsonl"].decode().splitlines()]
    return [decode(b64decode(line["bytes"]), line["position"]) for line in lines]


def _differing(stated: dict[str, Any], done_again: dict[str, Any]) -> Iterator[Finding]:
    """The duties whose verdict is not what the bundle says, or that it leaves out or adds; and what else is not."""

    def by_duty(review: dict[str, Any]) -> dict[str, list[list[Any]]]:
        found: dict[str, list[list[Any]]] = {}
        for verdict in review["verdicts"]:
            found.setdefault(verdict["duty"], []).append([verdict[key] for key in JUDGED])
        return found

    theirs, ours = by_duty(stated), by_duty(done_again)
    for duty in {**theirs, **ours}:
        if theirs.get(duty) != ours.get(duty):
            yield "other-verdict", {"duty": duty}
    for part in ALSO_JUDGED:
        if stated[part] != json.loads(json.dumps(done_again[part])):
            yield "other-review", {"part": part}


SAYS = {
    **verifier.SAYS,
    "other-verdict": N_("verdicts.json: the facts and the routine give another verdict on {duty}."),
    "judged-too-early": N_("verdicts.json was judged as of {at}, before the newest entry in it was recorded."),
    "other-review": N_("verdicts.json: the facts and the routine give something else for “{part}”."),
    "not-judged": N_("The review can't be done again: {problem}."),
    "routine-unproved": N_(
        "Routine {routine} {version} is neither adopted in the log nor one that comes with this program: only the "
        "manifest's signature vouches for it."
    ),
}


def sentence(finding: Finding, texts: Texts) -> str:
    """What was found, in the reader's language, on one line."""
    reason, data = finding
    return str(verifier.on_one_line(texts.gettext(SAYS[reason]).format(**data)))
