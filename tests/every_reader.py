"""Every command that only reads, run one after the other on a log; `python -m tests.every_reader URL [COMMAND …]` as
JSON."""

import contextlib
import io
import json
import sys
from typing import NamedTuple

from application.desk import Desk
from application.settings import Settings
from cli.app import run

READERS = (
    "board",
    "board --all",
    "show 2026-0001",
    "show 2026-0001 --papers",
    "say",
    "log 2026-0001",
    "due",
    "due --at 12:00",
    "replay 2026-0001",
    "review 2026-0001",
    "deliveries 2026-0001",
    "verify",
    "routine show",
    "staff list",
    "subscriber list",
    "export 2026-0001 --format html -o -",
    "export 2026-0001 --format bundle -o -",
    "export --all --format ocel -o -",
)


class Answer(NamedTuple):
    code: int
    out: str
    err: str


def answers(url: str, commands: tuple[str, ...] = READERS) -> dict[str, Answer]:
    """What each answers, at a desk of its own."""
    return {command: answer(url, command) for command in commands}


def answer(url: str, command: str) -> Answer:
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    desk = Desk(Settings(database_url=url))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(command.split(), desk)
    desk.close()
    out.flush()
    return Answer(code, out.buffer.getvalue().decode(errors="replace"), err.getvalue())


if __name__ == "__main__":
    print(json.dumps(answers(sys.argv[1], tuple(sys.argv[2:]) or READERS)))  # noqa: T201 - for the test that runs it
