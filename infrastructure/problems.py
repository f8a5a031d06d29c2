"""What verifying finds."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not match: where in the log, if that can be told, and why, as the reason of a sentence."""

    position: int | None
    reason: str
    data: dict[str, Any] = field(default_factory=dict)
