"""A notice becomes a mail: its headers, its text and its HTML.

Nothing that people wrote freely reaches a header. The standards behind each header stand beside it.
"""

import re
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from gettext import NullTranslations

from domain.checkpoint import parse
from domain.delivery import Notice
from domain.mailbox import wire_form
from domain.vocabulary import SWEDEN
from notifiers.content import contents
from notifiers.email.headers import MAIL, MAIL_UTF8
from notifiers.email.layout import as_html, as_text
from notifiers.email.settings import MailSettings
from notifiers.email.threads import thread_index, thread_root, thread_topic
from wording.door_paths import DoorPage

CHECKPOINT = "X-Reservrutin-Checkpoint"
"""Size and root of the log, as of the newest checkpoint; the whole note stands in the footer of text and page."""

CHECKPOINT_DATE = "X-Reservrutin-Checkpoint-Date"
"""When the log was seen to hold no more than that: the mail's Date is a little later, or that of its first try. A fact
that is written after the mail, and has been recorded before this by its clock, is found by it (docs/decisions/0024)."""


def witnessed(note: str) -> str:
    """The header's value. Raises domain.refusals.Invalid for what is no checkpoint."""
    _origin, size, root, *_rest = parse(note)[0].text.split("\n")
    return f"{size} {root}"


def message_id(incident: str, entry: int, subscriber_id: str, domain: str) -> str:
    """The name of this subscriber's copy of this fact: the same on every try, so a copy can be recognised."""
    return f"<{incident}.{entry}.{subscriber_id}@{domain}>"


@lru_cache(maxsize=64)
def dated(at: datetime) -> str:
    """A moment (aware) as a header says it, by the clocks here. Many mails are dated alike: by their claim."""
    return format_datetime(at.astimezone(SWEDEN))


def render(notice: Notice, settings: MailSettings, words: NullTranslations, now: datetime) -> EmailMessage:
    """The mail that tells this subscriber of this fact, in the language of `words`.

    `now` (aware) dates the mail and says as of when it tells how things stand. Without translations the
    mail is in English. Raises domain.refusals.NotAuthorised if the public would be told of anything but
    published operating information (Q9, SR-015), and
    domain.refusals.Invalid("mail-address") if the subscriber's address is none.
    """
    stop = words.gettext("unsubscribe {token}").format(token=notice.way_out)
    content = replace(
        contents(notice, words, now, driftinfo_url=settings.driftinfo_url, checkpoint=settings.checkpoint),
        stop_address=settings.unsubscribe_to,
        stop_subject=stop,
        stop_url=settings.mailto(stop),
    )
    content = replace(content, change_url=settings.at_the_door(DoorPage.CHOICES, content.language, notice.way_out))
    own = own_headers(notice, settings, now)

    mail = EmailMessage(policy=MAIL if own["To"].isascii() else MAIL_UTF8)
    mail["From"] = settings.mailbox
    mail["To"] = own["To"]
    mail["Subject"] = content.subject
    mail["Date"] = own["Date"]
    for name in ("Message-ID", "In-Reply-To", "References", "Thread-Index"):
        mail[name] = own[name]
    mail["Thread-Topic"] = thread_topic(notice.incident.number, settings)
    # The list (RFC 2919, RFC 2369), and the way out that a mail program takes by itself (RFC 8058).
    mail["List-Id"] = f"<{settings.list_id}>"
    one_click = settings.one_click_way_out(content.language, notice.way_out)
    mail["List-Unsubscribe"] = ", ".join(f"<{way}>" for way in (one_click, content.stop_url) if way)
    if one_click:
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Help"] = f"<{settings.mailto('help')}>"
    mail["List-Owner"] = f"<{settings.mailto()}>"
    mail["List-Post"] = "NO"
    if settings.base_url:
        mail["List-Archive"] = f"<{settings.base_url}>"
    # No holiday replies, please (RFC 3834 §5), but bounces are wanted: so never "All".
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail["Precedence"] = "bulk"
    if settings.checkpoint:
        mail[CHECKPOINT] = witnessed(settings.checkpoint)
        if settings.checked_at:
            mail[CHECKPOINT_DATE] = dated(settings.checked_at)

    # Quoted-printable passes through every relay as it is, and a signature over it holds.
    mail.set_content(as_text(content, words), charset="utf-8", cte="quoted-printable")
    mail.add_alternative(as_html(content, words), subtype="html", charset="utf-8", cte="quoted-printable")
    mail["Content-Language"] = content.language  # set last: until now it would be the first part's
    # "=_" can't occur in quoted-printable, and a fixed boundary keeps a second try alike.
    mail.set_boundary(f"=_{re.sub(r'[^0-9A-Za-z.-]', '', notice.incident.number)}.{notice.recorded.entry}")
    return mail


def own_headers(notice: Notice, settings: MailSettings, now: datetime) -> dict[str, str]:
    """The headers that are this subscriber's alone, in wire form but unfolded.

    Every mail answers the reader's first, which answers the incident's root. A program that threads by References
    makes what is named last the parent (RFC 5256 §3): a mail that named the one before would stand one step deeper for
    each, until its subject is out of sight. And the References of an answer are those of its parent and the parent
    itself (RFC 5322 §3.6.4): two, however long the outage.

    A mail that is tried again keeps the Date of its first try. Raises domain.refusals.Invalid("mail-address").
    """
    number, at = notice.incident.number, notice.dated or now
    answered = [thread_root(number, settings), *([notice.first] if notice.first else [])]
    return {
        "To": wire_form(notice.subscriber.address),
        "Date": dated(at),
        "Message-ID": notice.message_id,
        "In-Reply-To": answered[-1],
        "References": " ".join(answered),
        "Thread-Index": thread_index(number, settings, at if notice.first else None),
    }
