"""Reports that a mail was not delivered after all (RFC 3464), read from files and Maildir folders."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage, Message
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bounce:
    """One report. `delivery` is the ledger's row if the report names it, `message_id` the mail's, "" if it does not
    say; `action` is failed, delayed, delivered, relayed or expanded; `status` the enhanced code; `source` the file."""

    delivery: int | None
    message_id: str
    action: str
    status: str
    diagnostic: str
    source: str


def read_bounces(paths: Iterable[Path]) -> Iterator[Bounce]:
    """Every report in these files and Maildir folders, file by file. What is no report is left out."""
    for path in paths:
        files = sorted(p for part in ("cur", "new") for p in (path / part).glob("*")) if path.is_dir() else [path]
        for file in files:
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            if isinstance(mail, EmailMessage) and mail.get_content_type() == "multipart/report":
                yield from _reports(mail, str(file))


def _reports(mail: EmailMessage, source: str) -> Iterator[Bounce]:
    message_id = ""
    groups: list[EmailMessage] = []
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = [group for group in part.get_payload() if isinstance(group, EmailMessage) and group["Action"]]
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            held = part.get_payload(0) if part.is_multipart() else message_from_string(str(part.get_payload()))
            message_id = str(held["Message-ID"] or "").strip() if isinstance(held, Message) else ""
    for group in groups:
        action, status = str(group["Action"]).strip().lower(), str(group["Status"] or "").strip()
        yield Bounce(None, message_id, action, status, str(group["Diagnostic-Code"] or "").strip(), source)
