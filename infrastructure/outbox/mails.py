"""One subscriber's notices of one incident: which have become stale, and which go together in one mail. Pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.delivery import TO_BE_TRIED, DeliveryState
from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import Incident, fold
from domain.routine import Routine
from domain.staleness import endings, overtaken, replaced, spokesman
from domain.vocabulary import Audience

_TOLD_OR_TO_BE = frozenset((*TO_BE_TRIED, DeliveryState.SENDING, DeliveryState.SENT))


AT_ONCE = 0
"""The turn of what goes before the rest, neither held nor throttled."""

INSISTED = -1
"""The turn of what somebody has asked for by hand."""


class Row(NamedTuple):
    """What of a delivery's row decides what is to be done with it."""

    id: int
    incident: str
    entry: int
    subscriber: str
    audience: str
    summary: bool
    state: str
    turn: int
    tries: int
    unclear: bool
    carrier: int | None
    message_id: str | None
    sent_at: str | None
    replaced_by: int | None
    dated: str | None

    @property
    def at_once(self) -> bool:
        """Neither held nor throttled."""
        return self.turn <= AT_ONCE

    @property
    def insisted(self) -> bool:
        """Somebody has asked for it by hand, however old it is."""
        return self.turn == INSISTED


class Story:
    """An incident's facts as they now read, worked out once for all who are told of it."""

    def __init__(self, facts: Iterable[Recorded], routine: Routine) -> None:
        happened = as_happened(facts)
        self.incident: Incident = fold(happened, routine)
        self.facts = {recorded.entry: recorded for recorded in happened}
        self._ends = endings(self.facts.values(), routine)
        self._overtaken = overtaken(self.facts.values(), routine)
        self._known: dict[tuple[str, tuple[int, ...]], dict[int, int]] = {}

    def is_overtaken(self, entry: int) -> bool:
        """Whether it tells of a deadline that nobody needs to be told of any more."""
        return entry in self._overtaken

    def stale(self, audience: str, entries: tuple[int, ...]) -> dict[int, int]:
        """Of these entries, told to this audience, which are replaced, and by which."""
        key = audience, entries
        if key not in self._known:
            told = [self.facts[entry] for entry in entries]
            over = {entry: self._overtaken[entry] for entry in entries if entry in self._overtaken}
            self._known[key] = over | replaced(told, self._ends, Audience(audience))
        return self._known[key]


@dataclass(frozen=True, slots=True)
class Mail:
    """Rows that go as one mail; `carrier` names it, the others stand in it too, oldest first."""

    carrier: Row
    others: tuple[Row, ...] = ()
    replaces: tuple[int, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return (*self.others, self.carrier)

    @property
    def at_once(self) -> bool:
        return any(row.at_once for row in self.rows)


@dataclass(slots=True)
class Sorted:
    """What is to be done with a thread's rows."""

    mails: list[Mail] = field(default_factory=list)
    stale: list[tuple[int, int]] = field(default_factory=list)
    """A row, and the entry that replaces it."""
    expired: list[int] = field(default_factory=list)


def sort_out(
    thread: Sequence[Row],
    due: Collection[int],
    story: Story,
    is_expired: Callable[[Recorded], bool],
) -> Sorted:
    """Decide on the waiting rows of one thread, of which those in `due` have had their time come.

    Once one is due they all go, the oldest not left to come after the newer. A summary goes by itself: it tells how
    things stand. So does a mail that may have reached its reader: it is sent again as it was, with its own
    Message-ID; but once what its subject names is over, the rest of it goes with the others.
    """
    [first, *more] = thread
    alone = not more and (first.summary or not story.is_overtaken(first.entry))
    if alone and first.id in due and (first.summary or first.insisted or not is_expired(story.facts[first.entry])):
        return Sorted([Mail(first)])  # as it is for almost everybody in a large batch
    out = Sorted()
    told = tuple(sorted(row.entry for row in thread if row.state in _TOLD_OR_TO_BE and not row.summary))
    stale = story.stale(thread[0].audience, told)
    waiting = sorted((row for row in thread if row.state in TO_BE_TRIED), key=lambda row: (row.entry, row.id))
    over = {
        row.id
        for row in waiting
        if not row.summary and (row.entry in stale or (not row.insisted and is_expired(story.facts[row.entry])))
    }
    as_they_were = [mail for mail in _unclear(waiting) if mail.carrier.id not in over]
    kept = {row.id for mail in as_they_were for row in mail.rows}
    out.mails += [mail for mail in as_they_were if any(row.id in due for row in mail.rows)]
    out.mails += [Mail(row) for row in waiting if row.summary and row.id not in kept and row.id in due]
    news = [row for row in waiting if row.id not in kept and not row.summary]
    left = [row for row in news if row.id not in over]
    if left and any(row.id in due for row in news):
        out.mails.append(_together(left, story))
    for row in news:
        if row.id in over:
            _end(out, row, stale)
    replaced_by = {row.entry: row.replaced_by for row in thread}
    replaced_by |= {row.entry: stale.get(row.entry) for row in news if row.id in over}
    out.mails = [_replacing(mail, replaced_by) for mail in out.mails]
    return out


def _unclear(waiting: Iterable[Row]) -> list[Mail]:
    """The mails that may have reached their reader, as they were."""
    mails: dict[int, list[Row]] = {}
    for row in waiting:
        if row.unclear:
            mails.setdefault(row.carrier or row.id, []).append(row)
    found = []
    for carrier, rows in mails.items():
        first = next((row for row in rows if row.id == carrier), rows[-1])
        found.append(Mail(first, tuple(row for row in rows if row is not first)))
    return found


def _together(rows: Sequence[Row], story: Story) -> Mail:
    entry = spokesman([story.facts[row.entry] for row in rows]).entry
    carrier = next(row for row in rows if row.entry == entry)
    return Mail(carrier, tuple(row for row in rows if row is not carrier))


def _end(out: Sorted, row: Row, stale: dict[int, int]) -> None:
    if row.entry in stale:
        out.stale.append((row.id, stale[row.entry]))
    else:
        out.expired.append(row.id)


def _replacing(mail: Mail, replaced_by: dict[int, int | None]) -> Mail:
    """The mail with the entries that its own have replaced before they were told."""
    own = {row.entry for row in mail.rows}
    replaces = tuple(sorted(entry for entry, by in replaced_by.items() if by in own))
    return Mail(mail.carrier, mail.others, replaces) if replaces else mail
