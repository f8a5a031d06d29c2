"""A recorded fact to the bytes that are stored, and back.

The bytes are canonical JSON (keys sorted, no spaces, UTF-8), written once. They are what later proofs
hash, so nothing ever writes them again.
"""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json

import domain.facts  # noqa: F401 - fills the catalogue
from domain.fact import AS_STORED, BESIDE, CATALOGUE, Recorded, within_bounds
from domain.refusals import Damaged
from domain.vocabulary import Function

canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
"""A document as the log writes it, in one way alone."""

OCCURRED_AT, RECORDED_AT = b'"occurred_at":"', b'"recorded_at":"'


def topic(recorded: Recorded) -> str:
    """The fact's wire name and version, as stored beside the bytes: `outage-detected:1`."""
    return f"{recorded.fact.wire}:{recorded.fact.version}"


def encode(recorded: Recorded) -> bytes:
    """Everything about the fact but its position, which the store gives it."""
    envelope: dict[str, Any] = {
        "incident": recorded.incident,
        "entry": recorded.entry,
        "fact": recorded.fact.wire,
        "version": recorded.fact.version,
        "data": recorded.fact.model_dump(mode="json"),
        "occurred_at": written(recorded.occurred_at),
        "recorded_at": written(recorded.recorded_at),
        "recorded_as": recorded.recorded_as,
        "recorded_by": recorded.recorded_by,
        "command_id": recorded.command_id,
    }
    envelope |= {name: text for name in BESIDE if (text := getattr(recorded, name))}
    return canonical(envelope).encode()


def places(recorded: Recorded, stored: bytes) -> tuple[int, int | None]:
    """Where in its bytes the moments stand that its turn decides (`Recorded.at_its_turn`): when it was recorded, and,
    where it happens now, when it happened. What follows them in the envelope can't hold these words unescaped."""
    happened = stored.rindex(OCCURRED_AT) + len(OCCURRED_AT)
    return stored.rindex(RECORDED_AT) + len(RECORDED_AT), happened if recorded.happens_now else None


def at_its_turn(stored: bytes, where: tuple[int, int | None], now: datetime) -> bytes:
    """The bytes of `Recorded.at_its_turn`, without writing the rest anew. On a server `append_facts` does the same."""
    moment, (recorded, happened) = written(now).encode(), where
    stored = _overlaid(stored, recorded, moment)
    if happened is not None and stored[happened : happened + len(moment)] > moment:
        stored = _overlaid(stored, happened, moment)
    return stored


def _overlaid(stored: bytes, place: int, moment: bytes) -> bytes:
    return stored[:place] + moment + stored[place + len(moment) :]


def decode(stored: bytes, position: int | None = None) -> Recorded:
    """An earlier version of a fact reads with its later fields as nobody has said them, and a moment beyond the bounds
    as the bound: it was written before there were any, and whatever was written once is read for ever.

    Raises Damaged for bytes that are no fact, and for one that a newer program wrote and this one does not know.
    """
    try:
        return _decoded(stored, position)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        problem = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise Damaged("fact-unreadable", position=position, problem=problem) from error


def _decoded(stored: bytes, position: int | None) -> Recorded:
    # Thrice as fast as the standard library, and a history may hold thousands; only the keys are kept for the next.
    envelope = from_json(stored, cache_strings="keys")
    known = CATALOGUE.get(envelope["fact"])
    if known is None or known.version < envelope["version"]:
        raise Damaged("unknown-fact", fact=envelope["fact"], version=envelope["version"])
    return Recorded(
        incident=envelope["incident"],
        entry=envelope["entry"],
        fact=known.model_validate(envelope["data"], context=AS_STORED),
        occurred_at=within_bounds(datetime.fromisoformat(envelope["occurred_at"])),
        recorded_at=within_bounds(datetime.fromisoformat(envelope["recorded_at"])),
        recorded_as=Function(envelope["recorded_as"]),
        recorded_by=envelope["recorded_by"],
        command_id=envelope["command_id"],
        note=envelope.get("note", ""),
        deviation=envelope.get("deviation", ""),
        late_because=envelope.get("late_because", ""),
        position=position,
    )


def moment_recorded(stored: bytes) -> datetime | None:
    """When these bytes say that they were recorded, and nothing else of them; None where they are no fact."""
    try:
        return within_bounds(datetime.fromisoformat(from_json(stored, cache_strings="keys")["recorded_at"]))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None


def written(moment: datetime) -> str:
    """A moment as it is stored: UTC, always the same length, so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
