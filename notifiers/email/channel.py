"""The first channel: mail by SMTP, to our own mail server."""

from collections.abc import Callable
from datetime import datetime
from gettext import NullTranslations

from domain.audience import ChannelName
from domain.delivery import Notice
from domain.mailbox import kept_form
from notifiers.channel import ChannelLimits, Parcels
from notifiers.email.mail_server import MailServer
from notifiers.email.mailing import Mailing
from notifiers.email.outgoing import LARGEST, OutgoingMail
from notifiers.email.session import CircuitBreaker, Session
from notifiers.email.settings import MailSettings


class EmailChannel:
    """One round's mail. `words_for` gives a language's translations, the same object each time: templates are compiled
    once for it, and a mail is written once for all who read the same."""

    name = ChannelName.EMAIL
    kept_address = staticmethod(kept_form)

    def __init__(
        self, server: MailServer, settings: MailSettings, words_for: Callable[[str], NullTranslations]
    ) -> None:
        self.limits = ChannelLimits(LARGEST, threads=True, receipts=True, carriers=server.connections)
        self._server = server
        self._mailing = Mailing(settings, words_for)
        self._breaker = CircuitBreaker()

    def write(self, notice: Notice, now: datetime, not_after: float) -> OutgoingMail:
        return self._mailing.mail(notice, now, not_after)

    async def carry(self, parcels: Parcels[OutgoingMail]) -> None:
        async with Session(self._server, self._breaker) as session:
            await session.run(parcels)
