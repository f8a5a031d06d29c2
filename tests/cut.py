"""A line to the database that can be cut at a chosen moment."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Cable:
    """Carries bytes both ways between whoever connects and the server.

    `lose_commit` cuts as the next commit is on its way, so it never arrives; `lose_answer` lets it arrive and cuts
    once the server has answered; `commits` is what a commit says. After either cut the cable is `down` if `stays_down`
    says so. While it is `mute` it takes what is said and carries nothing.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = parts.hostname or "127.0.0.1", parts.port or 5432
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = url.replace(f"{self._server[0]}:{self._server[1]}", f"127.0.0.1:{self.port}")
        self.down = self.mute = self.lose_commit = self.lose_answer = self.stays_down = False
        self.commits = b"COMMIT"
        self.cuts = 0
        self._ends: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every conversation ends here and now."""
        self.cuts += 1
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.down = True
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                ours, _address = self._listener.accept()
            except OSError:
                return
            if self.down:
                ours.close()
                continue
            theirs = socket.create_connection(self._server)
            for end in (ours, theirs):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._ends.add(end)
            threading.Thread(target=self._ask, args=(ours, theirs), daemon=True).start()
            threading.Thread(target=self._carry, args=(theirs, ours), daemon=True).start()

    def _ask(self, ours: socket.socket, theirs: socket.socket) -> None:
        """What the program says to the server."""
        with contextlib.suppress(OSError):
            while said := ours.recv(65536):
                if self.mute:
                    continue
                if self.lose_commit and self.commits in said:
                    self.lose_commit = False
                    self._end()
                    break
                if self.lose_answer and self.commits in said:
                    self._answer_lost = True
                theirs.sendall(said)
        self._hang_up(ours, theirs)

    _answer_lost = False

    def _carry(self, theirs: socket.socket, ours: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := theirs.recv(65536):
                if self._answer_lost:
                    self.lose_answer = self._answer_lost = False
                    self._end()
                    break
                if not self.mute:
                    ours.sendall(said)
        self._hang_up(theirs, ours)

    def _end(self) -> None:
        self.down = self.stays_down
        self.cut()

    def _hang_up(self, *ends: socket.socket) -> None:
        for end in ends:
            self._ends.discard(end)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def cable(url: str) -> Iterator[Cable]:
    laid = Cable(url)
    try:
        yield laid
    finally:
        laid.close()
