"""Who might act as what, and by whose hand, in words."""

from datetime import datetime

from domain.fact import UNREGISTERED, Recorded
from domain.staff import Holding, is_from_before
from wording.times import clock
from wording.words import Words


def registered(held: Holding, words: Words, now: datetime) -> str:
    """When they were registered in their functions, and by whom."""
    _ = words.gettext
    if is_from_before(held.since):
        return _("before the log kept the register")
    said = _("{time} by {person}")
    return said.format(time=clock(held.since.recorded_at, now), person=whose_hand(held.since, words))


def whose_hand(recorded: Recorded, words: Words) -> str:
    """In which function somebody recorded it, and who, by pseudonym where they have one."""
    function, person = words.name(recorded.recorded_as), recorded.recorded_by
    return function if recorded.fact.clocks or person == UNREGISTERED else f"{function}, {person}"
