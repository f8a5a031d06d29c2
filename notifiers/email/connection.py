"""The connection to the mail server, once it is open: what is written, and the replies as they come.

Replies are read into a buffer of our own (asyncio.BufferedProtocol), for asyncio would otherwise make a new
one of 256 KiB for each; and one alarm serves all time limits of a connection, so that a mail costs no timer.
"""

import asyncio
from collections import deque
from functools import lru_cache
from typing import NamedTuple

BUFFER = 16 * 1024
LONGEST_REPLY = 32 * 1024
"""Bytes of a reply that are read before the server is held to be out of its mind."""

MOST_UNREAD = 64


class Reply(NamedTuple):
    """What the server answered to one command: its code, and its text without it, lines parted by line breaks."""

    code: int
    text: str


class Lost(Exception):
    """The connection is gone, or silent for too long. What was asked last has no answer."""


@lru_cache(maxsize=64)
def _whole(line: bytes) -> Reply | None:
    """The reply that this line alone is, None where more are to follow or it makes no sense. A server says the same of
    many mails."""
    if len(line) < 3 or not line[:3].isdigit() or line[3:4] not in (b"", b" "):
        return None
    return Reply(int(line[:3]), line[4:].decode("utf-8", "replace"))


class SmtpConnection(asyncio.BufferedProtocol):
    """One open connection. Replies wait in the order they came until somebody asks for them."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._buffer = memoryview(bytearray(BUFFER))
        self._unparsed = b""
        self._lines: list[bytes] = []
        self._replies: deque[Reply] = deque()
        self._lost = ""
        self._waiter: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        transport.set_protocol(self)

    @property
    def is_quiet(self) -> bool:
        """Whether the connection is there and the server has said nothing that was not asked for."""
        return not (self._replies or self._unparsed or self._lines or self._lost or self._transport.is_closing())

    def write(self, data: bytes) -> None:
        """Hand the bytes over. Raises Lost."""
        if self._lost or self._transport.is_closing():
            raise Lost(self._lost or "connection closed")
        self._transport.write(data)

    async def reply(self, timeout: float) -> Reply:
        """The next reply. Raises Lost when the connection is, or after `timeout` seconds of silence."""
        if not self._replies:
            if self._lost:
                raise Lost(self._lost)
            self._waiter = self._loop.create_future()
            self._limit(self._loop.time() + timeout)
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._replies.popleft()

    def close(self) -> None:
        """Let go of it at once; what has not left yet never will."""
        self._give_up("connection closed")
        self._transport.abort()

    # The protocol's side

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        *lines, self._unparsed = (self._unparsed + self._buffer[:nbytes]).split(b"\n")
        for line in lines:
            self._line(line.rstrip(b"\r"))
        if len(self._unparsed) + sum(map(len, self._lines)) > LONGEST_REPLY or len(self._replies) > MOST_UNREAD:
            self._give_up("a reply without end")
        if self._replies and self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def eof_received(self) -> bool:
        self._give_up("connection closed")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._give_up(str(exc) if exc else "connection closed")
        if self._alarm:
            self._alarm.cancel()

    def _line(self, line: bytes) -> None:
        if self._lost:
            return
        if not self._lines and (whole := _whole(line)):
            self._replies.append(whole)
            return
        code = line[:3]
        if not (code.isdigit() and len(code) == 3 and line[3:4] in (b"", b" ", b"-")):
            self._give_up("a reply that makes no sense")
            return
        self._lines.append(line[4:])
        if line[3:4] != b"-":
            text = b"\n".join(self._lines) if len(self._lines) > 1 else self._lines[0]
            self._lines.clear()
            self._replies.append(Reply(int(code), text.decode("utf-8", "replace")))

    def _give_up(self, why: str) -> None:
        self._lost = self._lost or why
        if self._waiter and not self._waiter.done():
            if self._replies:
                self._waiter.set_result(None)
            else:
                self._waiter.set_exception(Lost(self._lost))

    def _limit(self, deadline: float) -> None:
        self._deadline = deadline
        if self._alarm and self._alarm.when() <= deadline:
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() >= self._deadline:
            self._give_up("timed out")
        else:
            self._limit(self._deadline)
