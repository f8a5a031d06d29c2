"""The ledger as it stood at a moment: by when each attempt was made, whatever has become of the delivery since."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.delivery import DeliveryState, Unsent
from infrastructure.log.codec import written
from infrastructure.outbox.ledger import Delivery


def as_of(deliveries: Sequence[Delivery], moment: datetime) -> list[Delivery]:
    """Those that had been planned by then (aware), each as it stood.

    One that had neither been tried nor ended waited then, also where it was later replaced, or its reader left.
    `sent_at` of one that came back says when it had been taken.
    """
    then = written(moment)
    return [_stood(delivery, then) for delivery in deliveries if delivery.queued_at <= then]


def _stood(delivery: Delivery, then: str) -> Delivery:
    if delivery.reason == Unsent.TOLD_OTHERWISE:  # so from the beginning
        return delivery
    tried = tuple(attempt for attempt in delivery.attempts if attempt.at <= then)
    taken = [attempt.at for attempt in tried if attempt.state is DeliveryState.SENT]
    has_ended = bool(tried) and tried[-1].state is delivery.state in (DeliveryState.SUPERSEDED, DeliveryState.EXPIRED)
    return replace(
        delivery,
        state=tried[-1].state if tried else DeliveryState.QUEUED,
        sent_at=taken[0] if taken else None,
        next_try_at=None,
        replaced_by=delivery.replaced_by if has_ended else None,
        reason=delivery.reason if has_ended else None,
        fault=None,
        attempts=tried,
    )
