"""From a flat row back to the fact that it was made of, by the rules that docs/exports.md tells a reader."""

import json
from datetime import datetime
from typing import Any

from application.exports.columns import columns
from domain.fact import CATALOGUE, Recorded
from domain.history import as_it_reads
from domain.vocabulary import Function


def rebuilt(incident: str, wire: str, occurred_at: datetime, row: dict[str, Any]) -> Recorded:
    """The fact as it reads in the row."""
    known = CATALOGUE[wire]
    data = {}
    for name, kind in columns(known).items():
        if name.startswith("data.") and name in row:
            data[name.removeprefix("data.")] = row[name] if kind != "string" else _structure(row[name])
    return Recorded(
        incident=incident,
        entry=int(row["entry"]),
        fact=known.model_validate(data),
        occurred_at=occurred_at,
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        recorded_as=Function(row["recorded_as"]),
        recorded_by=row["recorded_by"],
        command_id=row["command_id"],
        note=row.get("note", ""),
        deviation=row.get("deviation", ""),
        position=int(row["position"]),
    )


def as_it_was_written(recorded: Recorded, row: dict[str, Any]) -> Recorded:
    """The same fact before anybody corrected it."""
    was = json.loads(row.get("as_written", "{}"))
    fact = type(recorded.fact).model_validate(recorded.fact.model_dump() | was.get("data", {}))
    occurred_at = datetime.fromisoformat(was["occurred_at"]) if "occurred_at" in was else recorded.occurred_at
    return recorded._replace(fact=fact, occurred_at=occurred_at)


def _structure(text: str) -> Any:
    """Lists and tables stand as JSON."""
    return json.loads(text) if text[:1] in ("[", "{") else text


def in_order(history: list[Recorded]) -> list[Recorded]:
    """Every fact as it now reads, in the order they happened."""
    return sorted(as_it_reads(history).values(), key=lambda read: (read.occurred_at, read.entry))
