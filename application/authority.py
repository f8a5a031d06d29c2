"""Who this is, and what they may do. The face says who has logged in; the register of staff says the rest."""

from typing import TYPE_CHECKING

from application.desk import Desk
from domain.fact import CATALOGUE, UNREGISTERED, By, Fact
from domain.refusals import Invalid, NotAuthorised, NotFound
from domain.routine import Routine
from domain.vocabulary import Function
from infrastructure.database.faults import ROLE

if TYPE_CHECKING:
    from infrastructure.registers.staff import Person


def person(desk: Desk, login: str) -> "Person":
    """Who has logged in. Raises NotAuthorised once there is staff and this login is not of it."""
    try:
        return desk.staff.person(login)
    except NotAuthorised as refused:
        raise NotAuthorised("login-not-registered", login=login) from refused


def onlooker(desk: Desk, login: str) -> "Person":
    """The same, of somebody who only looks: also where the database's role sees no logins."""
    try:
        return desk.staff.onlooker(login)
    except NotAuthorised as refused:
        raise NotAuthorised("login-not-registered", login=login) from refused


def reader(desk: Desk, login: str) -> "Person | None":
    """Who looks at the log; None for a login that is not of the staff, and for a database's reader, who sees no
    logins. Where there is no log yet nobody is registered."""
    try:
        return desk.staff.person(login)
    except NotFound:
        from infrastructure.registers.staff import Person

        return Person(UNREGISTERED, None)
    except NotAuthorised as refused:
        if refused.reason == ROLE.reason:
            desk.leave_out("logins-unseen")
        return None


def logins(desk: Desk, login: str) -> dict[str, str]:
    """The registered logins by pseudonym, for readers who are registered themselves; nobody else sees a name."""
    if reader(desk, login) is None:
        return {}
    return {member.id: member.login for member in desk.staff.members() if member.login}


def functions(looking: "Person | None", usual: str, routine: Routine) -> tuple[Function, ...]:
    """The functions in which this person looks at an incident of the routine: their own, the `usual` one first. While
    no staff is registered it is the usual one, else the help desk's."""
    if looking is None:
        return ()
    if looking.roles is None:
        return tuple(known for known in routine.functions if known == usual) or (routine.help_desk,)
    return tuple(sorted(looking.roles, key=lambda role: role != usual))


def written_by_hand(routine: Routine) -> list[type[Fact]]:
    """The facts that people record on an incident, in the order of a bad day; the clock's own are none of them."""
    return [fact for fact in CATALOGUE.values() if not fact.stream and not fact.clocks and routine.recorded_by(fact)]


def goes_without_saying(acting: "Person", fact: type[Fact], usual: str, routine: Routine) -> Function | None:
    """The function that this person records the fact in where none is named, None where one has to be."""
    try:
        return function(acting, fact, usual, routine)
    except (NotAuthorised, Invalid):
        return None


def administrator(desk: Desk, login: str, *, or_staff: bool = False) -> By:
    """Whose hand it is that changes who records. Raises NotAuthorised unless they may.

    Until staff is registered anybody may; then the owner of the log's file, and `or_staff` the staff.
    """
    owns = desk.database.is_own()
    if desk.staff.is_closed() and not owns:
        if not or_staff:
            raise NotAuthorised("administrator")
        person(desk, login)
    who = reader(desk, login)
    return By(Function.LOG_OWNER if owns else desk.routine.help_desk, who.id if who else UNREGISTERED)


def keeper(desk: Desk, login: str, fact: type[Fact]) -> By:
    """Whose hand it is that changes who is told, or what becomes of mail, which the fact tells of. Raises NotAuthorised
    unless they may.

    Until staff is registered anybody may; then whoever acts in a function that the routine in force names, and the
    log's owner.
    """
    owns, may = desk.database.is_own(), desk.routine.recorded_by(fact)
    if not desk.staff.is_closed():
        return By(Function.LOG_OWNER if owns else desk.routine.help_desk, UNREGISTERED)
    who = reader(desk, login)
    roles = (who.roles if who else None) or ()
    if who and (acts := next((function for function in may if function in roles), None)):
        return By(acts, who.id)
    if owns:
        return By(Function.LOG_OWNER, who.id if who else UNREGISTERED)
    if who is None:
        raise NotAuthorised("login-not-registered", login=login)
    raise NotAuthorised(f"keeps-no-{fact.stream}", may=may, roles=roles)


def named_or_set(named: str | None, usual: str, routine: Routine) -> str:
    """The function that somebody names, else the `usual` one, which is set; "" for neither. Raises Invalid for a
    setting that the routine does not know."""
    if not named and usual and usual not in routine.functions:
        raise Invalid("unknown-role", value=usual, known=", ".join(routine.functions))
    return named or usual


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
