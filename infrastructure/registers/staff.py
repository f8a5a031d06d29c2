"""The register of staff: who may write, and in which functions.

The functions stand in the log, as facts, under a pseudonym. Which login that is stands here alone, and is erased when a
person leaves; the functions beside it are what the facts come to, so that nobody who records has to read them all.
"""

import json
import secrets
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from domain.fact import UNREGISTERED, By
from domain.personal_data import refuse_personal_data
from domain.refusals import Invalid, NotAuthorised, NotFound
from domain.vocabulary import Function, Stream
from infrastructure.database.database import Database
from infrastructure.database.faults import ROLE

if TYPE_CHECKING:
    from domain.fact import Fact, Recorded
    from infrastructure.database.backend import Connection

NO_PERSONS = (Function.CLOCK, Function.LOG_OWNER)
"""What nobody is registered as: the program itself, and whoever the database says owns the log."""


class Person(NamedTuple):
    """Somebody at the keyboard; `roles` None means that no staff is registered and any function will do."""

    id: str
    roles: tuple[Function, ...] | None


class Member(NamedTuple):
    """Somebody who may record; `login` None for a reader who may not see it, and where it has been erased."""

    id: str
    login: str | None
    roles: tuple[Function, ...]


def as_registered(login: str) -> str:
    """The login as it stands in the register. Logins are compared as the platform does: Windows knows its users in any
    writing, so there they are kept in small letters; elsewhere Anna is not anna."""
    return login.lower() if sys.platform == "win32" else login


class Staff:
    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock

    def person(self, login: str) -> Person:
        """Who this login is. Raises NotAuthorised once staff is registered and this login is not among it.

        A register that has ever had a member stays closed, also when the last one is removed.
        """
        connection = self._database.connection()
        known = as_registered(login)
        row = connection.execute("SELECT id, roles FROM staff WHERE login = ?", (known,)).fetchone()
        if row:
            return Person(row[0], tuple(Function(role) for role in json.loads(row[1])))
        if self.is_closed():
            raise NotAuthorised("login", login=login)
        return Person(UNREGISTERED, None)

    def onlooker(self, login: str) -> Person:
        """The same, for whoever only looks: a database's role that sees no logins may ask in which functions one is
        registered, and is not told by which pseudonym."""
        try:
            return self.person(login)
        except NotAuthorised as refused:
            if refused.reason != ROLE.reason:
                raise
        asked = self._database.connection().execute("SELECT roles FROM functions_of(?)", (as_registered(login),))
        row = asked.fetchone()
        if row is None:
            raise NotAuthorised("login", login=login)
        return Person(UNREGISTERED, tuple(Function(role) for role in json.loads(row[0])))

    def add(self, login: str, roles: Iterable[Function], by: By) -> Member:
        """Register a login, or give a registered one these functions instead of those it had; the log says by whom.
        Whoever has them already is left as they are."""
        from domain.facts import StaffRegistered

        given = tuple(dict.fromkeys(roles))
        for role in given:
            if role in NO_PERSONS:
                raise Invalid("clock-is-no-person")
        now, login = self._clock(), as_registered(login.strip())
        refuse_personal_data({"login": login}, now)
        if not any(char.isalnum() for char in login):
            raise Invalid("empty-login")
        with self._database.writing() as connection:
            known = connection.execute("SELECT id, roles FROM staff WHERE login = ?", (login,)).fetchone()
            if known and json.loads(known[1]) == list(given):
                return Member(known[0], login, given)
            member = Member(known[0] if known else f"s-{secrets.token_hex(4)}", login, given)
            connection.execute(
                "INSERT INTO staff (id, login, roles, added_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (login) DO UPDATE SET roles = excluded.roles",
                (member.id, login, json.dumps(given), now.isoformat()),
            )
            self._tell(connection, StaffRegistered(person=member.id, functions=given), by)
        return member

    def is_closed(self) -> bool:
        """Whether somebody has ever been registered; from then on only the registered may write. The log says so, and
        goes on saying so where the register is emptied."""
        ever = "SELECT 1 FROM facts WHERE incident = ? LIMIT 1"
        return self._database.connection().execute(ever, (Stream.STAFF.value,)).fetchone() is not None

    def members(self) -> list[Member]:
        """Everybody who may record. Raises NotAuthorised for a database's role that sees no logins."""
        return self._listed("SELECT id, login, roles FROM staff WHERE login IS NOT NULL ORDER BY login")

    def pseudonyms(self) -> list[Member]:
        """The same, for such a role."""
        return self._listed("SELECT id, NULL, roles FROM staff WHERE roles <> '[]' ORDER BY id")

    def history(self) -> "Sequence[Recorded]":
        """Every change of the register, in the order of the log."""
        from infrastructure.log.histories import read

        return read(self._database.connection(), Stream.STAFF.value)

    def _listed(self, statement: str) -> list[Member]:
        rows = self._database.connection().execute(statement)
        return [Member(id_, login, tuple(Function(role) for role in json.loads(roles))) for id_, login, roles in rows]

    def remove(self, login: str, by: By) -> str:
        """Erase the login, everywhere; its pseudonym stays in the log and in the register. Raises NotFound."""
        from domain.facts import StaffRemoved

        known = as_registered(login)
        with self._database.writing() as connection:
            row = connection.execute(
                "UPDATE staff SET login = NULL, roles = '[]' WHERE login = ? RETURNING id", (known,)
            ).fetchone()
            if row is None:
                raise NotFound("login", login=login)
            self._tell(connection, StaffRemoved(person=row[0]), by)
        from infrastructure.database.erasure import leave_no_trace  # brings SQLAlchemy along, and nobody else needs it

        leave_no_trace(self._database, [known])
        return str(row[0])

    def _tell(self, connection: "Connection", fact: "Fact", by: By) -> None:
        from infrastructure.log.own_streams import append  # who only looks up a login appends nothing

        append(self._database, connection, [fact], by, self._clock)
