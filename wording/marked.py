"""Words of which some stand out, and why. How that looks is the face's business: a colour, a class, nothing at all."""

from enum import Enum
from typing import NamedTuple


class Mark(Enum):
    """Why a part of a line stands out."""

    STRONG = "strong"
    """It is what the line is about."""
    QUIET = "quiet"
    """It is there for whoever wonders."""
    GOOD = "good"
    """As it should be."""
    WARNING = "warning"
    """Soon too late, or not as the routine says."""
    LATE = "late"
    """Too late already."""
    ACTIVE = "active"
    """The reserve routine applies."""


class Marked(NamedTuple):
    text: str
    mark: Mark


Phrase = tuple[str | Marked, ...]
"""One line of words, in parts."""


def plain(phrase: Phrase) -> str:
    """The words without their marks."""
    return "".join(part.text if isinstance(part, Marked) else part for part in phrase)
