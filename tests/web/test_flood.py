"""Hundreds subscribe at the same moment from one network: as many get through as may in an hour, each address is
written to once, and a worker that is killed in the middle makes it no more. On PostgreSQL as the roles that may do no
more."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from infrastructure.database.database import Database
from infrastructure.database.grants import DOOR, WORKER
from infrastructure.database.roles import set_up
from infrastructure.registers.wishes import MOST_FROM_ONE_NETWORK
from tests import postgres
from tests.conftest import BOTH, SQLITE
from tests.empty_log import empty_log
from tests.mailroom import mailroom
from tests.web.served import ADDRESS, served
from web.threads import AT_ONCE

ASKED, ADDRESSES, AT_A_TIME = 500, 125, 50
SENT_BEFORE_IT_IS_KILLED = 20


@pytest.fixture(params=BOTH)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str, str]]:
    """The log as its owner, its door and its worker reach it."""
    if request.param == SQLITE:
        url = empty_log(tmp_path / "log.sqlite")
        yield url, url, url
        return
    with postgres.database_url(empty=True) as url:
        set_up(url)
        yield url, url.replace("//postgres@", f"//{DOOR}@"), url.replace("//postgres@", f"//{WORKER}@")


@contextmanager
def worker(url: str, smtp_url: str, folder: Path, *options: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A worker's process; it is killed (-9) in the end unless it has ended."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RESERVRUTIN_")}
    environment |= {"XDG_CONFIG_HOME": str(folder), "RESERVRUTIN_DATABASE_URL": url, "RESERVRUTIN_WEB_URL": ADDRESS}
    environment |= {"RESERVRUTIN_SMTP_URL": smtp_url}
    process = subprocess.Popen([sys.executable, "-m", "cli", "worker", *options], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)


@pytest.mark.long
def test_hundreds_at_once_get_no_mail_too_many(log: tuple[str, str, str], tmp_path: Path) -> None:
    owner, door, works = log
    with ExitStack() as stack:
        server = stack.enter_context(served(door, tmp_path))
        mails = stack.enter_context(mailroom())

        def asks(number: int) -> int:
            form = f"address=reader-{number % ADDRESSES}%40example.se&language=sv"
            headers = {"content-type": "application/x-www-form-urlencoded", "x-forwarded-for": "192.0.2.1"}
            return server.asks("POST", "/", form, headers).status

        with ThreadPoolExecutor(AT_A_TIME) as clients:
            answers = Counter(clients.map(asks, range(ASKED)))
        assert set(answers) == {200, 429}
        at_most = MOST_FROM_ONE_NETWORK + AT_ONCE - 1  # those that are counted at the same moment
        assert MOST_FROM_ONE_NETWORK <= answers[200] <= at_most
        database = Database(owner)
        [taken] = database.connection().execute("SELECT count(*) FROM wishes").fetchone()
        assert taken == answers[200], "what was answered well is kept, and nothing else is"

        with worker(works, mails.url, tmp_path):
            until = time.monotonic() + 60
            while len(mails.mails) < SENT_BEFORE_IT_IS_KILLED:
                assert time.monotonic() < until
                time.sleep(0.01)
        with (
            worker(works, mails.url, tmp_path, "--once") as again,
            worker(works, mails.url, tmp_path, "--once") as beside,
        ):
            assert (again.wait(120), beside.wait(120)) == (0, 0)
        told = Counter(mail["To"] for mail in mails.mails)
        assert set(told.values()) == {1}, "nobody is written to twice"
        [asked] = database.connection().execute("SELECT count(*) FROM confirmations").fetchone()
        assert asked <= ADDRESSES
        assert len(told) >= asked - 1, "one at most was on its way when the worker died, and waits for its hour"
        database.close()
