"""Whether the register of staff says what its facts come to. Nothing is written."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pydantic_core import from_json

from domain.staff import holdings, register
from domain.vocabulary import Stream
from infrastructure.database.backend import Connection
from infrastructure.integrity.problems import Problem
from infrastructure.log.histories import readable

ROWS = "SELECT id, roles FROM staff ORDER BY id"


def staff_problems(connection: Connection) -> Iterator[Problem]:
    """Whoever is registered in other functions than the log says, or not at all, or without its saying so."""
    known = list(readable(connection, Stream.STAFF))
    told_of = {holding.person: list[str]() for holding in holdings(known)}
    told_of |= {person: list(holding.functions) for person, holding in register(known).items()}
    for person, stored in connection.execute(ROWS).fetchall():
        roles, told = _roles(stored), told_of.pop(person, [])
        if roles != told:
            said = {"person": person, "roles": _listed(roles), "told": _listed(told)}
            yield Problem(None, "staff-differs", said)
    for person, told in told_of.items():
        yield Problem(None, "staff-missing", {"person": person, "told": _listed(told)})


def _roles(stored: Any) -> Any:
    """What stands in the row; whatever a stranger has put there is not what the log says."""
    with suppress(ValueError, TypeError):
        return from_json(stored)
    return stored


def _listed(roles: Any) -> str:
    return ", ".join(map(str, roles)) if isinstance(roles, list) and roles else "–"
