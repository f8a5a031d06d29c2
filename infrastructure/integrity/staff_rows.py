"""Whether the register of staff says what its facts come to. Nothing is written."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from domain.fact import Recorded
from domain.staff import holdings, register
from infrastructure.database.backend import Connection
from infrastructure.integrity.problems import Problem
from infrastructure.log.codec import decode
from infrastructure.log.tree import as_bytes

FACTS = "SELECT position, bytes FROM facts WHERE incident = 'staff' ORDER BY position"
ROWS = "SELECT id, roles FROM staff ORDER BY id"


def staff_problems(connection: Connection) -> Iterator[Problem]:
    """Whoever is registered in other functions than the log says, or not at all, or without its saying so."""
    known = list(_facts(connection))
    told_of = {holding.person: list[str]() for holding in holdings(known)}
    told_of |= {person: list(holding.functions) for person, holding in register(known).items()}
    for person, stored in connection.execute(ROWS).fetchall():
        roles, told = _roles(stored), told_of.pop(person, [])
        if roles != told:
            said = {"person": person, "roles": _listed(roles), "told": _listed(told)}
            yield Problem(None, "staff-differs", said)
    for person, told in told_of.items():
        yield Problem(None, "staff-missing", {"person": person, "told": _listed(told)})


def _facts(connection: Connection) -> Iterator[Recorded]:
    for position, stored in connection.execute(FACTS).fetchall():
        with suppress(Exception):  # one that can't be read is named where each fact is
            yield decode(as_bytes(stored), position)


def _roles(stored: Any) -> Any:
    """What stands in the row; whatever a stranger has put there is not what the log says."""
    with suppress(ValueError, TypeError):
        return json.loads(stored)
    return stored


def _listed(roles: Any) -> str:
    return ", ".join(map(str, roles)) if isinstance(roles, list) and roles else "–"
