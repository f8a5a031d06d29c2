"""`log`: what was written, entry by entry."""

from collections.abc import Sequence
from datetime import datetime

import click

from application import documents
from application.authority import logins
from application.desk import Desk
from application.incidents import chosen
from cli.terminal.command import Command, answer
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import wrap, wrapped
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.named import Named
from cli.terminal.parameters import Argument, Option
from domain.fact import Fact, Recorded
from domain.facts import RoutineAdopted
from domain.history import as_it_reads, as_written, corrections, target, withdrawn
from domain.staff import is_from_before
from domain.texts import N_
from domain.vocabulary import Stream
from wording import times
from wording.authority import whose_hand
from wording.facts import fields_of, initial
from wording.words import Words


def _log(desk: Desk, incident: str | None, of: str | None) -> None:
    if of:
        if incident:
            raise click.UsageError(desk.texts.gettext("Either one incident or --of: leave one of the two out."))
        _log_of(desk, Stream(of))
        return
    now = desk.now()
    history = as_written(desk.history(chosen(incident, desk)))
    words = desk.texts.of(desk.incident(history).routine)
    corrected_by, withdrawn_by = corrections(history), withdrawn(history)
    read, known = as_it_reads(history), logins(desk, login_at_the_keyboard())
    entries, blocks = [], []
    for recorded in history:
        entries.append(documents.entry(recorded, corrected_by, withdrawn_by))
        by, who = withdrawn_by.get(recorded.entry), whose_hand(recorded, words, known)
        blocks.append(_entry(recorded, words, now, who, target(recorded, history), by))
        if recorded.entry in corrected_by:
            blocks[-1] += "\n" + _corrected(read[recorded.entry], corrected_by[recorded.entry], words, now)
    answer(entries, "\n".join([click.style(history[0].incident, bold=True), *blocks]))


def _log_of(desk: Desk, stream: Stream) -> None:
    """What stands in the log and belongs to no incident."""
    from infrastructure.log.histories import read

    words, now, history = desk.words, desk.now(), read(desk.database.connection(), stream.value)
    known = logins(desk, login_at_the_keyboard())
    blocks = [
        _entry(_without_document(recorded), words, now, whose_hand(recorded, words, known), None, None)
        for recorded in history
    ]
    answer(
        [documents.entry(recorded, {}, {}) for recorded in history],
        "\n".join([click.style(initial(words.name(stream)), bold=True), *blocks]),
    )


def _without_document(recorded: Recorded) -> Recorded:
    """A routine's own text has a command that shows it."""
    if isinstance(recorded.fact, RoutineAdopted):
        return recorded._replace(fact=recorded.fact.model_copy(update={"document": ""}))
    return recorded


def _entry(
    recorded: Recorded, words: Words, now: datetime, who: str, reads: Fact | None, withdrawn_by: int | None
) -> str:
    """One entry: when, what, by whom, and its fields. What was withdrawn stands struck, in words too."""
    _ = words.gettext
    when = times.clock(recorded.occurred_at)
    start = f"{recorded.entry:>4}  "
    label = click.style(words.fact(recorded.fact.wire), bold=True, strikethrough=bool(withdrawn_by))
    headline = f"{when}  {label}  {who}"
    out = [wrap(headline, 80, initial_indent=start, subsequent_indent=" " * 6)]
    if withdrawn_by:
        said = _("WITHDRAWN by entry {entry}: it counts for nothing").format(entry=withdrawn_by)
        out.append(wrapped(click.style(said, fg="yellow"), 6))
    late = recorded.recorded_at - recorded.occurred_at
    if late.total_seconds() >= 60 and not is_from_before(recorded):
        later = _("recorded {time}, {span} later")
        said = later.format(time=times.clock(recorded.recorded_at), span=times.span(late))
        out.append(wrapped(click.style(said, dim=True), 6))
    if recorded.late_because:
        out.append(wrapped(_("written late: {text}").format(text=recorded.late_because), 6))
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
    examples="reservrutin log\nreservrutin log 2026-0007 --json\nreservrutin log --of subscribers",
    params=[
        Argument(["incident"], required=False, type=IncidentNumber()),
        Option(["--of"], type=Named(Stream, strict=True), help=N_("instead, what belongs to no incident")),
    ],
)
