"""What the desk sees of the log at one moment. Read on the log's own thread; whoever is handed it asks nothing more."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from application import authority
from application.desk import Desk
from domain.acts import Act, act_towards
from domain.fact import Fact, Recorded
from domain.facts import EntryCorrected
from domain.history import as_happened
from domain.incident import Incident
from domain.review import unrecorded
from domain.verdict import Verdict
from domain.vocabulary import Function
from domain.whose_turn import Turn, Turns, recorders, whose_turn
from infrastructure.log.pulse import ClockOff, clock_off, unfollowed_since
from infrastructure.outbox.figures import Waiting, waiting
from infrastructure.registers.staff import Person
from wording.words import Words

NOTHING_TO_DO = Turns((), ())


@dataclass(frozen=True, slots=True)
class Sight:
    """The incident that is worked on: an open one, or the newest, which may be closed, where it was chosen; else None.
    `latest` are its entries as they read now, the newest first; `reachable` are the open ones and the newest. `acts`
    are the turns that this person can record as done, in the order of their digits, each with how. `ahead` is by how
    much this clock is ahead of the log's, and `owed_since` since when a worker has had something to do that none has
    done. `left_out` is the reason for which something may be missing."""

    at: datetime
    words: Words
    person: Person
    role: str
    open_now: tuple[str, ...] = ()
    incident: Incident | None = None
    turns: Turns = NOTHING_TO_DO
    acts: tuple[tuple[Turn, Act], ...] = ()
    latest: tuple[Recorded, ...] = ()
    mail: Waiting = field(default_factory=lambda: Waiting(0, None, 0))
    clock: ClockOff | None = None
    owed_since: datetime | None = None
    broken: str = ""
    left_out: str = ""
    reachable: tuple[str, ...] = ()

    @property
    def number(self) -> str | None:
        return self.incident.number if self.incident else None

    @property
    def functions(self) -> tuple[Function, ...]:
        """Those that the person acts in, the usual one first."""
        return authority.functions(self.person, self.role, self.words.routine)

    def corrected_by(self, fact: Fact) -> Fact | None:
        """What a correction corrects, as it now reads; None for any other fact."""
        if not isinstance(fact, EntryCorrected):
            return None
        return next((recorded.fact for recorded in self.latest if recorded.entry == fact.entry), None)

    def recorders(self, fact: type[Fact]) -> tuple[Function, ...]:
        """Who may record it as the incident stands."""
        if self.incident is None:
            return self.words.routine.recorded_by(fact)
        return recorders(fact, self.incident, self.at)

    def may_record(self, fact: type[Fact]) -> bool:
        return any(function in self.functions for function in self.recorders(fact))

    def may_ever_record(self, fact: type[Fact]) -> bool:
        """Whether the person may do so in some function of theirs, be it one that they have to name."""
        roles = self.person.roles
        return any(roles is None or function in roles for function in self.recorders(fact))


def look(desk: Desk, login: str, chosen: str | None = None) -> Sight:
    """The log as it stands: the incident that was chosen, while it is open or the newest of all, else the newest open
    one.

    Raises NotAuthorised for a person who is not of the staff, Unavailable where the log does not answer.
    """
    desk.database.ask_time()
    now = desk.now()
    person = authority.person(desk, login)
    open_now = tuple(desk.board.open_incidents())
    broken = desk.board.broken.problem if desk.board.broken else ""
    mail, clock, owed_since = waiting(desk.database), clock_off(desk.database, now), unfollowed_since(desk.database)
    newest = desk.board.newest()
    left_out = next(iter(desk.left_out()), "")
    reachable = open_now if newest in open_now or newest is None else (*open_now, newest)
    number = chosen if chosen in reachable else next(reversed(open_now), None)
    if number is None:
        return Sight(
            now,
            desk.words,
            person,
            desk.settings.role,
            mail=mail,
            clock=clock,
            owed_since=owed_since,
            broken=broken,
            left_out=left_out,
            reachable=reachable,
        )
    course = desk.course(number)
    words = desk.texts.of(course.routine)
    entries = sorted(as_happened(desk.history(number)), key=lambda recorded: -recorded.entry)
    seen = Sight(
        now,
        words,
        person,
        desk.settings.role,
        open_now,
        course.incident,
        latest=tuple(entries),
        mail=mail,
        clock=clock,
        owed_since=_owed_since(owed_since, entries, found := desk.histories.verdicts(course, now), now),
        broken=broken,
        left_out=left_out,
        reachable=reachable,
    )
    turns = whose_turn(found, course.incident, seen.functions, now)
    acts = [(turn, _act(turn, course.incident, seen, now)) for turn in (*turns.own, *turns.others)]
    return replace(seen, turns=turns, acts=tuple((turn, act) for turn, act in acts if act))


def _owed_since(
    unfollowed: datetime | None, entries: Sequence[Recorded], found: Sequence[Verdict], now: datetime
) -> datetime | None:
    """Since when a worker is missed: facts that none has followed, and deadlines that none has recorded. A deadline
    that had passed when the newest entry was written is looked for from then on: nobody could record it before."""
    overdue = (verdict.overdue_at for verdict in unrecorded(entries, found, now))
    passed = [max(since, entries[0].recorded_at) for since in overdue if since]
    return min(filter(None, (unfollowed, *passed)), default=None)


def _act(turn: Turn, incident: Incident, sight: Sight, now: datetime) -> Act | None:
    return act_towards(turn.verdict.duty, incident, sight.functions, now) if turn.verdict else None
