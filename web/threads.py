"""Threads that speak with the log, each on a connection of its own; the server itself waits for nothing."""

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError, Lock
from typing import ParamSpec, TypeVar

AT_ONCE = 4
PATIENCE = 5
"""Seconds that threads get to come to an end."""

P = ParamSpec("P")
T = TypeVar("T")


class LogThreads:
    """`leave` ends the connection of the thread that calls it."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._leave = leave

    async def asks(self, ask: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        return await get_running_loop().run_in_executor(self._pool, partial(ask, *args, **named))

    def close(self) -> None:
        """Each thread leaves the log: SQLite's last one to go puts all of it into the one file."""
        together = Barrier(AT_ONCE)  # so that no thread leaves twice and another not at all
        in_turn = Lock()  # two that leave at once each take the other for one who stays

        def leaves() -> None:
            with suppress(BrokenBarrierError):
                together.wait(PATIENCE)
            with in_turn:
                self._leave()

        for _thread in range(AT_ONCE):
            self._pool.submit(leaves)
        self._pool.shutdown()
