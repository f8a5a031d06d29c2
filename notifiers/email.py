"""Mail by SMTP (RFC 5321): one session, one recipient a mail, and what the server answered.

The commands of a transaction are sent one by one, so that a failure is known to have come before the final
dot, when nothing can have been delivered, or after it, when something may have been.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from domain.delivery import DeliveryState, Outcome
from domain.refusals import Invalid, Unavailable
from notifiers.delivery import answered, one_line
from notifiers.message import to_ascii

SILENCES_IN_A_ROW = 3
"""So many mails after each other without an answer, and the session gives the server up: a relay that hangs
would otherwise be waited for once a mail, and leave every one of them ambiguous."""

_LINE_BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")
_START_INPUT = 354
_CLOSING = 421
_FAREWELL = 5.0  # seconds to wait for the answer to QUIT, which changes nothing


class Tls(StrEnum):
    """How the connection is encrypted. What is asked for is required: there is no silent downgrade."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """The relay that takes our mail. Timeouts are seconds; the server's certificate is always verified.

    RFC 5321 §4.5.3.2 allows a command five minutes; the relay is our own, and all of them together must end before
    the lease on a delivery does. The last one is that of the RFC, and long because giving up after the final dot is
    what makes duplicates (RFC 1047).
    """

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    connect_timeout: float = 30
    command_timeout: float = 60
    data_timeout: float = 120
    final_dot_timeout: float = 600


def parse_url(url: str, password_file: Path | None = None) -> MailServer:
    """The server that `smtp://user:password@host:587?tls=starttls` means; the scheme may also be smtps.

    `tls` is starttls, implicit or none. Unless given it is implicit for smtps and port 465, starttls with a
    password or port 587, none on this machine, and otherwise starttls. The password may stand alone in
    `password_file` instead. Raises domain.refusals.Invalid("smtp-url", why=…), which never holds the URL:
    there may be a password in it.
    """
    try:
        parts = urlsplit(url)
        port, options = (
            parts.port,
            dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))),
        )
    except ValueError:
        raise Invalid("smtp-url", why="malformed") from None
    if parts.scheme not in ("smtp", "smtps"):
        raise Invalid("smtp-url", why="scheme")
    if not parts.hostname or not re.fullmatch(r"[\w.:-]+", parts.hostname):
        raise Invalid("smtp-url", why="host")
    if parts.path not in ("", "/") or parts.fragment or set(options) - {"tls"} or port == 0:
        raise Invalid("smtp-url", why="malformed")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password_file and password:
        raise Invalid("smtp-url", why="two-passwords")
    password = password or _read(password_file)
    if bool(username) != bool(password):
        raise Invalid("smtp-url", why="user-and-password")
    tls = _tls(options.get("tls"), parts.scheme, parts.hostname, port, bool(password))
    usual = 465 if tls is Tls.IMPLICIT else 587 if password else 25
    return MailServer(parts.hostname, port or usual, tls, username, password)


def _tls(asked: str | None, scheme: str, host: str, port: int | None, password: bool) -> Tls:
    if scheme == "smtps" and asked not in (None, Tls.IMPLICIT):
        raise Invalid("smtp-url", why="tls")
    if asked is not None:
        if asked not in tuple(Tls):
            raise Invalid("smtp-url", why="tls")
        return Tls(asked)
    if scheme == "smtps" or port == 465:
        return Tls.IMPLICIT
    if password or port == 587:
        return Tls.STARTTLS
    return Tls.NONE if is_loopback(host) else Tls.STARTTLS


def _read(password_file: Path | None) -> str:
    if password_file is None:
        return ""
    try:
        return password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Invalid("smtp-url", why="password-file") from None


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


class Session:
    """An SMTP session, opened with the first mail, kept for the next and opened again when it went stale.

    One session sends one mail at a time. Used with `async with`, which says goodbye at the end.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: SMTP | None = None
        self._silences = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp and self._smtp.is_connected and error is None:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=_FAREWELL)
        self._hang_up()

    async def deliver(self, message: EmailMessage, recipient: str) -> Outcome:
        """Hand the mail to the server for this one recipient, and sort what it answers.

        Raises domain.refusals.Unavailable("mail-server", code=…, reply=…) if no session can be had, or the
        server takes no mail from our sender, or has stopped answering: then no other mail fares better. The
        recipient's address is struck from the reply, which is kept when the address is erased.
        """
        if self._silences >= SILENCES_IN_A_ROW:
            raise Unavailable("mail-server", code=None, reply="no answer to the latest mails")
        try:
            address = to_ascii(recipient)
        except Invalid as refusal:
            return Outcome(DeliveryState.REFUSED, None, refusal.reason)
        outcome = await self._transaction(message, address)
        self._silences = self._silences + 1 if outcome.code is None else 0
        named = rf"{re.escape(address)}|[^\s<>]+@[^\s<>:;,]+|\b{re.escape(address.partition('@')[0])}\b"
        struck = re.sub(named, "…", outcome.reply, flags=re.IGNORECASE)
        return Outcome(outcome.state, outcome.code, struck)

    async def _transaction(self, message: EmailMessage, address: str) -> Outcome:
        content = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
        after_final_dot = False
        try:
            smtp = await self._begin(message["From"].addresses[0].addr_spec)
            await smtp.rcpt(address)
            ready = await smtp.execute_command(b"DATA", timeout=self._server.data_timeout)
            if ready.code != _START_INPUT or smtp.protocol is None:
                raise SMTPResponseException(ready.code, ready.message)
            smtp.protocol.write(_LINE_BEGINS_WITH_DOT.sub(b"..", content) + b".\r\n")
            after_final_dot = True
            reply = await smtp.protocol.read_response(timeout=self._server.final_dot_timeout)
            outcome = answered(reply.code, reply.message, after_final_dot=True)
        except SMTPResponseException as answer:
            outcome = answered(answer.code, answer.message, after_final_dot=after_final_dot)
        except (SMTPException, OSError) as silence:  # lost, refused or timed out
            self._hang_up()
            return answered(None, str(silence) or type(silence).__name__, after_final_dot=after_final_dot)
        if outcome.state is not DeliveryState.SENT:
            await self._start_over(outcome.code)
        return outcome

    async def _begin(self, sender: str) -> SMTP:
        """A transaction with its sender accepted; a session that turns out to be stale is opened once more."""
        while True:
            fresh = self._smtp is None or not self._smtp.is_connected
            smtp = await self._connect() if fresh or self._smtp is None else self._smtp
            try:
                await smtp.mail(sender)
            except SMTPResponseException as answer:
                if answer.code // 100 == 5:
                    self._hang_up()
                    raise Unavailable("mail-server", code=answer.code, reply=one_line(answer.message)) from answer
                if answer.code != _CLOSING or fresh:
                    raise
            except (SMTPException, OSError):
                if fresh:
                    raise
            else:
                return smtp
            self._hang_up()

    async def _connect(self) -> SMTP:
        self._hang_up()
        server = self._server
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            use_tls=server.tls is Tls.IMPLICIT,
            start_tls=server.tls is Tls.STARTTLS,
            timeout=server.command_timeout,
            local_hostname="localhost" if is_loopback(server.host) else None,
        )
        try:
            await smtp.connect(timeout=server.connect_timeout)
        except SMTPResponseException as answer:
            raise Unavailable("mail-server", code=answer.code, reply=one_line(answer.message)) from answer
        except (SMTPException, OSError) as error:
            raise Unavailable("mail-server", code=None, reply=one_line(str(error))) from error
        self._smtp = smtp
        return smtp

    async def _start_over(self, code: int | None) -> None:
        """Leave no half transaction behind for the next mail to stumble on."""
        if self._smtp is None or code is None or not 400 <= code < 600 or code == _CLOSING:
            self._hang_up()
            return
        try:
            await self._smtp.rset()
        except (SMTPException, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None
