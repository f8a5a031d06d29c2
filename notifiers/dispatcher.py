"""Tell everybody who is to be told: claim what waits, hand it to the mail server, settle how it went."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from gettext import NullTranslations
from typing import Protocol

from domain.delivery import DeliveryState, Notice, Outcome, Settlement
from domain.refusals import Invalid, Unavailable
from notifiers.delivery import next_try
from notifiers.email import MailServer, Session
from notifiers.message import MailSettings, render

BATCH = 50
"""Notices claimed at a time."""

FRESH = timedelta(minutes=2)
"""How long after its claim a notice may be started on. What a slow server keeps waiting longer goes back into
the queue, before its lease runs out and another worker sends it as well."""

TRIED_AGAIN = (DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS)

_PUT_BACK = Outcome(DeliveryState.DEFERRED, None, "put back: the mail server is slow")

log = logging.getLogger(__name__)


class Outbox(Protocol):
    """Where notices wait. Each method is one short transaction, called in a thread."""

    def claim(self, worker: str, limit: int, now: datetime) -> Sequence[tuple[Notice, int]]:
        """Lease up to `limit` notices that are due at `now` (aware), with how often each was tried before."""

    def settle(self, worker: str, settlements: Sequence[Settlement]) -> None:
        """Write how leased deliveries went, in one durable transaction."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many notices ended how in one round."""

    sent: int = 0
    deferred: int = 0
    refused: int = 0
    ambiguous: int = 0
    superseded: int = 0


async def dispatch(
    outbox: Outbox,
    server: MailServer,
    settings: MailSettings,
    words_for: Callable[[str], NullTranslations],
    clock: Callable[[], datetime],
    worker: str,
    on_outcome: Callable[[Notice, Outcome], None] | None = None,
    *,
    batch: int = BATCH,
) -> Tally:
    """One round: send until nothing is due, over one session, and settle each notice as it goes.

    `words_for` gives a language's translations, the same object each time (templates are compiled once for it);
    `clock` the present moment (aware); `worker` names whoever holds the leases. When the server can't be
    reached, what was claimed is deferred and the round ends. A notice that can't be written is deferred with
    the reason, and stops no other. Errors of the outbox are raised; what is then unsettled comes back when its
    lease runs out.
    """
    counted: Counter[DeliveryState] = Counter()
    unreachable: Outcome | None = None
    async with Session(server) as session:
        while not unreachable:
            claimed_at = clock()
            claimed = await asyncio.to_thread(outbox.claim, worker, batch, claimed_at)
            if not claimed:
                break
            for notice, earlier_attempts in claimed:
                now = clock()
                if now - claimed_at > FRESH and not unreachable:
                    await asyncio.to_thread(outbox.settle, worker, [Settlement(notice, now, _PUT_BACK, now)])
                    continue
                try:
                    outcome = _not_to_be_sent(notice) or unreachable
                    outcome = outcome or await _tell(notice, session, settings, words_for, now)
                except Unavailable as refusal:
                    outcome = unreachable = Outcome(DeliveryState.DEFERRED, refusal.data["code"], refusal.data["reply"])
                    log.warning("the mail server is unavailable: %s", outcome.reply)
                now = clock()
                again = next_try(earlier_attempts + 1, now, outcome.state) if outcome.state in TRIED_AGAIN else None
                await asyncio.to_thread(outbox.settle, worker, [Settlement(notice, now, outcome, again)])
                counted[outcome.state] += 1
                if on_outcome:
                    on_outcome(notice, outcome)
    return Tally(**{state.value: count for state, count in counted.items()})


def _not_to_be_sent(notice: Notice) -> Outcome | None:
    """Whoever has left has no address any more; a mail that was on its way is not sent."""
    return Outcome(DeliveryState.SUPERSEDED, None, "erased") if notice.subscriber.address == "" else None


async def _tell(
    notice: Notice,
    session: Session,
    settings: MailSettings,
    words_for: Callable[[str], NullTranslations],
    now: datetime,
) -> Outcome:
    """Write the mail and hand it over. Raises domain.refusals.Unavailable as Session.deliver does."""
    try:
        mail = render(notice, settings, words_for(notice.subscriber.language), now)
    except Invalid as refusal:
        return Outcome(DeliveryState.REFUSED, None, refusal.reason)
    except Exception as error:  # whatever is wrong with this one, the next subscriber is to be told
        log.exception("delivery %d could not be written", notice.delivery)
        return Outcome(DeliveryState.DEFERRED, None, f"could not be written: {type(error).__name__}")
    return await session.deliver(mail, notice.subscriber.address)
