"""Incidents that began under the first version of the shipped routine keep their verdicts, to the byte."""

from datetime import datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import pytest

from domain.fact import Recorded
from domain.history import as_happened
from domain.review import verdicts
from domain.routine_document import builtin_versions
from domain.verdict import Verdict
from domain.versions import in_force
from infrastructure.log.codec import canonical, decode

FOLDER = Path(__file__).parents[1] / "golden" / "routine-1.0"
"""Days of February 2026 as they were written then, and the verdicts that were given on them. Neither ever changes."""


def of_incident(stored: bytes) -> list[Recorded]:
    return [decode(line) for line in stored.splitlines()]


HISTORIES = {
    number: list(entries)
    for number, entries in groupby(
        of_incident((FOLDER / "log.jsonl").read_bytes()), key=lambda recorded: recorded.incident
    )
}


def line(number: str, at: datetime, found: list[Verdict]) -> str:
    told = [
        {
            "duty": verdict.duty.id,
            "rules": list(verdict.duty.rules),
            "who": verdict.duty.who,
            "verdict": verdict.word,
            "started_at": verdict.started_at.isoformat(),
            "due_at": verdict.due_at and verdict.due_at.isoformat(),
            "done_at": verdict.done_at and verdict.done_at.isoformat(),
            "late_seconds": int(verdict.late.total_seconds()),
            "evidence": list(verdict.evidence),
            "why": verdict.why,
        }
        for verdict in found
    ]
    return canonical({"incident": number, "at": at.isoformat(), "verdicts": told})


@pytest.mark.parametrize("number", HISTORIES)
def test_an_old_log_keeps_its_verdicts_byte_for_byte(number: str) -> None:
    history = HISTORIES[number]
    routine = in_force((), history[0].occurred_at)
    assert routine.version == "1.0"
    given = [text for text in (FOLDER / "verdicts.jsonl").read_text().splitlines() if f'"{number}"' in text]
    assert len(given) == 2
    for text in given:
        at = datetime.fromisoformat(text.split('"', 4)[3])
        assert line(number, at, verdicts(as_happened(history), routine, at)) == text


SHIPPED = {
    "1.0": "629ead4f59e6bb7f8b57b5b65728c22d42747940b5063a7c983b2b8fb8374fb0",
    "1.0.1": "ec47e8fa51fb68810409f6b193116e679be9531b8dc0c00b0059fb9ad1d5b26c",
}
"""The SHA-256 of the document of each version that a release has brought."""


def test_a_version_of_the_routine_that_was_shipped_is_never_written_otherwise() -> None:
    """Incidents have begun under it. What is to read otherwise is a new version, valid from a day that is to come."""
    documents = {routine.version: sha256(text.encode()).hexdigest() for routine, text in builtin_versions()}
    assert {version: documents.get(version) for version in SHIPPED} == SHIPPED
