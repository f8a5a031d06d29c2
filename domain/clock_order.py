"""The clocks held against the order of writing.

That the log was written in this order is proved (docs/decisions/0007); when each fact was recorded is what a clock
showed. So where a fact was recorded, by its own clock, before one that had been written already, a clock was wrong or
had been set back, and its time is no evidence. All times are aware and in UTC.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

JITTER = timedelta(seconds=1)
"""By so much a machine puts its clock right by itself, also back: nobody has set it, and no minute reads otherwise."""

NOTICED = timedelta(minutes=1)
"""How wrong a clock may be before people are told of it: they write minutes."""


HOW_FAR_BEHIND = timedelta(hours=1)
"""Nobody knows by how much a clock is behind, only that it is: so long since the log's newest entry is believed."""


class Timed(NamedTuple):
    """A fact's place in the log, and the time by the clock of whoever recorded it."""

    position: int
    recorded_at: datetime


class Seen(NamedTuple):
    """That the log held no more than its first `size` facts at a moment, as a mail that has left the house says."""

    size: int
    at: datetime
    mail: str


class SetBack(NamedTuple):
    """A fact that was recorded before what had been written already: before the fact at `after`, which was recorded at
    `newest`; or before a `mail` of then, which had seen the log up to `after`."""

    position: int
    recorded_at: datetime
    newest: datetime
    after: int
    mail: str = ""


def set_back(facts: Iterable[Timed], seen: Iterable[Seen] = ()) -> Iterator[SetBack]:
    """Of facts by position those that were recorded before what came before them, each with the newest of it."""
    waiting = sorted(seen, reverse=True)
    newest: tuple[datetime, int, str] | None = None
    for position, recorded_at in facts:
        while waiting and waiting[-1].size < position:
            size, at, mail = waiting.pop()
            newest = max(newest, (at, size, mail), key=_moment) if newest else (at, size, mail)
        if newest and recorded_at < newest[0] - JITTER:
            yield SetBack(position, recorded_at, *newest)
        if newest is None or recorded_at > newest[0]:
            newest = recorded_at, position, ""


def may_have_happened_until(now: datetime, newest: datetime | None) -> datetime:
    """Until when something may be said to have happened by a clock that shows `now`, in a log whose newest entry was
    recorded then: a clock that the log shows to be behind stands in the way of nothing true."""
    return newest + HOW_FAR_BEHIND if newest and newest > now + JITTER else now


def runs(found: Iterable[SetBack]) -> Iterator[list[SetBack]]:
    """Those together that follow each other and were all recorded before the same: one clock that was ahead leaves
    everybody else's behind."""
    for _newest, together in groupby(found, key=lambda each: (each.newest, each.after, each.mail)):
        yield list(together)


def _moment(newest: tuple[datetime, int, str]) -> datetime:
    return newest[0]
