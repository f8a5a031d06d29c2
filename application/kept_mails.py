"""The mails that people have kept, as witnesses of the log: whatever they were saved as, whatever became of them."""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import MIMEPart
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path

from domain.checkpoint import Checkpoint, parse
from domain.merkle import HASH
from domain.notes_in_text import notes_in
from domain.refusals import Invalid
from infrastructure.integrity.witnesses import Witness
from notifiers.email.mailboxes import files_of, is_maildir, mails_in
from notifiers.email.message import CHECKPOINT, CHECKPOINT_DATE, witnessed

_HEADER = re.compile(r"\s*(0|[1-9][0-9]{0,17})\s+([A-Za-z0-9+/]{43}=)\s*")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How a file of Outlook's begins (.msg)."""


@dataclass(slots=True)
class KeptMails:
    """What was read: the witnesses, and by name the mails that are none."""

    witnesses: list[Witness] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    """They carry no checkpoint."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """And what is wrong with each."""


def read(paths: Iterable[str]) -> KeptMails:
    """Every mail in these files, mboxes, Maildirs and folders of mails. One that quotes others may be several.

    Raises Invalid("witness-file") for a path that is not there, or may not be read.
    """
    kept = KeptMails()
    for path in paths:
        for file in _files(Path(path), path):
            _read_file(file, kept)
    return kept


def witnesses(path: str) -> list[Witness]:
    """What this file, or folder, saw of the log. Raises Invalid where it holds no checkpoint or can't be read."""
    kept = read([path])
    for problem in kept.unreadable.values():
        raise Invalid("witness-file", path=path, problem=problem)
    if not kept.witnesses:
        raise Invalid("no-witness", path=path)
    return kept.witnesses


def _files(path: Path, asked: str) -> Iterator[Path]:
    try:
        if not path.is_dir():
            path.stat()
            yield path
            return
        maildir = is_maildir(path)
        if maildir:
            yield from files_of(path)
        for inner in sorted(path.iterdir()):
            if is_maildir(inner) if maildir else not inner.name.startswith("."):  # a Maildir's folders begin with a dot
                yield from _files(inner, str(inner))
    except OSError as error:
        raise Invalid("witness-file", path=asked, problem=error.strerror) from error


def _read_file(file: Path, kept: KeptMails) -> None:
    try:
        for number, written in enumerate(mails_in(file), 1):
            _read_mail(file.name if number == 1 else f"{file.name}:{number}", written, kept)
    except OSError as error:
        kept.unreadable[file.name] = error.strerror or str(error)


def _read_mail(name: str, written: bytes, kept: KeptMails) -> None:
    try:
        found = list(_witnesses(name, written))
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        kept.unreadable[name] = str(error) or type(error).__name__
        return
    kept.witnesses += found
    if not found:
        kept.without.append(name)


def _witnesses(name: str, written: bytes) -> Iterator[Witness]:
    """A witness for each checkpoint. Of a mail whose footer has come down mangled, the size and root in its header
    still are one, though nobody has signed them."""
    told = [_from_outlook(written)] if written.startswith(_OLE) else _from_text(written)
    seen = set()
    for mail, texts in told:
        for note in (note for text in texts for note in notes_in(text)):
            checkpoint = parse(note)[0]
            if (checkpoint.size, checkpoint.root) not in seen:
                seen.add((checkpoint.size, checkpoint.root))
                yield _witness(name, mail, checkpoint, note)
    for mail, _texts in told if not seen else ():
        if bare := _bare(mail):
            yield _witness(name, mail, bare)
            return


def _witness(name: str, mail: MIMEPart, checkpoint: Checkpoint, note: str = "") -> Witness:
    own = note and witnessed(note) == _header(mail, CHECKPOINT)  # not one that is quoted in it
    return Witness(
        name,
        checkpoint,
        note,
        message_id=_header(mail, "Message-ID"),
        reader=_header(mail, "To"),
        date=_moment(_header(mail, "Date")),
        as_of=_moment(_header(mail, CHECKPOINT_DATE)) if own else None,
    )


def _bare(mail: MIMEPart) -> Checkpoint | None:
    header = _HEADER.fullmatch(_header(mail, CHECKPOINT))
    root = b64decode(header[2]) if header else b""
    return Checkpoint("", int(header[1]), root) if header and len(root) == HASH else None


def _from_text(written: bytes) -> list[tuple[MIMEPart, list[str]]]:
    """What each mail says that is in here, those forwarded whole first: its plain parts, its HTML as it reads.
    At last the file as it stands, which may be no mail."""
    text = _decoded(written)
    mail = message_from_bytes(text.encode() if _of_two_bytes(written) else written, policy=policy.default)
    forwarded = [inner for part in mail.walk() if _is_whole_mail(part) for inner in part.iter_parts()]
    return [*((one, list(_texts(one))) for one in (*reversed(forwarded), mail)), (mail, [text])]


def _texts(mail: MIMEPart) -> Iterator[str]:
    """Of a mail without those that it forwards, and without what is in letters that nobody knows."""
    if mail.is_multipart():
        for part in () if _is_whole_mail(mail) else mail.iter_parts():
            yield from _texts(part)
    elif (kind := mail.get_content_type()) in ("text/plain", "text/html"):
        with suppress(LookupError):
            content = str(mail.get_content())
            yield content if kind == "text/plain" else _as_read(content)


def _is_whole_mail(part: MIMEPart) -> bool:
    return part.get_content_type() == "message/rfc822" and part.is_multipart()


def _from_outlook(written: bytes) -> tuple[MIMEPart, list[str]]:
    """Raises ValueError for what Outlook did not write."""
    from oxmsg import Message as Outlook  # a reviewer's mail alone is saved so

    try:
        found = Outlook.load(written)
        headers = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in found.message_headers.items())
        texts = [found.body or "", _as_read(found.html_body or "")]
    except Exception as error:  # the library lets anything pass on that a broken file brings about
        raise ValueError(f"{type(error).__name__}: {error}") from error
    return message_from_bytes(f"{headers}\n".encode(), policy=policy.default), texts


def _decoded(written: bytes) -> str:
    """A text of whatever encoding a program has saved it in: UTF-16 with or without its mark, UTF-8, else ANSI."""
    if encoding := _of_two_bytes(written):
        return written.decode(encoding, "replace")
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError:
        return written.decode("cp1252", "replace")


def _of_two_bytes(written: bytes) -> str:
    """Which UTF-16 it is, "" for none. Most of what is written here is ASCII, of which every other byte is 0."""
    if written[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    start = written[:1000]
    zeros = [start[half::2].count(0) * 4 for half in (0, 1)]
    if max(zeros) <= len(start):
        return ""
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _header(part: MIMEPart, name: str) -> str:
    """What it says on one line; "" where it is not there, or is a date that the library can't count to."""
    with suppress(ArithmeticError):
        return " ".join(str(part.get(name, "")).split())
    return ""


def _moment(header: str) -> datetime | None:
    """When it was, as the header says; None where it does not, or names no zone."""
    try:
        found = parsedate_to_datetime(header)
    except ValueError:
        return None
    return found if found.tzinfo else None


class _TextOfHtml(HTMLParser):
    """What a page says, each of its blocks on lines of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        if tag not in ("a", "b", "i", "span", "font", "wbr"):
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)


def _as_read(page: str) -> str:
    reading = _TextOfHtml()
    reading.feed(page)
    reading.close()
    return "".join(reading.said)
