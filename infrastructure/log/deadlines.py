"""The deadline scan: a deadline that passes is itself a fact, recorded once, by nobody but the worker.

It is recorded as having happened when it was due, so a worker that slept over it says by how much. Some time
before it whoever is to act is reminded, once a deadline and act, unless it has passed already.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from domain.audience import NO_NEWS_AFTER
from domain.fact import Recorded
from domain.facts import DeadlineApproaching, DeadlinePassed
from domain.history import as_happened
from domain.review import unrecorded, verdicts
from domain.routine import Routine
from domain.verdict import Verdict, act_of, at_once, reminded_at
from domain.vocabulary import Function
from infrastructure.database.database import Database
from infrastructure.log.fact_store import NO_DIGITS
from infrastructure.log.histories import read_all
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.log.routines import Routines
from infrastructure.log.streams import OF_AN_INCIDENT

CLOCK = "clock"
"""Who recorded it: no person. Also the name of the position up to which the log has been scanned."""

NEWEST = "SELECT coalesce(max(position), 0) FROM facts"
TOUCHED = f"SELECT DISTINCT incident FROM facts WHERE position > ? AND position <= ? AND {OF_AN_INCIDENT}"
SEEN = "SELECT position FROM tracking WHERE projection = ?"
REMEMBER = """
INSERT INTO tracking (projection, position) VALUES (?, ?)
ON CONFLICT (projection) DO UPDATE SET position = excluded.position WHERE excluded.position > tracking.position
"""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan has recorded of an incident, and when time alone brings the next; None where only a fact can."""

    facts: list[Recorded]
    next_at: datetime | None = None


class DeadlineScan:
    """Which incidents are to be scanned: those that a fact has come to, and open ones whose time has come.

    What it remembers is its own, so that it misses nothing that another worker has seen and not lived to record.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next: dict[str, datetime | None] = {}
        self._seen: int | None = None

    def wanted(self, open_now: Sequence[str], now: datetime) -> tuple[list[str], int]:
        """The incidents to be scanned now, the newest first, and up to which position that is."""
        self._next = {number: self._next[number] for number in open_now if number in self._next}
        came, position = touched(self._database, self._seen)
        due = [n for n in open_now if n not in self._next or ((at := self._next[n]) is not None and at <= now)]
        return sorted({*due, *came}, reverse=True), position

    def scanned(self, incident: str, found: Scanned) -> None:
        self._next[incident] = found.next_at

    def forget(self, incident: str) -> None:
        """It could not be scanned: while it is open it is wanted again."""
        self._next.pop(incident, None)

    def scanned_up_to(self, position: int) -> None:
        """Every incident touched up to this position has been scanned."""
        self._seen = position
        remember_scanned(self._database, position)


def touched(database: Database, since: int | None = None) -> tuple[list[str], int]:
    """The incidents, closed ones too, that a fact has come to after this position, and up to where; since any worker's
    last scan where none is given."""
    connection = database.connection()
    [newest] = connection.execute(NEWEST).fetchone()
    seen = (connection.execute(SEEN, (CLOCK,)).fetchone() or (0,))[0] if since is None else since
    if newest <= seen:
        return [], newest
    return [number for (number,) in connection.execute(TOUCHED, (seen, newest))], newest


def remember_scanned(database: Database, position: int) -> None:
    """Remember that the incidents touched up to this position have been scanned."""
    if position > (database.connection().execute(SEEN, (CLOCK,)).fetchone() or (0,))[0]:
        with database.writing() as connection:
            connection.execute(REMEMBER, (CLOCK, position))


def scan_deadlines(log: IncidentLog, incident: str, now: datetime) -> Scanned:
    """Record every deadline of the incident that has passed by `now` unmet or is near, and is not recorded yet.

    Also one of an outage that is over, and one that was met later. A deadline that a back-dated fact or a
    correction has moved is another deadline.
    """
    proposals, next_at = _found(log.history(incident), log.routines, now)
    recorded_now = []
    for proposal in proposals:
        told = log.record(proposal)
        recorded_now += [] if told.repeated else [told.recorded]
    return Scanned(recorded_now, next_at)


def scan_many(
    database: Database, log: IncidentLog, incidents: Sequence[str], open_now: Collection[str], now: datetime
) -> dict[str, Scanned]:
    """As `scan_deadlines`, of many incidents in one transaction. Those that it can't be done of so are left out: each
    is to be scanned alone.

    An incident that is not open any more and was over more than a day ago is let rest: nobody is told of its deadlines,
    and what became of them its verdicts say.
    """
    histories = read_all(database.connection(), incidents)
    scanned, told = dict[str, Scanned](), list[tuple[list[Recorded], Proposal]]()
    for incident, history in histories.items():
        if incident not in open_now and _rests(history, now):
            scanned[incident] = Scanned([])
            continue
        with suppress(Exception):  # whatever is wrong with this one is said where it is scanned alone
            proposals, next_at = _found(history, log.routines, now)
            told += [(history, proposal) for proposal in proposals]
            scanned[incident] = Scanned([], next_at)
    if log.record_by_clock(told) is None:
        for history, _proposal_of_it in told:
            scanned.pop(history[0].incident, None)
    return scanned


def _rests(history: Sequence[Recorded], now: datetime) -> bool:
    return all(now - recorded.occurred_at > NO_NEWS_AFTER for recorded in history)


def _found(history: Sequence[Recorded], routines: Routines, now: datetime) -> tuple[list[Proposal], datetime | None]:
    """What is to be recorded of this incident, given as written, and when time alone brings the next."""
    routine, happened = routines.of(history), as_happened(history)
    found = verdicts(happened, routine, now)
    proposals = [_proposal(history[0].incident, fact, at) for fact, at in _not_recorded(history, found, routine, now)]
    moments = [at for verdict in found for at in (verdict.overdue_at, reminded_at(verdict, routine)) if at]
    moments += [recorded.occurred_at for recorded in happened]  # a desk's clock may be ahead of ours
    return proposals, min((at for at in moments if at > now), default=None)


def _not_recorded(
    history: Sequence[Recorded], found: Sequence[Verdict], routine: Routine, now: datetime
) -> Iterator[tuple[DeadlineApproaching | DeadlinePassed, datetime]]:
    for verdict in unrecorded(history, found, now):
        if verdict.due_at:
            yield DeadlinePassed(duty=verdict.duty.id, due_at=verdict.due_at), verdict.overdue_at or verdict.due_at
    for verdict in _near(history, found, routine, now):
        yield DeadlineApproaching(duty=verdict.duty.id, due_at=verdict.due_at), now


def _near(history: Sequence[Recorded], found: Sequence[Verdict], routine: Routine, now: datetime) -> Iterator[Verdict]:
    """Of what is still to be done in time, what whoever is to act is to be reminded of: each act once a deadline."""
    reminded = [
        (act_of(duty), recorded.fact.due_at)
        for recorded in history
        if isinstance(recorded.fact, DeadlineApproaching) and (duty := routine.duty(recorded.fact.duty))
    ]
    coming = [v for v in found if v.due_at and v.due_at > now and (v.to_do or v.word == "deferred")]
    for verdict in at_once(sorted(coming, key=lambda verdict: verdict.due_at or now)):
        at = reminded_at(verdict, routine)
        if at is not None and at <= now and (act_of(verdict.duty), verdict.due_at) not in reminded:
            yield verdict


def _proposal(incident: str, fact: DeadlineApproaching | DeadlinePassed, occurred_at: datetime) -> Proposal:
    """The same deadline has the same command id, so two workers record it once."""
    reminds = f" {fact.wire}" if isinstance(fact, DeadlineApproaching) else ""
    named = f"{incident} {fact.duty} {fact.due_at.isoformat()}{reminds}"
    command_id = uuid5(NAMESPACE_URL, named).hex.translate(NO_DIGITS)
    return Proposal(fact, Function.CLOCK, CLOCK, incident, occurred_at=occurred_at, command_id=command_id)
