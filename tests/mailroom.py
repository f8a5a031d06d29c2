"""A real SMTP server on loopback that keeps what it accepts."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Any

from aiosmtpd.controller import Controller

from notifiers.email.mail_server import MailServer, parse_url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@cache
def _held() -> socket.socket:
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held


def port_of_nobody() -> int:
    """Where nobody answers, and nobody will: it stays taken for as long as this process lives. A port that is only free
    may be a neighbour's mail server a moment later."""
    port: int = _held().getsockname()[1]
    return port


class Mailroom:
    """Every mail that was accepted, in the order it came."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.senders: list[str] = []
        """Whom each came from by its envelope."""
        self.url = ""
        self.refuses = ""
        self.refuses_everybody = ""
        """What is said to everybody who is written to."""
        self.refuses_each: dict[str, str] = {}
        """What is said to those at these addresses."""
        self.before_answering: Callable[[], None] | None = None
        """What happens once a mail has been taken, before whoever sent it hears so."""

    def server(self) -> MailServer:
        """Where it is, as a setting says it."""
        return parse_url(self.url)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.refuses_everybody:
            return self.refuses_everybody
        if address in self.refuses_each:
            return self.refuses_each[address]
        if address == self.refuses:
            return f"550 5.1.1 <{address}> no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.raw.append(envelope.content)
        self.senders.append(envelope.mail_from)
        if self.before_answering:
            self.before_answering()
        return "250 2.0.0 Ok"

    def to(self, name: str) -> list[EmailMessage]:
        """What this subscriber has got, by the name before the @."""
        return [mail for mail in self.mails if mail["To"].startswith(f"{name}@")]

    def subjects(self, name: str) -> list[str]:
        return [str(mail["Subject"]) for mail in self.to(name)]


@contextmanager
def mailroom(port: int | None = None) -> Iterator[Mailroom]:
    """A mail server that is up for as long as this lasts."""
    room = Mailroom()
    controller = Controller(room, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    room.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield room
    finally:
        controller.stop()


def text(mail: EmailMessage, kind: str = "plain") -> str:
    """A part of the mail as it is read."""
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content
