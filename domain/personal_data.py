"""Finding a personnummer or samordningsnummer in any writing (dataskyddslagen 3 kap. 10 §).

A number is ten or twelve digits that hold a birth date (the day plus 60 for a samordningsnummer) and
the right check digit, written together or divided where people divide it: after century, year, month,
day. A telephone number divides elsewhere, so `070-123 45 67` is none.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from domain.refusals import PersonalData

_GAP = r"(?:[^\w,;]|_){0,3}"
_TEN = rf"(?P<year>\d\d){_GAP}(?P<month>\d\d){_GAP}(?P<day>\d\d){_GAP}(?P<birth>\d\d(?P<split>\s?)\d\d)(?!\d)"
_WRITINGS = (
    re.compile(rf"(?<!\d)(?=((?P<century>18|19|20){_GAP}{_TEN}))"),
    re.compile(rf"(?<!\d)(?=((?P<century>){_TEN}))"),
)


def personal_number(text: str, *, checked: bool = True) -> str | None:
    """The first personnummer or samordningsnummer in the text, as written there (digits made plain); whatever its
    check digit, if it need not be `checked`."""
    normal = unicodedata.normalize("NFKC", text)
    if sum(map(str.isdigit, normal)) < 10:
        return None  # as nearly every text, and looking closer is a tenth of what an entry costs
    plain = "".join(_plain_digit(c) for c in normal if not _is_invisible(c))
    for found in (found for writing in _WRITINGS for found in writing.finditer(plain)):
        if found["split"] and found["year"].startswith("0"):
            continue  # 08-12 34 56 78 is a telephone number written in pairs
        birth = found["birth"].replace(found["split"], "") if found["split"] else found["birth"]
        ten = found["year"] + found["month"] + found["day"] + birth
        if _is_birth_date(found["century"], ten) and (not checked or _check_digit(ten[:9]) == int(ten[9])):
            return found[1]
    return None


def refuse_personal_data(texts: Mapping[str, str]) -> None:
    """Raises PersonalData naming the field, never the number, if any text holds one.

    A running number that has the shape of one is a slip of the pen away from it, whatever its check digit.
    """
    for field, text in texts.items():
        if personal_number(text, checked=field != "serial"):
            raise PersonalData("personal-data", field=field)


def _is_invisible(char: str) -> bool:
    """What leaves no mark of its own between two digits: control and format characters, combining marks."""
    return unicodedata.category(char)[0] in "CM" and not char.isspace()


def _plain_digit(char: str) -> str:
    value = unicodedata.digit(char, None)
    return char if value is None else str(value)


def _is_birth_date(century: str, ten: str) -> bool:
    year, month, day = int(ten[:2]), int(ten[2:4]), int(ten[4:6])
    day -= 60 if day > 60 else 0
    for first in (century,) if century else ("19", "20"):
        try:
            date(int(first) * 100 + year, month, day)
        except ValueError:
            continue
        return True
    return False


def _check_digit(nine: str) -> int:
    """Luhn over the nine digits before it."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(nine))
    return -total % 10
