"""A real mail server on the loopback, which answers as a test wants it to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from domain.delivery import DeliveryState, Outcome
from domain.mailbox import wire_form
from domain.refusals import Invalid
from notifiers.email.mail_server import MailServer, Tls
from notifiers.email.outgoing import ENDS, OutgoingMail, stuffed
from notifiers.email.session import Session as Sending

Answer = str | Callable[["Relay"], Awaitable[str]]


class Relay:
    """Takes mail and remembers it. `at` holds other answers than "250 OK", by command; "." is the final dot."""

    usual_offers: tuple[str, ...] = ()
    """Extensions beside those of the library, like "PIPELINING"."""

    def __init__(self) -> None:
        self.at: dict[str, list[Answer] | Answer] = {}
        self.mails: list[Envelope] = []
        self.sessions = 0
        self.connection: SMTP | None = None
        self.offers = self.usual_offers
        self.options: list[tuple[str, list[str]]] = []
        """The parameters of every MAIL and RCPT."""
        self.largest = 30_000_000
        self.goodbyes = 0
        self.called = ""
        """What the client calls itself."""
        self.greets = 1000
        """How many lines it takes before it turns further ones away."""
        self.server = MailServer("127.0.0.1", 0)

    async def answer(self, command: str, connection: SMTP) -> str:
        self.connection = connection
        planned = self.at.get(command, "250 OK")
        if isinstance(planned, list):
            planned = planned.pop(0) if planned else "250 OK"
        return planned if isinstance(planned, str) else await planned(self)

    async def hang_up(self) -> str:
        """Cut the line without a word."""
        if self.connection and isinstance(self.connection.transport, asyncio.Transport):
            self.connection.transport.abort()
        return "421 gone"

    async def hang(self) -> str:
        """Take long over the answer, for ever in the eyes of an impatient client."""
        await asyncio.sleep(2)
        return "250 OK"

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = self.called = hostname
        return [*responses[:-1], *(f"250-{offer}" for offer in self.offers if offer != "SMTPUTF8"), responses[-1]]

    async def handle_MAIL(self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's
        self.options.append(("MAIL", options))
        envelope.mail_from = address
        return await self.answer("MAIL", server)

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's
        self.options.append(("RCPT", options))
        reply = await self.answer("RCPT", server)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_QUIT(self, _: SMTP, __: Session, ___: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.goodbyes += 1
        return "221 Bye"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        reply = await self.answer(".", server)
        if reply.startswith("2"):
            self.mails.append(envelope)
        return reply


class Several:
    """Parcels for a session, and what became of them."""

    def __init__(self, mails: Iterable[OutgoingMail]) -> None:
        self._mails = list(mails)
        self.ended_with: dict[int, Outcome] = {}
        self.outcomes: list[Outcome] = []
        self.given_back: list[OutgoingMail] = []

    async def next(self) -> OutgoingMail | None:
        return self.take()

    def take(self) -> OutgoingMail | None:
        return self._mails.pop(0) if self._mails else None

    def ended(self, mail: OutgoingMail, outcome: Outcome) -> None:
        assert mail.delivery not in self.ended_with or mail.delivery == 0
        self.ended_with[mail.delivery] = outcome
        self.outcomes.append(outcome)

    def back(self, mail: OutgoingMail) -> None:
        self.given_back.append(mail)


def addressed(mail: EmailMessage, recipient: str) -> OutgoingMail:
    """The mail for this address, from its own sender."""
    content = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
    sender = mail["From"].addresses[0].addr_spec
    return OutgoingMail(0, sender, wire_form(recipient), stuffed(content) + ENDS, len(content))


async def deliver(session: Sending, mail: EmailMessage, recipient: str) -> Outcome:
    """Hand one mail to the server for this one recipient."""
    try:
        only = Several([addressed(mail, recipient)])
    except Invalid as refusal:
        return Outcome(DeliveryState.REFUSED, None, refusal.reason)
    await session.run(only)
    return only.outcomes[0]


class _Connection(SMTP):
    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        answer = await self.event_handler.answer("DATA", self)
        await (super().smtp_DATA(arg) if answer == "250 OK" else self.push(answer))


class _TurnedAway(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"421 4.7.0 too many of you\r\n")
        transport.close()


@asynccontextmanager
async def listening(relay: Relay, data_timeout: float = 5, final_dot_timeout: float = 5) -> AsyncIterator[Relay]:
    """The relay on a free port of the loopback, while the block lasts."""

    def connected() -> asyncio.Protocol:
        relay.sessions += 1
        if relay.sessions > relay.greets:
            return _TurnedAway()
        return _Connection(
            relay,
            hostname="relay.example.se",
            data_size_limit=relay.largest,
            enable_SMTPUTF8="SMTPUTF8" in relay.offers,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connected, "127.0.0.1", 0)
    relay.server = MailServer(
        "127.0.0.1",
        server.sockets[0].getsockname()[1],
        Tls.NONE,
        data_timeout=data_timeout,
        final_dot_timeout=final_dot_timeout,
    )
    try:
        yield relay
    finally:
        server.close()
        await relay.hang_up()
        await asyncio.sleep(0)
