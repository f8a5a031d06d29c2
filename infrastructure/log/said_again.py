"""Whether a command that comes again, with the id of one that was written, says what that one said."""

from datetime import datetime, timedelta
from typing import Any

from domain.fact import BESIDE, Recorded

WHILE_IT_IS_WRITTEN = timedelta(seconds=15)
"""At most so long lies between the moment by which a relative time is read and the one at which it is written."""


def says_the_same(recorded: Recorded, again: Recorded) -> bool:
    """Whether a repeated command, as it would be written now, says what it said, in its fact and beside it.

    A moment is the same, or as far from now as it was from then: `-20m` is another one each time it is typed. Of what
    the clock records, only the fact is asked: which worker came to it first, and when, says nothing.
    """

    def same(one: Any, other: Any) -> bool:
        if isinstance(one, dict) and isinstance(other, dict):
            return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
        before, after = _moment(one), _moment(other)
        if one == other or before is None or after is None:
            return bool(one == other)
        return abs((before - recorded.recorded_at) - (after - again.recorded_at)) < WHILE_IT_IS_WRITTEN

    if type(recorded.fact) is not type(again.fact):
        return False
    fields = type(recorded.fact).model_fields
    if not all(same(getattr(recorded.fact, name), getattr(again.fact, name)) for name in fields):
        return False
    beside = all(getattr(recorded, name) == getattr(again, name) for name in ("recorded_as", *BESIDE))
    return recorded.fact.clocks or (beside and same(recorded.occurred_at, again.occurred_at))


def _moment(value: Any) -> datetime | None:
    """The value as a moment, be it written as a correction writes it; None where it is none."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None
    return found if isinstance(found, datetime) and found.tzinfo else None
