"""One history, three readings: as it happened, as it was known, as it was written.

All are pure functions of the recorded facts; nothing here knows what a fact means to the incident.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate, takewhile
from typing import NamedTuple

from pydantic import ValidationError

from domain.fact import AS_STORED, Fact, Recorded
from domain.facts import OPENERS, EntryCorrected, EntryWithdrawn
from domain.refusals import Invalid, NotAdmitted


def as_written(facts: Iterable[Recorded]) -> list[Recorded]:
    """By entry, nothing applied: the legal record."""
    return sorted(facts, key=lambda recorded: recorded.entry)


def as_known(facts: Iterable[Recorded], at: datetime, before: int | None = None) -> list[Recorded]:
    """Only what had been recorded by `at` (aware): "what did we know at 11:40?".

    What was written after an entry that was recorded later than that was not known then, whatever its own clock says.
    The whole log says so of what does not stand `before` a position, that of its first fact recorded later.
    """
    written = as_written(facts)
    return list(takewhile(lambda r: r.recorded_at <= at and (not before or (r.position or 0) < before), written))


def known_from(facts: Iterable[Recorded]) -> dict[int, datetime]:
    """By entry, the first moment at which it was known, in just this sense."""
    written = as_written(facts)
    moments = accumulate((recorded.recorded_at for recorded in written), max)
    return {recorded.entry: moment for recorded, moment in zip(written, moments, strict=True)}


def as_happened(facts: Iterable[Recorded]) -> list[Recorded]:
    """Corrections applied and what was withdrawn left out (Q29), in the order things occurred; what occurred at once
    goes by entry.

    The corrections and withdrawals themselves stay in the list, where they were made: they change nothing but the
    entry they are about, and nothing where that entry was not yet known.
    """
    written = as_written(facts)
    gone = withdrawn(written)
    by_entry = {recorded.entry: recorded for recorded in written if recorded.entry not in gone}
    for recorded in list(by_entry.values()):
        if isinstance(recorded.fact, EntryCorrected) and recorded.fact.entry in by_entry:
            by_entry[recorded.fact.entry] = corrected(by_entry[recorded.fact.entry], recorded.fact)
    return sorted(by_entry.values(), key=lambda recorded: (recorded.occurred_at, recorded.entry))


def as_it_reads(facts: Iterable[Recorded]) -> dict[int, Recorded]:
    """By entry, each as it reads now: corrected where it was, and what was withdrawn as it read until then."""
    written = as_written(facts)
    reads = {recorded.entry: recorded for recorded in written}
    reads |= {recorded.entry: recorded for recorded in as_happened(written)}
    for entry, by in withdrawn(written).items():
        until_then = as_happened(recorded for recorded in written if recorded.entry < by)
        reads |= {recorded.entry: recorded for recorded in until_then if recorded.entry == entry}
    return reads


def withdrawn(facts: Iterable[Recorded]) -> dict[int, int]:
    """The entries that count for nothing, each with the entry that withdraws it; a withdrawal that has itself been
    withdrawn takes nothing back."""
    found: dict[int, int] = {}
    for recorded in reversed(as_written(facts)):
        if isinstance(recorded.fact, EntryWithdrawn) and recorded.entry not in found:
            found[recorded.fact.entry] = recorded.entry
    return found


def rewrites(fact: Fact) -> bool:
    """Whether it changes how an earlier entry reads, and so what has come of it since."""
    return isinstance(fact, EntryCorrected | EntryWithdrawn)


class Limits(NamedTuple):
    """Which part of a history is asked for: what had happened by `as_of`, as far as it was known at `known_at`, up to
    an entry. The two moments are those of two clocks, and either may be left open. Nothing from the position
    `known_before` on was known then."""

    as_of: datetime | None = None
    known_at: datetime | None = None
    to_entry: int | None = None
    known_before: int | None = None

    def __bool__(self) -> bool:
        return any(limit is not None for limit in (self.as_of, self.known_at, self.to_entry))

    def known(self, facts: Iterable[Recorded]) -> list[Recorded]:
        """By entry, what had been recorded by then."""
        written = as_known(facts, self.known_at, self.known_before) if self.known_at else as_written(facts)
        return [recorded for recorded in written if self.to_entry is None or recorded.entry <= self.to_entry]

    def happened(self, facts: Iterable[Recorded]) -> list[Recorded]:
        """Of what was known, what had happened, as it happened."""
        return [r for r in as_happened(self.known(facts)) if self.as_of is None or r.occurred_at <= self.as_of]

    def moment(self, facts: Sequence[Recorded], now: datetime) -> datetime:
        """When the incident is looked at: at the moment asked for, else when the entry was written, else now."""
        if self.as_of or self.known_at:
            return self.as_of or self.known_at or now
        asked = next((r.recorded_at for r in facts if r.entry == self.to_entry), None)
        return asked or now


def corrected(target: Recorded, correction: EntryCorrected, *, is_proposed: bool = False) -> Recorded:
    """The entry as it reads once corrected.

    Raises Invalid if a corrected field is not the fact's own, or its value is not one the fact takes. A correction that
    is only proposed is held to the bounds of moments too.
    """
    unknown = set(correction.fields) - set(type(target.fact).model_fields)
    if unknown:
        raise Invalid("unknown-field", field=min(unknown), fact=target.fact.wire)
    try:
        fact = type(target.fact).model_validate(
            target.fact.model_dump() | correction.fields, context=None if is_proposed else AS_STORED
        )
    except ValidationError as error:
        raise Invalid("invalid-correction", errors=error.errors(), fact=target.fact.wire) from error
    return target._replace(fact=fact, occurred_at=correction.occurred_at or target.occurred_at)


def placed_after(recorded: Recorded, about: Recorded | None) -> Recorded | None:
    """What this entry says happened after it had been recorded: the entry that it corrects, which it is `about`, or by
    a clock that was behind itself. None where it says nothing of the kind."""
    placed = recorded
    if isinstance(recorded.fact, EntryCorrected):
        if about is None or recorded.fact.occurred_at is None:
            return None
        placed = about._replace(occurred_at=recorded.fact.occurred_at)
    return placed if placed.occurred_at > placed.recorded_at else None


def all_placed_after(facts: Iterable[Recorded]) -> dict[int, Recorded]:
    """By entry, each that says so, with what it says it of as that then reads."""
    by_entry = {recorded.entry: recorded for recorded in as_written(facts)}
    of = {entry: getattr(recorded.fact, "entry", None) for entry, recorded in by_entry.items()}
    found = {entry: placed_after(recorded, by_entry.get(of[entry] or 0)) for entry, recorded in by_entry.items()}
    return {entry: placed for entry, placed in found.items() if placed}


def corrections(facts: Sequence[Recorded]) -> dict[int, list[int]]:
    """Which entries correct which: the corrected entry's number to those of its corrections."""
    found: dict[int, list[int]] = {}
    for recorded in as_written(facts):
        if isinstance(recorded.fact, EntryCorrected):
            found.setdefault(recorded.fact.entry, []).append(recorded.entry)
    return found


def target(recorded: Recorded, history: Iterable[Recorded]) -> Fact | None:
    """What the entry that a correction names was made to read by it, whatever later ones made of it; None for a fact
    that corrects nothing."""
    if not isinstance(recorded.fact, EntryCorrected):
        return None
    known = as_it_reads(earlier for earlier in history if earlier.entry <= recorded.entry)
    return known[recorded.fact.entry].fact if recorded.fact.entry in known else None


def refuse_unreadable(facts: Sequence[Recorded], proposed: Recorded) -> None:
    """Raises NotAdmitted if a proposed correction or withdrawal names no entry of this incident that it can be about,
    or would leave the incident without a beginning."""
    if not isinstance(proposed.fact, EntryCorrected | EntryWithdrawn):
        return
    target = next((recorded for recorded in facts if recorded.entry == proposed.fact.entry), None)
    if target is None:
        raise NotAdmitted("unknown-entry", entry=proposed.fact.entry)
    if by := withdrawn(facts).get(target.entry):
        raise NotAdmitted("already-withdrawn", entry=target.entry, by=by)
    if isinstance(proposed.fact, EntryWithdrawn):
        if not any(isinstance(recorded.fact, OPENERS) for recorded in as_happened([*facts, proposed])):
            raise NotAdmitted("withdrawn-beginning", entry=target.entry)
    elif isinstance(target.fact, EntryWithdrawn):
        raise NotAdmitted("correction-of-withdrawal", entry=target.fact.entry, withdrawal=target.entry)
    elif isinstance(target.fact, EntryCorrected):
        raise NotAdmitted("correction-of-correction", entry=target.fact.entry, correction=target.entry)
    else:
        corrected(target, proposed.fact, is_proposed=True)
