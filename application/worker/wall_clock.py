"""Whether the worker's wall clock can be believed: it is held against the one that only counts."""

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta

ABSURD = timedelta(minutes=5)
"""So far ahead no clock is put right while a worker runs; it is put wrong."""

BELIEVED_AFTER = timedelta(minutes=10)
"""How long a clock that has leapt keeps pace before its new time is believed: then nobody has put it back."""


def since_boot() -> float:
    """Seconds, those that the machine slept through included where the system counts them."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class WallClock:
    """A deadline that has passed is written down for ever, so it takes a clock that has not just leapt ahead."""

    def __init__(self, count: Callable[[], float] = since_boot) -> None:
        self._count = count
        self._began: float | None = None
        """What the wall clock showed when the count was 0, as far as it is believed."""
        self._leapt: tuple[float, float] | None = None
        """The same since it leapt, and the count when that was first seen."""

    def is_believed(self, now: datetime) -> bool:
        """Whether deadlines may be judged by it, as it now (aware) shows. One that goes back does no harm."""
        count = self._count()
        began = now.timestamp() - count
        if self._began is None or began - self._began <= ABSURD.total_seconds():
            self._began, self._leapt = began, None
        elif self._leapt is None or abs(began - self._leapt[0]) > ABSURD.total_seconds():
            self._leapt = began, count
        elif count - self._leapt[1] >= BELIEVED_AFTER.total_seconds():
            self._began, self._leapt = began, None
        return self._leapt is None
