"""Whether there is a screen to draw on, and how large it is."""

import os
import sys


def can_draw() -> bool:
    """A person at a terminal that can move its cursor; a pipe and a dumb terminal are none."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def columns() -> int:
    """As `shutil.get_terminal_size` says, which brings every kind of archive along; 80 where nobody can know."""
    said = os.environ.get("COLUMNS", "")
    if said.isdigit() and int(said):
        return int(said)
    return _size(1)[0] or 80


def rows() -> int:
    """How many lines the terminal shows at once; none where the answer goes elsewhere."""
    return _size(1)[1] if sys.stdout.isatty() else 0


def _size(stream: int) -> tuple[int, int]:
    try:
        return os.get_terminal_size(stream)
    except OSError:
        return 0, 0
