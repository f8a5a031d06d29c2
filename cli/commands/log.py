"""`log`: what was written, entry by entry."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from cli.render import fields_of
from cli.terminal.command import Command, answer, desk
from cli.terminal.incidents import chosen
from cli.terminal.lines import wrap, wrapped
from cli.terminal.options import Written
from domain.fact import Fact, Recorded
from domain.facts import EntryCorrected
from domain.history import as_happened, as_written, corrections
from wording import times
from wording.words import _, fact_name, name


def _log(incident: str | None) -> None:
    at_desk, now = desk(), desk().now()
    history = as_written(at_desk.history(chosen(incident, at_desk)))
    at_desk.incident(history)
    corrected_by = corrections(history)
    read = {recorded.entry: recorded for recorded in as_happened(history)}
    documents, blocks = [], []
    for recorded in history:
        documents.append(document(recorded, corrected_by))
        blocks.append(_entry(recorded, now, target(recorded, read)))
        if recorded.entry in corrected_by:
            blocks[-1] += "\n" + _corrected(read[recorded.entry], corrected_by[recorded.entry], now)
    answer(documents, "\n".join([click.style(history[0].incident, bold=True), *blocks]))


def document(recorded: Recorded, corrected_by: dict[int, list[int]]) -> dict[str, Any]:
    """An entry as JSON says it, with what corrects it and what it corrects."""
    document: dict[str, Any] = {
        "entry": recorded.entry,
        "position": recorded.position,
        "fact": recorded.fact.wire,
        "occurred_at": times.iso(recorded.occurred_at),
        "recorded_at": times.iso(recorded.recorded_at),
        "recorded_as": recorded.recorded_as,
        "recorded_by": recorded.recorded_by,
        "data": recorded.fact.model_dump(mode="json"),
        "note": recorded.note,
        "deviation": recorded.deviation,
    }
    if isinstance(recorded.fact, EntryCorrected):
        document["corrects"] = recorded.fact.entry
    if recorded.entry in corrected_by:
        document["corrected_by"] = corrected_by[recorded.entry]
    return document


def target(recorded: Recorded, read: dict[int, Recorded]) -> Fact | None:
    """What the entry that a correction names reads like now."""
    if not isinstance(recorded.fact, EntryCorrected) or recorded.fact.entry not in read:
        return None
    return read[recorded.fact.entry].fact


def _entry(recorded: Recorded, now: datetime, reads: Fact | None) -> str:
    """One entry: when, what, by whom, and its fields."""
    when = times.clock(recorded.occurred_at)
    start = f"{recorded.entry:>4}  "
    label = click.style(fact_name(recorded.fact.wire, recorded.fact.label), bold=True)
    headline = f"{when}  {label}  {name(recorded.recorded_as)}"
    out = [wrap(headline, 80, initial_indent=start, subsequent_indent=" " * 6)]
    late = recorded.recorded_at - recorded.occurred_at
    if late.total_seconds() >= 60:
        words = _("recorded {time}, {span} later").format(time=times.clock(recorded.recorded_at), span=times.span(late))
        out.append(wrapped(click.style(words, dim=True), 6))
    said = fields_of(recorded.fact, now, reads)
    if said:
        out.append(wrapped(said, 6))
    if recorded.note:
        out.append(wrapped(_("note: {text}").format(text=recorded.note), 6))
    if recorded.deviation:
        out.append(wrapped(click.style(_("deviation: {text}").format(text=recorded.deviation), fg="yellow"), 6))
    return "\n".join(out)


def _corrected(read: Recorded, by: Sequence[int], now: datetime) -> str:
    """How a corrected entry reads today, beside what was written."""
    entries = ", ".join(str(entry) for entry in by)
    words = _("corrected by entry {entries}: {time}, {fields}").format(
        entries=entries, time=times.clock(read.occurred_at, now), fields=fields_of(read.fact, now) or _("no fields")
    )
    return wrapped(click.style(words, fg="yellow"), 6)


log = Command(
    "log",
    _log,
    help=_("An incident as it was written, entry by entry, each correction beside what it corrects."),
    examples="reservrutin log\nreservrutin log 2026-0007 --json",
    params=[click.Argument(["incident"], required=False, type=Written())],
)
