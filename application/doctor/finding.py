"""What one look found."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.refusals import Refusal


class HowItIs(StrEnum):
    """How it is. Only what is wrong fails the whole."""

    WELL = "well"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is what was looked at, `reason` the name of the sentence that says how it is (wording.doctor) with its
    `data`; a refusal says itself what is wrong and what is right."""

    check: str
    shape: HowItIs
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None


def well(check: str, reason: str, **data: Any) -> Finding:
    return Finding(check, HowItIs.WELL, reason, data)


def doubtful(check: str, reason: str, **data: Any) -> Finding:
    return Finding(check, HowItIs.DOUBTFUL, reason, data)


def wrong(check: str, reason: str, **data: Any) -> Finding:
    return Finding(check, HowItIs.WRONG, reason, data)
