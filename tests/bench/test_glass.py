"""The screen that tests and bench read from shows what a terminal shows."""

from bench.glass import Glass


def test_a_picture_is_shown_first_when_it_is_whole() -> None:
    glass = Glass(20, 3)
    glass.show("\x1b[?2026h\x1b[1;1HOT-1\x1b[2;1Hold\x1b[?2026l")
    glass.show("\x1b[?2026h\x1b[1;1HOT-2")
    assert glass.text == "OT-1 old"
    glass.show("\x1b[2;1HOT-1\x1b[?20")
    assert glass.text == "OT-1 old"
    glass.show("26l")
    assert glass.text == "OT-2 OT-1"


def test_what_is_asked_of_a_terminal_is_no_letter_on_it() -> None:
    glass = Glass(20, 3)
    glass.show("\x1b[?2026$pA")
    assert glass.text == "A"
