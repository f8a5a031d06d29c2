"""Snapshots: the courses of long incidents, kept as far as they had come, so that nobody goes through thousands of
facts anew.

A read model: kept by whoever brings the board up, gone on from by whoever reads, thrown away by a rebuild and gone
through again by `verify`. A course is of no use once a fact has come that changes what came before it. What is admitted
next depends on it, so it carries a checksum: one that anybody else has written or changed is not read, nor one that
another version of the program or of the routine has made.
"""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from domain.conditions import Conditions, Held, Span
from domain.course import Course, Match, Matches, Outage
from domain.incident import Deferral, Incident, Irregularity, Keeper, Kind, Prognosis, Publication, Voided
from domain.routine import Routine
from domain.vocabulary import Area, Flag, Function, Scope, System
from infrastructure.database.backend import Connection
from infrastructure.database.row_checksums import row_checksum
from infrastructure.log.codec import written

MADE_BY = 7
"""Raised with every change to what a course holds or how it comes about, by a migration that empties the table; a test
knows when. A part of the checksum."""

EVERY = 50
"""Facts after which a course is kept anew: so many are gone through by whoever reads a board that is brought up."""

_CHECKSUM = 64
"""Characters of a checksum, before what it is of."""

# The table and its column keep the name they are stored by.
KEPT = "SELECT course FROM courses WHERE incident = ?"
KEEP = """
INSERT INTO courses (incident, entry, course) VALUES (?, ?, ?)
ON CONFLICT (incident) DO UPDATE SET entry = excluded.entry, course = excluded.course
"""


def kept(connection: Connection, number: str) -> str | None:
    """The course of this incident as it was kept, if it was."""
    found = connection.execute(KEPT, (number,)).fetchone()
    return found[0] if found else None


def keep(connection: Connection, course: Course) -> None:
    """In the transaction of the board's rows."""
    connection.execute(KEEP, (course.incident.number, course.incident.entries, stored(course)))


def stored(course: Course) -> str:
    """The course as a text after its checksum, the same for the same facts."""
    text = _encode(
        {
            "incident": course.incident,
            "conditions": course.conditions,
            "deeds": course.matches,  # its stored name
            "measures": course.measures,
            "outages": course.outages,
            "clocks": course.clocks,
        }
    )
    return _checksum(course.incident.number, text) + text


def read(text: str, number: str, routine: Routine) -> Course | None:
    """The course of this incident that this is the text of; None where this program did not write it so, or by another
    routine."""
    if text[:_CHECKSUM] != _checksum(number, text[_CHECKSUM:]):
        return None
    found = from_json(text[_CHECKSUM:])
    if found["incident"]["routine"] != _version(routine):
        return None
    matches = {
        duty: Matches(**{kind: _matches(found_so) for kind, found_so in of.items()})
        for duty, of in found["deeds"].items()
    }
    incident, conditions = _incident(found["incident"], routine), _conditions(found["conditions"])
    outages, clocks = ([Outage(*map(_moment, outage)) for outage in found[name]] for name in ("outages", "clocks"))
    return Course(incident, conditions, matches, _matches(found["measures"]), outages, clocks)


def _checksum(number: str, text: str) -> str:
    return row_checksum("courses", MADE_BY, number, text).hex()


def _incident(found: dict[str, Any], routine: Routine) -> Incident:
    values = found | {name: _moment(value) for name, value in found.items() if name.endswith(("_at", "_since"))}
    values |= {name: tuple(map(System, found[name])) for name in ("systems", "down")}
    values["routine"], values["areas"] = routine, tuple(map(Area, found["areas"]))
    values["scope"] = found["scope"] and Scope(found["scope"])
    if found["prognosis"]:
        entry, received_at, restored_by, source = found["prognosis"]
        values["prognosis"] = Prognosis(entry, _moment(received_at), _moment(restored_by), source)
    if found["deferral"]:
        entry, decided_at, until = found["deferral"]
        values["deferral"] = Deferral(entry, _moment(decided_at), _moment(until))
    if found["publication"]:
        at, links = found["publication"]
        values["publication"] = Publication(_moment(at), tuple(links))
    if found["keeper"]:
        function, since, open_matters = found["keeper"]
        values["keeper"] = Keeper(Function(function), _moment(since), open_matters)
    if found["voided"]:
        entry, at, same_as = found["voided"]
        values["voided"] = Voided(entry, _moment(at), same_as)
    values["irregularities"] = [
        Irregularity(entry, Flag(code), rule, Kind(kind), tuple(map(tuple, data)))
        for entry, code, rule, kind, data in found["irregularities"]
    ]
    values["stated"] = {int(entry): reason for entry, reason in found["stated"].items()}
    return Incident(**values)


def _conditions(found: dict[str, Any]) -> Conditions:
    settled = {
        condition: [Span(_moment(start), _moment(end)) for start, end in spans]
        for condition, spans in found["settled"].items()
    }
    held = tuple(Held(condition, _moment(since), _moment(until)) for condition, since, until in found["held"])
    return Conditions(settled, held)


def _matches(found: list[tuple[str, int]]) -> list[Match]:
    return [(datetime.fromisoformat(at), entry) for at, entry in found]


def _moment(text: str | None) -> Any:
    return text and datetime.fromisoformat(text)


def _version(routine: Routine) -> list[str]:
    return [routine.id, routine.version]


def _as_json(value: Any) -> Any:
    """What JSON has no word for."""
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, Routine):
        return _version(value)
    if isinstance(value, Kind):
        return value.value
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value) if field.compare}
    raise TypeError(f"{type(value).__name__} in a course")


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_as_json).encode
