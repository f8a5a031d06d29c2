"""The staff diary: nothing blank or overwritten; each entry has its two times, who, why and where it is found."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from application.exports.diary.export import write
from application.exports.diary.page import css_string
from tests.application.exports.report.days import SYSTEMS, crowded_day, on, ordinary_day
from tests.application.exports.report.reading import Page
from tests.browser import Eyes, Window
from tests.conftest import on_sqlite
from tests.terminal import Terminal
from wording.words import Language

ORGANISATION = 'Region "Skåne" </style><script>'
REFERENCE = "RS 2026-118"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """The ordinary day, and afterwards: a decision with its reason, a reason for lateness, a hand-over, an entry that
    was struck; signed for before the last of them."""
    folder = tmp_path_factory.mktemp("told")
    terminal = Terminal(folder)
    terminal.desk.settings = replace(
        terminal.settings,
        organisation=ORGANISATION,
        signing_key_file=folder / "signing.key",
        log_origin="logg.example.se/sesam",
    )
    assert terminal.types("keys create").code == 0
    ordinary_day(terminal)
    on(terminal, "2026-12-07 16:00").records("desk-handed-over --incident 1 --to vo-hjalpmedel")
    decision = "decision-made --incident 1 --as vo-hjalpmedel --decided-by unit-manager --decision 'vi stannar till 18'"
    on(terminal, "2026-12-07 17:00").records(
        f"{decision} --reason 'remisser kommer än' --at 16:10 --late-because 'satt i telefon'"
    )
    on(terminal, "2026-12-07 17:10").records(
        "entry-withdrawn --incident 1 --entry 7 --reason 'hör till förra avbrottet'"
    )
    assert terminal.types("checkpoint").code == 0
    on(terminal, "2026-12-07 17:20").records("note-added --incident 1 --text 'Lugnt.'")
    yield terminal
    terminal.close()


def page_of(terminal: Terminal, language: Language = "sv", reference: str = REFERENCE) -> Page:
    out = io.BytesIO()
    write(terminal.desk.speaking(language), "2026-0001", out, reference=reference)
    return Page(out.getvalue().decode("utf-8"))


def text_of(terminal: Terminal, language: Language = "sv", reference: str = REFERENCE) -> str:
    out = io.BytesIO()
    write(terminal.desk.speaking(language), "2026-0001", out, reference=reference, as_text=True)
    return out.getvalue().decode("utf-8")


def letters(said: str) -> str:
    """Whatever lines and marks part them."""
    return re.sub(r"[\W_]", "", said).casefold()


def cells(html: str) -> list[list[str]]:
    """Every row of the page's table, cell by cell, without markup."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    split = [re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in split]


SAID = {
    "sv": (
        "Stabsdagbok", "Myndighet", "Diarienummer", "Period 2026-12-07 08:05 CET – 2026-12-07 15:00 CET",
        "Loggen förs av Hjälpmedel Administration; VO Hjälpmedel från 2026-12-07 16:00 CET",
        "Slut på loggen: 30 poster", "Loggförare", "Ansvarig", "Från och med post 30 är posterna nyare.",
        "Struken av post 29: hör till förra avbrottet (Hjälpmedel Administration, inte registrerad som personal",
        "Rättad av post 24", "50 min senare: satt i telefon", "1 h 5 min senare: inget skäl angivet",
    ),
    "en": (
        "Staff diary", "Organisation", "Registration number", "Period 2026-12-07 08:05 CET – 2026-12-07 15:00 CET",
        "Log kept by Hjälpmedel Administration; VO Hjälpmedel from", "End of the log: 30 entries",
        "Log keeper", "In charge", "Entries from 30 on are newer",
        "Struck by entry 29: hör till förra avbrottet", "Corrected by entry 24", "50 min later: satt i telefon",
        "1 h 5 min later: no reason given",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_and_the_text_say_all_of_a_diary(told: Terminal, language: Language) -> None:
    page = page_of(told, language)
    text = letters(text_of(told, language))
    for said in (*SAID[language], REFERENCE, "vi stannar till 18", "remisser kommer än", "logg.example.se/sesam"):
        assert said in page.spaced, said
        assert letters(said) in text, said
    assert not {"script", "link", "img"} & {tag for tag, *_names in page.shape}
    assert page.addresses == page.targets == []


def test_no_cell_of_the_page_is_blank_and_each_entry_is_found_in_the_log(told: Terminal) -> None:
    rows = cells(page_of(told).html)
    assert [row[0] for row in rows] == [str(number) for number in range(1, 31)]
    assert all(len(row) == 7 and all(row) for row in rows)
    bundled = [row[6] for row in rows]
    assert len(set(bundled)) == 30
    assert all(re.fullmatch(rf"{number} [0-9a-f]{{8}}", sign) for number, sign in enumerate(bundled, 1))
    [decided] = [row for row in rows if row[4] == "Beslut fattat"]
    assert decided[5] == (
        "Beslut: vi stannar till 18 Skäl: remisser kommer än Beslutat av: enhetschefen för systemansvarig"
    )
    assert re.search(r"<s>Antal inringande: .*?7.*?</s>", page_of(told).html), "what was struck can still be read"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_text_is_pages_of_sixty_lines_of_eighty_characters_each_with_number_and_checkpoint(
    told: Terminal, language: Language
) -> None:
    pages = text_of(told, language).split("\f")
    word = {"sv": "Sida", "en": "Page"}[language]
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        lines = page.splitlines()
        assert len(lines) <= 60
        assert max(map(len, lines)) <= 80
        assert lines[0].endswith(f"{word} {number} ({len(pages)})")
        assert "logg.example.se/sesam" in page
        assert "\n\n\n\n" not in page, "what is left of a page is struck through"


def test_what_nobody_has_said_is_a_line_to_fill_in_and_never_invented(terminal: Terminal) -> None:
    on(terminal, "2026-12-07 08:05").records(f"outage-detected --scope all-users {SYSTEMS}")
    page, text = page_of(terminal, reference=""), text_of(terminal, reference="")
    assert page.html.count('<dd><span class="line"></span></dd>') == 2
    assert [line.partition(":")[0] for line in text.splitlines() if line.endswith("_" * 40)] == [
        "Myndighet",
        "Diarienummer",
    ]
    assert "2026-12-07 08:05 CET – pågår" in page.spaced
    assert "Slut på loggen så här långt: 1 post" in page.spaced
    assert "Ingen kontrollpunkt har gjorts" in page.spaced


def test_a_file_that_ends_with_txt_and_stdout_are_text_and_a_reference_is_a_diarys(
    outage: Terminal, tmp_path: Path
) -> None:
    for name, begins in (("dagbok.html", "<!DOCTYPE html>"), ("dagbok.TXT", "Stabsdagbok 2026-0001")):
        reply = outage.types(f"export 1 --format dagbok -o {tmp_path / name} --json")
        assert reply.json["format"] == "dagbok"
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)
    refused = outage.types(f"export 1 --format html --reference 118 -o {tmp_path / 'x'}")
    assert (refused.code, "--format dagbok" in refused.err) == (2, True)


def test_a_string_of_the_style_sheet_ends_where_it_should() -> None:
    assert css_string('a"b\\</style>\n– å') == r'"a\22 b\5c \3c /style\3e \a \2013  å"'


@on_sqlite
def test_on_paper_nothing_covers_anything_with_a_hundred_entries(
    window: Window, terminal: Terminal, tmp_path: Path
) -> None:
    crowded_day(terminal, 55)
    page = tmp_path / "dagbok.html"
    page.write_text(page_of(terminal).html, encoding="utf-8")
    window.opens(page, Eyes(1032, 750), media="print")
    assert window.finds("document.querySelectorAll('tbody tr').length") > 100
    wide = "[...document.querySelectorAll('th, td, dd')].filter(c => c.scrollWidth > c.clientWidth + 1)"
    assert window.finds(f"{wide}.map(c => c.textContent)") == []
    assert window.prints().startswith(b"%PDF")
