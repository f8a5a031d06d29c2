"""Ctrl-C beside a fact that is being written."""

import signal
import threading
from typing import Any


def wait() -> None:
    """From here on what was begun is ended and answered for, so that the exit code says whether the fact is written.
    Ctrl-C comes too late; pressed once more it stops the command, and nobody has said what became of the fact."""
    if _is_ours_to_set() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _once)


def wait_no_longer() -> None:
    """For the next command in this process."""
    if _is_ours_to_set() and signal.getsignal(signal.SIGINT) is _once:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _once(*_told: Any) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_ours_to_set() -> bool:
    """Python lets the main thread alone, which is the one that is stopped."""
    return threading.current_thread() is threading.main_thread()
