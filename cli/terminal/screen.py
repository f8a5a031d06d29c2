"""Whether there is a screen to draw on."""

import os
import sys


def can_draw() -> bool:
    """A person at a terminal that can move its cursor; a pipe and a dumb terminal are none."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
