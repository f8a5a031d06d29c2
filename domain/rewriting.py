"""What a correction, a withdrawal or a voiding makes of what people were told, and who is to hear of it. Pure.

Whoever was told by a mail that read otherwise is told once (Q30). What was not told need not be taken back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.fact import Fact, Recorded
from domain.facts import EntryCorrected, EntryWithdrawn, IncidentVoided
from domain.history import as_happened, as_written, rewrites, withdrawn

EVER = datetime.min.replace(tzinfo=UTC)

UNSEEN_FOR = timedelta(seconds=1)
"""How long after its `recorded_at` an entry may not be in the log yet for whoever writes a mail."""


class Readership(NamedTuple):
    """Those who were told of one of the entries `first` to `last` by a mail written from `since` to `until`."""

    first: int
    last: int
    since: datetime
    until: datetime

    def has(self, entry: int, written_at: datetime) -> bool:
        """Whether a mail about this entry, written at this moment (aware), makes its reader one of them."""
        return self.first <= entry <= self.last and self.since <= written_at <= self.until


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What the entry `by` makes of another: how that reads `before` and `after`, None where it counts for nothing.

    A voiding makes nothing of the whole incident; what it is about is the voiding itself, which comes to count.
    `readers` are those who hear of it.
    """

    by: Recorded
    before: Recorded | None
    after: Recorded | None
    readers: tuple[Readership, ...]

    @property
    def about(self) -> Recorded:
        """The entry that people know: as it now reads, or read until it was withdrawn."""
        return self.after or self.before or self.by

    @property
    def corrects(self) -> bool:
        """Whether it counts as it did, and reads otherwise."""
        return bool(self.before and self.after)


def takes_back(fact: Fact) -> bool:
    """Whether it may make what somebody was told untrue."""
    return rewrites(fact) or isinstance(fact, IncidentVoided)


def rewriting(by: Recorded, history: Iterable[Recorded]) -> Rewriting | None:
    """What `by` rewrites, of the incident's facts as written; None where nothing that anybody was told changes."""
    until = by.recorded_at + UNSEEN_FOR
    if isinstance(by.fact, IncidentVoided):
        return Rewriting(by, None, by, (Readership(1, by.entry - 1, EVER, until),))
    if not rewrites(by.fact):
        return None
    known = [recorded for recorded in as_written(history) if recorded.entry <= by.entry]
    chain = _chain(by, known)
    about = chain[-1]
    before, after = _reading(about.entry, known[:-1]), _reading(about.entry, known)
    in_voided = _voided_by(known[:-1]) is not None and not isinstance(about.fact, IncidentVoided)
    if before == after or in_voided:
        return None
    since = [EVER, *(recorded.recorded_at for recorded in chain)]
    readers = [Readership(told.entry, told.entry, at, until) for told, at in zip(chain, since, strict=False)]
    return Rewriting(by, before, after, tuple(readers))


def untold(history: Iterable[Recorded]) -> dict[int, int]:
    """The entries that nobody is told of any more, each with the entry that says why: what was withdrawn, a correction
    of it, and all that came before the incident was voided."""
    written = as_written(history)
    found = withdrawn(written)
    for recorded in written:
        if isinstance(recorded.fact, EntryCorrected) and (by := found.get(recorded.fact.entry)):
            found.setdefault(recorded.entry, by)
    if voided_by := _voided_by(written):
        found |= {recorded.entry: voided_by for recorded in written if recorded.entry < voided_by}
    return found


def _chain(by: Recorded, known: Sequence[Recorded]) -> list[Recorded]:
    """What `by` is about, and what that is about in turn: a withdrawal's correction, and that correction's entry."""
    by_entry = {recorded.entry: recorded for recorded in known}
    chain = []
    while isinstance(by.fact, EntryCorrected | EntryWithdrawn):
        by = by_entry[by.fact.entry]
        chain.append(by)
    return chain


def _reading(entry: int, known: Iterable[Recorded]) -> Recorded | None:
    of_it = as_happened(recorded for recorded in known if recorded.entry == entry or rewrites(recorded.fact))
    return next((recorded for recorded in of_it if recorded.entry == entry), None)


def _voided_by(written: Sequence[Recorded]) -> int | None:
    gone = withdrawn(written)
    voidings = (r.entry for r in written if isinstance(r.fact, IncidentVoided) and r.entry not in gone)
    return next(voidings, None)
