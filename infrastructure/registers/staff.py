"""The register of staff: who may write, and in which functions.

The log holds a pseudonym; the login stands here alone and is erased when a person leaves.
"""

import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from domain.personal_data import refuse_personal_data
from domain.refusals import Invalid, NotAuthorised, NotFound
from domain.vocabulary import Function
from infrastructure.database.database import Database

UNREGISTERED = "unregistered"
"""Who recorded a fact while no staff was registered."""


class Person(NamedTuple):
    """Somebody at the keyboard; `roles` None means that no staff is registered and any function will do."""

    id: str
    roles: tuple[Function, ...] | None


class Member(NamedTuple):
    """Somebody who may record; `login` None for a reader who may not see it."""

    id: str
    login: str | None
    roles: tuple[Function, ...]


class Staff:
    def __init__(self, database: Database) -> None:
        self._database = database

    def person(self, login: str) -> Person:
        """Who this login is. Raises NotAuthorised once staff is registered and this login is not among it.

        A register that has ever had a member stays closed, also when the last one is removed.
        """
        connection = self._database.connection()
        row = connection.execute("SELECT id, roles FROM staff WHERE login = ?", (login,)).fetchone()
        if row:
            return Person(row[0], tuple(Function(role) for role in json.loads(row[1])))
        if self.is_closed():
            raise NotAuthorised("login", login=login)
        return Person(UNREGISTERED, None)

    def add(self, login: str, roles: Iterable[Function]) -> Member:
        """Register a login, or give a registered one these functions instead of those it had."""
        given = tuple(dict.fromkeys(roles))
        if Function.CLOCK in given:
            raise Invalid("clock-is-no-person")
        now = datetime.now(UTC)
        refuse_personal_data({"login": login}, now)
        if not any(char.isalnum() for char in login):
            raise Invalid("empty-login")
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO staff (id, login, roles, added_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (login) DO UPDATE SET roles = excluded.roles",
                (f"s-{secrets.token_hex(4)}", login.strip(), json.dumps(given), now.isoformat()),
            )
        return next(member for member in self.members() if member.login == login.strip())

    def is_closed(self) -> bool:
        """Whether somebody has ever been registered; from then on only the registered may write."""
        return self._database.connection().execute("SELECT 1 FROM staff LIMIT 1").fetchone() is not None

    def members(self) -> list[Member]:
        """Everybody who may record. Raises NotAuthorised for a database's role that sees no logins."""
        return self._listed("SELECT id, login, roles FROM staff WHERE login IS NOT NULL ORDER BY login")

    def pseudonyms(self) -> list[Member]:
        """The same, for such a role."""
        return self._listed("SELECT id, NULL, roles FROM staff WHERE roles <> '[]' ORDER BY id")

    def _listed(self, statement: str) -> list[Member]:
        rows = self._database.connection().execute(statement)
        return [Member(id_, login, tuple(Function(role) for role in json.loads(roles))) for id_, login, roles in rows]

    def remove(self, login: str) -> str:
        """Erase the login, everywhere; its pseudonym stays in the log and in the register. Raises NotFound."""
        with self._database.writing() as connection:
            row = connection.execute(
                "UPDATE staff SET login = NULL, roles = '[]' WHERE login = ? RETURNING id", (login,)
            ).fetchone()
        if row is None:
            raise NotFound("login", login=login)
        from infrastructure.database.erasure import leave_no_trace  # brings SQLAlchemy along, and nobody else needs it

        leave_no_trace(self._database, [login])
        return str(row[0])
