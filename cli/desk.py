"""What every command works with: the settings, the log, the board and who is at the keyboard."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from domain.refusals import NotAuthorised
from domain.vocabulary import Function
from infrastructure.settings import Settings

# A command imports what it opens: help and completion open nothing.
if TYPE_CHECKING:
    from domain.fact import Fact
    from infrastructure.board import Board
    from infrastructure.database import Database
    from infrastructure.incident_log import IncidentLog
    from infrastructure.staff import Person, Staff


@dataclass
class Desk:
    """Opened once a command; everything in it is made when it is first needed."""

    settings: Settings

    @cached_property
    def database(self) -> "Database":
        from infrastructure.database import Database

        return Database(self.settings.database_url)

    @cached_property
    def log(self) -> "IncidentLog":
        from infrastructure.incident_log import IncidentLog

        return IncidentLog(self.database, self.now)

    @cached_property
    def board(self) -> "Board":
        from infrastructure.board import Board

        return Board(self.database)

    @cached_property
    def staff(self) -> "Staff":
        from infrastructure.staff import Staff

        return Staff(self.database)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def person(self) -> "Person":
        """Who is at the keyboard. Raises NotAuthorised once there is staff and this login is not of it."""
        from infrastructure.staff import login_at_the_keyboard

        login = login_at_the_keyboard()
        try:
            return self.staff.person(login)
        except NotAuthorised as refused:
            raise NotAuthorised("login-not-registered", login=login) from refused

    def administrator(self, *, or_staff: bool = False) -> None:
        """Raises NotAuthorised unless this person may change who records and who is told.

        Until staff is registered anybody may; then the owner of the log's file, and `or_staff` the staff.
        """
        if self.staff.is_closed() and not self.database.is_own():
            if not or_staff:
                raise NotAuthorised("administrator")
            self.person()

    def function(self, person: "Person", fact: "type[Fact]", wanted: str | None) -> Function:
        """The function the person acts in: as they say, else as they are set up, else as fits the fact.

        Without registered staff any function may be named, but none is taken for granted but the help
        desk's own: so nobody publishes by mistake (SR-015).
        """
        named = wanted or self.settings.role
        if named:
            function = Function(named)
            if function is Function.CLOCK:
                raise NotAuthorised("clock")
            if person.roles is not None and function not in person.roles:
                raise NotAuthorised("not-your-function", function=function, may=person.roles)
            return function
        if person.roles is None:
            return Function.HJALPMEDEL_ADMINISTRATION
        return next((role for role in fact.may_record if role in person.roles), person.roles[0])


def is_plain() -> bool:
    """No colour and no animation: NO_COLOR, a dumb terminal."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
