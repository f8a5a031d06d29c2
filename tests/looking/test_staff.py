"""Staff's page before a real browser: looked at, and gone through with a keyboard where no script may run."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from application.staff_page.paths import StaffPage, staff_path
from tests.browser import WELL_MADE, Browser, Window
from tests.empty_log import empty_log
from tests.looking.keyboard import hindered
from tests.looking.test_pages import DESK, LARGE, PHONE, REFLOW, ZOOMED
from tests.web.test_staff import NUMBER, served

DAY = (
    "outage-detected --scope all-users --system sesam-s2 --system websesam",
    "system-owner-contacted --outcome off-duty",
    "operating-information-published --as system-owner --channel vardgivare-skane --situation down --text Nere.",
    "prognosis-received --restored-by +90m --source Visma",
    "callers-informed --count 4 --advice wait",
    "entry-corrected --entry 5 --set count=6 --reason räknefel",
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Every page of a day that goes on, in both languages, by its path; and the answers to what is not there."""
    folder = tmp_path_factory.mktemp("staff")
    with served(folder, empty_log(folder / "log.sqlite")) as server:
        for line in DAY:
            server.types(f"record {line}")
        paths = [staff_path(page, language, NUMBER) for page in StaffPage for language in ("sv", "en")]
        replay = staff_path(StaffPage.REPLAY, "sv", NUMBER)
        paths += [f"{replay}?at=strax&known=08:00", f"{replay}?written=yes", "/handelse/2026-0099", "/en/not-there"]
        yield {path: f"{server.place}{path}{'&' if '?' in path else '?'}reload=off" for path in paths}


def test_no_page_of_staff_keeps_anybody_out(browser: Browser, pages: dict[str, str]) -> None:
    """As the pages for everybody are looked at."""
    english = {name: page for name, page in pages.items() if name.startswith("/en/")}
    swedish = {name: page for name, page in pages.items() if name not in english}
    assert browser.keeps_out(swedish, replace(PHONE, axe=WELL_MADE), REFLOW, ZOOMED, LARGE) == {}
    assert browser.keeps_out(english, replace(DESK, dark=True, axe=WELL_MADE), PHONE, REFLOW, ZOOMED, LARGE) == {}


@pytest.mark.long
@pytest.mark.parametrize("dark", [False, True])
def test_no_page_of_staff_keeps_anybody_out_at_any_width_in_any_light_and_at_any_size(
    browser: Browser, pages: dict[str, str], dark: bool
) -> None:
    every = [replace(one, dark=dark, axe=WELL_MADE) for one in (PHONE, DESK, REFLOW, ZOOMED, LARGE)]
    assert browser.keeps_out(pages, *every) == {}


def test_the_tab_key_reaches_everything_of_staffs_page(window: Window, pages: dict[str, str]) -> None:
    found = {}
    for name, page in pages.items():
        if not name.startswith("/en/"):
            window.opens(page, scripts=False)
            found[name] = hindered(window)
    assert {name: faults for name, faults in found.items() if faults} == {}
