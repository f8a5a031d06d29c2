"""One history, three readings: as it happened, as it was known, as it was written.

All are pure functions of the recorded facts; nothing here knows what a fact means to the incident.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from domain.fact import Recorded
from domain.facts import EntryCorrected
from domain.refusals import Invalid, NotAdmitted


def as_written(facts: Iterable[Recorded]) -> list[Recorded]:
    """By entry, nothing applied: the legal record."""
    return sorted(facts, key=lambda recorded: recorded.entry)


def as_known(facts: Iterable[Recorded], at: datetime) -> list[Recorded]:
    """Only what had been recorded by `at` (aware): "what did we know at 11:40?"."""
    return [recorded for recorded in as_written(facts) if recorded.recorded_at <= at]


def as_happened(facts: Iterable[Recorded]) -> list[Recorded]:
    """Corrections applied, in the order things occurred; what occurred at once goes by entry.

    The corrections themselves stay in the list, where they were made: they change nothing but the
    entry they correct, and nothing where that entry was not yet known.
    """
    written = as_written(facts)
    by_entry = {recorded.entry: recorded for recorded in written}
    for recorded in written:
        if isinstance(recorded.fact, EntryCorrected) and recorded.fact.entry in by_entry:
            by_entry[recorded.fact.entry] = corrected(by_entry[recorded.fact.entry], recorded.fact)
    return sorted(by_entry.values(), key=lambda recorded: (recorded.occurred_at, recorded.entry))


def corrected(target: Recorded, correction: EntryCorrected) -> Recorded:
    """The entry as it reads once corrected.

    Raises Invalid if a corrected field is not the fact's own, or its value is not one the fact takes.
    """
    unknown = set(correction.fields) - set(type(target.fact).model_fields)
    if unknown:
        raise Invalid("unknown-field", field=min(unknown), fact=target.fact.wire)
    try:
        fact = type(target.fact).model_validate(target.fact.model_dump() | correction.fields)
    except ValidationError as error:
        raise Invalid("invalid-correction", errors=error.errors(), fact=target.fact.wire) from error
    return replace(target, fact=fact, occurred_at=correction.occurred_at or target.occurred_at)


def corrections(facts: Sequence[Recorded]) -> dict[int, list[int]]:
    """Which entries correct which: the corrected entry's number to those of its corrections."""
    found: dict[int, list[int]] = {}
    for recorded in as_written(facts):
        if isinstance(recorded.fact, EntryCorrected):
            found.setdefault(recorded.fact.entry, []).append(recorded.entry)
    return found


def refuse_unreadable(facts: Sequence[Recorded], proposed: Recorded) -> None:
    """Raises NotAdmitted if a proposed correction names no entry of this incident that can be corrected."""
    if isinstance(proposed.fact, EntryCorrected):
        target = next((r for r in facts if r.entry == proposed.fact.entry), None)
        if target is None:
            raise NotAdmitted("unknown-entry", entry=proposed.fact.entry)
        if isinstance(target.fact, EntryCorrected):
            raise NotAdmitted("correction-of-correction", entry=target.fact.entry, correction=target.entry)
        corrected(target, proposed.fact)
