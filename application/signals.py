"""Signals answered within a loop, on every platform: Windows' loops take none themselves."""

import asyncio
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial


@contextmanager
def answered(by_name: Mapping[str, Callable[[], object]]) -> Iterator[None]:
    """Meanwhile the running loop answers each of these signals, of those that this platform has (SIGBREAK is that of a
    console on Windows that is closed, SIGHUP that of a terminal elsewhere). In the main thread."""
    loop = asyncio.get_running_loop()
    before = {}
    for name, answer in by_name.items():
        if (number := getattr(signal, name, None)) is not None:
            before[number] = signal.signal(number, partial(_soon, loop, answer))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def _soon(loop: asyncio.AbstractEventLoop, answer: Callable[[], object], _number: int, _frame: object) -> None:
    loop.call_soon_threadsafe(answer)
