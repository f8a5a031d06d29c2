"""What was known of an incident as its log was written, entry by entry.

Most entries happened last and only add to what was known. One that was written afterwards, or changes an earlier one,
does not: there the course is gone on from what no later entry reaches back to, so a thousand papers noted after the
restoration cost as much each as a thousand that were noted at once.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate

from domain.course import Course
from domain.fact import Fact, Recorded
from domain.facts import EntryCorrected, EntryWithdrawn
from domain.history import as_happened, rewrites
from domain.incident import Incident
from domain.routine import Routine

Place = tuple[datetime, int]
"""Where an entry stands among what has happened: when it occurred, in UTC, and its number."""

LAST: Place = (datetime.max.replace(tzinfo=UTC), 0)


def courses_as_written(written: Sequence[Recorded], routine: Routine) -> Iterator[Course]:
    """After each entry the course of all that had been written by then. It may be one and the same object, further
    along."""
    reached = _earliest_reached(written)
    happened: list[Recorded] = []
    settled, count = Course(Incident("", routine)), 0
    course = settled.copy()
    for place, recorded in enumerate(written, 1):
        goes_on = course.leads_to(recorded)
        if rewrites(recorded.fact):
            happened = as_happened(written[:place])
        else:
            insort(happened, recorded, key=_place)
        if goes_on:
            course.add(recorded)
        else:
            while count < len(happened) and _place(happened[count]) < reached[place]:
                settled.add(happened[count])
                count += 1
            course = settled.copy()
            course.go_on(happened[count:])
        yield course


def _earliest_reached(written: Sequence[Recorded]) -> list[Place]:
    """After so many entries, the earliest place that any of those to come takes, or takes an entry from."""
    by_entry = {recorded.entry: recorded for recorded in written}
    places = {recorded.entry: [_place(recorded)] for recorded in written}
    for recorded in written:
        if isinstance(recorded.fact, EntryCorrected) and recorded.fact.occurred_at:
            places[recorded.fact.entry].append((recorded.fact.occurred_at, recorded.fact.entry))

    def reaches(recorded: Recorded) -> Place:
        """A correction, or a withdrawal of one, moves what it is about from wherever that has been."""
        earliest = min(places[recorded.entry])
        about = by_entry.get(_about(recorded.fact))
        return min(earliest, reaches(about)) if about else earliest

    backwards = accumulate(map(reaches, reversed(written)), min, initial=LAST)
    return list(backwards)[::-1]


def _about(fact: Fact) -> int:
    """The entry that a correction or a withdrawal is about; 0 for any other fact."""
    return fact.entry if isinstance(fact, EntryCorrected | EntryWithdrawn) else 0


def _place(recorded: Recorded) -> Place:
    return recorded.occurred_at, recorded.entry
