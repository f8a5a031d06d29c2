"""A notice becomes a mail: its headers, its text and its HTML.

Nothing that people wrote freely reaches a header. The standards behind each header stand beside it.
"""

import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from gettext import NullTranslations

from domain.delivery import Notice
from domain.refusals import Invalid
from domain.vocabulary import SWEDEN
from notifiers.content import contents
from notifiers.headers import MAIL
from notifiers.layout import as_html, as_text
from notifiers.settings import MailSettings

__all__ = ["MailSettings", "message_id", "render", "thread_root"]

MOST_REFERENCES = 10
"""Earlier mails named in References, beside the thread's root: a reader needs no more to keep the thread."""


def message_id(incident: str, entry: int, subscriber_id: str, domain: str) -> str:
    """The name of this subscriber's copy of this fact: the same on every try, so a copy can be recognised."""
    return f"<{incident}.{entry}.{subscriber_id}@{domain}>"


def thread_root(incident: str, domain: str) -> str:
    """The name of a mail that is never sent, which all mails of the incident answer.

    It keeps the thread together also for those who subscribed late.
    """
    return f"<incident.{incident}@{domain}>"


def render(notice: Notice, settings: MailSettings, words: NullTranslations, now: datetime) -> EmailMessage:
    """The mail that tells this subscriber of this fact, in the language of `words`.

    `now` (aware) dates the mail and says as of when it tells how things stand. Without translations the
    mail is in English. Raises domain.refusals.NotAuthorised if the public would be told of anything but
    published operating information (Q9, SR-015), and
    domain.refusals.Invalid("mail-address") if the subscriber's address is none.
    """
    content = contents(notice, settings, words, now)
    incident, own_id = notice.incident.number, notice.message_id
    root = thread_root(incident, settings.domain)
    earlier = [known for known in notice.earlier if known not in (own_id, root)][-MOST_REFERENCES:]

    mail = EmailMessage(policy=MAIL)
    mail["From"] = settings.mailbox
    mail["To"] = Address(addr_spec=to_ascii(notice.subscriber.address))
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(now.astimezone(SWEDEN))
    # Threading (RFC 5322 §3.6.4); the root first, the mail answered last.
    mail["Message-ID"] = own_id
    mail["In-Reply-To"] = earlier[-1] if earlier else root
    mail["References"] = " ".join((root, *earlier))
    # The list (RFC 2919, RFC 2369). One-click unsubscription (RFC 8058) is not promised: no web endpoint keeps it.
    mail["List-Id"] = f"<{settings.list_id}>"
    mail["List-Unsubscribe"] = f"<{settings.mailto(content.stop_subject)}>"
    mail["List-Help"] = f"<{settings.mailto('help')}>"
    mail["List-Owner"] = f"<{settings.mailto()}>"
    mail["List-Post"] = "NO"
    if settings.base_url:
        mail["List-Archive"] = f"<{settings.base_url}>"
    # No holiday replies, please (RFC 3834 §5), but bounces are wanted: so never "All".
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail["Precedence"] = "bulk"

    # Quoted-printable passes through every relay as it is, and a signature over it holds.
    mail.set_content(as_text(content, words), charset="utf-8", cte="quoted-printable")
    mail.add_alternative(as_html(content, words), subtype="html", charset="utf-8", cte="quoted-printable")
    mail["Content-Language"] = content.language  # set last: until now it would be the first part's
    # "=_" can't occur in quoted-printable, and a fixed boundary keeps a second try alike.
    mail.set_boundary(f"=_{re.sub(r'[^0-9A-Za-z.-]', '', incident)}.{notice.recorded.entry}")
    return mail


def to_ascii(address: str) -> str:
    """The address with its domain in wire form: räksmörgås.se is xn--… (RFC 5891).

    Raises domain.refusals.Invalid("mail-address") if it is no address, or its local part needs SMTPUTF8, which
    we do not ask of a relay. The refusal does not hold the address, so that it can't be logged.
    """
    local, at, domain = address.rpartition("@")
    try:
        wire = f"{local}@{domain.encode('idna').decode('ascii')}"
        parsed = Address(addr_spec=wire)
    except (ValueError, IndexError, AttributeError, MessageError):
        raise Invalid("mail-address") from None
    if not (at and local.isascii() and parsed.username and parsed.domain):
        raise Invalid("mail-address")
    return wire
