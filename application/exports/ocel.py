"""OCEL 2.0 as JSON: facts and mails as events, and the things that they are about as objects.

Every value is written as a text, as the standard's JSON schema has it; its kind is declared with its type. An
object's values are those at the time of the export; OCEL gives such a value the time 1970-01-01.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from application.exports.columns import Kind, ReadFact, columns, event_id, readings, row
from domain import facts as f
from domain.delivery import DeliveryState
from domain.fact import CATALOGUE, Fact, Recorded
from domain.history import as_happened
from domain.vocabulary import Function
from infrastructure.log.codec import written
from infrastructure.log.pages import AttemptRow, DeliveryRow, Source

PASSES = 2
"""How often the log is read through: for the events, then for the objects."""

STATIC = "1970-01-01T00:00:00Z"

NOTICE_COLUMNS: dict[str, Kind] = {"fact": "string", "audience": "string", "code": "integer", "enhanced": "string"}

OBJECT_COLUMNS: dict[str, dict[str, Kind]] = {
    "incident": {
        "status": "string",
        "scope": "string",
        "detected_at": "time",
        "restored_at": "time",
        "closed_at": "time",
    },
    "system": {},
    "party": {},
    "routine": {"routine": "string", "version": "string"},
    "paper_referral": {
        "serial": "string",
        "state": "string",
        "unit": "string",
        "via": "string",
        "acute": "boolean",
        "area": "string",
    },
    "notice": {"state": "string", "fact": "string", "about": "string"},
    "subscriber": {"audience": "string"},
}

CONTACTED: dict[type[Fact], Function] = {
    f.SystemOwnerContacted: Function.SYSTEM_OWNER,
    f.UnitManagerContacted: Function.UNIT_MANAGER,
    f.ServicedeskIncidentCreated: Function.SERVICEDESK,
    f.SupplierContacted: Function.SUPPLIER,
    f.PartnerNotified: Function.PARTNER,
}
"""Which party a fact says was contacted."""

Shared = dict[str, dict[str, Any]]
"""Objects that belong to no single incident, by their id: as many as there are systems, parties and routines."""


def export(source: Source) -> Iterator[bytes]:
    shared: Shared = {}
    yield b'{"eventTypes":' + _json(_event_types()) + b',\n"objectTypes":' + _json(_types(OBJECT_COLUMNS))
    yield b',\n"events":[\n'
    yield from _lines(_events(source, shared))
    yield b'],\n"objects":[\n'
    yield from _lines(_objects(source, shared))
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
        for reading in readings(history):
            yield _of_fact(reading, shared)
    for told in source.deliveries():
        yield from _of_notice(told)


def _of_fact(reading: ReadFact, shared: Shared) -> dict[str, Any]:
    recorded = reading.read
    related = [_shared(shared, "party", recorded.recorded_as, "recorded-as")]
    if not recorded.fact.stream:
        related.append(_to("incident", recorded.incident, "of"))
    if type(recorded.fact) in CONTACTED:
        related.append(_shared(shared, "party", CONTACTED[type(recorded.fact)], "contacted"))
    systems = dict.fromkeys(getattr(recorded.fact, "systems", ()))
    related += [_shared(shared, "system", system, "about") for system in systems]
    if serial := getattr(recorded.fact, "serial", ""):
        related.append(_to("paper_referral", f"{recorded.incident}/{serial}", "about"))
    if isinstance(recorded.fact, f.RoutineAdopted):
        related.append(_routine(shared, *recorded.fact.named, qualifier="adopted"))
    return {
        "id": event_id(recorded.incident, recorded.entry),
        "type": recorded.fact.wire,
        "time": written(recorded.occurred_at),
        "attributes": [{"name": name, "value": text} for name, _kind, text in row(reading)],
        "relationships": related,
    }


def _of_notice(told: DeliveryRow) -> Iterator[dict[str, Any]]:
    """When it was queued, and every attempt to hand it over."""
    related = [
        _to("notice", str(told.id), "of"),
        _to("incident", told.incident, "about"),
        _to("subscriber", told.subscriber, "to"),
    ]
    queued = AttemptRow(told.queued_at, DeliveryState.QUEUED, None, "")
    for number, attempt in enumerate((queued, *told.attempts)):
        values = {"fact": told.fact, "audience": told.audience, "code": attempt.code, "enhanced": attempt.enhanced}
        yield {
            "id": f"notice:{told.id}/{number}",
            "type": f"notice-{attempt.state}",
            "time": attempt.at,
            "attributes": [{"name": n, "value": str(v)} for n, v in values.items() if v not in (None, "")],
            "relationships": related,
        }


def _objects(source: Source, shared: Shared) -> Iterator[dict[str, Any]]:
    for history in source.histories():
        if not history[0].fact.stream:
            yield _incident(source, history, shared)
            yield from _referrals(history)
    subscribers: set[str] = set()
    for told in source.deliveries():
        if told.subscriber not in subscribers:
            subscribers.add(told.subscriber)
            yield _object("subscriber", told.subscriber, [], audience=told.audience)
        about = event_id(told.incident, told.entry)
        related = [_to("incident", told.incident, "about"), _to("subscriber", told.subscriber, "to")]
        yield _object("notice", str(told.id), related, state=told.state, fact=told.fact, about=about)
    yield from shared.values()


def _incident(source: Source, history: list[Recorded], shared: Shared) -> dict[str, Any]:
    incident = source.incident_after(history)
    related = [_shared(shared, "system", system, "affects") for system in incident.systems]
    related.append(_routine(shared, incident.routine.id, incident.routine.version, qualifier="judged-by"))
    times = {
        name: written(moment)
        for name in ("detected_at", "restored_at", "closed_at")
        if (moment := getattr(incident, name))
    }
    return _object("incident", incident.number, related, status=incident.status, scope=incident.scope, **times)


def _referrals(history: list[Recorded]) -> Iterator[dict[str, Any]]:
    """The paper referrals of an incident, each as the latest fact about it leaves it."""
    papers: dict[str, dict[str, str]] = {}
    for recorded in as_happened(history):
        match recorded.fact:
            case f.ReferralReceived() as paper:
                acute = "true" if paper.acute else "false"
                said = {"state": "received", "unit": paper.unit, "via": paper.via, "acute": acute, "area": paper.area}
            case f.ReferralEntered() as paper:
                said = {"state": "entered"}
            case f.ReferralSetAside() as paper:
                said = {"state": "set-aside"}
            case _:
                continue
        papers.setdefault(paper.serial, {"serial": paper.serial}).update(said)
    for serial, values in papers.items():
        related = [_to("incident", history[0].incident, "of")]
        yield _object("paper_referral", f"{history[0].incident}/{serial}", related, **values)


def _routine(shared: Shared, routine: str, version: str, *, qualifier: str) -> dict[str, str]:
    return _shared(shared, "routine", f"{routine} {version}", qualifier, routine=routine, version=version)


def _shared(shared: Shared, kind: str, name: str, qualifier: str, **values: str) -> dict[str, str]:
    """A relation to an object that is told once, at the end."""
    related = _to(kind, name, qualifier)
    if related["objectId"] not in shared:
        shared[related["objectId"]] = _object(kind, name, [], **values)
    return related


def _to(kind: str, name: str, qualifier: str) -> dict[str, str]:
    return {"objectId": f"{kind}:{name}", "qualifier": qualifier}


def _object(kind: str, name: str, related: list[dict[str, str]], **values: str | None) -> dict[str, Any]:
    return {
        "id": f"{kind}:{name}",
        "type": kind,
        "attributes": [{"name": n, "value": value, "time": STATIC} for n, value in values.items() if value],
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
