"""Who is told what the worker does: the person who started it, and a log for machines."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from application.worker.standard_error import OnlyJson
from domain.delivery import DeliveryState, Notice, Outcome
from domain.refusals import Refusal
from infrastructure.database.faults import codes_of
from notifiers.dispatcher import Tally

OURS = ("application.", "cli.", "domain.", "infrastructure.", "notifiers.", "web.", "wording.")


class Watcher:
    """Told what happens, in the worker's own thread. Does nothing unless a method says otherwise."""

    def started(self, worker: str) -> None:
        """The worker of this name begins."""

    def made_log(self, path: str, sentence: str) -> None:
        """There was no log yet, and it was made there."""

    def settled(self, notice: Notice, outcome: Outcome) -> None:
        """One attempt has ended; the ledger may be told a moment later."""

    def trouble(self, event: str, sentence: str, **what: Any) -> None:
        """Something is wrong that stops nothing else: a stable name, a sentence for people, and its parts."""

    def recovered(self, event: str, sentence: str) -> None:
        """The trouble of this name is over."""

    def round_ended(self, tally: Tally, seconds: float) -> None:
        """Everything that was due is done, and written down. A round that failed does not end."""

    def round_failed(self) -> None:
        """A round did not end, and the next one is on its way; why has been told as trouble."""

    def beat(self) -> None:
        """Every few seconds, for as long as the worker's loop turns."""

    def stopped(self) -> None:
        """The worker has been asked to stop, and has stopped."""


class JsonLog(Watcher, logging.Handler):
    """One JSON object a line on standard error. No address, and nothing that anybody wrote or any server answered
    in its own words: a log is read by more people, and kept longer, than the ledger."""

    def __init__(self) -> None:
        logging.Handler.__init__(self, logging.WARNING)
        self._stream = sys.stderr

    def takes_over(self) -> None:
        """From here on nothing but objects of this log stands on standard error, whoever writes there."""
        logging.basicConfig(handlers=[self], level=logging.WARNING)
        sys.stderr = OnlyJson(lambda error: self._say("error", "stderr", error=error))

    def failed(self, error: Exception) -> None:
        """The worker ends, or never began: why, by stable names."""
        self._say("error", "failed", **why(error))

    def started(self, worker: str) -> None:
        self._say("info", "started", worker=worker)

    def made_log(self, path: str, sentence: str) -> None:
        self._say("info", "log-made", path=path)

    def settled(self, notice: Notice, outcome: Outcome) -> None:
        level = "info" if outcome.state is DeliveryState.SENT else "warning"
        self._say(
            level,
            "delivery",
            incident=notice.recorded.incident,
            entry=notice.recorded.entry,
            fact=notice.recorded.fact.wire,
            delivery=notice.delivery,
            subscriber=notice.subscriber.id,
            state=outcome.state,
            code=outcome.code,
            enhanced=outcome.enhanced or None,
            fault=outcome.fault,
        )

    def trouble(self, event: str, sentence: str, **what: Any) -> None:
        self._say("error", event, **what)

    def recovered(self, event: str, sentence: str) -> None:
        self._say("info", f"{event}-back")

    def round_ended(self, tally: Tally, seconds: float) -> None:
        if ended := counted(tally):
            self._say("info", "round", seconds=round(seconds, 3), **ended)

    def stopped(self) -> None:
        self._say("info", "stopped")

    def emit(self, record: logging.LogRecord) -> None:
        """What the program's parts and its libraries log: our own words without what was filled in, of a library's
        only that it said something."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        ours = record.name.startswith(OURS)
        message = str(record.msg) if ours else None
        codes = {name: getattr(record, name, None) for name in ("code", "enhanced")} if ours else {}
        if record.exc_info and record.exc_info[1]:
            codes |= codes_of(record.exc_info[1])
        self._say(record.levelname.lower(), "log", logger=record.name, message=message, error=error, **codes)

    def _say(self, level: str, event: str, **fields: Any) -> None:
        said = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "event": event, **fields}
        self._stream.write(json.dumps({k: v for k, v in said.items() if v is not None}, ensure_ascii=False) + "\n")
        self._stream.flush()


def why(error: BaseException) -> dict[str, str]:
    """What went wrong, without anybody's words: the refusal's reason or the kind of error, and the database's code."""
    known = {"reason": error.reason} if isinstance(error, Refusal) else {"error": type(error).__name__}
    return known | codes_of(error)


def counted(tally: Tally) -> dict[str, int]:
    """The states that a round ended deliveries in, by name; those that none ended in are left out."""
    every = {name: getattr(tally, name) for name in Tally.__dataclass_fields__}
    return {name: count for name, count in every.items() if count}
