"""Every page is gone through and used with the keyboard alone, and reads the same where no script may run."""

from pathlib import Path

from tests.browser import Window
from tests.looking.keyboard import hindered


def test_the_tab_key_reaches_everything_in_the_order_in_which_it_is_read(
    window: Window, files: dict[str, Path]
) -> None:
    found = {}
    for name, page in files.items():
        if ".en." not in name:
            window.opens(page)
            found[name] = hindered(window)
    assert {name: faults for name, faults in found.items() if faults} == {}


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


def test_a_page_says_the_same_where_no_script_may_run(window: Window, files: dict[str, Path]) -> None:
    for name, page in files.items():
        if ".en." in name:
            continue
        said = []
        for scripts in (True, False):
            window.opens(page, scripts=scripts)
            said.append(window.finds("document.body.innerText"))
        assert said[0] == said[1], name
        assert window.finds("document.scripts.length") == 0, name
        assert set(window.asked_for) <= {one.as_uri() for one in files.values()}, name
