"""One mail to one reader, outside the ledger: an answer to what they have asked of us, or a test."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from domain.delivery import Outcome
from domain.mailbox import wire_form
from domain.vocabulary import SWEDEN
from notifiers.channel import Unreachable
from notifiers.email.headers import MAIL, MAIL_UTF8
from notifiers.email.mail_server import MailServer
from notifiers.email.outgoing import ENDS, OutgoingMail, stuffed
from notifiers.email.session import Session
from notifiers.email.settings import MailSettings
from wording.words import Texts


def letter(
    address: str,
    subject: str,
    text: str,
    settings: MailSettings,
    texts: Texts,
    now: datetime,
    submitted: str = "auto-replied",
) -> EmailMessage:
    """A letter of plain text, which nothing answers by itself; `submitted` says of what kind it is (RFC 3834 §5).
    `now` is aware. Raises domain.refusals.Invalid("mail-address")."""
    to = wire_form(address)
    mail = EmailMessage(policy=MAIL if to.isascii() else MAIL_UTF8)
    mail["From"] = settings.mailbox
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now.astimezone(SWEDEN))
    mail["Message-ID"] = make_msgid(domain=settings.domain)
    mail["Auto-Submitted"] = submitted
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text + "\n", charset="utf-8", cte="quoted-printable")
    mail["Content-Language"] = texts.language
    return mail


class _One:
    """A letter as a session takes it, and how it fared."""

    def __init__(self, letter: OutgoingMail) -> None:
        self.outcome: Outcome | None = None
        self._letter: OutgoingMail | None = letter

    async def next(self) -> OutgoingMail | None:
        return self.take()

    def take(self) -> OutgoingMail | None:
        letter, self._letter = self._letter, None
        return letter

    def ended(self, parcel: OutgoingMail, outcome: Outcome) -> None:
        self.outcome = outcome

    def back(self, parcel: OutgoingMail) -> None:
        """It was not tried, and nobody tries it again."""


async def hand_over(mail: EmailMessage, server: MailServer, sender: str = "") -> Outcome | None:
    """What the mail server answers; None where it took too long. An answer has no `sender` to return to: nothing that
    comes back of it is wanted (RFC 3834 §3.3)."""
    content = mail.as_bytes()
    letter = _One(OutgoingMail(0, sender, str(mail["To"]), stuffed(content) + ENDS, len(content)))
    try:
        async with Session(server) as session:
            await session.run(letter)
    except Unreachable as away:
        return away.outcome
    return letter.outcome
