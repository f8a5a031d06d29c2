"""A fact as a flat row of named and typed values, for formats that know no structure within a value.

A fact is told as it now reads, corrections applied: what the verdicts were reached by is what a tool should
measure. What a correction changed stands beside it in `as_written`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from domain.fact import Fact, Recorded
from domain.facts import EntryCorrected, EntryWithdrawn
from domain.history import as_it_reads, corrections, withdrawn
from infrastructure.log.codec import written

Kind = Literal["string", "time", "integer", "boolean"]
"""What a value is; the names are OCEL's."""

ENVELOPE: dict[str, Kind] = {
    "entry": "integer",
    "position": "integer",
    "version": "integer",
    "recorded_at": "time",
    "recorded_as": "string",
    "recorded_by": "string",
    "command_id": "string",
    "note": "string",
    "deviation": "string",
    "late_because": "string",
    "corrects": "string",
    "corrected_by": "string",
    "as_written": "string",
    "withdraws": "string",
    "withdrawn_by": "string",
}
"""What every fact has beside its own fields; an empty one is left out."""


@dataclass(frozen=True, slots=True)
class ReadFact:
    """A fact as it now reads, as it was written, and the entries that correct it or take it back."""

    read: Recorded
    written: Recorded
    corrected_by: tuple[int, ...] = ()
    withdrawn_by: int | None = None


def readings(history: Sequence[Recorded]) -> list[ReadFact]:
    """An incident's facts in the order they happened; what was withdrawn is among them, and says so (Q29)."""
    by_entry = {recorded.entry: recorded for recorded in history}
    corrected_by, withdrawn_by = corrections(history), withdrawn(history)
    reads = sorted(as_it_reads(history).values(), key=lambda read: (read.occurred_at, read.entry))
    return [
        ReadFact(read, by_entry[read.entry], tuple(corrected_by.get(read.entry, ())), withdrawn_by.get(read.entry))
        for read in reads
    ]


def event_id(incident: str, entry: int) -> str:
    """The same in every format."""
    return f"{incident}/{entry}"


@cache
def columns(fact: type[Fact]) -> dict[str, Kind]:
    """The names and kinds of everything that a row of this fact may hold."""
    properties = fact.model_json_schema(mode="serialization").get("properties", {})
    return ENVELOPE | {f"data.{name}": _kind(schema) for name, schema in properties.items()}


@cache
def lists(fact: type[Fact]) -> frozenset[str]:
    """Which of those names hold several values."""
    properties = fact.model_json_schema(mode="serialization").get("properties", {})
    several = (name for name, schema in properties.items() if schema.get("type") == "array")
    return frozenset({"corrected_by", *(f"data.{name}" for name in several)})


def row(reading: ReadFact) -> Iterator[tuple[str, Kind, str]]:
    """Every value as a text: times in ISO 8601 and UTC, booleans `true` or `false`, lists and tables as JSON."""
    kinds = columns(type(reading.read.fact))
    for name, value in (*_envelope(reading), *_data(reading.read.fact)):
        if value is not None:
            yield name, kinds[name], _text(value)


def _envelope(reading: ReadFact) -> Iterator[tuple[str, Any]]:
    recorded = reading.read
    incident = recorded.incident
    yield "entry", recorded.entry
    yield "position", recorded.position
    yield "version", recorded.fact.version
    yield "recorded_at", written(recorded.recorded_at)
    yield "recorded_as", recorded.recorded_as
    yield "recorded_by", recorded.recorded_by
    yield "command_id", recorded.command_id
    yield "note", recorded.note or None
    yield "deviation", recorded.deviation or None
    yield "late_because", recorded.late_because or None
    if isinstance(recorded.fact, EntryCorrected):
        yield "corrects", event_id(incident, recorded.fact.entry)
    if isinstance(recorded.fact, EntryWithdrawn):
        yield "withdraws", event_id(incident, recorded.fact.entry)
    if reading.withdrawn_by:
        yield "withdrawn_by", event_id(incident, reading.withdrawn_by)
    if reading.corrected_by:
        yield "corrected_by", [event_id(incident, entry) for entry in reading.corrected_by]
        yield "as_written", _as_written(reading)


def _data(fact: Fact) -> Iterator[tuple[str, Any]]:
    for name, value in fact.model_dump(mode="json").items():
        yield f"data.{name}", value


def _as_written(reading: ReadFact) -> dict[str, Any]:
    """Only what reads otherwise now."""
    changed: dict[str, Any] = {}
    if reading.read.occurred_at != reading.written.occurred_at:
        changed["occurred_at"] = written(reading.written.occurred_at)
    reads = reading.read.fact.model_dump(mode="json")
    was = reading.written.fact.model_dump(mode="json")
    data = {name: value for name, value in was.items() if reads[name] != value}
    return changed | ({"data": data} if data else {})


def _kind(schema: dict[str, Any]) -> Kind:
    """The kind of a field by its JSON schema; what may be left out is of the kind it is when it is there."""
    said = next((part for part in schema.get("anyOf", ()) if part.get("type") != "null"), schema)
    if said.get("type") in ("integer", "boolean"):
        kind: Kind = said["type"]
        return kind
    return "time" if said.get("format") == "date-time" else "string"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
