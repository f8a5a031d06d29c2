"""Tell everybody who is to be told: claim what waits, write it, have it carried, settle how it went.

What has ended is settled many at a time, in one transaction. A worker that is killed leaves at most what it
had claimed and not settled yet; those are sent again, with the same name. Nothing here knows by which channel.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from domain.delivery import DeliveryState, Notice, Outcome, Settlement
from domain.refusals import Invalid, Unavailable
from domain.texts import N_
from notifiers.channel import NoticeChannel, P, Unreachable
from notifiers.refusals import Refusals
from notifiers.retry import RetryPolicy, is_expired, what_next
from notifiers.work_queue import Claimed, WorkQueue

BATCH = 500
"""Notices claimed at a time; the next are claimed when half of them have ended."""

SETTLED_AT_ONCE = 100
"""Notices that must have ended to be settled; all that have by then go in one transaction, up to a batch of them."""

SETTLED_WITHIN = 1.0
"""Seconds that an ended notice waits at most for others to be settled with."""

WORTH_A_CARRIER = 20
"""Notices that must wait for each further carrier: to open one costs more than to carry a few notices."""

FRESH = timedelta(minutes=2)
"""How long after its claim a notice may be started on. What a slow channel keeps waiting longer goes back into
the outbox, before its lease runs out and another worker sends it as well."""

HANDED_OVER_WITHIN = 420.0
"""Seconds after its claim from which a notice is no longer handed over: the answer may take ten minutes, and that too
must end before the lease does."""

TRIED_AGAIN_AFTER = 1.0
"""Seconds after which an outbox that did not answer is told again how notices ended."""

_PUT_BACK = Outcome(DeliveryState.DEFERRED, None, N_("put back: what went before it took too long"))

log = logging.getLogger(__name__)

T = TypeVar("T")


class NoticeQueue(Protocol):
    """Where notices wait. Each method is one short transaction, called in a thread."""

    def claim(self, worker: str, limit: int, now: datetime) -> Sequence[tuple[Notice, int]]:
        """Lease up to `limit` notices that are due at `now` (aware), with how often each was tried before."""

    def settle(self, worker: str, settlements: Sequence[Settlement]) -> None:
        """Write down, durably and all together, how these leased notices went."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many notices ended how in one round."""

    sent: int = 0
    deferred: int = 0
    refused: int = 0
    ambiguous: int = 0
    superseded: int = 0
    expired: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*map(sum, zip(astuple(self), astuple(other), strict=True)))


async def dispatch(
    outbox: NoticeQueue,
    channel: NoticeChannel[P],
    clock: Callable[[], datetime],
    worker: str,
    on_outcome: Callable[[Notice, Outcome], None] | None = None,
    *,
    on_outbox: Callable[[Unavailable | None], None] | None = None,
    policy: RetryPolicy | None = None,
    chance: Callable[[], float] = random.random,
    batch: int = BATCH,
) -> Tally:
    """One channel's round: carry until nothing is due, with as many carriers as are worth it.

    `clock` is the present moment (aware); `worker` names whoever holds the leases; `policy` says when to try again
    and `chance` by how much later, from 0 to 1. When the channel can't be reached, what was claimed is deferred
    and the round ends. A notice that can't be written is deferred with the reason, and stops no other. What is refused
    is settled at the end of the round: what most of its readers were refused alike waits on (notifiers.refusals).

    An outbox that does not answer (Unavailable) is not claimed from any more; what is in hand is carried, how it
    ended is kept until it can be settled, and then the refusal is raised. `on_outbox` is told why each time that it
    does not answer, and None when it has. Other errors of the outbox are raised at once; what is then unsettled comes
    back when its lease runs out. A round that is cancelled settles what has ended and puts back what nobody has begun
    with.
    """
    dispatching = _Dispatching(outbox, channel, clock, worker, on_outcome, on_outbox, policy or RetryPolicy(), chance)
    return await dispatching.run(batch)


class _Dispatching(Generic[P]):
    def __init__(
        self,
        outbox: NoticeQueue,
        channel: NoticeChannel[P],
        clock: Callable[[], datetime],
        worker: str,
        on_outcome: Callable[[Notice, Outcome], None] | None,
        on_outbox: Callable[[Unavailable | None], None] | None,
        policy: RetryPolicy,
        chance: Callable[[], float],
    ) -> None:
        self._outbox, self._channel = outbox, channel
        self._clock, self._worker, self._on_outcome, self._on_outbox = clock, worker, on_outcome, on_outbox
        self._policy, self._chance = policy, chance
        self._queue: WorkQueue[P] = WorkQueue(self._write, self._end)
        self._carriers: list[asyncio.Task[None]] = []
        self._unreachable: Outcome | None = None
        self._refusals = Refusals()
        self._ended: list[Settlement] = []
        self._enough = asyncio.Event()
        self._outbox_is_asked = asyncio.Lock()
        self._over = self._is_cancelled = False
        self._counted: Counter[DeliveryState] = Counter()

    async def run(self, batch: int) -> Tally:
        settling = asyncio.create_task(self._settle_as_they_end())
        try:
            await self._send(batch, settling)
        except asyncio.CancelledError:
            self._is_cancelled = True
            raise
        finally:
            for left in self._queue.left():  # broken off: nobody has begun with these
                self._end(left, _PUT_BACK)
            for carrier in self._carriers:
                carrier.cancel()
            await asyncio.gather(*self._carriers, return_exceptions=True)
            for refused in self._refusals.judged():
                self._note(*refused)
            self._over = True
            self._enough.set()
            await self._settled(settling)
        return Tally(**{state.value: count for state, count in self._counted.items()})

    async def _send(self, batch: int, settling: asyncio.Task[None]) -> None:
        """Claim and have it carried until nothing is due, or nobody takes it, or it can't be settled."""
        while not settling.done():
            now = self._clock()
            not_after = asyncio.get_running_loop().time() + HANDED_OVER_WITHIN
            try:
                claimed = await self._ask(self._outbox.claim, self._worker, batch, now)
            except Unavailable as refusal:
                self._tell_of_outbox(refusal)
                await self._finish(settling)
                raise
            self._queue.put(Claimed(notice, tried, now, not_after) for notice, tried in claimed)
            if not claimed:
                await self._finish(settling)
                return
            self._hire()
            if not await self._down_to(batch // 2, settling):
                return

    async def _ask(self, what: Callable[..., T], *given: object) -> T:
        """Have the outbox do something. One thing at a time: it takes turns itself, and waits longer for them."""
        async with self._outbox_is_asked:
            return await asyncio.to_thread(what, *given)

    async def _finish(self, settling: asyncio.Task[None]) -> None:
        """Have what is in hand carried; the carriers say goodbye."""
        self._queue.close()
        await self._down_to(0, settling)
        await asyncio.gather(*self._carriers)

    async def _down_to(self, count: int, settling: asyncio.Task[None]) -> bool:
        """Until no more than `count` have not ended; False if nobody is there any more to carry them.

        An error in a carrier is raised.
        """
        low = self._queue.down_to(count)
        while not low.done() and not settling.done():
            running = [carrier for carrier in self._carriers if not carrier.done()]
            if not running:
                break
            await asyncio.wait({low, settling, *running}, return_when=asyncio.FIRST_COMPLETED)
            for carrier in self._carriers:
                if carrier.done():
                    carrier.result()
        if self._unreachable and all(carrier.done() for carrier in self._carriers):
            for left in self._queue.left():
                self._note(left, self._unreachable, self._clock())
            return False
        return True

    def _hire(self) -> None:
        """As many carriers as what waits is worth, until the channel turns one away."""
        wanted = min(self._channel.limits.carriers, -(-self._queue.waiting // WORTH_A_CARRIER))
        while not self._unreachable and len(self._carriers) < wanted:
            self._carriers.append(asyncio.create_task(self._serve()))

    async def _serve(self) -> None:
        try:
            await self._channel.carry(self._queue)
        except Unreachable as refusal:
            if self._unreachable is None:
                codes = {"code": refusal.outcome.code, "enhanced": refusal.outcome.enhanced or None}
                log.warning("the channel is unavailable: %s", refusal.outcome.reply, extra=codes)
            self._unreachable = refusal.outcome
        except Exception as error:  # what it had in hand is unclear, and comes back when its lease runs out
            log.exception("a carrier broke")
            self._unreachable = Outcome(DeliveryState.DEFERRED, None, f"the channel broke: {type(error).__name__}")

    def _write(self, claimed: Claimed) -> P | Outcome:
        """The parcel, or why there is none to be sent. Whatever is wrong with this one, the next is to be told."""
        notice, now = claimed.notice, self._clock()
        if notice.subscriber.address == "":  # whoever has left has no address any more
            return Outcome(DeliveryState.SUPERSEDED, None, "erased")
        if is_expired(self._policy, notice, now):
            return Outcome(DeliveryState.EXPIRED, None, N_("too old to tell"))
        if now - claimed.at > FRESH:
            return _PUT_BACK
        try:
            return self._channel.write(notice, now, claimed.not_after)
        except Invalid as refusal:
            return Outcome(DeliveryState.REFUSED, None, refusal.reason)
        except Exception as error:
            log.exception("delivery %d could not be written", notice.delivery)
            return Outcome(DeliveryState.DEFERRED, None, f"could not be written: {type(error).__name__}")

    def _end(self, claimed: Claimed, outcome: Outcome) -> None:
        now = self._clock()
        if not self._refusals.keeps(claimed, outcome, now):
            self._note(claimed, outcome, now)

    def _note(self, claimed: Claimed, outcome: Outcome, now: datetime) -> None:
        """To be settled: how it ended, at `now` (aware)."""
        again: datetime | None = now
        if outcome is not _PUT_BACK:
            outcome, again = what_next(self._policy, claimed.notice, outcome, claimed.tried + 1, now, self._chance())
            self._counted[outcome.state] += 1
        self._ended.append(Settlement(claimed.notice, now, outcome, again))
        if len(self._ended) >= SETTLED_AT_ONCE:
            self._enough.set()

    async def _settle_as_they_end(self) -> None:
        """Batch after batch until the round is over and nothing is left to settle."""
        while self._ended or not self._over:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), SETTLED_WITHIN)
            batch, self._ended = self._ended[:BATCH], self._ended[BATCH:]
            if not self._ended:
                self._enough.clear()
            if batch:
                await self._settle(batch)
            if self._on_outcome:
                for settlement in batch:
                    self._on_outcome(settlement.notice, settlement.outcome)

    async def _settle(self, batch: Sequence[Settlement]) -> None:
        """However long the outbox does not answer: what the channel has answered is known to nobody else. Only a round
        that is cancelled gives up, and then the refusal is raised."""
        was_away = False
        while True:
            try:
                await self._ask(self._outbox.settle, self._worker, batch)
            except Unavailable as refusal:
                self._tell_of_outbox(refusal)
                if self._is_cancelled:
                    log.error("%d notices could not be settled", len(batch) + len(self._ended))
                    raise
                was_away = True
                await asyncio.sleep(TRIED_AGAIN_AFTER)
            else:
                if was_away:
                    self._tell_of_outbox(None)
                return

    async def _settled(self, settling: asyncio.Task[None]) -> None:
        """Until everything is settled. Cancelled while it waits for that, a round tries once more."""
        try:
            await asyncio.shield(settling)
        except asyncio.CancelledError:
            self._is_cancelled = True
            await settling
            raise

    def _tell_of_outbox(self, refusal: Unavailable | None) -> None:
        if self._on_outbox:
            self._on_outbox(refusal)
