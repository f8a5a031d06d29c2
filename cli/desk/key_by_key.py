"""What is typed, key by key: each is done with all that comes of it before the next, however fast they come, as over a
slow line or from a reader of bar codes. So whatever is typed after a key is for the place that the key leads to.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.widgets import Input

ROUNDS = 3
"""A key comes back from the screen as what it is bound to, is sent on by its panel, and is answered by the desk."""
ESCAPE, WITH_ESCAPE = "escape", "alt+"
"""Esc and the letter after it are taken for one key where both come at once; no key of ours is one with Alt."""

LEADS_AWAY, LONG = (ESCAPE, "ctrl+q"), 2.0
"""Keys that do not wait for what has gone on for so many seconds; one that was typed before then waits its turn."""

IN_TURN = (events.Key, events.Paste, events.MouseDown, events.MouseUp, events.AppFocus, events.AppBlur)
WITHIN = 2
"""Seconds that what has been typed gets to find its place when the desk is ended from outside."""


class KeyByKey(App[None]):
    """A screen that takes its keys one by one. What a key begins that may take long, as writing does, is told it by
    `goes_on`: the next key waits for that."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: asyncio.Queue[events.Event] = asyncio.Queue()
        self._led_away = asyncio.Event()
        self._going_on: asyncio.Future[None] | None = None
        self._since = 0.0

    async def on_mount(self) -> None:
        """After that of whoever inherits this: what was typed meanwhile waits."""
        self.run_worker(self._take_in_turn(), group="typed")

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, IN_TURN) or event.is_forwarded:
            await super().on_event(event)
            return
        for each in _apart(event):
            self._typed.put_nowait(each)
            if isinstance(each, events.Key) and each.key in LEADS_AWAY and self._waits_long:
                self._led_away.set()

    def goes_on(self, what: Coroutine[Any, Any, None]) -> None:
        """Begin this, and have the next key wait for it."""
        self._since = asyncio.get_running_loop().time()
        self._led_away.clear()
        self._going_on = asyncio.ensure_future(what)
        self._going_on.add_done_callback(self._ended)

    def _ended(self, done: "asyncio.Future[None]") -> None:
        if not done.cancelled() and (error := done.exception()) and isinstance(error, Exception):
            self._handle_exception(error)

    @property
    def _waits_long(self) -> bool:
        goes_on = self._going_on is not None and not self._going_on.done()
        return goes_on and asyncio.get_running_loop().time() - self._since >= LONG

    async def all_typed(self) -> None:
        """Once all that has been typed has found its place, or it takes too long. Nothing is waited for any more."""
        self._led_away.set()
        await asyncio.wait({asyncio.ensure_future(self._typed.join())}, timeout=WITHIN)

    async def _take_in_turn(self) -> None:
        while True:
            event = await self._typed.get()
            await self._until_free()
            if isinstance(event, events.Key):
                self.app_focus = True  # whoever types is here, whatever the terminal says
            at = self.focused or self.screen
            await super().on_event(event)
            if isinstance(event, events.Key) and event.is_printable and isinstance(at, Input):
                await _done(at)  # a letter is the line's alone
            else:
                for node in list(at.ancestors_with_self) * ROUNDS:
                    await _done(node)
            self._typed.task_done()

    async def _until_free(self) -> None:
        """Until what the last key began has ended, or a key among those that wait leads away from it."""
        if self._going_on is not None and not self._going_on.done() and not self._led_away.is_set():
            led_away = asyncio.ensure_future(self._led_away.wait())
            first: set[asyncio.Future[Any]] = {self._going_on, led_away}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            led_away.cancel()


def _apart(event: events.Event) -> tuple[events.Event, ...]:
    """Esc and a letter that came as one key are two. Of a paste of several lines, however they end, one is made."""
    if isinstance(event, events.Key) and event.key.startswith(WITH_ESCAPE):
        key = event.key.removeprefix(WITH_ESCAPE)
        return events.Key(ESCAPE, "\x1b"), events.Key(key, key if len(key) == 1 else None)
    if isinstance(event, events.Paste):
        return (events.Paste(" ".join(event.text.splitlines())),)
    return (event,)


async def _done(node: DOMNode) -> None:
    """Once the node has done all that it has been told; at once where it is gone."""
    done = asyncio.Event()
    if node.call_later(done.set):
        await done.wait()
