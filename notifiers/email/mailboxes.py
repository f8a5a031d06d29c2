"""Mail as people and servers keep it: a file each, an mbox, a Maildir."""

from collections.abc import Iterator
from mailbox import mbox
from pathlib import Path

LARGEST_MAIL = 10_000_000
"""Bytes of a mail that is still read."""


def is_maildir(path: Path) -> bool:
    return (path / "new").is_dir() and (path / "cur").is_dir()


def files_of(maildir: Path) -> list[Path]:
    """The mails of a Maildir, in the order of their names. Raises OSError."""
    folders = (maildir / "new", maildir / "cur")
    return sorted(file for folder in folders for file in folder.iterdir() if file.is_file())


def mails_in(file: Path) -> Iterator[bytes]:
    """The mail that the file is, or those of an mbox: such as /var/mail has one of for everybody.

    One that is larger than `LARGEST_MAIL` is cut off one byte beyond. Raises OSError.
    """
    with file.open("rb") as opened:
        start = opened.read(LARGEST_MAIL + 1)
    if not start.startswith(b"From "):
        yield start
        return
    box = mbox(file, create=False)
    try:
        for key in box.iterkeys():
            with box.get_file(key) as opened:
                yield opened.read(LARGEST_MAIL + 1)
    finally:
        box.close()
