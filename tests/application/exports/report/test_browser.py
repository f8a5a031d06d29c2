"""The page in a real browser: at a telephone's width, at a desk, on paper."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.exports.report.page import page
from tests.application.exports.report.days import ordinary_day
from tests.application.exports.report.reading import report_of
from tests.application.exports.report.test_page import crowded_with
from tests.browser import CHROMIUM, Browser, browser
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def shown(window: Browser, drawing: str) -> bool:
    return bool(window.finds(f"getComputedStyle(document.querySelector('figure svg.{drawing}')).display !== 'none'"))


def test_it_fits_a_telephone_a_desk_and_paper_and_fetches_nothing(
    window: Browser, terminal: Terminal, tmp_path: Path
) -> None:
    file, before = tmp_path / "report.html", len(window.asked_for)
    file.write_text(report_of(terminal, ordinary_day(terminal)).html, encoding="utf-8")
    for width, height in ((320, 640), (390, 844), (768, 1024), (1280, 900)):
        window.opens(file, width, height)
        assert window.finds("document.documentElement.scrollWidth") <= width
        assert shown(window, "narrow") == (width < 680)
        assert shown(window, "wide") == (width >= 680)
    window.opens(file, 1280, 900, media="print")
    assert window.finds("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert window.prints().startswith(b"%PDF")
    light = window.finds("getComputedStyle(document.body).backgroundColor")
    window.opens(file, 1280, 900, dark=True)
    assert window.finds("getComputedStyle(document.body).backgroundColor") != light
    assert set(window.asked_for[before:]) == {file.as_uri()}


def test_texts_without_an_end_do_not_break_it_and_texts_that_are_code_do_not_run(
    window: Browser, tmp_path: Path
) -> None:
    attack = "</span></svg><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    file = tmp_path / "hostile.html"
    file.write_text(page(crowded_with([attack, "x" * 1900])), encoding="utf-8")
    for width in (390, 1280):
        window.opens(file, width, 844)
        assert window.finds("document.documentElement.scrollWidth") <= width
        assert window.finds("document.title") != "taken"
        assert window.finds("document.images.length + document.scripts.length") == 0
