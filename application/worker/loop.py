"""The worker that stays: round after round until it is asked to stop."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress

from application.signals import answered
from application.worker.health import BEAT
from application.worker.round import Round, is_waited_for
from domain.refusals import Refusal

POLL = 1.0
"""Seconds between looks at a quiet log; a log that tells of new facts itself is looked at as they come."""


GRACE = 10.0
"""Seconds that a round gets to end when the worker is asked to stop."""


async def follow(work: Round, began: Callable[[], None] = lambda: None) -> None:
    """Round after round until SIGTERM or SIGINT, or until its terminal goes; a round that has begun gets a moment to
    end. A service's SIGHUP is answered with a sentence: settings are read when a worker begins. `began`
    is called once it can be asked to stop."""
    stop = asyncio.Event()
    ends = dict.fromkeys(("SIGTERM", "SIGINT", "SIGBREAK"), stop.set)
    with answered({**ends, "SIGHUP": stop.set if sys.stderr.isatty() else work.hung_up}):
        await _until(stop, work, began)


async def _until(stop: asyncio.Event, work: Round, began: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    news = asyncio.Event()

    def heard() -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(news.set)

    deaf = work.hears(heard)
    stopping = asyncio.create_task(stop.wait())
    beating = asyncio.create_task(_beat(work))
    began()
    for watcher in work.watchers:
        watcher.started(work.name)
    while not stop.is_set():
        news.clear()
        round_ = asyncio.create_task(_round(work))
        await asyncio.wait({round_, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not round_.done():
            await asyncio.wait({round_}, timeout=GRACE)
            round_.cancel()
        [ended] = await asyncio.gather(round_, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended
        hearing = asyncio.create_task(news.wait())
        await asyncio.wait({stopping, hearing}, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        hearing.cancel()
    await asyncio.to_thread(deaf)
    beating.cancel()
    for watcher in work.watchers:
        watcher.stopped()


async def _beat(work: Round) -> None:
    """Signs of life for as long as the loop turns, also while a round takes its time."""
    while True:
        work.beat()
        await asyncio.sleep(BEAT)


async def _round(work: Round) -> None:
    """A log that does not answer is told, once, and looked at again."""
    try:
        await work.run()
    except Refusal as refusal:
        if not is_waited_for(refusal):
            raise
        work.log_answers(refusal)
        for watcher in work.watchers:
            watcher.round_failed()
