"""Ctrl-C beside a fact that is being written, and beside a program that is waited for."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def not_heeded() -> Iterator[None]:
    """Ctrl-C is left to the program that holds the terminal meanwhile, which starts with its own way of taking it."""
    if not _is_ours_to_set():
        yield
        return
    before = signal.signal(signal.SIGINT, _nothing)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _once(*_told: Any) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _nothing(*_told: Any) -> None:
    """Not the system's own way to ignore it, which a program that is started would keep."""


def _is_ours_to_set() -> bool:
    """Python lets the main thread alone, which is the one that is stopped."""
    return threading.current_thread() is threading.main_thread()
