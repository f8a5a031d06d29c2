"""Mail servers that say in plain text that a mail came back: qmail and many others. Pure.

There is no standard for it. flufl.bounce, Mailman's own reader, knows what they write.
"""

import logging
import re
from email.message import Message

from domain.faults import telling
from notifiers.email.reports import RETURNED, parts_of

_CODE = re.compile(r"(?<![\d.:])[45]\d\d[ -]")

MAILER_DAEMONS = ("mailer-daemon", "postmaster")

logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())  # it prints what it stumbles over


def is_from_a_server(mail: Message) -> bool:
    """Whether a mail server wrote it, and no person: reports have no sender (RFC 5321 §4.5.5)."""
    came_from = mail.get("Return-Path")
    if came_from is not None:
        return str(came_from).strip(" <>").partition("@")[0].lower() in ("", *MAILER_DAEMONS)
    return is_from_a_daemon(mail)


def is_from_a_daemon(mail: Message) -> bool:
    return any(name in str(mail.get("From", "")).lower() for name in MAILER_DAEMONS)


def action_of(mail: Message) -> str:
    """ "failed" or "delayed" (RFC 3464 §2.3.3), "" where it says neither. What is returned in it is emptied."""
    from flufl.bounce import all_failures

    for part in parts_of(mail):
        if part.get_content_type() in RETURNED:
            part.set_payload([Message()] if part.get_content_maintype() == "message" else "")
    try:
        delayed, failed = all_failures(mail)
    except Exception:
        return ""
    return "failed" if failed else "delayed" if delayed else ""


def reason_in(mail: Message) -> tuple[str, str]:
    """The enhanced code that the text gives, "" where it gives none, and the line that it stands in; else the line that
    a code stands in, else the subject."""
    lines = [line.strip() for line in text_of(mail).splitlines()]
    for line in lines:
        if status := telling("", line):
            return status, line
    return "", next(filter(_CODE.search, lines), str(mail.get("Subject", "")))


def text_of(mail: Message) -> str:
    """All that is said in plain text, up to the copy of the mail that came back."""
    said = []
    for part in parts_of(mail):
        content = part.get_payload(decode=True) if part.get_content_type() == "text/plain" else None
        if isinstance(content, bytes):
            said.append(content.decode("utf-8", "replace"))
    return "\n".join(said)
