"""Who this is, and what they may do. The face says who has logged in; the register of staff says the rest."""

from typing import TYPE_CHECKING

from application.desk import Desk
from domain.fact import Fact
from domain.refusals import Invalid, NotAuthorised
from domain.routine import Routine
from domain.vocabulary import Function

if TYPE_CHECKING:
    from infrastructure.registers.staff import Person


def person(desk: Desk, login: str) -> "Person":
    """Who has logged in. Raises NotAuthorised once there is staff and this login is not of it."""
    try:
        return desk.staff.person(login)
    except NotAuthorised as refused:
        raise NotAuthorised("login-not-registered", login=login) from refused


def administrator(desk: Desk, login: str, *, or_staff: bool = False) -> None:
    """Raises NotAuthorised unless whoever has logged in may change who records and who is told.

    Until staff is registered anybody may; then the owner of the log's file, and `or_staff` the staff.
    """
    if desk.staff.is_closed() and not desk.database.is_own():
        if not or_staff:
            raise NotAuthorised("administrator")
        person(desk, login)


def function(acting: "Person", fact: type[Fact], wanted: str, routine: Routine) -> Function:
    """The function the person acts in: as they say, else as they are set up, else as fits the fact.

    Without registered staff any function may be named, but none is taken for granted but the help
    desk's own: so nobody publishes by mistake (SR-015).
    """
    if wanted:
        if wanted == Function.CLOCK:
            raise NotAuthorised("clock")
        known = routine.functions
        named = next((function for function in known if function == wanted), None)
        if named is None:
            raise Invalid("unknown-word", field="function", value=wanted, known=", ".join(known))
        if acting.roles is not None and named not in acting.roles:
            raise NotAuthorised("not-your-function", function=named, may=acting.roles)
        return named
    if acting.roles is None:
        return routine.help_desk
    return next((role for role in routine.recorded_by(fact) if role in acting.roles), acting.roles[0])
