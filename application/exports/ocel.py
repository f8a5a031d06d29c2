"""OCEL 2.0 as JSON: facts and mails as events, and the things that they are about as objects.

Every value is written as a text, as the standard's JSON schema has it; its kind is declared with its type. What
changes with time stands once for each value that it took, with when; OCEL gives what never changes the time 1970-01-01.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from application.exports.columns import Kind, ReadFact, columns, event_id, readings, row
from application.exports.followed import Followed
from application.exports.ocel_objects import (
    OBJECT_COLUMNS,
    Shared,
    course_of,
    life_of,
    objects,
    routine_of,
    shared_object,
    to,
)
from domain import facts as f
from domain.delivery import DeliveryState
from domain.fact import CATALOGUE, Fact
from domain.vocabulary import Function
from infrastructure.log.codec import written
from infrastructure.log.pages import DeliveryRow, Source

PASSES = 2
"""How often the log is read through: for the events, then for the objects."""

NOTICE_COLUMNS: dict[str, Kind] = {"fact": "string", "audience": "string", "code": "integer", "enhanced": "string"}

CONTACTED: dict[type[Fact], Function] = {
    f.SystemOwnerContacted: Function.SYSTEM_OWNER,
    f.UnitManagerContacted: Function.UNIT_MANAGER,
    f.ServicedeskIncidentCreated: Function.SERVICEDESK,
    f.SupplierContacted: Function.SUPPLIER,
    f.PartnerNotified: Function.PARTNER,
}
"""Which party a fact says was contacted."""


def export(source: Source) -> Iterator[bytes]:
    shared: Shared = {}
    yield b'{"eventTypes":' + _json(_event_types()) + b',\n"objectTypes":' + _json(_types(OBJECT_COLUMNS))
    yield b',\n"events":[\n'
    yield from _lines(_events(source, shared))
    yield b'],\n"objects":[\n'
    yield from _lines(objects(source, shared))
    yield b"]}\n"


def _event_types() -> list[dict[str, Any]]:
    notices: dict[str, dict[str, Kind]] = {f"notice-{state.value}": NOTICE_COLUMNS for state in DeliveryState}
    return _types({wire: columns(fact) for wire, fact in CATALOGUE.items()} | notices)


def _types(declared: dict[str, dict[str, Kind]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "attributes": [{"name": column, "type": kind} for column, kind in kinds.items()]}
        for name, kinds in declared.items()
    ]


def _events(source: Source, shared: Shared) -> Iterator[dict[str, Any]]:
    for history in source.histories():
        known = course_of(source, history)
        for reading in readings(history):
            yield _of_fact(reading, shared, known)
    for told in source.deliveries():
        yield from _of_notice(told)


def _of_fact(reading: ReadFact, shared: Shared, known: Followed) -> dict[str, Any]:
    recorded = reading.read
    incident, entry = recorded.incident, recorded.entry
    related = [shared_object(shared, "party", recorded.recorded_as, "recorded-as")]
    if not recorded.fact.stream:
        related.append(to("incident", incident, "of"))
    if type(recorded.fact) in CONTACTED:
        related.append(shared_object(shared, "party", CONTACTED[type(recorded.fact)], "contacted"))
    systems = dict.fromkeys(getattr(recorded.fact, "systems", ()))
    related += [shared_object(shared, "system", system, "about") for system in systems]
    if serial := getattr(recorded.fact, "serial", ""):
        related.append(to("paper_referral", f"{incident}/{serial}", "about"))
    moved = dict.fromkeys((move.kind, move.name) for move in known.moves if move.by == entry)
    related += [to(kind, name, "changes") for kind, name in moved if kind != "incident"]
    related += [to("duty", duty.id, "starts") for duty in known.started_by(entry)]
    related += [to("duty", duty.id, "fulfils") for duty in known.done_by(entry)]
    related += _rewriting(reading)
    if isinstance(recorded.fact, f.RoutineAdopted):
        related.append(routine_of(shared, *recorded.fact.named, qualifier="adopted"))
    return {
        "id": event_id(incident, entry),
        "type": recorded.fact.wire,
        "time": written(recorded.occurred_at),
        "attributes": [{"name": name, "value": text} for name, _kind, text in row(reading)],
        "relationships": related,
    }


def _rewriting(reading: ReadFact) -> Iterator[dict[str, str]]:
    """An entry that was corrected or taken back is an object, which relates the correction to what it corrects."""
    incident, fact = reading.read.incident, reading.read.fact
    if reading.corrected_by or reading.withdrawn_by:
        yield to("entry", event_id(incident, reading.read.entry), "is")
    if isinstance(fact, f.EntryCorrected):
        yield to("entry", event_id(incident, fact.entry), "corrects")
    if isinstance(fact, f.EntryWithdrawn):
        yield to("entry", event_id(incident, fact.entry), "withdraws")


def _of_notice(told: DeliveryRow) -> Iterator[dict[str, Any]]:
    """When it was queued, and every attempt to hand it over."""
    related = [
        to("notice", str(told.id), "of"),
        to("incident", told.incident, "about"),
        to("subscriber", told.subscriber, "to"),
    ]
    for number, attempt in enumerate(life_of(told)):
        values = {"fact": told.fact, "audience": told.audience, "code": attempt.code, "enhanced": attempt.enhanced}
        yield {
            "id": f"notice:{told.id}/{number}",
            "type": f"notice-{attempt.state}",
            "time": attempt.at,
            "attributes": [{"name": n, "value": str(v)} for n, v in values.items() if v not in (None, "")],
            "relationships": related,
        }


def _lines(items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The items of a JSON array, one a line."""
    separator = b""
    for item in items:
        yield separator + _json(item)
        separator = b",\n"
    yield b"\n"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
