"""A patient's number is found in any writing; what only looks like one is not."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.se import personnummer as oracle

from domain.personal_data import CLOSE, fields_with_numbers, personal_number, refuse_personal_data
from domain.refusals import PersonalData

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODAY = NOW.date()
BORN = st.dates(date(1900, 1, 1), date(2025, 12, 31)).filter(lambda day: day.year != 1926)
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


MONTHS = [
    ("januari", "jan", "January"),
    ("februari", "feb", "February"),
    ("mars", "mar", "March"),
    ("april", "apr.", "April"),
    ("maj", "maj", "May"),
    ("juni", "jun", "June"),
    ("juli", "jul", "July"),
    ("augusti", "aug.", "August"),
    ("september", "sept", "September"),
    ("oktober", "okt", "October"),
    ("november", "nov", "November"),
    ("december", "dec", "December"),
]
APART = [
    ", ",
    "; ",
    " sista fyra ",
    " (sista 4: ",
    ", de fyra sista är ",
    " slutsiffror ",
    "&ndash;",
    "&nbsp;- ",
    "%20-%20",
    "\n",
]


@st.composite
def writings_that_slipped_through(draw: st.DrawFn) -> str:
    """The last four apart from the date, digits one by one or in odd groups, months in words, the web's codes."""
    century, ten = draw(ten_digits())
    year, last = draw(st.sampled_from([ten[:2], century + ten[:2]])), ten[6:]
    month, day, apart = draw(st.sampled_from(MONTHS[int(ten[2:4]) - 1])), int(ten[4:6]), draw(st.sampled_from(APART))
    whole = f"{year}{ten[2:6]}-{last}"
    odd = [f"{ten[:3]} {ten[3:6]} {ten[6:8]} {ten[8:]}", f"{ten[:5]} {ten[5:]}"] if ten[0] != "0" else []
    return draw(
        st.sampled_from(
            [
                f"{year}{ten[2:6]}{apart}{last}",
                f"{year}-{ten[2:4]}-{ten[4:6]}{apart}{last}",
                f"{day} {month} {year}{apart}{last}",
                f"den {day}:e {month} {year}-{last}",
                f"{day}/{int(ten[2:4])} {century}{ten[:2]}{apart}{last}",
                f"{month} {day}, {century}{ten[:2]}{apart}{last}",
                " ".join(ten),
                f"{' '.join(ten[:6])} - {' '.join(last)}",
                "-".join(ten),
                quote(whole, safe="").replace("-", "%2D"),
                "".join(f"%{ord(char):02x}" for char in whole),
                quote("".join(f"%{ord(char):02x}" for char in whole)),
                "".join(f"&#{ord(char)};" for char in whole),
                *odd,
            ]
        )
    )


LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@st.composite
def numbers_of_whoever_has_no_personnummer(draw: st.DrawFn) -> str:
    """Region Skåne's reserve number, the national one, and an interim number."""
    born, number = draw(BORN), draw(BIRTH_NUMBER)
    skane = f"{draw(st.sampled_from('DEF'))}{draw(LETTERS)}{draw(st.sampled_from('01'))}{draw(LETTERS)}"
    some = draw(st.text("ABCDEFGHJKLMNPRSTUXYZ", min_size=3, max_size=3))
    national = draw(st.sampled_from([f"{some[:2]}{number[:2]}", f"{some}{number[0]}"]))
    dash = draw(st.sampled_from(["", "-", " ", " - ", "\u2013"]))
    return draw(
        st.sampled_from(
            [
                f"{born:%Y%m%d}{dash}{skane}",
                f"{born:%y%m%d}{dash}{skane.lower()}",
                f"{born:%Y-%m-%d}{dash}{skane}",
                f"{born:%y%m%d}{dash}{draw(st.sampled_from('TRSUWXJKLMN'))}{number}",
                f"{born:%Y%m%d}{draw(st.sampled_from(['', '-']))}{national}",
            ]
        )
    )


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
    assert personal_number(before + number + after, NOW)


@given(
    writings_that_slipped_through(),
    st.sampled_from(["", "Patient ", "(", "kl 08:05 "]),
    st.sampled_from(["", ".", " ringde"]),
)
@example("811218, 9876", "", "")
@example("811218 sista fyra 9876", "", "")
@example("8 1 1 2 1 8 9 8 7 6", "rum 4 ", " 4 dagar")
@example("född 18 december -81, sista fyra 9876", "", "")
@example("+811218-9876", "", "")
def test_it_is_found_however_the_date_and_the_last_four_are_parted(number: str, before: str, after: str) -> None:
    assert personal_number(before + number + after, NOW), before + number + after


@given(numbers_of_whoever_has_no_personnummer(), st.sampled_from(BEFORE), st.sampled_from(["", ".", ")", " ringde"]))
@example("19810829DA0B", "Patient ", " ringer")
@example("19810829-da0b", "", "")
def test_reserve_and_interim_numbers_are_found(number: str, before: str, after: str) -> None:
    assert personal_number(before + number + after, NOW), before + number + after


@given(
    ten_digits(),
    st.sampled_from(["{date}", "Patient född {date}", "född {date} ringde"]),
    st.sampled_from(["{last}", "sista fyra {last}", "sista 4: {last}", "-{last} ringde"]),
)
def test_a_number_in_two_fields_is_found(number: tuple[str, str], first: str, second: str) -> None:
    century, ten = number
    date_said, last = first.format(date=century + ten[:6]), second.format(last=ten[6:])
    if "ringde" in first and "sista" not in second:
        return  # four digits of no kind, far from a date
    for texts in ({"unit": date_said, "note": last}, {"note": last, "unit": date_said}):
        assert personal_number(date_said, NOW) is personal_number(last, NOW) is None
        assert list(fields_with_numbers(texts, NOW)) == [("unit", "note")]


@given(in_another_script())
@example("８５０７０９－９８０５")
@example("٨٥٠٧٠٩-٩٨٠٥")
def test_it_is_found_in_the_digits_of_any_script(number: str) -> None:
    assert personal_number(number, NOW)


@given(with_invisible_characters())
@example("8507\u200b09-9805")
def test_it_is_found_with_invisible_characters_between(number: str) -> None:
    assert personal_number(number, NOW)


@pytest.mark.parametrize(
    "hidden", ["850709-9805", "850709-9805"[::1].replace("-", "\x1b"), "8507\x0009-9805", "85\x010709-9805"]
)
def test_it_is_found_with_control_characters_between(hidden: str) -> None:
    assert personal_number(hidden, NOW)


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
    assert personal_number(text, NOW)


@given(ten_digits())
def test_what_the_oracle_calls_a_personnummer_is_found(number: tuple[str, str]) -> None:
    """python-stdnum knows no samordningsnummer, so only dates as they are."""
    century, ten = number
    for text in (f"{ten[:6]}-{ten[6:]}", f"{century}{ten[:6]}-{ten[6:]}"):
        if oracle.is_valid(text):
            assert personal_number(text, NOW)


@given(st.from_regex(r"(19|20)?[0-9]{6}[-+][0-9]{4}", fullmatch=True).filter(str.isascii))
def test_what_the_oracle_refuses_is_none_unless_a_samordningsnummer(text: str) -> None:
    is_coordination = text[-7:-5] > "60"
    if not is_coordination and "+" not in text:
        # Without its century the oracle knows one date, today's; a date of either century is one to us.
        other = [century + text for century in ("19", "20")] if len(text) == 11 else [text]
        assert bool(personal_number(text, NOW)) == any(oracle.is_valid(number) for number in other)


@given(ten_digits(), st.integers(1, 9))
def test_a_wrong_check_digit_makes_it_another_number(number: tuple[str, str], more: int) -> None:
    _, ten = number
    wrong = ten[:9] + str((int(ten[9]) + more) % 10)
    assert personal_number(f"{wrong[:6]}-{wrong[6:]}", NOW) is None


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
        assert personal_number(text, NOW) is None, text


MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001 - read off a wall
CLOSE_DAYS = st.integers(-CLOSE.days, CLOSE.days).map(lambda days: TODAY + timedelta(days=days))


@given(st.integers(0, 9999), st.integers(2024, 2099), MOMENTS)
@example(17, 2026, datetime(2012, 3, 2, 8, 5))  # noqa: DTZ001 - read off a wall
def test_case_references_incident_numbers_serials_and_times_are_none(number: int, year: int, when: datetime) -> None:
    for text in (
        f"INC{number:04d}",
        f"INC000{number:04d}",
        f"INC{when:%y%m%d}{number:04d}",
        f"VS-{number}",
        f"RITZ-{year}-{number:04d}",
        f"{year}-{number:04d}",
        f"OT-{number:04d}",
        f"{when:%Y-%m-%d %H:%M}",
        f"{when:%Y-%m-%dT%H:%M:%S}Z",
        f"{when:%Y%m%dT%H%M%S}Z",
        f"{when:%Y%m%d%H%M%S}",
        f"{when:%d/%m kl %H.%M}",
        f"{when:%Y-%m-%d %H:%M}-{when:%H:%M}",
        f"{when:%Y-%m-%d %H%M}-{when:%H%M}",
        f"{when:%Y-%m-%d}--{when:%Y-%m-%d}",
        f"{when:%Y%m%d}-{when:%Y%m%d}",
        f"{when:%d}/{when:%m} {when:%H:%M} 12 remisser",
        f"{when:%H:%M}: OT-{number:04d}, {year}-{number:04d}",
        f"{when:%H%M}-{when:%H%M} {number:04d}",
        "30 000",
    ):
        assert personal_number(text, NOW) is None, text


@given(CLOSE_DAYS, st.integers(1, 999), st.times())
def test_the_day_with_a_running_number_or_a_time_is_none(day: date, number: int, at: time) -> None:
    for text in (
        *(
            f"{day:{form}}{dash}{number:04d}"
            for form in ("%y%m%d", "%Y%m%d", "%Y-%m-%d")
            for dash in ("", "-", " ", "/")
        ),
        *(
            f"{day:{form}}{dash}{at:%H%M}"
            for form in ("%y%m%d", "%Y%m%d", "%Y-%m-%d")
            for dash in ("", "-", " ", " kl ")
        ),
        f"{day:%y%m%d}-T{number:03d}",
        f"{day.day} november {day.year}, {at:%H%M}",
    ):
        assert personal_number(text, NOW, checked=False) is None, text
        assert list(fields_with_numbers({"serial": text}, NOW)) == []


@given(st.dates(date(2026, 11, 30), date(2099, 12, 31)), digits(4))
def test_a_day_that_is_still_to_come_is_nobodys_birth(day: date, four: str) -> None:
    for text in (f"{day:%Y%m%d}-{four}", f"{day:%Y-%m-%d} {four}", f"{day:%Y%m%d}{four}"):
        assert personal_number(text, NOW, checked=False) is None, text


def test_what_is_entered_long_afterwards_has_the_days_of_its_own_time() -> None:
    for number in range(1, 100):
        text = {"serial": f"260302-{number:04d}"}
        assert list(fields_with_numbers(text, NOW, datetime(2026, 3, 4, tzinfo=UTC))) == []
        assert list(fields_with_numbers(text, NOW)) == [("serial", None)]


@given(BORN, BIRTH_NUMBER)
def test_a_newborn_has_a_number_too(born: date, number: str) -> None:
    """But where it could be a paper's or a clock's, it is taken for that."""
    day = TODAY - timedelta(days=born.day)
    nine = f"{day:%y%m%d}{number}"
    last = nine[6:] + luhn.calc_check_digit(nine)
    if last[0] != "0" and not (last[:2] < "24" and last[2:] < "60"):
        assert personal_number(f"{nine[:6]}-{last}", NOW)


@pytest.mark.parametrize(
    "text",
    [
        "070-123 45 67",
        "+46 70 123 45 67",
        "+46 11 12 34 56",
        "046-12 34 56",
        "08-123 456 78",
        "INC0042",
        "VS-118",
        "RITZ-2026-4711",
        "2026-0007",
        "2026-12-07 08:05",
        "OT-0017",
        "884213",
        "Ritz DA0B",
        "artikel 810829-1234",
        "2026-11-28 DAG 1",
        "remiss 261128-A1",
        "2024-05-02 kl08",
        "",
    ],
)
def test_everyday_numbers_are_none(text: str) -> None:
    assert personal_number(text, NOW) is None


def test_the_refusal_names_the_field_and_never_the_number() -> None:
    with pytest.raises(PersonalData) as refusal:
        refuse_personal_data({"unit": "Ortopeden Lund", "note": "gäller 850709-9805"}, NOW)
    assert refusal.value.data == {"field": "note"}
    assert "850709" not in f"{refusal.value}{refusal.value.data}"
    with pytest.raises(PersonalData, match="personal-data-together") as refusal:
        refuse_personal_data({"unit": "född 850709", "note": "9805"}, NOW)
    assert refusal.value.data == {"field": "unit", "other": "note"}
