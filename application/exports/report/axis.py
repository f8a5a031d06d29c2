"""From a moment to a place on the paper. Pure.

Time runs evenly as it elapsed, so the hour that the clock skips or repeats is neither squeezed nor stretched. A long
stretch in which nothing happened is folded away.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from domain.vocabulary import SWEDEN

LEAST = timedelta(hours=1)
"""No drawing shows less than this, so that one entry does not fill a page."""

FOLDED_FROM = timedelta(hours=6)
WHOLE = timedelta(hours=26)
"""A day and a night are drawn whole, however quiet: no more is folded than it takes to get there."""

MOST_FOLDS = 6
STEPS = [timedelta(minutes=m) for m in (5, 10, 15, 30, 60, 120, 180, 360, 720)]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, and between which places it is drawn. What is `folded` keeps no scale."""

    start: datetime
    end: datetime
    left: float
    right: float
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    stretches: tuple[Stretch, ...]

    @property
    def start(self) -> datetime:
        return self.stretches[0].start

    @property
    def end(self) -> datetime:
        return self.stretches[-1].end

    def x(self, moment: datetime) -> float:
        """Where the moment is drawn; what is outside lies on the edge."""
        for stretch in self.stretches:
            if moment <= stretch.end:
                done = max(moment - stretch.start, timedelta(0)) / (stretch.end - stretch.start)
                return stretch.left + done * (stretch.right - stretch.left)
        return self.stretches[-1].right

    @property
    def folds(self) -> list[Stretch]:
        return [stretch for stretch in self.stretches if stretch.folded]

    @property
    def per_hour(self) -> float:
        """How wide an hour is."""
        drawn = [s for s in self.stretches if not s.folded]
        return sum(s.right - s.left for s in drawn) / (sum((s.end - s.start for s in drawn), timedelta()) / LEAST)

    def ticks(self, apart: float) -> Iterator[datetime]:
        """Whole quarters, hours or days of the Swedish clock, at least about `apart` from each other."""
        step = next((step for step in STEPS if self.per_hour * (step / LEAST) >= apart), DAY)
        stride = min(step, LEAST)  # the clock changes by a whole hour, so a whole step may be two strides or none
        for stretch in self.stretches:
            at = _floor(stretch.start, stride)
            while at <= stretch.end and not stretch.folded:
                local = at.astimezone(SWEDEN)
                if at >= stretch.start and timedelta(hours=local.hour, minutes=local.minute) % step == timedelta(0):
                    yield at
                at += stride

    def days(self) -> Iterator[tuple[datetime, datetime]]:
        """Each Swedish day that is drawn, at least in part: from when until when."""
        start = self.start
        while start < self.end:
            fold = next((fold for fold in self.folds if fold.start <= start < fold.end), None)
            start = max(start, _midnight(fold.end)) if fold else start
            end = min(_midnight(start, DAY), self.end)
            if not any(fold.start <= start and end <= fold.end for fold in self.folds):
                yield start, end
            start = end

    def clock_changes(self) -> Iterator[datetime]:
        """When the clock is put forward or back."""
        for start, end in self.days():
            if start.astimezone(SWEDEN).utcoffset() != end.astimezone(SWEDEN).utcoffset():
                low, high = start, end
                while high - low > timedelta(seconds=1):
                    middle = low + (high - low) / 2
                    same = middle.astimezone(SWEDEN).utcoffset() == start.astimezone(SWEDEN).utcoffset()
                    low, high = (middle, high) if same else (low, middle)
                yield high.replace(microsecond=0)


def axis(moments: Iterable[datetime], left: float, right: float, fold: float) -> Axis:
    """The axis that shows all these moments (aware, at least one) between two places; a fold is `fold` wide."""
    order = sorted(set(moments))
    order = [order[0], max(order[-1], order[0] + LEAST)] if order[-1] - order[0] < LEAST else order
    first, last = order[0], order[-1]
    folded: list[tuple[timedelta, datetime, datetime]] = []
    shown = last - first
    for gap, a, b in sorted(((b - a, a, b) for a, b in pairwise(order) if b - a > FOLDED_FROM), reverse=True):
        if shown > WHOLE and len(folded) < MOST_FOLDS:
            folded.append((gap, a, b))
            shown -= gap
    margin = max(shown, LEAST) * 0.02
    edges = [first - margin]
    for _gap, a, b in sorted(folded, key=lambda gap: gap[1]):
        near = min(margin, LEAST)
        edges += [a + near, b - near]
    edges.append(last + margin)
    drawn = sum(((b - a) for a, b in zip(edges[::2], edges[1::2], strict=True)), timedelta())
    wide = right - left - fold * len(folded)
    stretches: list[Stretch] = []
    for place, (a, b) in enumerate(pairwise(edges)):
        start = stretches[-1].right if stretches else left
        width = fold if place % 2 else wide * ((b - a) / drawn)
        stretches.append(Stretch(a, b, start, start + width, bool(place % 2)))
    return Axis(tuple(stretches))


def _floor(moment: datetime, step: timedelta) -> datetime:
    minutes = int(step / timedelta(minutes=1))
    return moment.replace(minute=moment.minute // minutes * minutes if minutes < 60 else 0, second=0, microsecond=0)


def _midnight(moment: datetime, later: timedelta = timedelta(0)) -> datetime:
    """When the Swedish day began, or one so much later."""
    local = moment.astimezone(SWEDEN).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (local + later).astimezone(moment.tzinfo)
