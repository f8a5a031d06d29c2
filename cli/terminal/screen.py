"""Whether there is a screen to draw on, and how wide it is."""

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
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80
