"""A sign of life: a small file for whoever watches, and systemd's watchdog where there is one."""

import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from application.worker.watchers import Watcher
from domain.refusals import Invalid
from notifiers.dispatcher import Tally

BEAT = 5.0
"""Seconds between two signs of life of a worker that follows the log."""

NOT_ACCEPTED = "mail-not-accepted"
"""The latest round that tried to send anything brought nothing to an end: most often the relay is down."""


class Health(Watcher):
    """Rewrites a JSON file with `time` (of this sign of life), `round_ended` (when everything due was last done,
    null before the first) and `problem` (a stable name, null where there is none). `standing` is a problem that no
    round will mend.

    The file is replaced, never written in place, so a reader always finds the whole of it.
    """

    def __init__(self, path: Path, now: Callable[[], datetime], standing: str | None = None) -> None:
        self._path = path
        self._now = now
        self._standing = standing
        self._round_ended: str | None = None
        self._problem = standing
        self._of_this_round: str | None = None
        self._is_mail_accepted = True

    def trouble(self, event: str, sentence: str, **what: Any) -> None:
        self._problem = self._of_this_round = event

    def recovered(self, event: str, sentence: str) -> None:
        if self._of_this_round == event:
            self._of_this_round = None  # what is left of it in `problem` a round that ends well mends

    def round_ended(self, tally: Tally, seconds: float) -> None:
        if tally.sent or tally.refused:
            self._is_mail_accepted = True
        elif tally.deferred or tally.ambiguous:
            self._is_mail_accepted = False
        self._problem = self._of_this_round or self._standing or (None if self._is_mail_accepted else NOT_ACCEPTED)
        self._of_this_round = None
        self._round_ended = self._now().isoformat(timespec="seconds")

    def round_failed(self) -> None:
        self._of_this_round = None  # what was wrong stands in `problem` until a round ends well

    def beat(self) -> None:
        """Write the file. Raises Invalid if it can't be written: a sign that nobody sees is none."""
        state = {
            "time": self._now().isoformat(timespec="seconds"),
            "round_ended": self._round_ended,
            "problem": self._problem,
        }
        new = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            new.write_text(json.dumps(state) + "\n", encoding="utf-8")
            new.replace(self._path)
        except OSError as error:
            raise Invalid("health-file", path=str(self._path), problem=error.strerror) from error


class Systemd(Watcher):
    """Tells the service manager that started us how it goes; silent where nobody listens."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")

    def started(self, worker: str) -> None:
        self._notify("READY=1")

    def stopped(self) -> None:
        self._notify("STOPPING=1")

    def beat(self) -> None:
        self._notify("WATCHDOG=1")

    def _notify(self, state: str) -> None:
        if sys.platform == "win32" or not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.sendto(state.encode(), address)
