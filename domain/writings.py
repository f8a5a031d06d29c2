"""The many ways in which people write a date and a number, read as one: digits of ASCII, `1981-12-18`."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import accumulate

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february feb",
            "mars march mar",
            "april apr",
            "maj may",
            "juni june jun",
            "juli july jul",
            "augusti august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_SHORTEST = tuple(name for name in MONTHS if len(name) == 3)
# Compiled by the first text that has so many digits: most commands write none.
_CODED = r"%[0-9A-Fa-f]{2}|&#?\w+;"
_UNUSUAL = r"[^ -~\nåäöÅÄÖé–]"
_ONE_BY_ONE = r"(?<![\w+])\d(?:[^\w,;:]\d(?!\d)){3,}"
_IN_GROUPS = r"(?<![\d+])(?<!\d[\s-])\d+(?:\s\d+)+(?!\d|[:.]\d)"
_DAY, _MONTH = r"(?P<day>\d\d?)", rf"(?P<month>{'|'.join(MONTHS)})\.?"
_YEAR, _LAST = r"(?P<year>(?:18|19|20)?\d\d)", r"(?!\d|[:.]\d)"
_BETWEEN = r"[\W_]{0,3}"
_IN_WORDS = (
    rf"(?i)(?<!\d){_DAY}(?::?[ae]|st|nd|rd|th)?{_BETWEEN}(?:of\s)?{_MONTH}{_BETWEEN}{_YEAR}{_LAST}",
    rf"(?i)(?<!\d){_YEAR}{_BETWEEN}{_MONTH}{_BETWEEN}{_DAY}{_LAST}",
    rf"(?i)(?<!\w){_MONTH}{_BETWEEN}{_DAY}(?:st|nd|rd|th)?[\W_]{{1,3}}{_YEAR}{_LAST}",
)
_DAY_FIRST = rf"(?<![\d+])(?<!\d[/.-]){_DAY}[/.-](?P<month>\d\d?)[/.\s-]\s?(?P<year>(?:18|19|20)\d\d){_LAST}"


def readings(text: str) -> Iterator[str]:
    """The text as it may be read: without what leaves no mark on a screen and with the web's codes read; where it says
    a date in another order or a month by its name, with that in numbers; and what stands in odd groups, together."""
    for _ in range(3):  # a code may be coded again
        if not re.search(_CODED, text):
            break
        from html import unescape  # seldom needed, and dear to load
        from urllib.parse import unquote

        text = unescape(unquote(text))
    plain = re.sub(_UNUSUAL, _plain, unicodedata.normalize("NFKC", text))
    plain = re.sub(_ONE_BY_ONE, _one_by_one, plain)
    yield plain
    lower = plain.lower()
    for written in (_DAY_FIRST, *(_IN_WORDS if any(month in lower for month in _SHORTEST) else ())):
        in_numbers = re.sub(written, _in_numbers, plain)
        if in_numbers != plain:
            yield in_numbers
    yield from _in_groups(plain)


def _plain(unusual: re.Match[str]) -> str:
    """A digit of any script as ASCII's; nothing of control and format characters and combining marks."""
    char = unusual[0]
    if unicodedata.category(char)[0] in "CM" and not char.isspace():
        return ""
    value = unicodedata.digit(char, None)
    return char if value is None else str(value)


def _one_by_one(found: re.Match[str]) -> str:
    """Digits that stand one by one, together; of more than a number has, every ten in turn."""
    digits = re.sub(r"\D", "", found[0])
    return ", ".join(digits[start : start + 10] for start in range(max(len(digits) - 9, 1)))


def _in_numbers(found: re.Match[str]) -> str:
    month = MONTHS.get(found["month"].lower()) or int(found["month"])
    return f"{found['year']}-{month:02d}-{int(found['day']):02d}"


def _in_groups(text: str) -> Iterator[str]:
    """Ten digits or twelve in groups of any size, whatever stands before and after them. What begins with 0 is a
    telephone number."""
    for found in re.findall(_IN_GROUPS, text):
        groups = found.split()
        for first in range(len(groups)):
            for some in accumulate(groups[first : first + 12]):
                if len(some) in (10, 12) and not some.startswith("0"):
                    yield some
