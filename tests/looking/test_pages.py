"""Nothing in any page keeps anybody out: WCAG 2.2 at level AA, as far as a machine can tell."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.browser import WCAG, WELL_MADE, Browser, Eyes

PHONE, DESK = Eyes(390, 844), Eyes(1280, 900)
REFLOW = Eyes(320, 256)
"""What is left of 1280 by 1024 at 400 % (1.4.10)."""
ZOOMED = Eyes(640, 450)
"""The desk's browser at 200 % (1.4.4)."""
LARGE = replace(DESK, text=2)
"""Its text alone at 200 % (1.4.4)."""


def rules(name: str) -> tuple[str, ...]:
    """A mail is no page: where it is read is another's page, which has its own landmarks."""
    return WCAG if name.startswith("mail") else WELL_MADE


def looks_well(browser: Browser, pages: Mapping[str, str | Path], *eyes: Eyes) -> None:
    for kind in {rules(name) for name in pages}:
        of_kind = {name: page for name, page in pages.items() if rules(name) == kind}
        assert browser.keeps_out(of_kind, *(replace(one, axe=kind) if one.axe else one for one in eyes)) == {}


def test_no_page_keeps_anybody_out(browser: Browser, files: dict[str, Path]) -> None:
    """Each language's pages look alike: axe-core sees the Swedish ones light, as wide as a telephone, the English ones
    dark, as wide as a desk."""
    assert len(files) == 18
    english = {name: page for name, page in files.items() if ".en." in name}
    swedish = {name: page for name, page in files.items() if name not in english}
    looks_well(browser, swedish, replace(PHONE, axe=WELL_MADE), REFLOW, ZOOMED, LARGE)
    looks_well(browser, english, replace(DESK, dark=True, axe=WELL_MADE), PHONE, REFLOW, ZOOMED, LARGE)


@pytest.mark.long
@pytest.mark.parametrize("dark", [False, True])
def test_no_page_keeps_anybody_out_at_any_width_in_any_light_and_at_any_size(
    browser: Browser, files: dict[str, Path], dark: bool
) -> None:
    every = [replace(one, dark=dark, axe=WELL_MADE) for one in (PHONE, DESK, REFLOW, ZOOMED, LARGE)]
    looks_well(browser, files, *every)
