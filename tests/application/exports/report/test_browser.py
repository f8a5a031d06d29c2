"""The page in a real browser: at a telephone's width, at a desk, on paper."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from application.exports.report.page import page
from tests.application.exports.report.days import long_night, on, ordinary_day, region_wide_day, subscribe
from tests.application.exports.report.reading import report_of
from tests.application.exports.report.test_page import crowded_with
from tests.browser import WELL_MADE, Browser, Eyes, Window
from tests.conftest import on_sqlite
from tests.mailroom import mailroom
from tests.terminal import Terminal


def shown(window: Window, drawing: str) -> bool:
    return bool(window.finds(f"getComputedStyle(document.querySelector('figure svg.{drawing}')).display !== 'none'"))


@on_sqlite
def test_it_fits_a_telephone_a_desk_and_paper_and_fetches_nothing(
    window: Window, terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(report_of(terminal, ordinary_day(terminal)).html, encoding="utf-8")
    for width, height in ((320, 640), (390, 844), (768, 1024), (1280, 900)):
        window.opens(file, Eyes(width, height))
        assert window.finds("document.documentElement.scrollWidth") <= width
        assert shown(window, "narrow") == (width < 680)
        assert shown(window, "wide") == (width >= 680)
    window.opens(file, media="print")
    assert window.finds("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert window.prints().startswith(b"%PDF")
    light = window.finds("getComputedStyle(document.body).backgroundColor")
    window.opens(file, Eyes(dark=True))
    assert window.finds("getComputedStyle(document.body).backgroundColor") != light
    assert set(window.asked_for) == {file.as_uri()}


def test_texts_without_an_end_do_not_break_it_and_texts_that_are_code_do_not_run(
    window: Window, tmp_path: Path
) -> None:
    attack = "</span></svg><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    file = tmp_path / "hostile.html"
    file.write_text(page(crowded_with([attack, "x" * 1900])), encoding="utf-8")
    for width in (390, 1280):
        window.opens(file, Eyes(width, 844))
        assert window.finds("document.documentElement.scrollWidth") <= width
        assert window.finds("document.title") != "taken"
        assert window.finds("document.images.length + document.scripts.length") == 0


OVERLAPS = """(() => {
  const svg = [...document.querySelectorAll('figure > svg')].find(one => getComputedStyle(one).display !== 'none');
  const box = one => {
    const b = one.getBoundingClientRect(), said = one.querySelector('title')?.textContent || one.textContent;
    return {left: b.left, right: b.right, top: b.top + b.height / 5, bottom: b.bottom - b.height / 5, said};
  };
  const hit = (a, b) => a.left + 1 < b.right && b.left + 1 < a.right && a.top < b.bottom && b.top < a.bottom;
  const all = names => [...svg.querySelectorAll(names)].map(box);
  const texts = all('text'), counts = all('text.beside'), marks = all('rect.mail, path.refused'), edge = box(svg);
  return [
    ...texts.flatMap((a, i) => texts.slice(i + 1).filter(b => hit(a, b)).map(b => [a.said, b.said])),
    ...counts.flatMap(a => marks.filter(b => hit(a, b)).map(b => [a.said, b.said])),
    ...texts.filter(a => a.left < edge.left - 1 || a.right > edge.right + 1).map(a => [a.said, 'the edge']),
  ];
})()"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A day and a half told to many, one of whom is refused, and 40 papers in the night that is an hour longer; by
    name and language."""
    found: dict[str, Path] = {}
    for name, day in (("region-wide", region_wide_day), ("long-night", long_night)):
        folder = tmp_path_factory.mktemp(name)
        with mailroom() as mails:
            mails.refuses = "lund@example.se"
            terminal = Terminal(folder, smtp_url=mails.url)
            subscribe(on(terminal, "2026-12-07 08:00"))
            for reader in range(12):
                assert terminal.types(f"subscriber add s{reader}@example.se --audience staff").code == 0
            number = day(terminal)
            for language in ("sv", "en"):
                found[f"{name}-{language}"] = folder / f"{language}.html"
                found[f"{name}-{language}"].write_text(report_of(terminal, number, language).html, encoding="utf-8")
            terminal.close()
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_in_the_drawing_covers_a_word_or_a_count(window: Window, pages: dict[str, Path], width: int) -> None:
    for name, file in pages.items():
        window.opens(file, Eyes(width, 900))
        assert window.finds(OVERLAPS) == [], name


@pytest.mark.long
def test_the_report_keeps_nobody_out(browser: Browser, pages: dict[str, Path]) -> None:
    phone, desk = Eyes(390, 844, axe=WELL_MADE), Eyes(axe=WELL_MADE)
    eyes = [phone, desk, replace(phone, dark=True), replace(desk, dark=True)]
    assert browser.keeps_out(pages, *eyes) == {}


def test_forty_papers_are_told_on_five_sheets_and_the_first_is_full(window: Window, pages: dict[str, Path]) -> None:
    for language in ("sv", "en"):
        window.opens(pages[f"long-night-{language}"])
        sheets = re.findall(rb"/Type\s*/Page\b", window.prints())
        assert 3 <= len(sheets) <= 5
        on_paper = 718, 1020  # what the margins leave of A4, in pixels
        window.opens(pages[f"long-night-{language}"], Eyes(*on_paper), media="print")
        assert window.finds("document.getElementById('verdicts').getBoundingClientRect().top") < on_paper[1]
