"""The other end of the wire: postfix's test server and test client, and a proxy that adds distance."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

SESSIONS = 8
"""Connections at once of whatever is given a choice."""

TOLD_AT_ONCE = 4096
"""Bytes in which the sink surely says its count in full."""


def found(tool: str) -> str | None:
    """Where the tool is. Debian keeps it where a person's PATH does not reach."""
    return shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/usr/local/sbin")


class Sink:
    """A `smtp-sink` that runs, and how many mails it has got."""

    def __init__(self, port: int, told: Path) -> None:
        self.port = port
        self._told = told

    def messages(self) -> int:
        """As it counts them itself, anew with each mail: the end of it is enough."""
        with self._told.open("rb") as told:
            told.seek(max(told.seek(0, os.SEEK_END) - TOLD_AT_ONCE, 0))
            counted = re.findall(rb"mesg=(\d+)", told.read().replace(b"\0", b""))
        return int(counted[-1]) if counted else 0


@contextmanager
def sink() -> Iterator[Sink]:
    """postfix's `smtp-sink` on a free port of this machine."""
    tool = found("smtp-sink")
    assert tool
    unprivileged = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to serve as root
    with TemporaryDirectory() as folder:
        told, port = Path(folder, "counts"), free_port()
        with told.open("wb") as out:
            process = subprocess.Popen([tool, "-c", *unprivileged, f"127.0.0.1:{port}", "1024"], stdout=out, stderr=out)
        try:
            wait_for_port(port)
            yield Sink(port, told)
        finally:
            process.kill()
            process.wait()


@contextmanager
def distance(port: int, seconds: float) -> Iterator[int]:
    """A port that leads to another one with so many seconds more for a round trip."""
    own = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.wire", str(own), str(port), str(seconds / 2)])
    try:
        wait_for_port(own)
        yield own
    finally:
        process.kill()
        process.wait()


def source(port: int, count: int, size: int) -> float:
    """Seconds that postfix's own `smtp-source` needs for so many mails of so many bytes: the limit."""
    tool = found("smtp-source")
    assert tool
    began = time.perf_counter()
    subprocess.run(
        [tool, "-d", "-s", str(SESSIONS), "-m", str(count), "-l", str(size), "-N", "-f", "a@example.se",
         "-t", "b@example.se", f"127.0.0.1:{port}"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int) -> None:
    """Until somebody listens there, for ten seconds at most."""
    give_up_at = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return


class Far(asyncio.Protocol):
    """One side of a connection: what comes in goes out on the other side a moment later."""

    def __init__(self, wait: float, other: "Far | None" = None, lead: int = 0) -> None:
        self._wait, self.other, self._lead = wait, other, lead
        self.transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self._lead:
            self.other = Far(self._wait, self)
            self._joining = asyncio.ensure_future(self._join(self.other))
        for data in self._early:
            transport.write(data)

    async def _join(self, other: "Far") -> None:
        await asyncio.get_running_loop().create_connection(lambda: other, "127.0.0.1", self._lead)

    def data_received(self, data: bytes) -> None:
        asyncio.get_running_loop().call_later(self._wait, self._pass_on, data)

    def _pass_on(self, data: bytes) -> None:
        if self.other and self.other.transport:
            self.other.transport.write(data)
        elif self.other:
            self.other._early.append(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self.other and self.other.transport:
            asyncio.get_running_loop().call_later(self._wait, self.other.transport.close)


async def proxy(own: int, port: int, wait: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Far(wait, lead=port), "127.0.0.1", own)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(proxy(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
