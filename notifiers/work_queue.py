"""What a round has claimed and not yet heard of, given out parcel by parcel to the carriers that ask."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from domain.delivery import Notice, Outcome
from notifiers.channel import P


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that is ours for now, claimed `at` (aware), with how often it was tried before.

    `not_after` is the moment of the event loop's clock until which its content may be handed over.
    """

    notice: Notice
    tried: int
    at: datetime
    not_after: float

    @property
    def thread(self) -> tuple[str, str]:
        return self.notice.incident.number, self.notice.subscriber.id


class WorkQueue(Generic[P]):
    """The parcels of one round, oldest first.

    Two of the same incident to the same reader are never on their way at once: they would overtake each other.
    `write` makes a parcel of what was claimed, or says why there is none; `settle` hears how each one ended.
    """

    def __init__(self, write: Callable[[Claimed], P | Outcome], settle: Callable[[Claimed, Outcome], None]) -> None:
        self._write = write
        self._settle = settle
        self._waiting: deque[Claimed] = deque()
        self._on_their_way: dict[int, Claimed] = {}
        self._threads: set[tuple[str, str]] = set()
        self._closed = False
        self._change: asyncio.Future[None] | None = None
        """Done when something was put, ended or closed: whoever waits for a parcel looks again."""
        self._low: tuple[int, asyncio.Future[None]] | None = None

    def __len__(self) -> int:
        """How many are claimed and have not ended."""
        return len(self._waiting) + len(self._on_their_way)

    @property
    def waiting(self) -> int:
        """How many nobody has taken yet."""
        return len(self._waiting)

    def put(self, claimed: Iterable[Claimed]) -> None:
        self._waiting.extend(claimed)
        self._look_again()

    def close(self) -> None:
        """Nothing more will be put."""
        self._closed = True
        self._look_again()

    def down_to(self, count: int) -> asyncio.Future[None]:
        """Done when no more than `count` have not ended."""
        low = asyncio.get_running_loop().create_future()
        self._low = count, low
        self._look_again()
        return low

    def left(self) -> list[Claimed]:
        """Take out what nobody took."""
        left = list(self._waiting)
        self._waiting.clear()
        return left

    # What a carrier asks for (notifiers.channel.Parcels)

    async def next(self) -> P | None:
        while (parcel := self.take()) is None and not (self._closed and not self._waiting):
            self._change = self._change or asyncio.get_running_loop().create_future()
            await asyncio.wait({self._change})
        return parcel

    def take(self) -> P | None:
        passed_over = []
        taken = None
        while self._waiting and taken is None:
            claimed = self._waiting.popleft()
            if claimed.thread in self._threads:
                passed_over.append(claimed)
                continue
            written = self._write(claimed)
            if isinstance(written, Outcome):
                self._settle(claimed, written)
                self._look_again()
                continue
            taken = written
            self._on_their_way[taken.delivery] = claimed
            self._threads.add(claimed.thread)
        self._waiting.extendleft(reversed(passed_over))
        return taken

    def ended(self, parcel: P, outcome: Outcome) -> None:
        self._settle(self._returned(parcel), outcome)
        self._look_again()

    def back(self, parcel: P) -> None:
        self._waiting.appendleft(self._returned(parcel))
        self._look_again()

    def _returned(self, parcel: P) -> Claimed:
        claimed = self._on_their_way.pop(parcel.delivery)
        self._threads.discard(claimed.thread)
        return claimed

    def _look_again(self) -> None:
        if self._change:
            self._change.set_result(None)
            self._change = None
        if self._low and len(self) <= self._low[0]:
            if not self._low[1].done():
                self._low[1].set_result(None)
            self._low = None
