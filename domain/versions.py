"""Which version of the routine judges: those adopted into the log, and the built-in one. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache

from domain.fact import Fact, Recorded
from domain.facts import RoutineAdopted
from domain.refusals import Damaged
from domain.routine import Routine
from domain.routine_document import builtin, read
from domain.vocabulary import SWEDEN


@cache
def adopted(document: str) -> Routine:
    """An adopted document, checked when it was adopted. Raises Damaged for one that is no routine any more."""
    try:
        return read(document)
    except ValueError as error:
        raise Damaged("routine-unreadable", problem=str(error).partition("\n")[0]) from error


def in_force(adoptions: Sequence[Recorded], at: datetime, before: int | None = None) -> Routine:
    """The routine that an incident which begins `at` (aware) is judged by, for ever (SR-002)."""
    version = version_in_force(adoptions, at, before)
    return adopted(version.document) if version else builtin(at.astimezone(SWEDEN).date())


def version_in_force(adoptions: Sequence[Recorded], at: datetime, before: int | None = None) -> RoutineAdopted | None:
    """The adopted version in force `at` (aware), None where it is the built-in one.

    Of the versions adopted by then, and in the log before position `before`, it is the one that became valid
    last; one that has ended gives way to any that has not. A built-in one is in force before any is, and again
    where all have ended, unless another routine than its own has been adopted: then the last that ended goes on.
    """
    day = at.astimezone(SWEDEN).date()
    known = [
        recorded.fact
        for recorded in adoptions
        if isinstance(recorded.fact, RoutineAdopted)
        and recorded.occurred_at <= at
        and (before is None or recorded.position is None or recorded.position < before)
    ]
    begun = [version for version in known if version.valid_from <= day]
    going_on = [version for version in begun if version.valid_to is None or version.valid_to >= day]
    if not going_on and all(version.routine == builtin().id for version in known):
        return None
    places = {id(version): place for place, version in enumerate(known)}
    return max(going_on or begun, default=None, key=lambda version: (version.valid_from, places[id(version)]))


def judges_from(adoptions: Sequence[Recorded], version: Fact, now: datetime) -> datetime | None:
    """From when on this adopted version is in force, `now` (aware) or later; None where others always go before it.

    What is in force changes only on the first day of a version, and on the day after its last.
    """
    known = [recorded.fact for recorded in adoptions if isinstance(recorded.fact, RoutineAdopted)]
    today = now.astimezone(SWEDEN).date()
    days = {fact.valid_from for fact in known}
    days |= {fact.valid_to + timedelta(days=1) for fact in known if fact.valid_to and fact.valid_to < date.max}
    midnights = [datetime.combine(day, time.min, SWEDEN) for day in sorted(days) if day > today]
    return next((at for at in (now, *midnights) if version_in_force(adoptions, at) == version), None)
