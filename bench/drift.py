"""What a figure does over hours: from where to where it went, and whether it still grows."""

from dataclasses import dataclass
from statistics import linear_regression

MEMORY, FILES, CONNECTIONS, THREADS, WAL = "memory", "open files", "connections", "threads", "WAL"
QUEUE, MAILS = "queue", "mails"
UNITS = {MEMORY: "MiB", WAL: "MiB"}
FLAT = {MEMORY: 0.05, WAL: 0.05, FILES: 1 / 60, CONNECTIONS: 1 / 60, THREADS: 1 / 60}
"""Growth a minute, in MiB or one more an hour, from which a figure is said to grow. The rest come and go, or count."""


@dataclass(frozen=True, slots=True)
class Series:
    """One figure of one process or log; `minutes` are those from the beginning to each value."""

    of: str
    what: str
    minutes: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def halves(self) -> tuple["Series", "Series"]:
        """The time in which a program warms up, and the time after it."""
        middle = (self.minutes[0] + self.minutes[-1]) / 2
        first = sum(minute < middle for minute in self.minutes)
        return self._part(0, first), self._part(first, len(self.values))

    def _part(self, first: int, last: int) -> "Series":
        return Series(self.of, self.what, self.minutes[first:last], self.values[first:last])

    @property
    def growth(self) -> float:
        """What it grows by a minute in its second half, by the line that fits best; 0 of one value."""
        half = self.halves[1]
        return linear_regression(half.minutes, half.values).slope if len(half.values) > 1 else 0.0

    @property
    def grows(self) -> bool | None:
        """Whether it has not come to rest; None of what is not meant to. A count comes to rest at the most that it had
        in its first half, however seldom it reaches that."""
        if self.what not in FLAT:
            return None
        first, second = self.halves
        is_higher = self.what in UNITS or not first.values or max(second.values) > max(first.values)
        return is_higher and self.growth > FLAT[self.what]

    @property
    def verdict(self) -> str:
        return {True: "grows", False: "flat", None: ""}[self.grows]


HEADING = f"{'':<10}{'':<13}{'first':>9}{'half way':>10}{'last':>9}{'most':>9}  second half, a minute"


def line(series: Series) -> str:
    """The figure in one line of the table."""
    half_way = series.halves[1].values[0]
    told = (series.values[0], half_way, series.values[-1], max(series.values))
    numbers = "".join(
        f"{_number(value, series.what):>{width}}" for value, width in zip(told, (9, 10, 9, 9), strict=True)
    )
    what = f"{series.what} {UNITS[series.what]}" if series.what in UNITS else series.what
    return f"{series.of:<10}{what:<13}{numbers}  {series.growth:+.3f}  {series.verdict}".rstrip()


def _number(value: float, what: str) -> str:
    return f"{value:.1f}" if what in UNITS else f"{value:,.0f}"
