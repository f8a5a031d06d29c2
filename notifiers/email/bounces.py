"""Reports of mail that did not arrive: read from files or a Maildir, and traced back to the delivery.

A report is a delivery status notification (RFC 3464), or a mail server's plain words. It names its delivery by the
signed return path that it came to, by the envelope id that we gave the mail (RFC 3461), or by the Message-ID of the
mail that it returns. Anybody can write a mail that looks like a report. So where return paths are signed nothing else
is believed; and what came to one from a mail server came back, though nobody can read what it says.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import Message
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from domain.delivery import Receipt
from domain.refusals import Invalid
from notifiers.email.answers import one_line
from notifiers.email.leaving import wish_in
from notifiers.email.mailboxes import LARGEST_MAIL, files_of, is_maildir, mails_in
from notifiers.email.plain_bounces import action_of, is_from_a_daemon, is_from_a_server, reason_in, text_of
from notifiers.email.reports import (
    COMPLAINT,
    REPORT,
    Fields,
    first_of,
    groups_of,
    returned_headers,
    without_comments,
)
from notifiers.email.return_path import delivery_of
from notifiers.email.settings import MailSettings

ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
"""What may have become of the mail (RFC 3464 §2.3.3)."""

RETURNED = "returned"
"""What a mail server sent back, in the place of an action that nobody can read."""

_OTHER_WORDS = {"failure": "failed", "fail": "failed", "error": "failed", "expired": "failed"}
"""What some servers write instead. What has expired was given up."""

_CAME_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>:;,]+")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}@[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")


class NoBounce(StrEnum):
    """Why a mail says nothing of a delivery; stands where its action would."""

    NO_REPORT = "no-report"
    FORGED = "forged"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"
    LEAVING = "leaving"
    """Not about a delivery at all: a reader asks for no more mail."""


@dataclass(frozen=True, slots=True)
class Bounces:
    """The receipts of mail, read from files and Maildirs."""

    settings: MailSettings

    def read(self, paths: Iterable[Path]) -> Iterator[Receipt]:
        """Every mail in these files, mboxes and Maildirs, each as what it reports.

        Raises domain.refusals.Invalid("bounces", path=…) for a path that is neither a file nor a Maildir.
        """
        for path in paths:
            for file in _files(path):
                yield from _read(file, self.settings)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not is_maildir(path):
        raise Invalid("bounces", path=str(path))
    return files_of(path)


def _read(file: Path, settings: MailSettings) -> Iterator[Receipt]:
    try:
        for written in mails_in(file):
            yield from _read_one(written, settings, str(file))
    except OSError as error:
        yield _unreadable(error, str(file))


def _read_one(written: bytes, settings: MailSettings, source: str) -> list[Receipt]:
    try:
        if len(written) > LARGEST_MAIL:
            raise ValueError("too large")
        return bounces_in(written, settings, source)
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        return [_unreadable(error, source)]


def _unreadable(error: Exception, source: str) -> Receipt:
    return Receipt(None, "", NoBounce.UNREADABLE, "", one_line(str(error)), source)


def bounces_in(written: bytes, settings: MailSettings, source: str = "") -> list[Receipt]:
    """What this mail reports: one receipt for each recipient of ours that it is about. Pure."""
    mail = message_from_bytes(written, policy=policy.compat32)
    report = first_of(mail, *REPORT)
    groups = groups_of(report) if report is not None else []
    if report is None and (token := wish_in(mail)) is not None:
        return [Receipt(None, "", NoBounce.LEAVING, "", "", source, way_out=token)]
    said = _fingerprint(mail, groups)
    found = _receipts(mail, groups, settings, source, has_report=report is not None)
    return [
        replace(receipt, fingerprint=f"{said}.{receipt.delivery or receipt.message_id}.{number}")
        for number, receipt in enumerate(found)
    ]


def _fingerprint(mail: Message, groups: list[Fields]) -> str:
    """What is the same for this report in every copy of it: not what servers write on the way. Servers that name no
    recipient and give no Message-ID write the same of two mails within one second."""
    said = [str(mail.get(name, "")) for name in ("Date", "Message-ID")]
    said += [f"{name}: {value}" for group in groups for name, value in group.items()]
    return sha256("\n".join([*said, text_of(mail)]).encode("utf-8", "replace")).hexdigest()


def _receipts(
    mail: Message, groups: list[Fields], settings: MailSettings, source: str, *, has_report: bool
) -> list[Receipt]:
    about = [group for group in groups if "action" in group]
    if first_of(mail, COMPLAINT) is not None or (not about and not settings.return_path):
        return [_no_bounce(mail, NoBounce.NO_REPORT, source)]
    if not settings.return_path:
        message_id = _by_envelope(groups, settings) or _ours(
            str(returned_headers(mail).get("Message-ID", "")).strip(), settings
        )
        return [_bounce(group, None, message_id, None if message_id else NoBounce.NO_REPORT, source) for group in about]
    delivery, distrusted = _by_return_path(mail, settings)
    if about:
        return [_bounce(group, delivery, "", distrusted, source) for group in about]
    if not has_report and not is_from_a_server(mail):
        return [_no_bounce(mail, NoBounce.NO_REPORT, source)]
    if delivery is None:
        return [_no_bounce(mail, distrusted if has_report and distrusted else NoBounce.NO_REPORT, source)]
    return [_in_plain_text(mail, delivery, came_back=has_report, source=source)]


def _no_bounce(mail: Message, why: NoBounce, source: str) -> Receipt:
    return Receipt(None, "", why, "", one_line(str(mail.get("Subject", ""))), source)


def _bounce(group: Fields, delivery: int | None, message_id: str, distrusted: NoBounce | None, source: str) -> Receipt:
    said = without_comments(group["action"]).lower()
    action = _OTHER_WORDS.get(said, said)
    status = _STATUS.search(group.get("status", ""))
    kind, _, words = group.get("diagnostic-code", "").partition(";")
    if distrusted is None and action not in ACTIONS:
        if delivery is None:
            message_id, distrusted = "", NoBounce.NO_REPORT
        action = RETURNED
    return Receipt(
        delivery, message_id, distrusted or action, status[0] if status else "", _discreet(words or kind), source
    )


def _in_plain_text(mail: Message, delivery: int, *, came_back: bool, source: str) -> Receipt:
    """What a mail server says without a report that can be read. `came_back`: that it did is certain all the same."""
    status, reason = reason_in(mail)
    named = _MESSAGE_ID.fullmatch(str(returned_headers(mail).get("Message-ID", "")).strip())
    action = action_of(mail) or (RETURNED if came_back or named or is_from_a_daemon(mail) else "")
    if not action:
        return _no_bounce(mail, NoBounce.NO_REPORT, source)
    return Receipt(delivery, "", action, status, _discreet(reason), source)


def _discreet(words: str) -> str:
    """What was said on one line, without addresses."""
    return one_line(_ADDRESS.sub("…", words))


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


def _by_envelope(groups: list[Fields], settings: MailSettings) -> str:
    named = (group["original-envelope-id"] for group in groups if group.get("original-envelope-id"))
    envelope_id = next(named, "")
    return _ours(f"<{_from_xtext(envelope_id)}@{settings.domain}>", settings) if envelope_id else ""


def _ours(message_id: str, settings: MailSettings) -> str:
    """The Message-ID if it can be one of ours."""
    fits = _MESSAGE_ID.fullmatch(message_id) and message_id.endswith(f"@{settings.domain}>")
    return message_id if fits else ""


def _from_xtext(text: str) -> str:
    return re.sub(r"\+([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), text)
