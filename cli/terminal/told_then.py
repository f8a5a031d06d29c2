"""Who had been told of what by a moment, a row a reader."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.audience import ChannelName
from domain.delivery import DeliveryState, Unsent
from domain.vocabulary import Audience
from infrastructure.outbox.ledger import Delivery
from wording import times
from wording.words import Words

Row = tuple[str, Sequence[str]]
"""The audience, and the reader with the channel and what they had been told of."""


def readers_then(then: Sequence[Delivery], words: Words, moment: datetime) -> list[Row]:
    """A row for each reader and audience of one incident's deliveries as they stood at the moment (aware)."""
    by_reader: dict[tuple[str, str, ChannelName], list[Delivery]] = {}
    for delivery in then:
        by_reader.setdefault((delivery.audience, delivery.subscriber, delivery.channel), []).append(delivery)
    return [
        (words.name(Audience(audience)), [reader, words.name(channel), "; ".join(_told(theirs, words, moment))])
        for (audience, reader, channel), theirs in sorted(by_reader.items())
    ]


def _told(theirs: Sequence[Delivery], words: Words, moment: datetime) -> Iterator[str]:
    """First what the reader had been told of, then what had been refused, then what was still on its way."""
    _ = words.gettext
    sent = [delivery for delivery in theirs if delivery.state is DeliveryState.SENT]
    if sent:
        last = max(sent, key=lambda delivery: (delivery.sent_at or "", delivery.entry))
        yield _("{entries}, last {fact} {time}").format(
            entries=_entries(sent, words), fact=words.fact(last.fact), time=_at(last.sent_at, moment)
        )
    for delivery in theirs:
        if delivery.state is DeliveryState.REFUSED:
            yield _refused(delivery, words, moment)
    if otherwise := [delivery for delivery in theirs if delivery.reason == Unsent.TOLD_OTHERWISE]:
        yield f"{words.name(Unsent.TOLD_OTHERWISE)}: {_entries(otherwise, words)}"
    settled = (DeliveryState.SENT, DeliveryState.REFUSED)
    if waiting := [one for one in theirs if one.state not in settled and one not in otherwise]:
        yield _("not sent by then: {entries}").format(entries=_entries(waiting, words))


def _refused(delivery: Delivery, words: Words, moment: datetime) -> str:
    """With the code where there is one; what was said may hold an address, and stands in the ledger."""
    _ = words.gettext
    latest = delivery.attempts[-1]
    code = latest.enhanced or str(latest.code or "")
    came_back = _("{entries} came back {time}") if delivery.sent_at else _("{entries} refused {time}")
    said = came_back.format(entries=_entries([delivery], words), time=_at(latest.at, moment))
    return f"{said} ({code})" if code else said


def _entries(some: Sequence[Delivery], words: Words) -> str:
    numbers = sorted({delivery.entry for delivery in some})
    return words.gettext("entry {entries}").format(entries=", ".join(map(str, numbers)))


def _at(stored: str | None, moment: datetime) -> str:
    return times.clock(datetime.fromisoformat(stored), moment) if stored else ""
