"""Tell everybody who is to be told: claim what waits, hand it to the mail server, settle how it went.

What has ended is settled many at a time, in one transaction. A worker that is killed leaves at most what it
had claimed and not settled yet; those are sent again, with the same Message-ID.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from gettext import NullTranslations
from typing import Protocol

from domain.delivery import DeliveryState, Notice, Outcome, Settlement
from domain.refusals import Invalid, Unavailable
from domain.texts import N_
from notifiers.email.mailing import Mailing
from notifiers.email.message import MailSettings
from notifiers.email.outgoing import OutgoingMail
from notifiers.email.session import CircuitBreaker, MailServer, Session, unavailable
from notifiers.retry import RetryPolicy, is_expired, what_next
from notifiers.work_queue import Claimed, WorkQueue

BATCH = 500
"""Notices claimed at a time; the next are claimed when half of them have ended."""

SETTLED_AT_ONCE = 100
SETTLED_WITHIN = 1.0
"""Seconds that an ended notice waits at most for others to be settled with."""

WORTH_A_CONNECTION = 20
"""Mails that must wait for each further connection: to open one costs more than to send a few mails."""

FRESH = timedelta(minutes=2)
"""How long after its claim a notice may be started on. What a slow server keeps waiting longer goes back into
the queue, before its lease runs out and another worker sends it as well."""

HANDED_OVER_WITHIN = 420.0
"""Seconds after its claim from which a mail's content is no longer handed over: the server may take ten minutes
to answer, and that too must end before the lease does."""

_PUT_BACK = Outcome(DeliveryState.DEFERRED, None, N_("put back: the mail server is slow"))

log = logging.getLogger(__name__)


class Outbox(Protocol):
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


async def dispatch(
    outbox: Outbox,
    server: MailServer,
    settings: MailSettings,
    words_for: Callable[[str], NullTranslations],
    clock: Callable[[], datetime],
    worker: str,
    on_outcome: Callable[[Notice, Outcome], None] | None = None,
    *,
    policy: RetryPolicy | None = None,
    chance: Callable[[], float] = random.random,
    batch: int = BATCH,
) -> Tally:
    """One round: send until nothing is due, over as many sessions as are worth it.

    `words_for` gives a language's translations, the same object each time (templates are compiled once for it);
    `clock` the present moment (aware); `worker` names whoever holds the leases; `policy` says when to try again
    and `chance` by how much later, from 0 to 1. When the server can't be reached, what was claimed is deferred
    and the round ends. A notice that can't be written is deferred with the reason, and stops no other. Errors of
    the outbox are raised; what is then unsettled comes back when its lease runs out. A round that is cancelled
    settles what has ended and puts back what nobody has begun with.
    """
    mailing = Mailing(settings, words_for)
    round_ = _Round(outbox, server, mailing, clock, worker, on_outcome, policy or RetryPolicy(), chance)
    return await round_.run(batch)


class _Round:
    def __init__(
        self,
        outbox: Outbox,
        server: MailServer,
        mailing: Mailing,
        clock: Callable[[], datetime],
        worker: str,
        on_outcome: Callable[[Notice, Outcome], None] | None,
        policy: RetryPolicy,
        chance: Callable[[], float],
    ) -> None:
        self._outbox, self._server, self._mailing = outbox, server, mailing
        self._clock, self._worker, self._on_outcome = clock, worker, on_outcome
        self._policy, self._chance = policy, chance
        self._queue = WorkQueue(self._write, self._end)
        self._breaker = CircuitBreaker()
        self._sessions: list[asyncio.Task[None]] = []
        self._refusal: Outcome | None = None
        self._ended: list[Settlement] = []
        self._enough = asyncio.Event()
        self._over = False
        self._counted: Counter[DeliveryState] = Counter()

    async def run(self, batch: int) -> Tally:
        settling = asyncio.create_task(self._settle_as_they_end())
        try:
            await self._send(batch, settling)
        finally:
            for left in self._queue.left():  # broken off: nobody has begun with these
                self._end(left, _PUT_BACK)
            for session in self._sessions:
                session.cancel()
            await asyncio.gather(*self._sessions, return_exceptions=True)
            self._over = True
            self._enough.set()
            await settling
        return Tally(**{state.value: count for state, count in self._counted.items()})

    async def _send(self, batch: int, settling: asyncio.Task[None]) -> None:
        """Claim and have it sent until nothing is due, or nobody takes it, or it can't be settled."""
        while not settling.done():
            now = self._clock()
            not_after = asyncio.get_running_loop().time() + HANDED_OVER_WITHIN
            claimed = await asyncio.to_thread(self._outbox.claim, self._worker, batch, now)
            self._queue.put(Claimed(notice, tried, now, not_after) for notice, tried in claimed)
            if not claimed:
                self._queue.close()
                await self._down_to(0, settling)
                await asyncio.gather(*self._sessions)  # they say goodbye
                return
            self._hire()
            if not await self._down_to(batch // 2, settling):
                return

    async def _down_to(self, count: int, settling: asyncio.Task[None]) -> bool:
        """Until no more than `count` have not ended; False if nobody is there any more to send them.

        An error in a session is raised.
        """
        low = self._queue.down_to(count)
        while not low.done() and not settling.done():
            running = [session for session in self._sessions if not session.done()]
            if not running:
                break
            await asyncio.wait({low, settling, *running}, return_when=asyncio.FIRST_COMPLETED)
            for session in self._sessions:
                if session.done():
                    session.result()
        if self._refusal and all(session.done() for session in self._sessions):
            for left in self._queue.left():
                self._end(left, self._refusal)
            return False
        return True

    def _hire(self) -> None:
        """As many sessions as what waits is worth, until the server turns one away."""
        wanted = min(self._server.connections, -(-self._queue.waiting // WORTH_A_CONNECTION))
        while not self._refusal and len(self._sessions) < wanted:
            self._sessions.append(asyncio.create_task(self._serve()))

    async def _serve(self) -> None:
        try:
            async with Session(self._server, self._breaker) as session:
                await session.run(self._queue)
        except Unavailable as refusal:
            if self._refusal is None:
                log.warning("the mail server is unavailable: %s", refusal.data["reply"])
            self._refusal = unavailable(refusal)

    def _write(self, claimed: Claimed) -> OutgoingMail | Outcome:
        """The mail, or why there is none to be sent. Whatever is wrong with this one, the next is to be told."""
        notice, now = claimed.notice, self._clock()
        if notice.subscriber.address == "":  # whoever has left has no address any more
            return Outcome(DeliveryState.SUPERSEDED, None, "erased")
        if is_expired(self._policy, notice, now):
            return Outcome(DeliveryState.EXPIRED, None, N_("too old to tell"))
        if now - claimed.at > FRESH:
            return _PUT_BACK
        try:
            return self._mailing.mail(notice, now, claimed.not_after)
        except Invalid as refusal:
            return Outcome(DeliveryState.REFUSED, None, refusal.reason)
        except Exception as error:
            log.exception("delivery %d could not be written", notice.delivery)
            return Outcome(DeliveryState.DEFERRED, None, f"could not be written: {type(error).__name__}")

    def _end(self, claimed: Claimed, outcome: Outcome) -> None:
        now = self._clock()
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
            self._enough.clear()
            while self._ended:
                batch, self._ended = self._ended[:SETTLED_AT_ONCE], self._ended[SETTLED_AT_ONCE:]
                await asyncio.to_thread(self._outbox.settle, self._worker, batch)
                for settlement in batch:
                    if self._on_outcome:
                        self._on_outcome(settlement.notice, settlement.outcome)
