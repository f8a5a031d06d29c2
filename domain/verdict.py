"""How one duty fares at one moment: what a verdict is, and which of them ask something of somebody.

All times are aware and in UTC.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from domain.routine import Duty, Routine

VerdictWord = Literal["kept", "late", "overdue", "missed", "pending", "deferred", "not-applicable"]


class Verdict(NamedTuple):
    """How one duty fares. `late` is by how much; `why` says why it did not apply or waits.

    It is overdue from `overdue_at` on: past its time, and can still be done (Q23). `ended_at` is when it ended undone,
    or when what was to be refrained from was free again. `tried` are the attempts at what is not done, `afterwards` is
    what was done when it had ended.
    """

    duty: Duty
    word: VerdictWord
    started_at: datetime
    due_at: datetime | None = None
    done_at: datetime | None = None
    late: timedelta = timedelta(0)
    evidence: tuple[int, ...] = ()
    why: str = ""
    overdue_at: datetime | None = None
    ended_at: datetime | None = None
    tried: tuple[int, ...] = ()
    afterwards: tuple[int, ...] = ()

    def passed(self, now: datetime) -> bool:
        """Whether its deadline has passed by `now` and had not been met by then, whatever was done since."""
        if self.overdue_at is None or self.overdue_at > now or self.word == "not-applicable":
            return False
        return self.done_at is None or self.done_at >= self.overdue_at

    @property
    def to_do(self) -> bool:
        """Whether somebody still has it to do; one that has ended no longer is."""
        return (
            self.word in ("pending", "overdue", "missed")
            and self.done_at is None
            and self.why != "lapsed"
            and not self.duty.forbids
        )


def past_the_minute(at: datetime) -> datetime:
    """When the minute is over in which something falls due: people write minutes (Q22)."""
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def most_urgent(found: Sequence[Verdict], now: datetime) -> list[Verdict]:
    """Of these verdicts the duties that somebody still has to do, the most urgent first."""
    to_do = [verdict for verdict in found if verdict.to_do]
    return sorted(to_do, key=lambda verdict: (verdict.due_at is None, verdict.due_at or now))


def at_once(to_do: Sequence[Verdict]) -> list[Verdict]:
    """The duties that one and the same act of the same people fulfils told once, by the first of them."""
    acts: list[object] = []
    told = []
    for verdict in to_do:
        if act_of(verdict.duty) not in acts:
            told.append(verdict)
        acts.append(act_of(verdict.duty))
    return told


def act_of(duty: Duty) -> object:
    """What fulfils the duty, and whose it is: equal for duties that one and the same act fulfils."""
    return (duty.who, duty.done_by, duty.done_when_over) if duty.done_by else duty.id


def reminded_at(verdict: Verdict, routine: Routine) -> datetime | None:
    """When whoever is to do it is reminded; never of what gives no more time than the reminder would."""
    before = routine.reminder(verdict.duty)
    if verdict.due_at is None or not before or verdict.due_at - verdict.started_at <= before:
        return None
    return verdict.due_at - before
