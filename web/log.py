"""What the server tells its keeper: a line a request, of the page and how it went. Nothing of who asked: no address, no
token, no query, no network."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from application.worker.standard_error import OnlyJson
from application.worker.watchers import why

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE")
"""Any other is whatever somebody chose to send, and not repeated."""


class RequestLog(logging.Handler):
    """One JSON object a line on standard error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._stream = sys.stderr

    @contextmanager
    def taking_over(self) -> Iterator[None]:
        """For as long as this lasts nothing but objects of this log stands on standard error, whoever writes there."""
        logging.basicConfig(handlers=[self], level=logging.WARNING)
        sys.stderr = OnlyJson(lambda error: self._say("error", "stderr", error=error))
        try:
            yield
        finally:
            sys.stderr = self._stream
            logging.getLogger().removeHandler(self)

    def listening(self, place: str) -> None:
        self._say("info", "listening", place=place)

    def answered(self, method: str, page: str, status: int, seconds: float) -> None:
        """A request for this page was answered with this status."""
        level = "error" if status >= 500 else "info"
        told = method if method in METHODS else "other"
        self._say(level, "request", method=told, page=page, status=status, seconds=round(seconds, 3))

    def failed(self, page: str, error: BaseException) -> None:
        """What stood in the way of a page, by stable names."""
        self._say("error", "failed", page=page, **why(error))

    def stopped(self) -> None:
        self._say("info", "stopped")

    def emit(self, record: logging.LogRecord) -> None:
        """Of a library only that it said something: its words may be anybody's."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        self._say(record.levelname.lower(), "log", logger=record.name, error=error)

    def _say(self, level: str, event: str, **fields: str | float | None) -> None:
        said = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "event": event, **fields}
        self._stream.write(json.dumps({k: v for k, v in said.items() if v is not None}, ensure_ascii=False) + "\n")
        self._stream.flush()
