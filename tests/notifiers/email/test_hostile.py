"""A mail server that says whatever it likes: it ends no round, and no mail is called sent that it was not handed."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from domain.delivery import DeliveryState
from notifiers.dispatcher import Tally
from notifiers.email import session
from notifiers.email.connection import SmtpConnection
from notifiers.email.mail_server import MailServer, Tls
from tests.notifiers.test_dispatcher import Waiting, a_round, waiting

READERS = 4
AS_SERVERS_DO = {
    b"EHLO": b"250-x\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n", b"HELO": b"250 x\r\n", b"MAIL": b"250 OK\r\n",
    b"RCPT": b"250 OK\r\n", b"DATA": b"354 go on\r\n", b".": b"250 OK\r\n", b"QUIT": b"221 bye\r\n",
    b"RSET": b"250 OK\r\n",
}  # fmt: skip
ODD = [
    b"250-x\r\n250 SIZE " + b"9" * 5000 + b"\r\n",
    b"250-x\r\n250-SIZE -1\r\n250 SIZE\r\n",
    "250-x\r\n250 SIZE ²٣\r\n".encode(),
    b"250-" + b"x" * 100_000 + b"\r\n",
    b"250-x\r\n" * 20_000,
    b"250 OK\r\n" * 1_000,
    b"250 " + b"\xff\x00\x1b[2J" * 20 + b"\r\n",
    b"250\r\n", b"250 OK\n", b"250 OK\r", b"25", b"\r\n", b"\x00", b"-250 OK\r\n", b"250_OK\r\n",
    b"000 x\r\n", b"100 x\r\n", b"354 x\r\n", b"334 x\r\n", b"600 x\r\n", b"999 x\r\n", "２５０ OK\r\n".encode(),
    b"250-x\r\n550 y\r\n", b"250-AUTH \r\n250-STARTTLS\r\n250 AUTH=\r\n",
    b"421 4.3.2 closing\r\n", b"450 4.2.1 later\r\n", b"550 5.1.1 nobody\r\n", b"550 5.999999.1 x\r\n",
    b"554 5.7.1 <" + b"a@b " * 3_000 + b">\r\n", b"220 hello\r\n220 hello\r\n", b"\x15\x03\x01\x00\x02\x02\x28",
]  # fmt: skip
CUT, SILENCE = b"cut", b"silence"


class Hostile:
    """Answers as servers do, and with what its `seed` brings where it feels like it. `dots` is how many mails it was
    handed to their end."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same each time
        self._mood = self._chance.choice((0.05, 0.3, 0.8))
        self.dots = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._say(writer, b"220 x\r\n")
            in_content = False
            while line := await reader.readline():
                verb = line.strip().upper()[:4]
                if in_content and line != b".\r\n":
                    continue
                self.dots += in_content
                said = await self._say(writer, AS_SERVERS_DO.get(b"." if in_content else verb, b"500 what?\r\n"))
                in_content = verb == b"DATA" and said.startswith(b"354")
        except (OSError, ValueError):
            pass
        finally:
            writer.transport.abort()

    async def _say(self, writer: asyncio.StreamWriter, usual: bytes) -> bytes:
        said = self._chance.choice([*ODD, CUT, SILENCE]) if self._chance.random() < self._mood else usual
        if said == CUT:
            raise OSError
        if said != SILENCE:
            for piece in (said,) if self._chance.random() < 0.8 else (said[:1], said[1:]):
                writer.write(piece)
                await asyncio.sleep(0)
        return said


@asynccontextmanager
async def listening(hostile: Hostile) -> AsyncIterator[MailServer]:
    server = await asyncio.start_server(hostile.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield MailServer(
            "127.0.0.1",
            port,
            Tls.NONE,
            connect_timeout=0.2,
            command_timeout=0.2,
            data_timeout=0.2,
            final_dot_timeout=0.2,
            connections=2,
        )
    finally:
        server.close()


@pytest.mark.parametrize("seed", range(60))
async def test_whatever_a_mail_server_says_a_round_ends_and_says_of_each_mail_what_became_of_it(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(session, "_FAREWELL", 0.2)
    hostile, outbox = Hostile(seed), waiting(READERS)
    async with asyncio.timeout(20), listening(hostile) as server:
        tally = await a_round(outbox, server)
    assert len(outbox.settled) == READERS
    assert tally.sent <= hostile.dots
    for state, code, reply, again in outbox.settled.values():
        assert reply.isprintable()
        assert len(reply) <= 500
        assert state is not DeliveryState.SENT or 200 <= (code or 0) < 300
        assert (again is not None) == (state in (DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS))


async def test_a_size_of_five_thousand_digits_is_no_limit_and_the_mail_is_sent() -> None:
    class Boasting(Hostile):
        async def _say(self, writer: asyncio.StreamWriter, usual: bytes) -> bytes:
            writer.write(ODD[0] if b"SIZE" in usual else usual)
            return usual

    outbox = waiting(READERS)
    async with listening(Boasting(0)) as server:
        assert await a_round(outbox, replace(server, command_timeout=5, final_dot_timeout=5)) == Tally(sent=READERS)


@pytest.mark.parametrize(
    ("replies", "state"), [(0, DeliveryState.DEFERRED), (3, DeliveryState.AMBIGUOUS)], ids=["envelope", "final dot"]
)
async def test_what_nobody_has_thought_of_is_an_attempt_that_failed_and_the_round_goes_on(
    monkeypatch: pytest.MonkeyPatch, replies: int, state: DeliveryState
) -> None:
    heard, reply = 0, SmtpConnection.reply

    async def breaks_once(connection: SmtpConnection, timeout: float) -> object:
        nonlocal heard
        heard += 1
        if heard == replies + 1:
            raise RuntimeError("anna@example.se")
        return await reply(connection, timeout)

    class Orderly(Hostile):
        async def _say(self, writer: asyncio.StreamWriter, usual: bytes) -> bytes:
            writer.write(usual)
            return usual

    monkeypatch.setattr(SmtpConnection, "reply", breaks_once)
    outbox: Waiting = waiting(2)
    async with listening(Orderly(0)) as server:
        tally = await a_round(outbox, replace(server, command_timeout=5, final_dot_timeout=5))
    assert tally == Tally(sent=1, **{state.value: 1})
    assert outbox.settled[0][:3] == (state, None, "the session broke: RuntimeError")
