"""When a notice is tried again, and when it is too old to be told. Pure: the clock and the dice come in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from domain import facts as f
from domain.delivery import DeliveryState, Notice, Outcome
from domain.fact import Recorded

TRIED_AGAIN = (DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS)

SHORTEST_LIFE = timedelta(minutes=15)
"""So long a notice is tried at least, also of a prognosis whose time is up as soon as it is recorded."""

_EXPIRY_OF = MappingProxyType({
    f.ReserveRoutineActivated.wire: timedelta(hours=24),
    f.ReserveRoutineDeactivated.wire: timedelta(hours=24),
    f.ServiceRestored.wire: timedelta(hours=24),
    f.OperatingInformationPublished.wire: timedelta(hours=12),
    f.PrognosisReceived.wire: timedelta(hours=12),
    f.ActivationDeferred.wire: timedelta(hours=12),
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How long to wait after the first, the second … failed attempt; the last wait is repeated.

    RFC 5321 §4.5.4.1 suggests half an hour between attempts. A notice of an outage goes to our own relay and is
    worth little in half an hour, so the first attempts come closer. `ambiguous_wait` is the shortest wait when it
    is unclear whether the mail arrived: a slow relay is given time to deliver it, so that the copy, which carries
    the same Message-ID, is as rare as it can be (RFC 1047). A wait is made up to `jitter` times longer and never
    shorter, so that not everybody is tried again in the same second.

    `expiry` is how long after it was recorded a fact is still told, and `expiry_of` for kinds of fact by wire
    name. What says when something ends (a prognosis, a deferral) is told no longer than until then.
    """

    waits: tuple[timedelta, ...] = (
        timedelta(seconds=10),
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(minutes=30),
    )
    ambiguous_wait: timedelta = timedelta(minutes=5)
    jitter: float = 0.2
    expiry: timedelta = timedelta(hours=6)
    expiry_of: Mapping[str, timedelta] = field(default_factory=lambda: _EXPIRY_OF)

    @property
    def longest_wait(self) -> timedelta:
        """No next try lies further ahead."""
        return max(*self.waits, self.ambiguous_wait) * (1 + self.jitter)


def next_try(policy: RetryPolicy, attempt: int, now: datetime, state: DeliveryState, chance: float) -> datetime:
    """When to try again after the `attempt`-th attempt, counted from 1, ended at `now` (aware) in `state`.

    `chance`, from 0 to 1, is how much of the jitter is added.
    """
    wait = policy.waits[min(max(attempt, 1), len(policy.waits)) - 1]
    if state is DeliveryState.AMBIGUOUS:
        wait = max(wait, policy.ambiguous_wait)
    return now + wait * (1 + policy.jitter * chance)


def expires_at(policy: RetryPolicy, recorded: Recorded, since: datetime | None = None) -> datetime:
    """The moment (aware) from which this fact is worse told than untold.

    `since` is when it began to be told, if that is not when it was recorded: a late subscriber's summary.
    """
    began, fact = since or recorded.recorded_at, recorded.fact
    limit = began + policy.expiry_of.get(fact.wire, policy.expiry)
    match fact:
        case f.PrognosisReceived(restored_by=until) | f.ActivationDeferred(until=until):
            return min(limit, max(until, began + SHORTEST_LIFE))
        case _:
            return limit


def is_expired(policy: RetryPolicy, notice: Notice, now: datetime) -> bool:
    """Whether the notice has become too old to tell at `now` (aware)."""
    return now >= _expiry(policy, notice, now)


def what_next(
    policy: RetryPolicy, notice: Notice, outcome: Outcome, attempt: int, now: datetime, chance: float
) -> tuple[Outcome, datetime | None]:
    """What the ledger writes down of an attempt that ended at `now` (aware), and when to try again, if at all.

    Where the next try would come too late, the outcome is expired and keeps what the mail server said.
    """
    if outcome.state not in TRIED_AGAIN:
        return outcome, None
    again = next_try(policy, attempt, now, outcome.state, chance)
    if again >= _expiry(policy, notice, now):
        return replace(outcome, state=DeliveryState.EXPIRED), None
    return outcome, again


def _expiry(policy: RetryPolicy, notice: Notice, now: datetime) -> datetime:
    if notice.manual_retry:
        return expires_at(policy, notice.recorded, now)
    return expires_at(policy, notice.recorded, (notice.dated or now) if notice.summary else None)
