"""One subscriber's notices of one incident: which have become stale, and which go together in one mail. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import takewhile
from operator import attrgetter
from typing import NamedTuple

from domain.audience import if_told_during, is_told
from domain.conditions import since_it_began
from domain.course import go_through
from domain.delivery import TO_BE_TRIED, DeliveryState, Unsent
from domain.fact import Recorded
from domain.history import as_happened, as_it_reads
from domain.incident import Incident
from domain.review import judged
from domain.rewriting import EVER, Rewriting, rewriting, untold
from domain.routine import Routine
from domain.staleness import endings, lead_weight, overtaken, replaced
from domain.verdict import Verdict
from domain.vocabulary import Audience

_TO_BE_TRIED = frozenset(TO_BE_TRIED)
_TOLD_OR_TO_BE = _TO_BE_TRIED | {DeliveryState.SENDING, DeliveryState.SENT}
_AS_RECORDED = attrgetter("entry", "id")


AT_ONCE = 0
"""The priority of what goes before the rest and waits for neither batching window nor rate limit; 1 is the rest's."""

MANUAL_RETRY = -1
"""The priority of what somebody has asked for by hand."""

MANUAL_RETRY_OF_MANY = 2
"""The priority of what somebody has asked for along with many others: after the news."""


class Row(NamedTuple):
    """What of a delivery's row decides what is to be done with it. `lead` is the row that names the mail it goes in."""

    id: int
    incident: str
    entry: int
    subscriber: str
    audience: str
    summary: bool
    state: str
    priority: int
    tries: int
    unclear: bool
    lead: int | None
    message_id: str | None
    sent_at: str | None
    replaced_by: int | None
    reason: str | None
    dated: str | None

    @property
    def at_once(self) -> bool:
        """It waits for neither batching window nor rate limit."""
        return self.priority <= AT_ONCE

    @property
    def manual_retry(self) -> bool:
        """Somebody has asked for it by hand, however old it is."""
        return self.priority in (MANUAL_RETRY, MANUAL_RETRY_OF_MANY)

    @property
    def told_otherwise(self) -> bool:
        """Its reader is told of it as another audience."""
        return self.reason == Unsent.TOLD_OTHERWISE

    @property
    def told_or_to_be(self) -> bool:
        return self.state in _TOLD_OR_TO_BE or self.told_otherwise

    @property
    def told_at(self) -> datetime | None:
        """When the mail was written that its reader has, or may have; None where they surely have none."""
        if self.told_otherwise:
            return EVER
        if self.unclear or self.state in (DeliveryState.SENT, DeliveryState.SENDING):
            at = self.dated or self.sent_at
            return datetime.fromisoformat(at) if at else EVER
        return None


class IncidentFacts:
    """An incident's facts as they now read, worked out once for all who are told of it."""

    def __init__(self, facts: Iterable[Recorded], routine: Routine) -> None:
        written = list(facts)
        happened = as_happened(written)
        self._course = go_through(happened, routine)
        self.incident: Incident = self._course.incident
        self.by_entry = as_it_reads(written)
        self._ends = endings(happened, routine)
        self.untold = untold(written)
        self._overtaken = overtaken(happened, routine) | self.untold
        self._written, self._happened = written, happened
        self._rewritings: dict[int, Rewriting | None] = {}
        self._stale: dict[tuple[str, tuple[int, ...]], dict[int, int]] = {}
        self.known_by = cache(self._known_by)
        self.earlier = cache(self._earlier)
        self._weight = cache(self._lead_weight)
        self._verdicts: tuple[datetime, tuple[Verdict, ...]] | None = None
        self.began_at = self._course.outages[-1].began_at if self._course.outages else None

    def lead(self, rows: Sequence[Row]) -> Row:
        """Of these rows the one whose fact names the mail that they go in."""
        return max(rows, key=lambda row: self._weight(row.audience, row.entry)) if len(rows) > 1 else rows[0]

    def _lead_weight(self, audience: str, entry: int) -> tuple[int, int]:
        return lead_weight(self.by_entry[entry], Audience(audience), self.incident.routine)

    def stale(self, audience: str, entries: tuple[int, ...]) -> dict[int, int]:
        """Of these entries, told to this audience, which are replaced, and by which."""
        key = audience, entries
        if key not in self._stale:
            told = [self.by_entry[entry] for entry in entries if entry not in self.untold]
            over = {entry: self._overtaken[entry] for entry in entries if entry in self._overtaken}
            self._stale[key] = over | replaced(told, self._ends, Audience(audience))
        return self._stale[key]

    def rewriting(self, entry: int) -> Rewriting | None:
        """What the entry makes of another, if it does."""
        if entry not in self._rewritings:
            self._rewritings[entry] = rewriting(self.by_entry[entry], self._written)
        return self._rewritings[entry]

    def _earlier(self, entry: int) -> tuple[Recorded, ...]:
        """The facts that happened before this one, or what it rewrites, and are of its kind; oldest first."""
        found = self.rewriting(entry)
        about = found.about if found else self.by_entry[entry]
        before = takewhile(lambda recorded: recorded.occurred_at <= about.occurred_at, self._happened)
        of_kind = (r for r in before if r.fact.wire == about.fact.wire and r.entry != about.entry)
        return tuple(recorded for recorded in of_kind if recorded.entry not in self.untold)

    def verdicts(self, now: datetime) -> tuple[Verdict, ...]:
        """How every duty fares, to the minute: the same for all who are told within it."""
        at = now.replace(second=0, microsecond=0)
        if self._verdicts is None or self._verdicts[0] != at:
            latest_at = self.incident.latest_at or now  # a recorder's clock may be ahead of ours
            self._verdicts = at, tuple(judged(self._course, max(now, latest_at)))
        return self._verdicts[1]

    def takes_back_for_nobody(self, row: Row, thread: Iterable[Row]) -> bool:
        """Whether its reader has after all not been told of what this row takes back, as it was (Q30)."""
        found = self.rewriting(row.entry)
        if found is None or is_told(Audience(row.audience), found.by, self.incident.routine):
            return False
        told = [(other.entry, other.told_at) for other in thread if other.told_at]
        return not any(readers.has(entry, at) for entry, at in told for readers in found.readers)

    def _known_by(self, audience: str, entry: int) -> frozenset[int] | None:
        """Of which entries one has to have been told to be told of this one; None where anybody is."""
        recorded, routine = self.by_entry[entry], self.incident.routine
        condition = if_told_during(Audience(audience), recorded, routine)
        return since_it_began(condition, recorded, self._happened, routine) if condition else None


class Mail(NamedTuple):
    """Rows that go as one mail; the `lead` names it, the others stand in it too, oldest first. `replaces` are the
    entries that its own have replaced before they were told."""

    lead: Row
    others: tuple[Row, ...] = ()
    replaces: tuple[int, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return (*self.others, self.lead)

    @property
    def at_once(self) -> bool:
        return any(row.at_once for row in self.rows)


class Over(Enum):
    """Why a row is not sent, where no newer entry replaces it."""

    NEEDLESS = "needless"
    EXPIRED = "expired"


class Sorted(NamedTuple):
    """What is to be done with a thread's rows: those of `mails` go, the others have ended. `stale` is a row, and the
    entry that replaces it; `needless` are rows about what their reader has not been told of."""

    mails: list[Mail]
    stale: list[tuple[int, int]]
    needless: list[int]
    expired: list[int]


def sort_out(
    thread: Sequence[Row],
    due: Collection[int],
    facts: IncidentFacts,
    is_expired: Callable[[Recorded], bool],
) -> Sorted:
    """Decide on the waiting rows of one thread, of which those in `due` have had their time come.

    1. What a newer fact has replaced is over, and so is what has become too old to tell, unless it was asked for by
       hand, and what takes back or ends something that this reader was not told. A summary tells how things stand, so
       it is over only when what it leads with counts for nothing.
    2. A summary goes by itself. So does a mail that may have reached its reader: it is sent again as it was, with its
       own Message-ID; but once what its subject names is over, the rest of it goes with the news.
    3. All else is news. Once one of it is due, whatever of it is not over goes together, the oldest not left to come
       after the newer.
    """
    thread = sorted(thread, key=_AS_RECORDED)
    waiting = [row for row in thread if row.state in _TO_BE_TRIED]
    over = _over(thread, waiting, facts, is_expired)
    mails, news = _parted(waiting, over, due)
    replaced_by = {row.entry: row.replaced_by for row in thread if row.replaced_by}
    left, stale = [], []
    ended: dict[Over, list[int]] = {Over.NEEDLESS: [], Over.EXPIRED: []}
    for row in news:
        why = over.get(row.id)
        if why is None:
            left.append(row)
        elif isinstance(why, Over):
            ended[why].append(row.id)
        else:
            stale.append((row.id, why))
            replaced_by[row.entry] = why
    if left and any(row.id in due for row in news):
        mails.append(_led_by(facts.lead(left), left))
    named = [_naming(mail, replaced_by) for mail in mails] if replaced_by else mails
    return Sorted(named, stale, ended[Over.NEEDLESS], ended[Over.EXPIRED])


def _over(
    thread: Sequence[Row], waiting: Sequence[Row], facts: IncidentFacts, is_expired: Callable[[Recorded], bool]
) -> dict[int, int | Over]:
    """The rows that need not be told any more, each with the entry that replaces it, or why else it is over."""
    told = tuple([row.entry for row in thread if row.told_or_to_be and not row.summary])
    stale = facts.stale(thread[0].audience, told)
    over: dict[int, int | Over] = {}
    for row in waiting:
        if row.summary:
            if row.entry in facts.untold:
                over[row.id] = facts.untold[row.entry]
        elif row.entry in stale:
            over[row.id] = stale[row.entry]
        elif facts.takes_back_for_nobody(row, thread) or _ends_for_nobody(row, thread, facts, over):
            over[row.id] = Over.NEEDLESS
        elif not row.manual_retry and is_expired(facts.by_entry[row.entry]):
            over[row.id] = Over.EXPIRED
    return over


def _ends_for_nobody(row: Row, thread: Iterable[Row], facts: IncidentFacts, over: Mapping[int, int | Over]) -> bool:
    """Whether its reader after all does not know that it began, and will not by the mail that is to go: neither as one
    of its facts nor as one that a newer has replaced, which is named there."""
    known_by = facts.known_by(row.audience, row.entry)
    if known_by is None:
        return False
    about = [other for other in thread if other.entry in known_by]
    waits = (other for other in about if other.state in _TO_BE_TRIED and not isinstance(over.get(other.id), Over))
    return not (any(other.told_at or other.replaced_by for other in about) or any(waits))


def _parted(waiting: Sequence[Row], over: Collection[int], due: Collection[int]) -> tuple[list[Mail], Sequence[Row]]:
    """The mails that go by themselves, as they were, once they are due; and the rows that are news."""
    news = [row for row in waiting if not (row.summary or row.unclear)]
    groups: dict[int, list[Row]] = {}
    for row in waiting:
        if row.summary or row.unclear:
            groups.setdefault((not row.summary and row.lead) or row.id, []).append(row)
    mails = []
    for lead_id, rows in groups.items():
        lead = next((row for row in rows if row.id == lead_id), rows[-1])
        if lead.id in over:
            news = sorted(news + rows, key=_AS_RECORDED)
        elif any(row.id in due for row in rows):
            mails.append(_led_by(lead, rows))
    return mails, news


def _led_by(lead: Row, rows: Sequence[Row]) -> Mail:
    return Mail(lead, tuple([row for row in rows if row is not lead]))


def _naming(mail: Mail, replaced_by: Mapping[int, int]) -> Mail:
    """The mail with the entries that its own have replaced."""
    own = {row.entry for row in mail.rows}
    replaces = tuple(sorted(entry for entry, by in replaced_by.items() if by in own))
    return Mail(mail.lead, mail.others, replaces) if replaces else mail
