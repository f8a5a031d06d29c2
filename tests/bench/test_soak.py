"""The soak: what it calls growth, what it sees of a process and of a log, and that it runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from bench import soak, watched
from bench.drift import CONNECTIONS, FILES, MAILS, MEMORY, QUEUE, THREADS, WAL, Series, line
from infrastructure.database.database import Database
from tests.empty_log import empty_log
from tests.postgres import PROTOCOL

MINUTES = tuple(minute / 2 for minute in range(1, 81))


def series(what: str, values: list[float]) -> Series:
    return Series("worker 1", what, MINUTES, tuple(values))


def test_what_warms_up_and_then_stands_still_does_not_grow() -> None:
    found = series(MEMORY, [min(60.0 + minute, 75.0) for minute in MINUTES])
    assert found.growth == 0
    assert found.verdict == "flat"
    assert line(found).split() == ["worker", "1", "memory", "MiB", "60.5", "75.0", "75.0", "75.0", "+0.000", "flat"]


@pytest.mark.parametrize(("a_minute", "verdict"), [(0.04, "flat"), (0.06, "grows"), (2.0, "grows"), (-1.0, "flat")])
def test_growth_is_what_the_second_half_gains_a_minute(a_minute: float, verdict: str) -> None:
    found = series(MEMORY, [60 + 3 * (minute > 10) + a_minute * minute for minute in MINUTES])
    assert found.growth == pytest.approx(a_minute)
    assert found.verdict == verdict


def test_a_count_is_at_rest_within_what_it_reached_in_the_first_half() -> None:
    assert series(FILES, [13 if minute in (5, 38, 39, 40) else 12 for minute in MINUTES]).verdict == "flat"
    assert series(FILES, [12 + minute // 10 for minute in MINUTES]).verdict == "grows"
    assert series(QUEUE, list(MINUTES)).verdict == series(MAILS, list(MINUTES)).verdict == ""


HOLDS = """
import sqlite3, sys, threading
held = [sqlite3.connect(sys.argv[1]) for _ in range(3)]
[connection.execute("SELECT count(*) FROM facts").fetchall() for connection in held]
threading.Thread(target=threading.Event().wait, daemon=True).start()
print(len(held), flush=True)
sys.stdin.read()
"""


def test_a_process_is_seen_with_its_connections_files_and_threads(tmp_path: Path) -> None:
    database = Database(empty_log(tmp_path / "log.sqlite"))
    told = subprocess.Popen([sys.executable, "-c", HOLDS, database.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert told.stdout
    assert told.stdout.readline() == b"3\n"
    found = watched.process(told.pid, database.url)
    assert (found[CONNECTIONS], found[THREADS]) == (3, 2)
    assert found[FILES] > 3 + 3
    assert 1 < found[MEMORY] < 100
    told.communicate()
    with pytest.raises(ProcessLookupError):
        watched.process(told.pid, database.url)
    database.close()


def test_connections_to_a_server_are_told_from_other_sockets(postgresql_url: str) -> None:
    dsn = "postgresql://" + postgresql_url.removeprefix(PROTOCOL)
    Database(postgresql_url).close()
    before = watched.process(os.getpid(), postgresql_url)[CONNECTIONS]
    with psycopg.connect(dsn), psycopg.connect(dsn):
        assert watched.process(os.getpid(), postgresql_url)[CONNECTIONS] == before + 2
        seen = watched.log(postgresql_url)
    assert seen[CONNECTIONS] == 2
    assert seen[WAL] >= 16
    assert seen[QUEUE] == 0


@pytest.mark.long
def test_a_short_soak_looks_at_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "SUBSCRIBERS", 70)
    monkeypatch.setattr(soak, "DESKS", 1)
    monkeypatch.setattr(soak, "SETTLES", 2.0)
    soak.main(["--minutes", "0.3", "--every", "3", "--pace", "1", "--databases", "SQLite"], tmp_path)
    [house] = json.loads((tmp_path / "soak.json").read_text())["houses"]
    assert house["problems"] == []
    assert house["done"]["recorded by commands"] >= 4
    assert house["done"]["recorded at desks"] >= 1
    seen = {(found["of"], found["what"]): found["values"] for found in house["series"]}
    for who in ("worker 1", "worker 2", "desk 1"):
        assert min(seen[who, MEMORY]) > 10
        assert max(seen[who, FILES]) > 3
    assert seen["log", MAILS][-1] >= 10
