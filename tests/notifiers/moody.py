"""A mail server that offers pipelining and answers each command as it pleases, as a test plans it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from notifiers.email.mail_server import MailServer, Tls

CUT = "cut"
"""Close the line instead of answering."""

KEEP_AND_CUT = "keep and cut"
"""At the final dot: take the mail, then close the line instead of saying so."""

WAITS = "wait"
"""At the final dot: answer as usual, once something more has come."""

USUAL = {"MAIL": "250 OK", "RCPT": "250 OK", "DATA": "354 go on", ".": "250 2.0.0 queued", "RSET": "250 OK"}


class Moody:
    """`moods` are the answers to MAIL, RCPT, DATA and the final dot (".") in the order they come, "" for the usual
    one. When there are no more it answers as servers do."""

    def __init__(self, moods: Iterator[str], *, orderly: bool = True) -> None:
        self._moods = moods
        self._orderly = orderly
        self.kept: list[bytes] = []
        self.chunks: list[bytes] = []
        self.sessions = 0
        self._open: set[asyncio.StreamWriter] = set()
        self.offers: tuple[str, ...] = ("PIPELINING",)
        self.server = MailServer("127.0.0.1", 0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        self._open.add(writer)
        try:
            writer.write(b"220 moody\r\n")
            await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def end(self) -> None:
        """Close the lines that are still open, and let the conversations on them end."""
        while self._open:
            for writer in self._open:
                writer.transport.abort()
            await asyncio.sleep(0)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = recipient = False
        while line := await reader.readline():
            verb = line[:4].decode("ascii", "replace").upper().strip()
            self.chunks.append(line)
            if verb == "EHLO":
                lines = ["250-moody", *(f"250-{offer}" for offer in self.offers), "250 HELP"]
                writer.write("".join(f"{line}\r\n" for line in lines).encode())
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            elif verb == "RSET":
                sender = recipient = False
                writer.write(b"250 OK\r\n")
            elif self._orderly and (verb == "MAIL") == sender:
                writer.write(b"503 5.5.1 bad sequence\r\n")
            elif self._orderly and verb == "DATA" and not recipient:
                writer.write(b"503 5.5.1 nobody to send to\r\n")
            else:
                answer = next(self._moods, "") or USUAL[verb]
                if answer == CUT:
                    return
                writer.write(f"{answer}\r\n".encode())
                sender = sender or (verb == "MAIL" and answer.startswith("2"))
                recipient = recipient or (verb == "RCPT" and answer.startswith("2"))
                if answer.startswith("421"):
                    return
                if verb == "DATA" and answer.startswith("354"):
                    if not await self._content(reader, writer):
                        return
                    sender = recipient = False

    async def _content(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        content = b""
        while (line := await reader.readline()) not in (b".\r\n", b""):
            content += line
        if not line:
            return False
        answer = next(self._moods, "") or USUAL["."]
        while answer == WAITS and not (reader.at_eof() or reader._buffer):  # type: ignore[attr-defined]  # no other way
            await asyncio.sleep(0.005)
        answer = USUAL["."] if answer == WAITS else answer
        if answer == KEEP_AND_CUT or answer.startswith("2"):
            self.kept.append(content)
        if answer in (CUT, KEEP_AND_CUT):
            return False
        writer.write(f"{answer}\r\n".encode())
        return not answer.startswith("421")


@asynccontextmanager
async def in_a_mood(moods: Iterator[str], *, orderly: bool = True) -> AsyncIterator[Moody]:
    """The server on a free port of the loopback, while the block lasts."""
    moody = Moody(moods, orderly=orderly)
    server = await asyncio.start_server(moody.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    moody.server = MailServer("127.0.0.1", port, Tls.NONE, data_timeout=5, final_dot_timeout=5, command_timeout=5)
    try:
        yield moody
    finally:
        server.close()
        await moody.end()
