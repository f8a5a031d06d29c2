"""Who could act as what: the register of staff as its facts tell it. Pure.

The order of the log is what counts, not the clocks: what stands before a fact was so when it was recorded.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.fact import UNREGISTERED, Recorded
from domain.facts import DecisionMade, OperatingInformationPublished, StaffRegistered, StaffRemoved
from domain.texts import N_
from domain.vocabulary import Function, Word


class Holding(NamedTuple):
    """That somebody might act in these functions: by which fact, and the one that ended it, None while none has."""

    person: str
    functions: tuple[Function, ...]
    since: Recorded
    until: Recorded | None = None

    def covers(self, position: int) -> bool:
        """Whether it held when the fact at this position was recorded."""
        return (self.since.position or 0) < position and (self.until is None or position < (self.until.position or 0))


def holdings(staff: Iterable[Recorded]) -> list[Holding]:
    """Every holding there has been, in the order of the log."""
    found: list[Holding] = []
    latest: dict[str, int] = {}
    for recorded in staff:
        fact = recorded.fact
        if not isinstance(fact, StaffRegistered | StaffRemoved):
            continue
        if fact.person in latest:
            found[latest[fact.person]] = found[latest[fact.person]]._replace(until=recorded)
        latest.pop(fact.person, None)
        if isinstance(fact, StaffRegistered):
            latest[fact.person] = len(found)
            found.append(Holding(fact.person, fact.functions, recorded))
    return found


def register(staff: Sequence[Recorded]) -> dict[str, Holding]:
    """Who might record after these facts, and in which functions."""
    return {holding.person: holding for holding in holdings(staff) if holding.until is None}


class HowHeld(Word):
    """How somebody stood in the register when they recorded something in a function."""

    HELD = "held", N_("held the function")
    NOBODY_WAS = "nobody-registered", N_("nobody was registered then")
    NOT_KEPT = "not-kept", N_("the log did not keep the register then")
    NOT_HELD = "not-held", N_("did not hold the function then")


class Entitlement(NamedTuple):
    """On whose authority an entry stands. `holding` is what they held, None where they held nothing that is known."""

    recorded: Recorded
    standing: HowHeld
    holding: Holding | None = None

    @property
    def came_after(self) -> datetime | None:
        """When they were registered, if that was after the entry is said to have happened and was not before the log
        kept the register."""
        if self.holding is None or self.standing is not HowHeld.HELD or is_from_before(self.holding.since):
            return None
        registered = self.holding.since.recorded_at
        return registered if registered > self.recorded.occurred_at else None


def is_from_before(recorded: Recorded) -> bool:
    """Whether it stood in the register before the log kept it: then nobody knows since when, nor by whom."""
    return isinstance(recorded.fact, StaffRegistered | StaffRemoved) and recorded.fact.from_before


def authority(recorded: Recorded, staff: Sequence[Recorded]) -> Entitlement:
    """On whose authority an entry of an incident stands, by all that the log holds of the register."""
    position = recorded.position or 0
    earlier = [known for known in staff if (known.position or 0) < position]
    theirs = [holding for holding in holdings(staff) if holding.person == recorded.recorded_by]
    held = next((holding for holding in theirs if holding.covers(position)), None)
    if held is not None:
        holds = recorded.recorded_as in held.functions
        return Entitlement(recorded, HowHeld.HELD if holds else HowHeld.NOT_HELD, held)
    kept_since = next((known for known in staff if is_from_before(known)), None)
    if kept_since is not None and position < (kept_since.position or 0):
        return Entitlement(recorded, HowHeld.NOT_KEPT)
    if not earlier and recorded.recorded_by == UNREGISTERED:
        return Entitlement(recorded, HowHeld.NOBODY_WAS)
    ended = [holding for holding in theirs if (holding.since.position or 0) < position]
    return Entitlement(recorded, HowHeld.NOT_HELD, ended[-1] if ended else None)


def authorities(history: Iterable[Recorded], staff: Sequence[Recorded]) -> list[Entitlement]:
    """On whose authority each publication and decision of an incident stands, and whatever was recorded in a function
    that its recorder did not hold. The clock needs none."""
    found = [authority(recorded, staff) for recorded in history if not recorded.fact.clocks]
    return [each for each in found if needs_authority(each.recorded) or each.standing is HowHeld.NOT_HELD]


def needs_authority(recorded: Recorded) -> bool:
    """Whether it is a publication or a decision."""
    return recorded.fact.decides or isinstance(recorded.fact, OperatingInformationPublished | DecisionMade)
