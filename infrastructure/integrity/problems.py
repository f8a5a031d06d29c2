"""What verifying finds."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not match: where in the log, if that can be told, and why, as the reason of a sentence."""

    position: int | None
    reason: str
    data: dict[str, Any] = field(default_factory=dict)


def shown(value: Any) -> Any:
    """A value as it can be written anywhere, whatever a stranger has put there."""
    if value is None or isinstance(value, int):
        return value
    return str(value).encode(errors="backslashreplace").decode()
