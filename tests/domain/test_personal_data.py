"""A personnummer is found in any writing; what only looks like one is not."""

from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.se import personnummer as oracle

from domain.personal_data import personal_number, refuse_personal_data
from domain.refusals import PersonalData

BORN = st.dates(date(1900, 1, 1), date(2025, 12, 31))
BIRTH_NUMBER = st.integers(0, 999).map(lambda number: f"{number:03d}")
DASHES = ["-", "+", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"]
ZEROES = "0０٠۰०๐᠐\U0001d7ce"
"""The zero of ASCII, full width, Arabic, Persian, Devanagari, Thai, Mongolian and bold mathematics."""
INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\ufe0f", "\u034f"]
BEFORE = ["", "Patient ", "pnr:", "(", "nr", "Å", "rum 4 ", "kl 08:05 ", "OT-0017 ", "19 ", "2026-12-07\n"]
AFTER = ["", ".", ")", " ringde", "år", " 4 dagar", " 08:05", " 12 dagar", ", 30 000", "\n2026-12-07"]


@st.composite
def ten_digits(draw: st.DrawFn) -> tuple[str, str]:
    """The century and the ten digits of a personnummer, or of a samordningsnummer."""
    born, number = draw(BORN), draw(BIRTH_NUMBER)
    day = born.day + draw(st.sampled_from([0, 60]))
    nine = f"{born:%y%m}{day:02d}{number}"
    return str(born.year // 100), nine + luhn.calc_check_digit(nine)


@st.composite
def written_numbers(draw: st.DrawFn) -> str:
    """Such a number as people write it."""
    century, ten = draw(ten_digits())
    first = century if draw(st.booleans()) else ""
    year, month, day, last = ten[:2], ten[2:4], ten[4:6], ten[6:]
    between = draw(st.sampled_from(["", "", "-", " ", ".", "/"]))
    dash = draw(st.sampled_from(["", " ", " - ", *DASHES]))
    return f"{first}{draw(st.sampled_from(['', ' '])) if first else ''}{between.join((year, month, day))}{dash}{last}"


@st.composite
def in_another_script(draw: st.DrawFn) -> str:
    text = draw(written_numbers())
    zero = draw(st.sampled_from(ZEROES))
    return "".join(chr(ord(zero) + int(char)) if char.isascii() and char.isdigit() else char for char in text)


@st.composite
def with_invisible_characters(draw: st.DrawFn) -> str:
    text = draw(written_numbers())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(INVISIBLE)) + text[place:]
    return text


@given(written_numbers(), st.sampled_from(BEFORE), st.sampled_from(AFTER))
@example("201115-2390", "", " 08:05")
def test_a_personnummer_or_samordningsnummer_is_found_in_any_writing(number: str, before: str, after: str) -> None:
    assert personal_number(before + number + after)


@given(in_another_script())
@example("８５０７０９－９８０５")
@example("٨٥٠٧٠٩-٩٨٠٥")
def test_it_is_found_in_the_digits_of_any_script(number: str) -> None:
    assert personal_number(number)


@given(with_invisible_characters())
@example("8507\u200b09-9805")
def test_it_is_found_with_invisible_characters_between(number: str) -> None:
    assert personal_number(number)


@pytest.mark.parametrize(
    "hidden", ["850709-9805", "850709-9805"[::1].replace("-", "\x1b"), "8507\x0009-9805", "85\x010709-9805"]
)
def test_it_is_found_with_control_characters_between(hidden: str) -> None:
    assert personal_number(hidden)


@pytest.mark.parametrize(
    "text",
    [
        "850709-9805",
        "19850709-9805",
        "8507099805",
        "198507099805",
        "850709+9805",
        "850709 9805",
        "85 07 09-98 05",
        "19 85 07 09 98 05",
        "1985-07-09-9805",
        "1985-07-09 9805",
        "pnr850709-9805ringde",
        "850769-9802",  # samordningsnummer: the day plus 60
        "19850769-9802",
        "000229-0005",  # leap day of 2000
    ],
)
def test_these_writings_are_found(text: str) -> None:
    assert personal_number(text)


@given(ten_digits())
def test_what_the_oracle_calls_a_personnummer_is_found(number: tuple[str, str]) -> None:
    """python-stdnum knows no samordningsnummer, so only dates as they are."""
    century, ten = number
    for text in (f"{ten[:6]}-{ten[6:]}", f"{century}{ten[:6]}-{ten[6:]}"):
        if oracle.is_valid(text):
            assert personal_number(text)


@given(st.from_regex(r"(19|20)?[0-9]{6}[-+][0-9]{4}", fullmatch=True).filter(str.isascii))
def test_what_the_oracle_refuses_is_none_unless_a_samordningsnummer(text: str) -> None:
    is_coordination = text[-7:-5] > "60"
    if not is_coordination and "+" not in text:
        # Without its century the oracle knows one date, today's; a date of either century is one to us.
        other = [century + text for century in ("19", "20")] if len(text) == 11 else [text]
        assert bool(personal_number(text)) == any(oracle.is_valid(number) for number in other)


@given(ten_digits(), st.integers(1, 9))
def test_a_wrong_check_digit_makes_it_another_number(number: tuple[str, str], more: int) -> None:
    _, ten = number
    wrong = ten[:9] + str((int(ten[9]) + more) % 10)
    assert personal_number(f"{wrong[:6]}-{wrong[6:]}") is None


def digits(count: int) -> st.SearchStrategy[str]:
    return st.integers(0, 10**count - 1).map(lambda number: f"{number:0{count}d}")


@given(digits(7), digits(8), digits(6))
@example("1234567", "12345678", "123456")
def test_a_telephone_number_with_its_area_code_apart_is_none(mobile: str, stockholm: str, lund: str) -> None:
    a, b, c = mobile[:3], mobile[3:5], mobile[5:]
    for text in (
        f"070-{a} {b} {c}",
        f"070-{mobile}",
        f"+46 70 {a} {b} {c}",
        f"+46 (0)70-{a} {b} {c}",
        f"046-{lund[:2]} {lund[2:4]} {lund[4:]}",
        f"046-{lund}",
        f"08-{stockholm[:3]} {stockholm[3:6]} {stockholm[6:]}",
        f"+46 8 {stockholm[:3]} {stockholm[3:6]} {stockholm[6:]}",
        f"Ring 070-{a} {b} {c} eller 30 000.",
    ):
        assert personal_number(text) is None, text


DATES = st.datetimes(datetime(2024, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001 - read off a wall
"""What this log is about; 2012-03-02 08:05 and the like of years ending in 01 to 12 may be taken for a number."""


@given(st.integers(0, 9999), st.integers(2024, 2099), DATES)
def test_case_references_incident_numbers_serials_and_times_are_none(number: int, year: int, when: datetime) -> None:
    for text in (
        f"INC{number:04d}",
        f"INC000{number:04d}",
        f"VS-{number}",
        f"RITZ-{year}-{number:04d}",
        f"{year}-{number:04d}",
        f"OT-{number:04d}",
        f"{when:%Y-%m-%d %H:%M}",
        f"{when:%Y-%m-%dT%H:%M:%S}Z",
        f"{when:%d/%m kl %H.%M}",
        f"{when:%Y-%m-%d %H:%M}-{when:%H:%M}",
        f"{when:%H:%M}: OT-{number:04d}, {year}-{number:04d}",
        "30 000",
    ):
        assert personal_number(text) is None, text


@pytest.mark.parametrize(
    "text",
    [
        "070-123 45 67",
        "+46 70 123 45 67",
        "046-12 34 56",
        "08-123 456 78",
        "INC0042",
        "VS-118",
        "RITZ-2026-4711",
        "2026-0007",
        "2026-12-07 08:05",
        "OT-0017",
        "884213",
        "",
    ],
)
def test_everyday_numbers_are_none(text: str) -> None:
    assert personal_number(text) is None


def test_the_refusal_names_the_field_and_never_the_number() -> None:
    with pytest.raises(PersonalData) as refusal:
        refuse_personal_data({"unit": "Ortopeden Lund", "note": "gäller 850709-9805"})
    assert refusal.value.data == {"field": "note"}
    assert "850709" not in f"{refusal.value}{refusal.value.data}"
