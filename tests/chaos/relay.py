"""A mail server with bad days: a process of its own that writes down what it accepted before it answers.

    python -m tests.chaos.relay SEED RECORD

prints its two ports as JSON (the first offers PIPELINING and DSN, the second does not) and takes a weather a line
on standard input. RECORD gets a JSON object a line: what was accepted, what was refused for good, whose client had
gone before the answer came. It is written with one `write` each, so it is whole whatever becomes of the workers.
"""

import asyncio
import json
import os
import random
import re
import sys
import time
from dataclasses import dataclass
from typing import Any

DEAD = "dead"
"""An address that begins so has no mailbox."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How often what goes wrong: chances between 0 and 1, each taken where it can happen."""

    turned_away: float = 0  # 421 instead of a greeting
    leaving: float = 0  # 421 instead of any answer before the content, and the connection is closed
    busy: float = 0  # 4yz for MAIL, RCPT or DATA
    cut: float = 0  # the connection is reset in the middle of the content
    later: float = 0  # 4yz after the final dot
    bad: float = 0  # 5yz after the final dot
    leaving_late: float = 0  # 421 after the final dot, the mail is not taken
    mute: float = 0  # the mail is taken, and the connection reset instead of an answer
    slow: float = 0  # the mail is taken, and the answer comes late
    most_a_connection: int = 0  # after so many mails the connection is closed without a word; 0 is never


WEATHERS = {
    "fair": Weather(),
    "rough": Weather(
        turned_away=0.02, leaving=0.005, busy=0.02, cut=0.005, later=0.01, leaving_late=0.004, slow=0.01,
        most_a_connection=200,
    ),
    "storm": Weather(
        turned_away=0.1, leaving=0.02, busy=0.06, cut=0.02, later=0.03, bad=0.002, leaving_late=0.01, mute=0.01,
        slow=0.05, most_a_connection=25,
    ),
    "away": Weather(turned_away=1),
}  # fmt: skip
"""`mute` brings ambiguous attempts, which wait minutes; so only a storm has it."""

LATEST = 1.5
"""Seconds that a slow answer may take."""

BUSY = ("450 4.2.0 mailbox busy", "451 4.7.1 greylisted, come back later", "452 4.3.1 disk full")
MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(<[^>\s]+>)")
ADDRESS = re.compile(rb"<([^>]*)>")


class Gone(Exception):
    """This connection is over."""


class Relay:
    def __init__(self, seed: int, record: int) -> None:
        self._chances = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._record = record
        self.weather = WEATHERS["fair"]

    def happens(self, chance: float) -> bool:
        return self._chances.random() < chance

    def write_down(self, kind: str, **what: Any) -> None:
        os.write(self._record, json.dumps({"kind": kind, "at": time.time(), **what}).encode() + b"\n")

    async def serve(self, *, pipelining: bool) -> int:
        """Listen on a free port of this machine; returns it."""

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            session = Conversation(self, reader, writer, pipelining=pipelining)
            try:
                await session.hold()
            except (Gone, ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=4_000_000, backlog=256)
        port: int = server.sockets[0].getsockname()[1]
        return port


class Conversation:
    """One connection, from the greeting until either side has had enough."""

    def __init__(
        self, relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, pipelining: bool
    ) -> None:
        self._relay = relay
        self._reader = reader
        self._writer = writer
        self._pipelining = pipelining
        self._taken = 0
        self._sender = False
        self._recipients: list[str] = []

    async def hold(self) -> None:
        if self._relay.happens(self._relay.weather.turned_away):
            await self._leave()
        await self._say("220 relay.test ESMTP")
        while line := await self._reader.readline():
            verb = line[:4].upper().strip()
            if verb in (b"MAIL", b"RCPT", b"DATA") and self._relay.happens(self._relay.weather.leaving):
                await self._leave()
            await self._answer(verb, line)

    async def _answer(self, verb: bytes, line: bytes) -> None:
        if verb in (b"EHLO", b"HELO"):
            extensions = ["PIPELINING", "DSN"] if self._pipelining else []
            lines = ["relay.test", *extensions, "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8", "SIZE 10000000"]
            await self._say("\r\n".join([*(f"250-{said}" for said in lines[:-1]), f"250 {lines[-1]}"]))
        elif verb == b"MAIL":
            self._sender, self._recipients = not await self._is_busy(), []
            if self._sender:
                await self._say("250 2.1.0 ok")
        elif verb == b"RCPT":
            await self._recipient(line)
        elif verb == b"DATA":
            await self._data()
        elif verb == b"QUIT":
            await self._say("221 2.0.0 bye")
            raise Gone
        else:
            self._sender, self._recipients = (False, []) if verb == b"RSET" else (self._sender, self._recipients)
            await self._say("250 2.0.0 ok" if verb in (b"RSET", b"NOOP") else "502 5.5.1 unknown")

    async def _recipient(self, line: bytes) -> None:
        if not self._sender:
            await self._say("503 5.5.1 no sender")
            return
        found = ADDRESS.search(line)
        address = found[1].decode() if found else ""
        if address.startswith(DEAD):
            self._relay.write_down("refused", to=address, code=550)
            await self._say("550 5.1.1 no such mailbox")
        elif not await self._is_busy():
            self._recipients.append(address)
            await self._say("250 2.1.5 ok")

    async def _data(self) -> None:
        weather, happens = self._relay.weather, self._relay.happens
        if not self._recipients:
            await self._say("554 5.5.1 no valid recipients")
            return
        if await self._is_busy():
            self._sender, self._recipients = False, []
            return
        await self._say("354 go on")
        if happens(weather.cut):
            await self._reader.read(700)
            self._hang_up()
        content = await self._reader.readuntil(b"\r\n.\r\n")
        message_id = found[1].decode() if (found := MESSAGE_ID.search(content)) else ""
        told = [{"to": address, "message_id": message_id} for address in self._recipients]
        self._sender, self._recipients = False, []
        if happens(weather.leaving_late):
            await self._leave()
        if happens(weather.later):
            await self._say("451 4.3.0 try again")
            return
        if happens(weather.bad):
            for mail in told:
                self._relay.write_down("refused", code=554, **mail)
            await self._say("554 5.6.0 content not liked")
            return
        for mail in told:
            self._relay.write_down("accepted", **mail)
        if happens(weather.mute):
            self._relay.write_down("mute")
            self._hang_up()
        if happens(weather.slow):
            await asyncio.sleep(self._relay._chances.uniform(0, LATEST))
            if self._reader.at_eof() or self._writer.is_closing():
                self._relay.write_down("gone")
        await self._say("250 2.0.0 taken")
        self._taken += 1
        if weather.most_a_connection and self._taken >= weather.most_a_connection:
            raise Gone

    async def _is_busy(self) -> bool:
        busy = self._relay.happens(self._relay.weather.busy)
        if busy:
            await self._say(self._relay._chances.choice(BUSY))
        return busy

    async def _leave(self) -> None:
        await self._say("421 4.3.2 closing")
        raise Gone

    def _hang_up(self) -> None:
        self._writer.transport.abort()
        raise Gone

    async def _say(self, reply: str) -> None:
        self._writer.write(reply.encode() + b"\r\n")
        await self._writer.drain()


async def main(seed: int, record: str) -> None:
    relay = Relay(seed, os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    ports = [await relay.serve(pipelining=True), await relay.serve(pipelining=False)]
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        relay.weather = WEATHERS[line.strip()]


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
