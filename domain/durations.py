"""Elapsed time as people write it, in the settings and in a routine document."""

import re
from datetime import timedelta

LONGEST_DURATION = timedelta(days=366)
"""No duty of an outage takes longer, and every deadline stays a date that there is."""

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_UNIT = "|".join(_UNITS)
_DURATION = re.compile(rf"0*([0-9]+) ?({_UNIT})")
_GAP = re.compile(rf"(?<=[0-9])\s+(?=(?:{_UNIT})(?:\s|$))")


def duration(text: str) -> timedelta:
    """What “20s”, “15 min”, “4 h” or “2 d” means: a whole number and its unit, with or without a space between.

    Raises ValueError for anything else, and OverflowError for more than LONGEST_DURATION.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"no duration: {text!r}")
    if len(found[1]) > 8 or int(found[1]) * _UNITS[found[2]] > LONGEST_DURATION:
        raise OverflowError(f"too long: {text!r}")
    return int(found[1]) * _UNITS[found[2]]


def listed(text: str) -> list[str]:
    """The words of a text that lists durations; “15 min” is one of them."""
    return _GAP.sub("", text).split()
