"""`log`: what was written, entry by entry."""

from collections.abc import Sequence
from datetime import datetime

import click

from application import documents
from application.desk import Desk
from application.incidents import chosen
from cli.terminal.command import Command, answer
from cli.terminal.lines import wrap, wrapped
from cli.terminal.options import Written
from cli.terminal.parameters import Argument
from domain.fact import Fact, Recorded
from domain.history import as_happened, as_written, corrections, target
from domain.texts import N_
from wording import times
from wording.facts import fields_of
from wording.words import Words


def _log(desk: Desk, incident: str | None) -> None:
    now = desk.now()
    history = as_written(desk.history(chosen(incident, desk)))
    words = desk.texts.of(desk.incident(history).routine)
    corrected_by = corrections(history)
    read = {recorded.entry: recorded for recorded in as_happened(history)}
    entries, blocks = [], []
    for recorded in history:
        entries.append(documents.entry(recorded, corrected_by))
        blocks.append(_entry(recorded, words, now, target(recorded, read)))
        if recorded.entry in corrected_by:
            blocks[-1] += "\n" + _corrected(read[recorded.entry], corrected_by[recorded.entry], words, now)
    answer(entries, "\n".join([click.style(history[0].incident, bold=True), *blocks]))


def _entry(recorded: Recorded, words: Words, now: datetime, reads: Fact | None) -> str:
    """One entry: when, what, by whom, and its fields."""
    _ = words.gettext
    when = times.clock(recorded.occurred_at)
    start = f"{recorded.entry:>4}  "
    label = click.style(words.fact(recorded.fact.wire), bold=True)
    headline = f"{when}  {label}  {words.name(recorded.recorded_as)}"
    out = [wrap(headline, 80, initial_indent=start, subsequent_indent=" " * 6)]
    late = recorded.recorded_at - recorded.occurred_at
    if late.total_seconds() >= 60:
        later = _("recorded {time}, {span} later")
        said = later.format(time=times.clock(recorded.recorded_at), span=times.span(late))
        out.append(wrapped(click.style(said, dim=True), 6))
    said = fields_of(recorded.fact, words, now, reads)
    if said:
        out.append(wrapped(said, 6))
    if recorded.note:
        out.append(wrapped(_("note: {text}").format(text=recorded.note), 6))
    if recorded.deviation:
        out.append(wrapped(click.style(_("deviation: {text}").format(text=recorded.deviation), fg="yellow"), 6))
    return "\n".join(out)


def _corrected(read: Recorded, by: Sequence[int], words: Words, now: datetime) -> str:
    """How a corrected entry reads today, beside what was written."""
    _ = words.gettext
    entries = ", ".join(str(entry) for entry in by)
    said = _("corrected by entry {entries}: {time}, {fields}").format(
        entries=entries,
        time=times.clock(read.occurred_at, now),
        fields=fields_of(read.fact, words, now) or _("no fields"),
    )
    return wrapped(click.style(said, fg="yellow"), 6)


log = Command(
    "log",
    _log,
    help=N_("An incident as it was written, entry by entry, each correction beside what it corrects."),
    examples="reservrutin log\nreservrutin log 2026-0007 --json",
    params=[Argument(["incident"], required=False, type=Written())],
)
