"""What verifying finds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not match: where in the log, if that can be told, and why, as the reason of a sentence."""

    position: int | None
    reason: str
    data: dict[str, Any] = field(default_factory=dict)


MOST_SHOWN = 200
"""Characters of a value that are shown: what is longer is none of ours."""


def shown(value: Any) -> Any:
    """A value as it can be written anywhere, whatever a stranger has put there."""
    if value is None or isinstance(value, int):
        return value
    text = str(value)
    return (text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…").encode(errors="backslashreplace").decode()


def looked_at(table: str, found: Iterable[Problem]) -> Iterator[Problem]:
    """What is found in this table, and if it is so unlike ours that the rest of it can't be looked at: that stops no
    other. What the database itself can't read does."""
    try:
        yield from found
    except Refusal:
        raise
    except Exception as error:  # a stranger may have made the table anew, without a rule
        yield Problem(None, "unlike-ours", {"table": table, "problem": f"{type(error).__name__}: {error}"})
