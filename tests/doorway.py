"""A web server on loopback in the place of the subscriber's door: it answers as it is told to, and counts who asks."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

import pytest
import trustme


class Doorway:
    """What it answers to every GET, and which paths were asked for."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b"reservrutin"
        self.location = ""
        self.is_slow = False
        """It says a byte now and then, and never all."""
        self.asked: list[str] = []
        self.url = ""
        self.closing = Event()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        if self.is_slow:
            with suppress(OSError):  # whoever asked has gone
                while not self.closing.wait(0.05):
                    request.wfile.write(b"H")
            return
        request.send_response(self.status)
        if self.location:
            request.send_header("Location", self.location)
        request.send_header("Content-Length", str(len(self.body)))
        request.end_headers()
        request.wfile.write(self.body)


@contextmanager
def doorway(context: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Doorway]:
    """A door that is there for as long as this lasts, by https where there is a `context`."""
    door = Doorway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            door.answer(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever distrusts the certificate hangs up."""

    with Server(("127.0.0.1", port), Handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        door.url = f"{'https' if context else 'http'}://localhost:{server.server_port}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield door
        finally:
            door.closing.set()
            server.shutdown()


def certificate(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this process, and those that it starts, trust as the system's own."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    return authority


@contextmanager
def behind_tls(context: ssl.SSLContext) -> Iterator["TlsProxy"]:
    """What stands before the door in earnest: it ends TLS, and passes everything on to `to` as it is."""
    with TlsProxy(("127.0.0.1", 0), _Passing) as proxy:
        proxy.socket = context.wrap_socket(proxy.socket, server_side=True, do_handshake_on_connect=False)
        Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.shutdown()


class TlsProxy(ThreadingTCPServer):
    daemon_threads = True
    to = ("127.0.0.1", 0)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.server_address[1]}"


class _Passing(BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, TlsProxy)
        with suppress(OSError), socket.create_connection(self.server.to) as door:
            back = Thread(target=_pass_on, args=(door, self.request), daemon=True)
            back.start()
            _pass_on(self.request, door)
            back.join(10)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # either of them has hung up
        while read := source.recv(65536):
            target.sendall(read)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
