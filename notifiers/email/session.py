"""Mail by SMTP (RFC 5321): sessions that carry one mail after another, and what the server answered to each.

Where the server offers PIPELINING (RFC 2920) a mail's commands are sent together, and the next mail's
along with the content of the one before it: one round trip a mail. A mail's content leaves only after the
server has asked for it (354), so of all mails on a connection at most one can be between its final dot and the
reply to it, when it is unclear whether something was delivered. For every other one, nothing has been.
"""

import asyncio
import logging
import re
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from domain.delivery import DeliveryState, Outcome
from domain.texts import N_
from notifiers.channel import Parcels, Unreachable
from notifiers.email.answers import answered, one_line, unreachable
from notifiers.email.connection import Lost, Reply, SmtpConnection
from notifiers.email.mail_server import MailServer
from notifiers.email.opening import opened
from notifiers.email.outgoing import ENDS, Extensions, OutgoingMail

SILENCES_IN_A_ROW = 3
"""So many mails after each other without an answer, and the server is given up: a relay that hangs would
otherwise be waited for once a mail, and leave every one of them ambiguous."""

_START_INPUT, _CLOSING, _BAD_SEQUENCE = 354, 421, 503
_MAIL, _RCPT, _DATA = range(3)
_RESET = b"RSET\r\n"
_THIS_MAIL_ALONE = re.compile(r"5\.(3\.4|2\.3|6\.\d+)\b")
"""Refusals of MAIL that are about the mail itself: its size, its content. Others are about us."""

log = logging.getLogger(__name__)

_FAREWELL = 5.0  # seconds to wait for the answer to QUIT, which changes nothing


class CircuitBreaker:
    """How many mails in a row were not answered, whichever session they went through."""

    def __init__(self) -> None:
        self.silences = 0

    def note(self, outcome: Outcome) -> None:
        self.silences = self.silences + 1 if outcome.code is None else 0

    def check(self) -> None:
        if self.silences >= SILENCES_IN_A_ROW:
            raise unreachable(None, N_("no answer to the latest mails"))


class Session:
    """An SMTP session, opened with the first mail, kept for the next and opened again when it went stale.

    Used with `async with`, which says goodbye at the end.
    """

    def __init__(self, server: MailServer, breaker: CircuitBreaker | None = None) -> None:
        self._server = server
        self._breaker = breaker or CircuitBreaker()
        self._limits = (server.command_timeout, server.command_timeout, server.data_timeout)
        self._connection: SmtpConnection | None = None
        self._offers = Extensions()
        self._carried = 0
        self._used = False
        """Whether the server has answered anything on this connection since it was opened."""
        self._announced: OutgoingMail | None = None
        """The mail whose envelope went along with the content of the one before it."""
        self._has_its_dot = False
        """Whether the mail in hand has been handed over to its end, and may have arrived."""
        self._half_done = False
        """Whether a transaction was begun that RSET has to end."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._say_goodbye(politely=error is None)

    async def run(self, mails: Parcels[OutgoingMail]) -> None:
        """Hand over mail after mail until there are no more, and say of each what the server answered.

        Raises Unreachable if no session can be had, or the
        server takes no mail from our sender, or has stopped answering: then no other mail fares better. The
        recipient's address is struck from the reply, which is kept when the address is erased.
        """
        following: OutgoingMail | None = None
        while mail := following or await mails.next():
            self._has_its_dot = False
            try:
                self._breaker.check()
                following, outcome = await self._carry(mail, mails)
            except Exception as error:
                if isinstance(error, Unreachable):
                    mails.back(mail)
                    raise
                following, outcome = None, self._broken(error)
            except BaseException:
                mails.back(mail)
                raise
            if outcome is None:
                mails.back(mail)
            else:
                self._breaker.note(outcome)
                mails.ended(mail, _without_address(outcome, mail.recipient))

    def _broken(self, error: Exception) -> Outcome:
        """Whatever a server brings about that nobody has thought of is an attempt that failed."""
        log.exception("the mail server brought about what nobody had thought of")
        self._hang_up()
        return answered(None, f"the session broke: {type(error).__name__}", after_final_dot=self._has_its_dot)

    async def _carry(
        self, mail: OutgoingMail, mails: Parcels[OutgoingMail]
    ) -> tuple[OutgoingMail | None, Outcome | None]:
        """Send one mail. Returns the one that was announced along with it and is to follow, and its outcome;
        None if it became too late to send it."""
        connection, refusal = await self._announce(mail)
        if connection is None:
            return None, refusal
        if not connection.is_quiet:
            self._hang_up()  # one reply too many: which of them would be the one to the final dot?
            return None, answered(None, "the mail server is out of step", after_final_dot=False)
        if asyncio.get_running_loop().time() > mail.not_after:
            self._hang_up()  # the server waits for content and can't be told that there is none
            return None, None
        following = mails.take() if self._may_announce_more() else None
        content = mail.data
        if following and not self._offers.obstacle(following):
            content += b"".join(self._offers.envelope(following))
            self._announced = following
        try:
            connection.write(content)
            self._has_its_dot = True
            reply = await connection.reply(self._server.final_dot_timeout)
        except Lost as lost:
            self._hang_up()
            return following, answered(None, str(lost), after_final_dot=self._has_its_dot)
        except BaseException:
            if following:
                mails.back(following)
            raise
        outcome = answered(reply.code, reply.text, after_final_dot=True)
        self._carried += 1
        if outcome.state is DeliveryState.AMBIGUOUS or reply.code == _CLOSING:
            self._hang_up()
        return following, outcome

    def _may_announce_more(self) -> bool:
        return self._offers.pipelining and self._carried + 1 < self._server.mails_per_connection

    async def _announce(self, mail: OutgoingMail) -> tuple[SmtpConnection | None, Outcome | None]:
        """Say who the mail is from and for; either the connection that now waits for its content, or how it ended.

        A session that turns out to be stale is opened once more: so nothing is said of a mail that the server
        never heard of.
        """
        while True:
            if self._carried >= self._server.mails_per_connection:
                await self._say_goodbye(politely=True)
            if self._connection is None or not (self._announced is mail or self._connection.is_quiet):
                await self._open()
            if obstacle := self._offers.obstacle(mail):
                return None, Outcome(DeliveryState.REFUSED, None, obstacle)
            fresh = not self._used
            try:
                reply, command = await self._ask(self._connection, mail)
            except Lost as lost:
                stale = not fresh and not self._used
                self._hang_up()
                if stale:
                    continue
                return None, answered(None, str(lost), after_final_dot=False)
            if command == _DATA and reply.code == _START_INPUT:
                return self._connection, None
            if command == _MAIL and not fresh and reply.code in (_CLOSING, _BAD_SEQUENCE):
                self._hang_up()
                continue
            outcome = answered(reply.code, reply.text, after_final_dot=False)
            if reply.code == _CLOSING or not 400 <= reply.code < 600:
                self._hang_up()
            about_us = command == _MAIL and not _THIS_MAIL_ALONE.match(outcome.enhanced)
            if about_us and outcome.state is DeliveryState.REFUSED:
                self._hang_up()
                raise unreachable(reply.code, one_line(reply.text))
            return None, outcome

    async def _ask(self, connection: SmtpConnection | None, mail: OutgoingMail) -> tuple[Reply, int]:
        """The reply that decides whether the content may follow, and to which command it is. Raises Lost.

        All commands' replies are read, so that the next mail's do not fall among them.
        """
        if connection is None:
            raise Lost("connection closed")
        together, announced = self._offers.pipelining, self._announced is mail
        self._announced, self._used = None, False
        commands = () if announced else self._offers.envelope(mail)
        if not announced:
            half_done = self._half_done
            if half_done or together:
                connection.write((_RESET if half_done else b"") + (b"".join(commands) if together else b""))
            if half_done:
                await self._reset(connection)
        decided: tuple[Reply, int] | None = None
        for number in (_MAIL, _RCPT, _DATA):
            if not together:
                connection.write(commands[number])
            try:
                reply = await connection.reply(self._limits[number])
            except Lost:
                if decided is None:
                    raise
                self._hang_up()
                return decided
            self._used = True
            if decided is None and (number == _DATA or reply.code // 100 != 2):
                decided = reply, number
                if not together or reply.code == _CLOSING:
                    break
        assert decided is not None  # noqa: S101 - the reply to DATA decides at the latest
        asked_for_content = reply.code == _START_INPUT and number == _DATA
        self._half_done = not asked_for_content
        if asked_for_content and decided[1] != _DATA:
            await self._send_nothing(connection, mail_refused=decided[1] == _MAIL)
        return decided

    async def _reset(self, connection: SmtpConnection) -> None:
        reply = await connection.reply(self._server.command_timeout)
        if reply.code // 100 != 2:
            raise Lost("the session could not be reset")
        self._half_done = False

    async def _send_nothing(self, connection: SmtpConnection, *, mail_refused: bool) -> None:
        """A server that asks for content for nobody gets a lone dot (RFC 2920 §3.1).

        Where it was the sender that it refused, somebody might get that empty mail: then we hang up instead.
        """
        try:
            if mail_refused:
                raise Lost("out of step")
            connection.write(ENDS)
            await connection.reply(self._server.final_dot_timeout)
        except Lost:
            self._hang_up()

    async def _open(self) -> None:
        """A new connection to the server. Raises Unreachable."""
        self._hang_up()
        self._connection, self._offers = await opened(self._server)

    async def _say_goodbye(self, *, politely: bool) -> None:
        if self._connection and politely and self._announced is None:
            with suppress(Lost):
                self._connection.write(b"QUIT\r\n")
                await self._connection.reply(_FAREWELL)
        self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._announced = None
        self._half_done = self._used = False
        self._carried = 0


def _without_address(outcome: Outcome, address: str) -> Outcome:
    local = address.partition("@")[0]
    if "@" not in outcome.reply and local.casefold() not in outcome.reply.casefold():
        return outcome
    named = rf"{re.escape(address)}|[^\s<>]+@[^\s<>:;,]+|\b{re.escape(local)}\b"
    return replace(outcome, reply=re.sub(named, "…", outcome.reply, flags=re.IGNORECASE))
