"""Reports of mail that did not arrive: read from files or a Maildir, and traced back to the delivery.

A report is a delivery status notification (RFC 3464). It names its delivery by the signed return path that it
came to, by the envelope id that we gave the mail (RFC 3461), or by the Message-ID of the mail that it returns.
Anybody can write a mail that looks like a report. So where return paths are signed nothing else is believed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.parser import HeaderParser
from enum import StrEnum
from pathlib import Path

from domain.delivery import Receipt
from domain.refusals import Invalid
from notifiers.email.answers import one_line
from notifiers.email.return_path import delivery_of
from notifiers.email.settings import MailSettings

LARGEST_REPORT = 10_000_000
"""Bytes of a file that are still read as a report."""

ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
"""What may have become of the mail (RFC 3464 §2.3.3)."""

_CAME_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}@[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")


class NoBounce(StrEnum):
    """Why a mail says nothing of a delivery; stands where its action would."""

    NO_REPORT = "no-report"
    FORGED = "forged"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Bounces:
    """The receipts of mail, read from files and Maildirs."""

    settings: MailSettings

    def read(self, paths: Iterable[Path]) -> Iterator[Receipt]:
        """Every mail in these files and Maildirs, each as what it reports.

        Raises domain.refusals.Invalid("bounces", path=…) for a path that is neither a file nor a Maildir.
        """
        for path in paths:
            for file in _files(path):
                yield from _read(file, self.settings)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    folders = [path / "new", path / "cur"]
    if not all(folder.is_dir() for folder in folders):
        raise Invalid("bounces", path=str(path))
    return sorted(file for folder in folders for file in folder.iterdir() if file.is_file())


def _read(file: Path, settings: MailSettings) -> Iterator[Receipt]:
    try:
        with file.open("rb") as opened:
            written = opened.read(LARGEST_REPORT + 1)
        if len(written) > LARGEST_REPORT:
            raise ValueError("too large")
        yield from bounces_in(written, settings, str(file))
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        yield Receipt(None, "", NoBounce.UNREADABLE, "", one_line(str(error)), str(file))


def bounces_in(written: bytes, settings: MailSettings, source: str = "") -> list[Receipt]:
    """What this mail reports: one receipt for each recipient of ours that it is about. Pure."""
    mail = message_from_bytes(written, policy=policy.compat32)
    status = _part(mail, "message/delivery-status", "message/global-delivery-status")
    if mail.get_content_type() != "multipart/report" or status is None:
        return [Receipt(None, "", NoBounce.NO_REPORT, "", one_line(str(mail.get("Subject", ""))), source)]
    delivery, message_id, distrusted = None, "", None
    fields, *recipients = _groups(status)
    if settings.return_path:
        delivery, distrusted = _by_return_path(mail, settings)
    else:
        message_id = _by_envelope(fields, settings) or _by_returned_headers(mail, settings)
        distrusted = None if message_id else NoBounce.NO_REPORT
    return [_bounce(group, delivery, message_id, distrusted, source) for group in recipients or [Message()]]


def _bounce(group: Message, delivery: int | None, message_id: str, distrusted: NoBounce | None, source: str) -> Receipt:
    action = str(group.get("Action", "")).strip().lower()
    status = _STATUS.search(str(group.get("Status", "")))
    kind, _, words = str(group.get("Diagnostic-Code", "")).partition(";")
    if distrusted is None and action not in ACTIONS:
        delivery, message_id, distrusted = None, "", NoBounce.NO_REPORT
    diagnostic = one_line(re.sub(r"[^\s<>]+@[^\s<>:;,]+", "…", words or kind))
    return Receipt(delivery, message_id, distrusted or action, status[0] if status else "", diagnostic, source)


def _by_return_path(mail: Message, settings: MailSettings) -> tuple[int | None, NoBounce | None]:
    """The delivery whose return path the report came to. All of ours that it names must be genuine and the same."""
    local, _, domain = settings.return_path.partition("@")
    named = re.compile(rf"{re.escape(local)}\+[^\s<>@,;\"]*@{re.escape(domain)}", re.IGNORECASE)
    came_to = {found for name in _CAME_TO for value in mail.get_all(name, ()) for found in named.findall(str(value))}
    deliveries = {delivery_of(address, settings.return_path, settings.return_secret) for address in came_to}
    if not deliveries:
        return None, NoBounce.UNSIGNED
    if len(deliveries) > 1 or None in deliveries:
        return None, NoBounce.FORGED
    return deliveries.pop(), None


def _by_envelope(fields: Message, settings: MailSettings) -> str:
    envelope_id = str(fields.get("Original-Envelope-Id", "")).strip()
    return _ours(f"<{_from_xtext(envelope_id)}@{settings.domain}>", settings) if envelope_id else ""


def _by_returned_headers(mail: Message, settings: MailSettings) -> str:
    returned = _part(mail, "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
    if returned is None:
        return ""
    if returned.get_content_type().endswith("headers"):
        content = returned.get_payload(decode=True)
        headers: Message = HeaderParser().parsestr(
            content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
        )
    else:
        content = returned.get_payload()
        headers = content[0] if isinstance(content, list) and isinstance(content[0], Message) else Message()
    return _ours(str(headers.get("Message-ID", "")).strip(), settings)


def _ours(message_id: str, settings: MailSettings) -> str:
    """The Message-ID if it can be one of ours."""
    fits = _MESSAGE_ID.fullmatch(message_id) and message_id.endswith(f"@{settings.domain}>")
    return message_id if fits else ""


def _from_xtext(text: str) -> str:
    return re.sub(r"\+([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), text)


def _part(mail: Message, *kinds: str) -> Message | None:
    """The first part of one of these kinds; not one inside the mail that is returned."""
    if not mail.is_multipart():
        return None
    parts = mail.get_payload()
    return (
        next((part for part in parts if isinstance(part, Message) and part.get_content_type() in kinds), None)
        if isinstance(parts, list)
        else None
    )


def _groups(status: Message) -> list[Message]:
    """The fields of the message, then those of each recipient (RFC 3464 §2.1)."""
    groups = status.get_payload()
    if not isinstance(groups, list):
        raise ValueError("a report without fields")
    return [group for group in groups if isinstance(group, Message)] or [EmailMessage()]
