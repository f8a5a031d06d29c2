"""An incident's history as far as it is asked for, with all that is told of it beside its facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.desk import Desk
from domain.clock_order import SetBack
from domain.delivery import Told
from domain.fact import Recorded
from domain.history import Limits
from domain.incident import Incident
from domain.refusals import NotFound
from domain.replay import Step, in_order_of_events, in_order_of_writing
from domain.routine import Routine
from infrastructure.log.clocks import all_set_back, known_before
from infrastructure.outbox.figures import told
from wording.clocks import left_out
from wording.steps import Account


@dataclass(frozen=True, slots=True)
class Replayed:
    """`known` is by entry what was known, `happened` of that what had happened, as it happened. `told` says by entry
    who was told by then, `clocks` by position what was recorded by a wrong one. `moment` (aware) is when the incident
    is looked at; `hidden` says what a clock claims was known then, "" where it claims nothing of the kind."""

    number: str
    limits: Limits
    routine: Routine
    known: Sequence[Recorded]
    happened: Sequence[Recorded]
    told: Mapping[int, Sequence[Told]]
    clocks: Mapping[int, SetBack]
    account: Account
    moment: datetime
    hidden: str

    def facts(self, *, by_writing: bool) -> Sequence[Recorded]:
        return self.known if by_writing else self.happened

    def steps(self, *, by_writing: bool) -> Iterator[tuple[Step, Incident]]:
        """Every step, with the incident after it; the incident is one and the same object, further along."""
        walk = in_order_of_writing if by_writing else in_order_of_events
        return walk(self.facts(by_writing=by_writing), self.routine)


def replayed(
    desk: Desk, number: str, as_of: datetime | None, known_at: datetime | None, to_entry: int | None = None
) -> Replayed:
    """What had happened by `as_of`, as far as it was known at `known_at` (both aware), up to an entry.

    Raises NotFound for an unknown number, or an entry that there is not.
    """
    limits = Limits(as_of, known_at, to_entry, known_before(desk.database, known_at) if known_at else None)
    facts = desk.history(number)
    if to_entry is not None and not 1 <= to_entry <= len(facts):
        raise NotFound("entry", entry=to_entry, incident=number)
    routine = desk.incident(facts).routine
    known = limits.known(facts)
    mail_until = min((moment for moment in (as_of, known_at) if moment), default=None)
    who_was_told, clocks = told(desk.database, number, mail_until), all_set_back(desk.database)
    account = Account(desk.texts.of(routine), known, who_was_told, clocks)
    return Replayed(
        number,
        limits,
        routine,
        known,
        limits.happened(facts),
        who_was_told,
        clocks,
        account,
        limits.moment(facts, desk.now()),
        left_out(facts, known, known_at, account.words) if known_at and to_entry is None else "",
    )
