"""Whether the subscriber's door answers: a mail promises nothing that nobody keeps.

It is tried beside the sending, where there is mail to send, and every five minutes at most. A door that answered at
the last try is waited for, three seconds at most; for one that did not no mail waits.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from http.client import HTTPException
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from wording.door_paths import HEALTH, HEALTHY

WITHIN = 3.0
"""Seconds in which a door answers."""

TRIED_EVERY = 300.0
"""Seconds from one try to the next."""


def probed(door: str) -> str:
    """What is wrong with the door at this address, by the name of its sentence; "" where it answers.

    In a thread that nobody waits for longer, whatever takes its time there: a name that is not found, or a byte now and
    then. Certificates are verified against the system's authorities; a proxy is the one that the environment names.
    """
    answer: SimpleQueue[str] = SimpleQueue()
    Thread(target=lambda: answer.put(_problem_of(door)), name="door", daemon=True).start()
    try:
        return answer.get(timeout=WITHIN)
    except Empty:
        return "web-silent"


class DoorProbe:
    """The door as one worker knows it. `on_change` is told, in the worker's own thread, what has become wrong with it
    as `probed` says it, and "" when it answers again."""

    def __init__(self, door: str, on_change: Callable[[str], None]) -> None:
        self._door = door
        self._on_change = on_change
        self._problem: str | None = None
        """None before the first try."""
        self._tried_at = -TRIED_EVERY
        self._trying: asyncio.Task[None] | None = None

    async def answering(self) -> str:
        """The door's address, "" where it does not answer."""
        is_trying = self._trying is not None and not self._trying.done()
        if self._door and not is_trying and time.monotonic() - self._tried_at >= TRIED_EVERY:
            self._tried_at = time.monotonic()
            self._trying = asyncio.create_task(self._try())
        if self._trying and not self._problem:
            await asyncio.wait({self._trying})
        return self._door if self._problem == "" else ""

    async def _try(self) -> None:
        problem = await asyncio.to_thread(probed, self._door)
        before, self._problem = self._problem or "", problem
        if problem != before:
            self._on_change(problem)


def _problem_of(door: str) -> str:
    try:
        with build_opener(_NoRedirects).open(door + HEALTH, timeout=WITHIN) as answer:
            return "" if answer.read(len(HEALTHY) + 2).strip() == HEALTHY.encode() else "web-other"
    except HTTPError as answer:
        answer.close()
        return "web-unwell" if answer.code // 100 == 5 else "web-other"
    except (OSError, HTTPException, ValueError) as error:
        return _why(error.reason if isinstance(error, URLError) else error)


class _NoRedirects(HTTPRedirectHandler):
    """Whoever redirects is not the door: RFC 8058 allows it none."""

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


def _why(error: object) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "web-certificate"
    if isinstance(error, ssl.SSLError):
        return "web-tls"
    if isinstance(error, TimeoutError):
        return "web-silent"
    return "web-away" if isinstance(error, OSError) else "web-other"
