"""What is said where a clock does not agree with the order of writing."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from domain.clock_order import SetBack, runs
from domain.fact import Recorded
from domain.history import all_placed_after
from wording.sentences import told
from wording.words import Words


def set_back_lines(history: Iterable[Recorded], found: Mapping[int, SetBack], words: Words) -> Iterator[str]:
    """The entries of this history that were recorded before what had been written already, by their clocks."""
    _ = words.gettext
    entries = {recorded.position: recorded.entry for recorded in history}
    for run in runs(found[position] for position in sorted(found) if position in entries):
        first, last = entries[run[0].position], entries[run[-1].position]
        if len(run) == 1:
            yield _("Clock, entry {entry}: {what}").format(entry=first, what=set_back(run[0], words))
        else:
            what = told("entries-set-back", words, **run[0]._asdict())
            yield _("Clock, entries {first} to {last}: {what}").format(first=first, last=last, what=what)


def set_back(found: SetBack, words: Words) -> str:
    return told("clock-set-back", words, **found._asdict())


def placed_after(placed: Recorded, words: Words) -> str:
    """That an entry is said to have happened after it was recorded, with both times."""
    return told(
        "placed-after", words, entry=placed.entry, happened_at=placed.occurred_at, recorded_at=placed.recorded_at
    )


def placed_lines(history: Iterable[Recorded], words: Words) -> Iterator[str]:
    """The entries that say so of themselves, or of what they correct."""
    for entry, placed in all_placed_after(history).items():
        yield words.gettext("Clock, entry {entry}: {what}").format(entry=entry, what=placed_after(placed, words))


def left_out(history: Iterable[Recorded], known: Iterable[Recorded], at: datetime, words: Words) -> str:
    """Which entries are said by their clocks to have been known at that moment, and were not; "" if none."""
    shown = {recorded.entry for recorded in known}
    hidden = [str(r.entry) for r in history if r.recorded_at <= at and r.entry not in shown]
    said = words.ngettext(
        "Left out: entry {entries}, which was written after what was recorded later. A clock was wrong.",
        "Left out: entries {entries}, which were written after what was recorded later. A clock was wrong.",
        len(hidden),
    )
    return said.format(entries=", ".join(hidden)) if hidden else ""
