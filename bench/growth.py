"""Whether what is asked every few seconds stays as fast when the log grows: with the incidents, with one incident."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

from application.desk import Desk
from application.settings import Settings
from application.worker.round import Round
from bench.commands import ANSWERS, NOTED
from bench.figures import Figure, Found, Unmeasured
from bench.ground import PROGRAM, Ground, command, environment, filled, incidents, process, referrals, timed, unseen
from infrastructure.database.database import Database

PART = "growth"
FLAT = 1.2
"""The most that anything may cost of what it costs on the smallest log."""

COMMANDS = {"record": NOTED, "show": ("show",), "due": ("due",), "board": ("board",)}
IDLE = "worker's idle round"
FIRST_LOOK = 5.0
"""Seconds."""

IDLE_SHARE = 1.0
"""The most that an idle worker may take of one core, in hundredths."""

SETTLED = 4.0
"""Seconds that a worker gets to start up and do what is due, before it counts as idle."""

Logs = dict[str, Database]
"""Logs by their size in words, the smallest first."""

Calls = Mapping[str, Callable[[], float]]
"""What is timed on the log of each size; it answers with its seconds."""


def measure(ground: Ground) -> Iterator[Found]:
    largest: dict[str, Database] = {}
    for name, fresh in ground.databases.items():
        sizes = {f"{count:,} incidents": filled(fresh(), incidents(count)) for count in ground.scale.incidents}
        paper = {f"{count:,} referrals": filled(fresh(), referrals(count)) for count in ground.scale.referrals}
        for logs in (sizes, paper):
            yield from of_commands(name, logs, ground)
        yield from of_functions(name, sizes, ground)
        yield from (replace(found, at_most=None) for found in of_functions(name, paper, ground))
        largest[name] = list(sizes.values())[-1]
        yield first_look(name, fresh, ground)
    yield from idle_share(largest, ground)


def first_look(name: str, fresh: Callable[[], str], ground: Ground) -> Figure:
    """A worker that meets a log which none has followed yet, as one that was moved or restored: `worker --once`."""
    count, looks = max(ground.scale.incidents), []
    for _ in range(ground.few):
        with closing(unseen(fresh(), incidents(count))) as database:
            looks.append(process((PROGRAM, "worker", "--once", "--json"), database.url))
    return Figure(
        part=PART,
        what=f"a worker's first look, {count:,} incidents",
        database=name,
        values=tuple(look.seconds for look in looks),
        unit="s",
        cpu=tuple(look.cpu for look in looks),
        at_most=FIRST_LOOK,
    )


def told(name: str, what: str, size: str, found: dict[str, list[float]], logs: Logs) -> Figure:
    """A figure of this size, held against the smallest; the goal is for the largest."""
    smallest = next(iter(logs))
    return Figure(
        part=PART,
        what=f"{what}, {size}",
        database=name,
        values=tuple(found[size]),
        unit="ms",
        ratios=tuple(a / b for a, b in zip(found[size], found[smallest], strict=True)),
        of=f"what it costs with {smallest}",
        at_most=FLAT if size == list(logs)[-1] else None,
    )


def of_commands(name: str, logs: Logs, ground: Ground) -> Iterator[Figure]:
    """Whole processes, the sizes turn and turn about, thrice as often as the rest: each varies by a third."""
    for what, words in COMMANDS.items():
        found: dict[str, list[float]] = {size: [] for size in logs}
        cpu: dict[str, list[float]] = {size: [] for size in logs}
        for turn, (size, log) in product(range(ground.runs * 3 + 1), logs.items()):
            done = process((PROGRAM, *words), log.url, ANSWERS)
            if turn:
                found[size].append(done.seconds * 1000)
                cpu[size].append(done.cpu)
        yield from (replace(told(name, what, size, found, logs), cpu=tuple(cpu[size])) for size in logs)


def of_functions(name: str, logs: Logs, ground: Ground) -> Iterator[Figure]:
    """The same without start-up, behind which growth could hide, and the worker's round."""
    for what, words in COMMANDS.items():
        yield from in_turn(name, f"{what} as a function", logs, ground, partial(commanding, logs, words))
    yield from in_turn(name, IDLE, logs, ground, partial(idling, logs))


@contextmanager
def commanding(logs: Logs, words: Sequence[str]) -> Iterator[Calls]:
    """A command on each log, over the connection that is open."""
    yield {size: partial(timed, command(log, *words)) for size, log in logs.items()}


@contextmanager
def idling(logs: Logs) -> Iterator[Calls]:
    """A round of each log's worker that has nothing to do, newly connected: a connection's server stays on its core."""
    with asyncio.Runner() as runner:
        works = {size: Round(Desk(Settings(database_url=log.url)), at_once=False) for size, log in logs.items()}
        for work in works.values():
            runner.run(work.run())  # what is due is recorded, after that there is nothing to do
        yield {size: partial(_ran, runner, work) for size, work in works.items()}


def in_turn(
    name: str, what: str, logs: Logs, ground: Ground, begun: Callable[[], AbstractContextManager[Calls]]
) -> Iterator[Figure]:
    """The fastest of several calls a run, the sizes turn and turn about, as often as whole commands. A call of a
    millisecond takes half as long again where its server happens to be on another core, whatever the size."""
    found: dict[str, list[float]] = {size: [] for size in logs}
    for _ in range(ground.runs * 3):
        with begun() as once:
            for size in logs:
                once[size]()  # imports what it needs
            several: dict[str, list[float]] = {size: [] for size in logs}
            for _turn, size in product(range(ground.scale.several), logs):
                several[size].append(once[size]() * 1000)
        for size in logs:
            found[size].append(min(several[size]))
    yield from (told(name, what, size, found, logs) for size in logs)


def _ran(runner: asyncio.Runner, work: Round) -> float:
    """Seconds of one round, without those of the loop around it."""

    async def once() -> float:
        began = time.perf_counter()
        await work.run()
        return time.perf_counter() - began

    return runner.run(once())


def idle_share(logs: dict[str, Database], ground: Ground) -> Iterator[Found]:
    """Processor time of real workers that have nothing to do, one for each kind of database, all of them at once: it is
    time used, not time taken."""
    if not Path("/proc/self/stat").exists():
        yield Unmeasured(part=PART, what="an idle worker", why="no /proc here to read its processor time from")
        return
    with ExitStack() as stack:
        workers = {name: stack.enter_context(_worker(log.url)) for name, log in logs.items()}
        try:
            time.sleep(SETTLED)
            values: dict[str, list[float]] = {name: [] for name in workers}
            for _ in range(ground.few):
                before, began = {name: used(worker.pid) for name, worker in workers.items()}, time.perf_counter()
                time.sleep(ground.scale.idle / ground.few)
                took = time.perf_counter() - began
                for name, worker in workers.items():
                    values[name].append((used(worker.pid) - before[name]) / took * 100)
        finally:
            for worker in workers.values():
                worker.send_signal(signal.SIGTERM)
    for name, shares in values.items():
        yield Figure(
            part=PART,
            what=f"idle worker, {max(ground.scale.incidents):,} incidents",
            database=name,
            values=tuple(shares),
            unit="% core",
            at_most=IDLE_SHARE,
        )


def _worker(url: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [PROGRAM, "worker", "--log", "json"],
        env=environment(url) | {"RESERVRUTIN_SMTP_URL": "smtp://127.0.0.1:9"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def used(pid: int) -> float:
    """Seconds of processor time that the process has had. Raises FileNotFoundError if it is gone."""
    told_of_it = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told_of_it[11]) + int(told_of_it[12])) / os.sysconf("SC_CLK_TCK")
