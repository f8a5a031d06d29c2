"""How fast mail may go to one reader."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """`batching_window` is how long after it was recorded a fact waits for others to go in the same mail. The rate
    limit: no more than `most` mails in `window` go to one subscriber; `most` 0 sets none. What people act on waits
    for neither (domain.staleness.goes_at_once)."""

    batching_window: timedelta = timedelta(0)
    most: int = 0
    window: timedelta = timedelta(0)
