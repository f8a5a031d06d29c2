"""`log` and `replay`: what was written, and how the incident stood after each step."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from cli import times
from cli.command import Command, answer, desk
from cli.incidents import chosen
from cli.language import _, fact_name, name
from cli.options import Time, Written
from cli.render import fields_of, wrap, wrapped
from cli.sentences import flag
from cli.standing import as_json
from domain.fact import Fact, Recorded
from domain.facts import EntryCorrected
from domain.history import as_happened, as_known, as_written, corrections
from domain.incident import Incident, fold
from domain.refusals import NotFound
from domain.vocabulary import RoutineState


def _log(incident: str | None) -> None:
    at_desk, now = desk(), desk().now()
    history = as_written(at_desk.log.history(chosen(incident, at_desk)))
    at_desk.incident(history)
    corrected_by = corrections(history)
    read = {recorded.entry: recorded for recorded in as_happened(history)}
    documents, blocks = [], []
    for recorded in history:
        documents.append(_document(recorded, corrected_by))
        blocks.append(_entry(recorded, now, _target(recorded, read)))
        if recorded.entry in corrected_by:
            blocks[-1] += "\n" + _corrected(read[recorded.entry], corrected_by[recorded.entry], now)
    answer(documents, "\n".join([click.style(history[0].incident, bold=True), *blocks]))


def _replay(incident: str, as_of: datetime | None, known_at: datetime | None, to_entry: int | None) -> None:
    at_desk = desk()
    number = chosen(incident, at_desk)
    written = at_desk.log.history(number)
    if to_entry is not None and not 1 <= to_entry <= len(written):
        raise NotFound("entry", entry=to_entry, incident=number)
    known = as_known(written, known_at) if known_at else as_written(written)
    known = [recorded for recorded in known if to_entry is None or recorded.entry <= to_entry]
    happened = [recorded for recorded in as_happened(known) if as_of is None or recorded.occurred_at <= as_of]
    now = at_desk.now()
    documents, blocks = [], [_heading(number, as_of, known_at, to_entry)]
    corrected_by = corrections(known)
    routine = at_desk.incident(written).routine
    before = Incident(number, routine)
    read = {recorded.entry: recorded for recorded in happened}
    for place, recorded in enumerate(happened, 1):
        after = fold(happened[:place], routine, number)
        at = recorded.occurred_at
        documents.append(_document(recorded, corrected_by) | {"status": as_json(after, at)})
        change = _change(before, after, at)
        blocks.append(
            _entry(recorded, now, _target(recorded, read))
            + (f"\n{wrapped(click.style(change, bold=True), 16)}" if change else "")
        )
        before = after
    if not happened:
        blocks.append(_("Nothing had happened, or was known, by then."))
    answer(documents, "\n".join(blocks))


def _heading(number: str, as_of: datetime | None, known_at: datetime | None, to_entry: int | None) -> str:
    limits = []
    if as_of:
        limits.append(_("what had happened by {time}").format(time=times.clock(as_of)))
    if known_at:
        limits.append(_("what was known at {time}").format(time=times.clock(known_at)))
    if to_entry:
        limits.append(_("entries up to {entry}").format(entry=to_entry))
    said = ", ".join(limits) if limits else _("as it happened")
    return f"{click.style(number, bold=True)}  {said}"


def _document(recorded: Recorded, corrected_by: dict[int, list[int]]) -> dict[str, Any]:
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


def _target(recorded: Recorded, read: dict[int, Recorded]) -> Fact | None:
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


def _change(before: Incident, after: Incident, at: datetime) -> str:
    """What the step changed in how the incident stands."""
    said = []
    if before.entries == 0 or before.status is not after.status:
        said.append(name(after.status) if before.entries == 0 else f"{name(before.status)} → {name(after.status)}")
    was, became = before.routine_state(at), after.routine_state(at)
    if (was is not became and RoutineState.DUE not in (was, became)) or (
        became is RoutineState.ACTIVE and was is not became
    ):
        said.append(_("reserve routine {state}").format(state=name(became)))
    if (before.received, before.entered, before.set_aside) != (after.received, after.entered, after.set_aside):
        said.append(
            _("paper {received}/{entered}/{set_aside}, {outstanding} outstanding").format(
                received=after.received,
                entered=after.entered,
                set_aside=after.set_aside,
                outstanding=len(after.outstanding),
            )
        )
    said += [
        _("flagged: {what} ({rule})").format(what=flag(i.code), rule=i.rule)
        for i in after.irregularities[len(before.irregularities) :]
    ]
    return "; ".join(said)


log = Command(
    "log",
    _log,
    help=_("An incident as it was written, entry by entry, each correction beside what it corrects."),
    examples="reservrutin log\nreservrutin log 2026-0007 --json",
    params=[click.Argument(["incident"], required=False, type=Written())],
)
replay = Command(
    "replay",
    _replay,
    help=_("An incident's history as it happened, step by step, with what each step changed."),
    examples='reservrutin replay 2026-0007\nreservrutin replay 7 --known-at "2026-03-02 11:40"',
    params=[
        click.Argument(["incident"], type=Written()),
        click.Option(["--as-of"], type=Time(), help=_("only what had happened by then")),
        click.Option(["--known-at"], type=Time(), help=_("only what had been recorded by then")),
        click.Option(["--to-entry"], type=click.INT, help=_("only the entries up to this one")),
    ],
)
