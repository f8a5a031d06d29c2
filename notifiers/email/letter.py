"""One mail to one reader, outside the ledger: an answer to what they have asked of us, or a test."""

from email.message import EmailMessage

from domain.delivery import Outcome
from notifiers.channel import Unreachable
from notifiers.email.mail_server import MailServer
from notifiers.email.outgoing import ENDS, OutgoingMail, stuffed
from notifiers.email.session import Session


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
