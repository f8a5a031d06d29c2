"""Runs of alike entries: papers received, entered or set aside one after the other, that a reader takes in at once.

An entry that deviates is never part of one. Pure.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import groupby
from typing import TypeVar

from domain.fact import Recorded
from domain.facts import ReferralEntered, ReferralReceived, ReferralSetAside

FEWEST = 4
"""Fewer are read as quickly one by one."""

Paper = ReferralReceived | ReferralEntered | ReferralSetAside
ITS_OWN = {"serial", "unit", "via", "reference"}
"""What tells one paper from the next, and nothing about how it was handled."""

Entry = TypeVar("Entry")


def alike(recorded: Recorded) -> Hashable:
    """What the entries of a run have in common: what was done with the paper, in which function, and
    why it was written late where somebody said so. None for an entry
    that stands by itself: no paper, or one about which somebody wrote more."""
    fact = recorded.fact
    if not isinstance(fact, Paper) or recorded.note or recorded.deviation:
        return None
    return fact.wire, recorded.recorded_as, recorded.late_because, fact.model_dump_json(exclude=ITS_OWN)


def runs(entries: Iterable[Entry], kind: Callable[[Entry], Hashable]) -> Iterator[list[Entry]]:
    """The entries in their order: those of one kind that follow on each other together, any other by itself."""
    for common, some in groupby(entries, kind):
        together = list(some)
        if common is not None and len(together) >= FEWEST:
            yield together
        else:
            yield from ([entry] for entry in together)


def spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The numbers as stretches without a hole, each from its first to its last."""
    order = sorted(set(numbers))
    for _offset, some in groupby(enumerate(order), lambda pair: pair[1] - pair[0]):
        stretch = [number for _place, number in some]
        yield stretch[0], stretch[-1]
