"""The server: uvicorn with a short patience, at a port or a socket, until it is asked to stop."""

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import h11
from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import HANDLED_SIGNALS

from application.listening import SOCKET, Listening
from domain.refusals import Invalid
from web.log import RequestLog

PATIENCE = 15.0
"""Seconds in which a request has to be whole, from its connection's beginning or the answer before it; so long a reader
may also leave an answer untaken. A client that sends a byte now and then holds its place no longer."""

IDLE = 5
"""Seconds that a connection is kept for a next request."""

GRACE = 5
"""Seconds that answers get to end when the server is asked to stop."""

CONNECTIONS = 200
"""At once; whoever comes beside them is asked to come back (503)."""

LONGEST_HEAD = 16 * 1024
"""Octets of a request before its body."""

FOR_ITS_GROUP = 0o660
"""The socket is for whoever serves it and for the proxy, which is in its group."""


class Impatient(H11Protocol):
    """A connection that is let go where its request is not whole in time."""

    _ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the library has it
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._ends:
            self._ends.cancel()

    def send_400_response(self, msg: str) -> None:
        """Where an answer to what came before is under way, nothing can be said besides: the line is cut."""
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering or self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
        else:
            super().send_400_response(msg)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait()

    def _wait(self) -> None:
        if self._ends:
            self._ends.cancel()
        self._ends = self.loop.call_later(PATIENCE, self._time_is_up)

    def _time_is_up(self) -> None:
        cycle = self.cycle
        is_ours_to_end = cycle and not cycle.response_complete and not cycle.more_body and not self.flow.write_paused
        if is_ours_to_end:
            self._wait()
        else:
            self.transport.abort()


class Stoppable(Server):
    """Ends well when it is asked to: the library would answer SIGTERM by dying of it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def bound(place: Listening) -> socket.socket:
    """A socket that listens at the place: whoever comes before the server has begun waits for it. Raises Invalid where
    it can't be."""
    named = f"{SOCKET}{place.path}" if place.path else f"{place.host}:{place.port}"
    try:
        found = _at_path(Path(place.path)) if place.path else _at_port(place)
        found.listen(CONNECTIONS)
    except OSError as error:
        raise Invalid("web-listen", place=named, problem=error.strerror) from error
    return found


def _at_port(place: Listening) -> socket.socket:
    family, kind, protocol, _name, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
    found = socket.socket(family, kind, protocol)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
    except OSError:
        found.close()
        raise
    return found


def _at_path(path: Path) -> socket.socket:
    """What a server that was killed has left there is taken away; one that answers keeps its place."""
    if sys.platform == "win32":
        raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with suppress(FileNotFoundError):
            if path.is_socket() and found.connect_ex(str(path)) != 0:
                path.unlink()
        found.close()
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.bind(str(path))
        path.chmod(FOR_ITS_GROUP)
    except OSError:
        found.close()
        raise
    return found


def address_of(listener: socket.socket) -> str:
    """Where it listens, as people write it."""
    name = listener.getsockname()
    if isinstance(name, str):
        return f"{SOCKET}{name}"
    host, port = name[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: ASGIApp, listener: socket.socket, log: RequestLog) -> None:
    """Answer until SIGTERM or SIGINT; the answers that have begun get a moment to end."""
    config = Config(
        app,
        interface="asgi3",
        http=Impatient,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    place = address_of(listener)
    with log.taking_over():
        log.listening(place)
        asyncio.run(Stoppable(config).serve(sockets=[listener]))
        log.stopped()
    if place.startswith(SOCKET):
        Path(place.removeprefix(SOCKET)).unlink(missing_ok=True)
