"""The objects of an OCEL export: the things that facts and mails are about, and how each changed with time."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from application.exports.columns import Kind, event_id
from application.exports.followed import Followed, Moved, followed
from domain import facts as f
from domain.delivery import DeliveryState
from domain.fact import Recorded
from domain.history import as_happened, corrections, withdrawn
from infrastructure.log.codec import written
from infrastructure.log.pages import AttemptRow, DeliveryRow, Source

STATIC = "1970-01-01T00:00:00Z"
"""Since when a thing is what it always was: OCEL's own word for it."""

OBJECT_COLUMNS: dict[str, dict[str, Kind]] = {
    "incident": {
        "status": "string",
        "scope": "string",
        "detected_at": "time",
        "restored_at": "time",
        "closed_at": "time",
    },
    "system": {},
    "affected_system": {"state": "string"},
    "prognosis": {"state": "string", "restored_by": "time"},
    "reserve_routine": {"state": "string", "due_at": "time"},
    "duty": {
        "duty": "string",
        "started_at": "time",
        "due_at": "time",
        "done_at": "time",
        "verdict": "string",
    },
    "entry": {"state": "string"},
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

Timed = tuple[str, str, datetime | None]
"""An attribute with its value and since when it has had it; None where it never changes."""

Shared = dict[str, dict[str, Any]]
"""Objects that belong to no single incident, by their id: as many as there are systems, parties and routines."""


def objects(source: Source, shared: Shared) -> Iterator[dict[str, Any]]:
    for history in source.histories():
        if not history[0].fact.stream:
            known = course_of(source, history)
            yield _incident(source, history, known, shared)
            yield from _standing(history[0].incident, known, shared)
            yield from _duties(history[0].incident, known, shared)
            yield from _entries(history)
            yield from _referrals(history)
    subscribers: set[str] = set()
    for told in source.deliveries():
        if told.subscriber not in subscribers:
            subscribers.add(told.subscriber)
            yield _object("subscriber", told.subscriber, [], audience=told.audience)
        about = event_id(told.incident, told.entry)
        related = [to("incident", told.incident, "about"), to("subscriber", told.subscriber, "to")]
        states = [("state", one.state, datetime.fromisoformat(one.at)) for one in life_of(told)]
        yield _changing("notice", str(told.id), related, [("fact", told.fact, None), ("about", about, None), *states])
    yield from shared.values()


def _incident(source: Source, history: list[Recorded], known: Followed, shared: Shared) -> dict[str, Any]:
    incident = source.incident_after(history)
    related = [shared_object(shared, "system", system, "affects") for system in incident.systems]
    related.append(routine_of(shared, incident.routine.id, incident.routine.version, qualifier="judged-by"))
    values = [_attribute(move) for move in known.moves if move.kind == "incident"]
    moments = {name: getattr(incident, name) for name in ("detected_at", "restored_at", "closed_at")}
    values += [(name, written(moment), moment) for name, moment in moments.items() if moment]
    return _changing("incident", incident.number, related, values)


def _standing(incident: str, known: Followed, shared: Shared) -> Iterator[dict[str, Any]]:
    """What of an incident changes while it goes on: its systems, the prognosis, the reserve routine."""
    moves: dict[tuple[str, str], list[Timed]] = {}
    for move in known.moves:
        if move.kind != "incident":
            moves.setdefault((move.kind, move.name), []).append(_attribute(move))
    for (kind, name), values in moves.items():
        related = [to("incident", incident, "of")]
        if kind == "affected_system":
            related.append(shared_object(shared, "system", name.rpartition("/")[2], "is"))
        yield _changing(kind, name, related, values)


def _attribute(move: Moved) -> Timed:
    return move.attribute, written(move.value) if isinstance(move.value, datetime) else str(move.value or ""), move.at


def _duties(incident: str, known: Followed, shared: Shared) -> Iterator[dict[str, Any]]:
    for one in known.duties:
        verdict = one.verdict
        related = [to("incident", incident, "of"), shared_object(shared, "party", verdict.duty.who, "of")]
        values: list[Timed] = [("duty", verdict.duty.id, None)]
        values.append(("started_at", written(verdict.started_at), verdict.started_at))
        if verdict.due_at:
            values.append(("due_at", written(verdict.due_at), verdict.started_at))
        if verdict.done_at:
            values.append(("done_at", written(verdict.done_at), verdict.done_at))
        values += [("verdict", word, at) for at, word in one.words]
        yield _changing("duty", one.id, related, values)


def _entries(history: list[Recorded]) -> Iterator[dict[str, Any]]:
    """Those that were corrected or taken back, and since when they are; one may come to stand again."""
    by_entry = {recorded.entry: recorded for recorded in history}
    states: dict[int, list[Timed]] = {}
    for recorded in history:
        about = recorded
        while isinstance(about.fact, f.EntryCorrected | f.EntryWithdrawn):
            about = by_entry[about.fact.entry]
            known = [before for before in history if before.entry <= recorded.entry]
            states.setdefault(about.entry, []).append(("state", _state(about.entry, known), recorded.recorded_at))
    for entry, changed in states.items():
        values = [("state", "stands", by_entry[entry].recorded_at), *changed]
        number = by_entry[entry].incident
        yield _changing("entry", event_id(number, entry), [to("incident", number, "of")], values)


def _state(entry: int, known: list[Recorded]) -> str:
    gone = withdrawn(known)
    if entry in gone:
        return "withdrawn"
    return "corrected" if any(by not in gone for by in corrections(known).get(entry, ())) else "stands"


def _referrals(history: list[Recorded]) -> Iterator[dict[str, Any]]:
    """The paper referrals of an incident, each as the latest fact about it leaves it."""
    papers: dict[str, dict[str, str]] = {}
    states: dict[str, list[Timed]] = {}
    for recorded in as_happened(history):
        match recorded.fact:
            case f.ReferralReceived() as paper:
                acute = "true" if paper.acute else "false"
                said = {"unit": paper.unit, "via": paper.via, "acute": acute, "area": paper.area}
                state = "received"
            case f.ReferralEntered() as paper:
                said, state = {}, "entered"
            case f.ReferralSetAside() as paper:
                said, state = {}, "set-aside"
            case _:
                continue
        papers.setdefault(paper.serial, {"serial": paper.serial}).update(said)
        states.setdefault(paper.serial, []).append(("state", state, recorded.occurred_at))
    for serial, values in papers.items():
        related = [to("incident", history[0].incident, "of")]
        constant: list[Timed] = [(name, value, None) for name, value in values.items()]
        yield _changing("paper_referral", f"{history[0].incident}/{serial}", related, [*constant, *states[serial]])


def routine_of(shared: Shared, routine: str, version: str, *, qualifier: str) -> dict[str, str]:
    return shared_object(shared, "routine", f"{routine} {version}", qualifier, routine=routine, version=version)


def shared_object(shared: Shared, kind: str, name: str, qualifier: str, **values: str) -> dict[str, str]:
    """A relation to an object that is told once, at the end."""
    related = to(kind, name, qualifier)
    if related["objectId"] not in shared:
        shared[related["objectId"]] = _object(kind, name, [], **values)
    return related


def to(kind: str, name: str, qualifier: str) -> dict[str, str]:
    return {"objectId": f"{kind}:{name}", "qualifier": qualifier}


def _object(kind: str, name: str, related: list[dict[str, str]], **values: str | None) -> dict[str, Any]:
    return _changing(kind, name, related, [(n, value, None) for n, value in values.items() if value])


def _changing(kind: str, name: str, related: list[dict[str, str]], values: Iterable[Timed]) -> dict[str, Any]:
    """An object with every value that it took; what is empty is left out."""
    return {
        "id": f"{kind}:{name}",
        "type": kind,
        "attributes": [
            {"name": n, "value": value, "time": written(at) if at else STATIC} for n, value, at in values if value
        ],
        "relationships": related,
    }


def course_of(source: Source, history: list[Recorded]) -> Followed:
    """Nothing of what belongs to no incident."""
    if history[0].fact.stream:
        return Followed([], [])
    return followed(history, source.routine_of(history))


def life_of(told: DeliveryRow) -> tuple[AttemptRow, ...]:
    """What a notice went through. Where the ledger does not say when it ended unsent, it is the last that it says: told
    otherwise, it was so from the beginning; earlier programs wrote down no time."""
    life = (AttemptRow(told.queued_at, DeliveryState.QUEUED, None, ""), *told.attempts)
    if told.state in (DeliveryState.SUPERSEDED, DeliveryState.EXPIRED) and life[-1].state != told.state:
        return *life, AttemptRow(life[-1].at, told.state, None, "")
    return life
