"""Stdout and stderr as somebody else has opened them: closed, on a full disk, to a reader who has gone."""

import io
import os
import sys
from typing import Any


class Unshown(Exception):
    """Stdout takes no more; whatever is written to it after this is lost without a word."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.problem = error.strerror or str(error)
        self.reader_has_left = isinstance(error, BrokenPipeError)
        """As `head` does, which had all it wanted."""


class _Stdout(io.FileIO):
    lost = False

    def write(self, data: Any, /) -> Any:
        """Raises Unshown, once."""
        if not self.lost:
            try:
                return super().write(data)
            except OSError as error:
                self.lost = True
                raise Unshown(error) from error
        return len(data)


class _Stderr(io.FileIO):
    """What nobody can read there, the exit code says."""

    def write(self, data: Any, /) -> Any:
        try:
            return super().write(data)
        except OSError:
            return len(data)


def take_over() -> None:
    """For the program's own process: from now on stdout raises Unshown, and stderr nothing.

    The place of one that is closed is taken, so that no file of ours, the log least of all, is opened there and printed
    into.
    """
    for place, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDONLY)
            if nothing != place:
                os.dup2(nothing, place)
                os.close(nothing)
            opened = open(place, "w" if place else "r", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
            setattr(sys, name, opened)
    sys.stdout = _like(sys.stdout, _Stdout(1, "w", closefd=False))
    sys.stderr = _like(sys.stderr, _Stderr(2, "w", closefd=False))


def _like(stream: Any, raw: io.FileIO) -> io.TextIOWrapper:
    """A stand-in for the stream. A terminal that can't show å gets another letter, never a traceback."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
    )
