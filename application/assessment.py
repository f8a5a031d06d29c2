"""What somebody found who held the pages for everybody against the law on accessibility. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Meets(StrEnum):
    """How far the pages meet what the law asks, in the three degrees that it knows."""

    FULLY = "fully"
    PARTLY = "partly"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Assessment:
    """The day on which it was made and the statement last gone through, what was found, and by what method."""

    on: date
    meets: Meets
    method: str


def assessment(text: str) -> Assessment:
    """`2026-11-20 partly egen granskning`. Raises ValueError."""
    day, meets, method = text.split(maxsplit=2)
    return Assessment(date.fromisoformat(day), Meets(meets), method)
