"""Every page is gone through and used with the keyboard alone, where no script may run."""

from pathlib import Path

from tests.browser import Window
from tests.looking.keyboard import hindered


def test_the_tab_key_reaches_everything_in_the_order_in_which_it_is_read(
    window: Window, files: dict[str, Path]
) -> None:
    found = {}
    for name, page in files.items():
        if ".en." not in name:
            window.opens(page, scripts=False)
            found[name] = hindered(window)
            assert window.finds("document.scripts.length + document.images.length") == 0, name
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert set(window.asked_for) <= {page.as_uri() for page in files.values()}, "nothing is fetched but the page"


def test_enter_follows_a_link_and_opens_what_is_folded(window: Window, files: dict[str, Path]) -> None:
    window.opens(files["during/index.html"])
    assert not window.finds("document.querySelector('details').open")
    window.presses("Tab", "Tab")
    window.follows()
    assert window.address.endswith("/during/2026-0001.html")
    while "accessibility" not in window.finds("document.activeElement.getAttribute('href') || ''"):
        window.presses("Tab")
    window.follows()
    assert window.address.endswith("/during/accessibility.html")
    while not window.finds("document.activeElement.matches('summary')"):
        window.presses("Tab")
    window.presses("Enter")
    assert window.finds("document.querySelector('details').open")
