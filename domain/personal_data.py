"""Finding a patient's number in any writing (dataskyddslagen 3 kap. 10 §).

Such a number is a birth date and four signs more. The date is written together or divided where people divide it:
after century, year, month, day. A telephone number divides elsewhere, so `070-123 45 67` holds none. The four are

- of a personnummer or samordningsnummer (the day plus 60): digits, the last of which is the check digit;
- of an interim number: one of twelve letters and three digits;
- of a reserve number: Region Skåne's `DA0B`, or the national `AB12` and `ABC1`.

A day that is still to come is nobody's birth, and a day close to what is told, with a running number or a time after
it, is a paper's or a clock's.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import product

from domain.refusals import PersonalData
from domain.vocabulary import SWEDEN

CLOSE = timedelta(days=31)
"""So close to what is told, a day is more likely an outage's than a patient's first."""

_FEWEST = 7
"""Digits of the shortest number. Few texts have them, and looking closer is a tenth of what an entry costs."""

_SIGN = r"(?:[^\w,;]|_)"
_DATE = rf"\d{{6}}|\d\d{_SIGN}{{1,3}}\d\d{_SIGN}{{1,3}}\d\d"
_DATES = (
    rf"(?P<century>18|19|20){_SIGN}{{0,3}}(?P<date>{_DATE}|\d\d{_SIGN}\d{{4}})",
    rf"(?P<century>)(?P<date>{_DATE})",
)
_LAST_FOUR = r"(?i:sist|slut|kontroll|fyra|siffr|four|last|ending|digits)"
_GAP = rf"(?:[\W_]{{0,5}}|(?:\D|4(?=\s?{_LAST_FOUR})){{0,30}}?{_LAST_FOUR}\D{{0,30}}?(?:\b4\D{{1,3}})?)"
_ENDINGS = (
    rf"{_GAP}(?P<digits>\d\d(?P<split>\s?)\d\d)(?!\d|[-–/.]\d\d[-–/.])",
    rf"{_SIGN}{{0,3}}(?P<interim>(?i:[TRSUWXJKLMN])\d{{3}})(?!\w)",
    rf"{_SIGN}{{0,3}}(?P<reserve>(?i:[DEF][A-Z][01][A-Z]))(?!\w)",
    r"-?(?P<national>[A-HJ-NPR-UXYZ]{2}(?:\d|[A-HJ-NPR-UXYZ])\d)(?!\w)",
)
# Compiled by the first text that has so many digits. A match is looked for at every place, as one may hide another.
_NUMBERS = tuple(rf"(?<!\d)(?!(?<=\+)4\d)(?=(?P<number>(?:{born})(?:{'|'.join(_ENDINGS)})))" for born in _DATES)
_CLOCK = r"(?:[01]\d|2[0-3])[0-5]\d"
_CASE = r"(?i)\b(?:INC|RITM|REQ|CHG|CASE|TASK|SR|CS)-?\Z"
"""What a case number begins with, where cases are kept."""

_ENDS = r"(?:(?:\d\d[\W_]{0,3}){2}|[^\W\d_]{3}\W{1,3}(?:\d\d)?)\d\d\D{0,35}\Z"
_BEGINS = r"\D{0,35}(?:4\D{1,3})?(?:\d\d\s?\d\d(?!\d)|\b[A-Za-z]{1,3}\d{1,3}[A-Za-z]?\b)"
"""The end and the beginning of two texts of which one may go on in the other with a number's last four."""


def personal_number(text: str, now: datetime, told: datetime | None = None, *, checked: bool = True) -> str | None:
    """The first patient's number in the text, in the one writing that `readings` gives it.

    `told` is the moment that the text is about, where that is not `now`. Digits count whatever the last of them is,
    if that need not be `checked`.
    """
    if _digits(text) < _FEWEST:
        return None
    from domain.writings import readings  # for the few texts that come so far

    today, day = (at.astimezone(SWEDEN).date() for at in (now, told or now))
    for reading, written in product(readings(text), _NUMBERS):
        for found in re.finditer(written, reading):
            if _is_patients(found, today, day, checked):
                return found["number"]
    return None


def fields_with_numbers(
    texts: Mapping[str, str], now: datetime, told: datetime | None = None
) -> Iterator[tuple[str, str | None]]:
    """Each field whose text holds a patient's number, and where it goes on in another field that field's name.

    A paper's running number that has the shape of one is a slip of the pen away from it, whatever its check digit.
    """
    if _digits("\n".join(texts.values())) < _FEWEST:
        return
    for field, text in texts.items():
        if personal_number(text, now, told, checked=field != "serial"):
            yield field, None
    ends = {field: text[-80:] for field, text in texts.items() if re.search(_ENDS, text[-80:])}
    begins = {field: text[:80] for field, text in texts.items() if ends and re.match(_BEGINS, text)}
    for field, other in product(ends, begins):
        if field != other and personal_number(f"{ends[field]}\n{begins[other]}", now, told):
            yield field, other


def refuse_personal_data(texts: Mapping[str, str], now: datetime, told: datetime | None = None) -> None:
    """Raises PersonalData naming the field, never the number, if any text holds one or two of them do together."""
    for field, other in fields_with_numbers(texts, now, told):
        if other:
            raise PersonalData("personal-data-together", field=field, other=other)
        raise PersonalData("personal-data", field=field)


def _digits(text: str) -> int:
    """How many there are, of any script."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    try:
        letters = plain.encode("latin-1")  # as nearly every text: a tenth of the time
    except UnicodeEncodeError:
        return sum(map(str.isdigit, plain))
    return len(letters) - len(letters.translate(None, b"0123456789"))


def _is_patients(found: re.Match[str], today: date, told: date, checked: bool) -> bool:
    """Whether what has the shape of a number is one, and nothing else that people write so."""
    if found["reserve"]:
        return True
    born = re.sub(r"\D", "", found["date"])
    days = list(_days(found["century"], born))
    is_close = any(abs(day - told) <= CLOSE for day in days) and int(born[4:]) <= 31
    if not any(day <= today for day in days):
        return False
    if not found["digits"]:
        return not is_close and bool(found["interim"] or found["century"])
    start, end = found.span("number")
    before, after = found.string[max(start - 6, 0) : start], found.string[end : end + 8]
    if found["split"]:
        if found["date"].startswith("0") and not found["century"]:
            return False  # 08-12 34 56 78 is a telephone number written in pairs
        if found.string[found.start("digits") - 1] in ":.":
            return False  # 10/01 04:09 12 is a day and a time
    last = re.sub(r"\s", "", found["digits"])
    if is_close and (last.startswith("0") or re.fullmatch(_CLOCK, last)):
        return False
    if found["number"].isdigit() and re.search(_CASE, before):
        return False
    if re.fullmatch(_CLOCK, last) and re.match(rf"\s?[-–]\s?{_CLOCK}(?!\d)", after):
        return False
    return not checked or _check_digit(born + last[:3]) == int(last[3])


def _days(century: str, born: str) -> Iterator[date]:
    """The days that these six digits may be, with 60 added to the day or not."""
    year, month, day = int(born[:2]), int(born[2:4]), int(born[4:])
    for first in (century,) if century else ("19", "20"):
        try:
            yield date(int(first) * 100 + year, month, day - 60 if day > 60 else day)
        except ValueError:
            continue


def _check_digit(nine: str) -> int:
    """Luhn over the nine digits before it."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(nine))
    return -total % 10
