"""What a staff diary says, for the page and the text alike: every entry as it was written, none overwritten or blank.

The practice is that of decision loggists (JESIP, ICS-214): numbered entries, two times, who in which function,
decisions with their reasons, lateness with its own, what was struck readable beside who struck it and why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.exports.report.sections import person
from domain.fact import Fact, Recorded
from domain.facts import DeskHandedOver, EntryWithdrawn
from domain.history import as_happened, as_it_reads, as_written, corrections, target, withdrawn
from domain.incident import Incident
from domain.review import recorded_afterwards
from infrastructure.integrity.checkpoints import StoredCheckpoint
from wording.facts import about, field_label, initial, said_of
from wording.times import clock, span
from wording.words import Words

NOTHING = "–"
"""Stands where a cell has nothing to say: nothing in a diary is left blank."""

DECIDED = ("decision", "reason", "decided_by")
"""The fields of any fact that say what was decided, by whom and why."""

Pairs = tuple[tuple[str, str], ...]
"""Labels with what they say; the value is empty where the label says it all."""


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a diary is filed, as whoever prints it says; what is empty is a line to fill in by hand."""

    organisation: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """One entry as it was written. `late` is how long after it happened, and why; `struck` by which entry it was
    withdrawn, by whom and why; both are empty where it was not. `sign` is its place in the log and the first of its
    hash."""

    number: int
    happened: str
    written: str
    late: str
    who: str
    fact: str
    said: Pairs
    corrected: tuple[str, ...]
    struck: str
    decided: Pairs
    sign: str


@dataclass(frozen=True, slots=True)
class Diary:
    """A value of the `header` is empty where nobody has said it; `name` is what tells a page of it from others."""

    number: str
    name: str
    header: tuple[tuple[str, str], ...]
    rows: tuple[DiaryEntry, ...]
    end: str
    checkpoint: str
    note: str


def diary(
    history: Sequence[Recorded],
    incident: Incident,
    signs: Mapping[int, str],
    filed: Filed,
    checkpoint: StoredCheckpoint | None,
    made_at: datetime,
    words: Words,
) -> Diary:
    """The diary of this history as of `made_at`; `signs` are those of its entries, by number."""
    written = as_written(history)
    newest = checkpoint.size if checkpoint else 0
    return Diary(
        number=incident.number,
        name=" · ".join(filter(None, (incident.number, filed.organisation, filed.reference))),
        header=tuple(_header(written, incident, filed, words)),
        rows=tuple(_rows(written, incident, signs, words)),
        end=_end(written, incident, made_at, words),
        checkpoint=_covered(written, newest, words),
        note=checkpoint.note if checkpoint else "",
    )


def _header(written: Sequence[Recorded], incident: Incident, filed: Filed, words: Words) -> Iterator[tuple[str, str]]:
    _ = words.gettext
    happened = as_happened(written)
    first = min([incident.began_at or happened[0].occurred_at, happened[0].occurred_at])
    last = clock(incident.closed_at) if incident.closed_at else words.name(incident.status)
    yield _("Organisation"), filed.organisation
    yield _("Incident"), f"{incident.number}, {about(incident, words)}"
    yield _("Registration number"), filed.reference
    yield _("Period"), f"{clock(first)} – {last}"
    yield _("Log kept by"), "; ".join(_keepers(written, happened, words))


def _keepers(written: Sequence[Recorded], happened: Sequence[Recorded], words: Words) -> Iterator[str]:
    """The function that began the log, and each that it was handed over to."""
    yield words.name(written[0].recorded_as)
    for recorded in happened:
        if isinstance(recorded.fact, DeskHandedOver):
            yield words.gettext("{function} from {time}").format(
                function=words.name(recorded.fact.to), time=clock(recorded.occurred_at)
            )


def _rows(
    written: Sequence[Recorded], incident: Incident, signs: Mapping[int, str], words: Words
) -> Iterator[DiaryEntry]:
    corrected_by, withdrawn_by, reads = corrections(written), withdrawn(written), as_it_reads(written)
    late = {recorded.entry for recorded in recorded_afterwards(written, incident.routine)}
    by_entry = {recorded.entry: recorded for recorded in written}
    for recorded in written:
        entry = recorded.entry
        said, decided = _said(recorded, words, target(recorded, written))
        corrected = (_corrected(reads[entry], by_entry[by], words) for by in corrected_by.get(entry, ())[-1:])
        yield DiaryEntry(
            number=entry,
            happened=clock(recorded.occurred_at),
            written=clock(recorded.recorded_at),
            late=_late(recorded, words, is_late=entry in late),
            who=_who(recorded, words),
            fact=initial(words.fact(recorded.fact.wire)),
            said=said,
            corrected=tuple(corrected),
            struck=_struck(by_entry[withdrawn_by[entry]], words) if entry in withdrawn_by else "",
            decided=decided,
            sign=signs[entry],
        )


def _who(recorded: Recorded, words: Words) -> str:
    return ", ".join(filter(None, (words.name(recorded.recorded_as), person(recorded, words))))


def _said(recorded: Recorded, words: Words, reads: Fact | None) -> tuple[Pairs, Pairs]:
    """What the entry says, and what of it is a decision and its reason."""
    _ = words.gettext
    deciding = {field_label(name, words) for name in DECIDED}
    pairs = said_of(recorded.fact, words, recorded.occurred_at, reads)
    said = [pair for pair in pairs if pair[0] not in deciding]
    decided = [pair for pair in pairs if pair[0] in deciding]
    if recorded.fact.decides:
        decided.insert(0, (field_label("decision", words), words.fact(recorded.fact.wire)))
    beside = ((said, _("Note"), recorded.note), (decided, _("Deviation"), recorded.deviation))
    for column, label, text in beside:
        if text:
            column.append((label, text))
    return tuple(said), tuple(decided)


def _late(recorded: Recorded, words: Words, *, is_late: bool) -> str:
    """How long after it happened it was written, from a minute on, and why; that nobody said why where it was late."""
    _ = words.gettext
    gap = recorded.recorded_at - recorded.occurred_at
    later = _("{span} later").format(span=span(gap)) if gap >= timedelta(minutes=1) else ""
    why = recorded.late_because or (_("no reason given") if is_late else "")
    return ": ".join(filter(None, (later, why)))


def _struck(by: Recorded, words: Words) -> str:
    reason = by.fact.reason if isinstance(by.fact, EntryWithdrawn) else ""
    said = words.gettext("Struck by entry {entry}: {reason} ({who}, {time})")
    return said.format(entry=by.entry, reason=reason, who=_who(by, words), time=clock(by.recorded_at))


def _corrected(reads: Recorded, by: Recorded, words: Words) -> str:
    """How the entry reads now, and since which entry."""
    said = "; ".join(": ".join(filter(None, pair)) for pair in said_of(reads.fact, words, reads.occurred_at))
    reads_now = ", ".join(filter(None, (clock(reads.occurred_at), said)))
    text = words.gettext("Corrected by entry {entry} ({who}), reads now: {reads}")
    return text.format(entry=by.entry, who=_who(by, words), reads=reads_now)


def _end(written: Sequence[Recorded], incident: Incident, made_at: datetime, words: Words) -> str:
    """That nothing follows; of an incident that goes on, not yet."""
    _ = words.gettext
    count = words.ngettext("{count} entry", "{count} entries", len(written)).format(count=len(written))
    over = incident.closed_at is not None
    said = _("End of the log: {count}, {time}.") if over else _("End of the log so far: {count}, {time}.")
    return said.format(count=count, time=clock(made_at))


def _covered(written: Sequence[Recorded], size: int, words: Words) -> str:
    """Which entries the newest checkpoint is proof of."""
    _ = words.gettext
    if not size:
        return _("No checkpoint has been made of this log.")
    newer = [recorded.entry for recorded in written if recorded.position is None or recorded.position > size]
    if not newer:
        return _("Covers every entry.")
    return _("Entries from {entry} on are newer than it.").format(entry=newer[0])
