"""Somebody wants no more mail: what they write, and the one answer to it.

What counts is the token that stood in their mail, in the subject alone: an automatic answer quotes the mail that it is
about, and who knows an address knows no token.
"""

import re
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message

from domain.audience import Subscriber
from notifiers.email.letter import letter
from notifiers.email.settings import MailSettings
from wording.words import Texts

_WISH = re.compile(r"\b(?:avsluta|unsubscribe)\b[\s:]*(?P<token>[a-z2-7]{26}(?![a-z0-9])|p-[0-9a-f]+|)", re.IGNORECASE)
"""In either language, whatever stands before it. The pseudonym is what older mails asked for, and is no token."""


def wish_in(mail: Message) -> str | None:
    """The token of a mail whose subject asks for no more, "" where it has none; None of a mail that asks nothing."""
    try:
        subject = str(make_header(decode_header(str(mail.get("Subject", "")))))
    except (HeaderParseError, LookupError, ValueError):
        return None
    found = _WISH.search(" ".join(subject.split()))
    if not found:
        return None
    token = found["token"].lower()
    return "" if token.startswith("p-") else token


def farewell(reader: Subscriber, settings: MailSettings, texts: Texts, now: datetime) -> EmailMessage:
    """The answer: it is done, and what is kept. Raises domain.refusals.Invalid("mail-address")."""
    _ = texts.gettext
    text = _(
        "You have asked for no more mail about outages, and get none from now on. Your address is erased.\n\n"
        "Current operating information is always found here:\n{url}"
    ).format(url=settings.driftinfo_url)
    return letter(reader.address, _("You get no more mail from us"), text, settings, texts, now)
