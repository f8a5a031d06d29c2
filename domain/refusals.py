"""The small tree of "no, because …". Each carries data; the sentence is made at the edge."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from domain.routine import Routine


class Refusal(Exception):
    """Somebody asked for what can't be done. `reason` is a stable code, `data` what a sentence needs."""

    routine: "Routine | None" = None
    """By whose names it is told, where that is not the routine in force."""

    def __init__(self, reason: str, **data: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.data = data


class Invalid(Refusal, ValueError):
    """A value is wrong or missing (exit 2)."""


class NotFound(Refusal, LookupError):
    """No such incident, entry or subscriber (exit 3)."""


class NotAuthorised(Refusal, PermissionError):
    """The function may not record this fact (SR-015 and the "recorded as" column; exit 4)."""


class NotAdmitted(Refusal):
    """Impossible, or a decision that the routine does not allow yet (Q14; exit 5)."""


class PersonalData(Refusal, ValueError):
    """A patient's number was about to be written (exit 7)."""


class Unavailable(Refusal):
    """The log can't be reached just now; trying again is right (exit 75)."""


class Damaged(Refusal):
    """The log can't be read and trying again won't help (exit 1)."""
