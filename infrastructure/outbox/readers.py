"""Who is told of a fact: a condition on the register of subscribers for each set of filters, not a look at each row."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

from domain.audience import Subscriber, concerns, if_told_during, is_told
from domain.conditions import since_it_began
from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import Incident, fold
from domain.routine import Routine
from domain.vocabulary import Area, Audience, System, Word
from infrastructure.database.backend import Connection
from infrastructure.registers.one_each import TOLD, WAITS

W = TypeVar("W", bound=Word)

ACTIVE = "state = 'active'"
FILTERS = f"SELECT DISTINCT systems, areas FROM subscribers WHERE {ACTIVE} AND audience = ?"


class Who(NamedTuple):
    """Some of the register's rows: `where` stands in a statement, with these values for its `?`."""

    where: str
    values: tuple[object, ...]


class Moment:
    """A fact in its incident, as that stood just then. `read` gives the incident's facts up to this one, once they are
    asked for."""

    def __init__(self, recorded: Recorded, routine: Routine, read: Callable[[], Sequence[Recorded]]) -> None:
        self.recorded = recorded
        self.routine = routine
        self._read = read

    @cached_property
    def history(self) -> Sequence[Recorded]:
        return self._read()

    @cached_property
    def happened(self) -> list[Recorded]:
        return as_happened(self.history)

    @cached_property
    def incident(self) -> Incident:
        return fold(self.happened, self.routine)


def readers(connection: Connection, audience: Audience, moment: Moment) -> Iterator[Who]:
    """Whoever of the audience is told of the moment's fact by the routine, nobody twice.

    Those whom the incident concerns; and of what is over, whoever knows that it began, whatever they asked for.
    """
    recorded, routine = moment.recorded, moment.routine
    if not is_told(audience, recorded, routine):
        return
    if condition := if_told_during(audience, recorded, routine):
        since = since_it_began(condition, recorded, moment.happened, routine)
        yield _whoever_knows(audience, recorded.incident, since)
        return
    for systems, areas in connection.execute(FILTERS, (audience,)).fetchall():
        if concerns(anybody(audience, systems, areas), moment.incident):
            yield Who("audience = ? AND systems = ? AND areas = ?", (audience, systems, areas))


def count(connection: Connection, audience: Audience, moment: Moment) -> int:
    """How many of the audience are told of the moment's fact, also who is told of it as another audience: who asks may
    not know addresses."""
    found = 0
    for who in list(readers(connection, audience, moment)):
        counted = f"SELECT count(*) FROM subscribers WHERE {ACTIVE} AND {who.where}"
        found += connection.execute(counted, who.values).fetchone()[0]
    return found


def _whoever_knows(audience: Audience, incident: str, entries: Collection[int]) -> Who:
    """Those who have been told of one of these entries, or will be by what waits for them."""
    of_them = f"entry IN ({', '.join(map(str, sorted(entries))) or 'NULL'})"
    told = f"SELECT subscriber FROM deliveries WHERE incident = ? AND {of_them} AND ({TOLD} OR {WAITS})"
    return Who(f"audience = ? AND id IN ({told})", (audience, incident))


def anybody(audience: Audience, systems: str, areas: str) -> Subscriber:
    """Somebody with these filters, whoever it is."""
    return Subscriber("", "", audience, _words(System, systems), _words(Area, areas))


def _words(kind: type[W], stored: str) -> tuple[W, ...]:
    return tuple(kind(value) for value in json.loads(stored))
