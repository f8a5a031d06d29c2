"""The database does what it is asked, and its answer never reaches the door: what the page then says is true."""

import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from infrastructure.database.database import Database
from tests import postgres
from tests.web.served import served


class Line(ThreadingTCPServer):
    """Between the door and the database: it passes everything on until `is_cut`, then no answer."""

    daemon_threads = True
    to = ("127.0.0.1", 0)

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.is_cut = Event()


class _Passing(BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Line)
        with suppress(OSError), socket.create_connection(self.server.to) as database:
            Thread(target=self._answers, args=(database,), daemon=True).start()
            while asked := self.request.recv(65536):
                database.sendall(asked)

    def _answers(self, database: socket.socket) -> None:
        assert isinstance(self.server, Line)
        with suppress(OSError):
            while (answer := database.recv(65536)) and not self.server.is_cut.is_set():
                self.request.sendall(answer)
            self.request.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line() -> Iterator[Line]:
    with Line() as opened:
        Thread(target=opened.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield opened
        opened.shutdown()


def test_what_may_have_been_done_is_not_said_to_have_changed_nothing(line: Line, tmp_path: Path) -> None:
    with postgres.database_url() as url, closing(Database(url)) as log:
        where, there = urlsplit(url), urlsplit(url).port
        assert there
        line.to = (where.hostname or "", there)
        through = url.replace(f":{there}/", f":{line.server_address[1]}/")
        asked = {"address": "anna@example.se", "language": "en"}
        with served(through, tmp_path) as door:
            assert door.gets("/halsa").status == 200
            line.is_cut.set()
            lost = door.sends("/en/", **asked)
            assert lost.status == 503
            [count] = log.connection().execute("SELECT count(*) FROM wishes").fetchone()
            assert count == 1, "it was done"
            assert "Nothing was changed" not in lost.says
            assert "it may have been done" in lost.says
            line.is_cut.clear()
            assert "Look in your inbox" in door.sends("/en/", **asked).says, "and it can be pressed again"
