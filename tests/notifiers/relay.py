"""A real mail server on the loopback, which answers as a test wants it to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from notifiers.email import MailServer, Tls

Answer = str | Callable[["Relay"], Awaitable[str]]


class Relay:
    """Takes mail and remembers it. `at` holds other answers than "250 OK", by command; "." is the final dot."""

    def __init__(self) -> None:
        self.at: dict[str, list[Answer] | Answer] = {}
        self.mails: list[Envelope] = []
        self.sessions = 0
        self.connection: SMTP | None = None
        self.offers: tuple[str, ...] = ()
        """Extensions beside those of the library, like "PIPELINING"."""
        self.options: list[tuple[str, list[str]]] = []
        """The parameters of every MAIL and RCPT."""
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
        session.host_name = hostname
        return [*responses[:-1], *(f"250-{offer}" for offer in self.offers), responses[-1]]

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

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        reply = await self.answer(".", server)
        if reply.startswith("2"):
            self.mails.append(envelope)
        return reply


class _Connection(SMTP):
    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        answer = await self.event_handler.answer("DATA", self)
        await (super().smtp_DATA(arg) if answer == "250 OK" else self.push(answer))


@asynccontextmanager
async def listening(relay: Relay, data_timeout: float = 5, final_dot_timeout: float = 5) -> AsyncIterator[Relay]:
    """The relay on a free port of the loopback, while the block lasts."""

    def connected() -> SMTP:
        relay.sessions += 1
        return _Connection(relay, hostname="relay.example.se", enable_SMTPUTF8=False)

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
