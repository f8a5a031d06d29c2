"""The first channel: mail by SMTP, to our own mail server."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
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
    """One round's mail. `words_for` gives a language's translations; a mail is written once for all who read the same.
    `door` says where the subscriber's door answers, "" where it does not: it is asked before a carrier's first mail."""

    name = ChannelName.EMAIL
    kept_address = staticmethod(kept_form)

    def __init__(
        self,
        server: MailServer,
        settings: MailSettings,
        words_for: Callable[[str], NullTranslations],
        door: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self.limits = ChannelLimits(LARGEST, threads=True, receipts=True, carriers=server.connections)
        self._server = server
        self._settings = settings
        self._words_for = words_for
        self._door = door
        self._mailing = Mailing(settings, words_for)
        self._breaker = CircuitBreaker()

    def write(self, notice: Notice, now: datetime, not_after: float) -> OutgoingMail:
        return self._mailing.mail(notice, now, not_after)

    async def carry(self, parcels: Parcels[OutgoingMail]) -> None:
        if self._door:
            self._lead_to(await self._door())
        async with Session(self._server, self._breaker) as session:
            await session.run(parcels)

    def _lead_to(self, door: str) -> None:
        if door != self._settings.door:
            self._settings = replace(self._settings, door=door)
            self._mailing = Mailing(self._settings, self._words_for)
