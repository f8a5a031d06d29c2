"""A terminal in a test: commands typed at a clock of our choosing, and what they answer."""

import contextlib
import io
import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from application.desk import Desk
from application.settings import Settings
from cli.app import run
from domain.vocabulary import SWEDEN
from notifiers.email.mail_server import parse_url
from tests.empty_log import empty_log

DRIFTINFO = "https://vardgivare.skane.se/driftinformation"
DAY = datetime(2026, 12, 7, tzinfo=SWEDEN)


@dataclass
class ClockedDesk(Desk):
    """The desk of the program, with a clock that a test sets."""

    time: datetime = field(default_factory=lambda: DAY)

    def now(self) -> datetime:
        return self.time.astimezone(UTC)

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.now


@dataclass(frozen=True)
class Reply:
    """What a command answered: its exit code, what it printed and what it complained of."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def flags(self) -> list[str]:
        return list(self.json["flags"])


class Terminal:
    """Somebody at a help desk. Commands run in this process; `at` sets the clock of the day."""

    def __init__(self, folder: Path, *, smtp_url: str = "", day: datetime = DAY, url: str = "") -> None:
        self.settings = Settings(
            database_url=url or empty_log(folder / "log.sqlite"),
            mail_server=parse_url(smtp_url) if smtp_url else None,
            mail_from=("Reservrutin Sesam", "reservrutin@example.se"),
            driftinfo_url=DRIFTINFO,
        )
        self._day = day
        self._folder = folder
        self.desk = ClockedDesk(self.settings, day)

    def at(self, clock: str) -> "Terminal":
        """The same terminal at this time of the day, given as 08:05 or 08:05:30."""
        hour, minute, *second = map(int, clock.split(":"))
        wall = self._day.replace(hour=hour, minute=minute, second=second[0] if second else 0)
        self.desk.time = wall
        return self

    def on(self, moment: datetime) -> "Terminal":
        """The same terminal at this aware moment."""
        self.desk.time = moment
        return self

    def types(self, line: str) -> Reply:
        """Run `reservrutin LINE`."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = self.runs(line)
        return Reply(code, out.getvalue(), err.getvalue())

    def runs(self, line: str) -> int:
        """Run `reservrutin LINE`, whoever reads its answer."""
        return run(shlex.split(line), self.desk)

    def records(self, line: str) -> Reply:
        """Record a fact that is admitted; its reply as JSON."""
        reply = self.types(f"record {line} --json")
        assert reply.code == 0, reply.err
        return reply

    def status(self, number: str = "") -> Any:
        return self.types(f"show {number} --json").json

    def facts(self) -> int:
        """How many facts the log holds."""
        return self.desk.log.store.max_notification_id() or 0

    def close(self) -> None:
        if "database" in vars(self.desk):
            self.desk.database.close()
