"""Who looks sees: on a page with one fault of each kind, each is found."""

from dataclasses import replace
from pathlib import Path

from tests.browser import WCAG, Browser, Eyes, Window
from tests.looking.keyboard import hindered

FAULTY = """<!DOCTYPE html><html lang="sv"><head><title>x</title>{viewport}<style>
  a:focus {{ outline: none }} .pale {{ color: #999 }} .box {{ height: 1.2rem; overflow: hidden }}
</style></head><body><h1>x</h1>{body}</body></html>"""
NARROW = '<meta name="viewport" content="width=device-width">'


def page(folder: Path, body: str, viewport: str = NARROW) -> dict[str, Path]:
    file = folder / "page.html"
    file.write_text(FAULTY.format(body=body, viewport=viewport), encoding="utf-8")
    return {"page": file}


def test_what_keeps_somebody_out_is_found(browser: Browser, tmp_path: Path) -> None:
    phone = Eyes(390, 844)
    for body, eyes, found in (
        ('<p class="pale">blekt</p>', replace(phone, axe=WCAG), "color-contrast"),
        ('<a href="#a">.</a><a href="#b">.</a>' * 9, replace(phone, axe=WCAG), "target-size"),
        ("<input>", replace(phone, axe=WCAG), "label"),
        ('<p style="width: 400px">brett</p>', phone, "off the window"),
        ('<p style="width: 60rem">brett</p>', Eyes(text=2), "off the window"),
        ('<p class="box" style="font-size: 1rem">Två<br>rader</p>', phone, "cut off"),
    ):
        [faults] = browser.keeps_out(page(tmp_path, body), eyes).values()
        assert any(found in fault for fault in faults), (found, faults)
    made_for_a_desk = page(tmp_path, "<p>bra</p>", viewport="")
    assert "off the window" in browser.keeps_out(made_for_a_desk, phone)["page"][0]
    assert browser.keeps_out(page(tmp_path, "<p>bra</p>"), replace(phone, axe=WCAG)) == {}


def test_what_a_keyboard_does_not_come_to_is_found(window: Window, tmp_path: Path) -> None:
    for body, found in (
        ('<a href="#a">a</a>', "not seen"),
        ("".join(f'<button tabindex="{place}">x</button>' for place in (1, 3, 2)), "in another order"),
        (
            '<div style="display: flex; flex-direction: column-reverse"><button>a</button><button>b</button></div>',
            "back up",
        ),
        ("<p>text</p>", "nothing can be reached"),
    ):
        window.opens(page(tmp_path, body)["page"])
        assert any(found in fault for fault in hindered(window)), found
    window.opens(page(tmp_path, "<button>a</button><button>b</button>")["page"])
    assert hindered(window) == []
