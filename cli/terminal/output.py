"""A file that is there whole or not at all."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cli.terminal.streams import Unshown
from domain.refusals import Damaged, Invalid

STDOUT = "-"


@contextmanager
def written_whole(name: str, *, force: bool) -> Iterator[BinaryIO]:
    """A file to write to, that gets its name once everything is in it; `-` is stdout.

    Raises Invalid where the file can't be made, or is there already and there is no `force`; Damaged where it can't
    be finished. Nothing is then left behind.
    """
    if name == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name).resolve()  # a link stays, and what it points at is replaced
    if path.is_dir() or (path.exists() and not force):
        raise Invalid("is-a-folder" if path.is_dir() else "file-exists", path=name)
    if path.exists() and not path.is_file():  # a device or a pipe has no name to give away
        with _told(name), path.open("wb") as out:
            yield out
        return
    unfinished = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        out = unfinished.open("xb")
    except OSError as error:
        raise Invalid("no-file", path=name, problem=error.strerror) from error
    try:
        with _told(name):
            with out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            unfinished.replace(path)  # closed: Windows moves no file that is open
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise


@contextmanager
def _told(name: str) -> Iterator[None]:
    """A full disk is told in the product's own words."""
    try:
        yield
    except BrokenPipeError as error:
        raise Unshown(error) from error
    except OSError as error:
        raise Damaged("not-written", path=name, problem=error.strerror) from error
