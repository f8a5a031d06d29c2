"""What was written, in a terminal's lines: the entry, what does not fit about it, and what comes next."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from application.desk import Desk
from cli.terminal.colours import painted
from cli.terminal.lines import wrap, wrapped
from wording import times
from wording.facts import fields_of
from wording.sentences import flagged
from wording.standing import turn_line, waiting_line
from wording.words import Words

if TYPE_CHECKING:
    from application.recording import Acknowledgement, Consequences

MOST = 2
"""How many of one's own duties, and of others', the answer names."""


def flags(came_of_it: "Consequences", words: Words) -> list[str]:
    """What does not fit about the entry, a line each."""
    said = [f"  {flagged(odd, words)}" for odd in came_of_it.irregularities]
    if came_of_it.placed:
        from wording.clocks import placed_after  # seldom needed

        said.append(wrapped(placed_after(came_of_it.placed, words), 2))
    return [click.style(each, fg="yellow") for each in said]


def in_lines(written: "list[Acknowledgement]", desk: Desk, now: datetime) -> str:
    """What was written, entry by entry, and what comes next, at one glance."""
    first = written[0]
    words = desk.texts.of(first.routine)
    _ = words.gettext
    out = [line for each in written for line in _entry(each, desk.texts.of(each.routine), now)]
    if first.consequences is None:
        said = _("What comes next can't be said ({problem}): see reservrutin due.").format(problem=first.problem)
        return "\n".join([*out, wrapped(said, 0)])
    acting = _("as {function}").format(function=words.name(first.recorded.recorded_as))
    if first.person.roles is None:
        acting += _(" – no staff is registered, so anybody may record")
    out.append(wrapped(acting, 2))
    if first.others and first.recorded.entry == 1:
        said = _("Open already: {numbers}. If it is the same outage, record it there with --incident.")
        out.append(click.style(wrapped(said.format(numbers=", ".join(first.others)), 2), fg="yellow"))
    out += _next(first, first.consequences, words, desk, now)
    return "\n".join(out)


def _entry(written: "Acknowledgement", words: Words, now: datetime) -> list[str]:
    """An entry, what it says and what does not fit about it."""
    out = [_first_line(written, words, now)]
    if came_of_it := written.consequences:
        reads = came_of_it.corrected.fact if came_of_it.corrected else None
        if said := fields_of(written.recorded.fact, words, now, reads):
            out.append(wrapped(said, 2))
        out += flags(came_of_it, words)
    return out


def _first_line(written: "Acknowledgement", words: Words, now: datetime) -> str:
    _, recorded = words.gettext, written.recorded
    done = _("Would be written") if written.dry_run else _("Already written") if written.repeated else _("Written")
    return _("{done}: {number} entry {entry}, {fact}, {time}").format(
        done=click.style(done, fg="yellow" if written.dry_run else "green", bold=True),
        number=click.style(recorded.incident, bold=True),
        entry=recorded.entry,
        fact=words.fact(recorded.fact.wire),
        time=times.clock(recorded.occurred_at, now),
    )


def _next(written: "Acknowledgement", came_of_it: "Consequences", words: Words, desk: Desk, now: datetime) -> list[str]:
    """What the person does next, with how it is recorded, and what others are waited for."""
    from cli.terminal.suggestion import line, typed

    _ = words.gettext
    turns, act = came_of_it.turns, came_of_it.act
    if not turns.own and not turns.others:
        return [_("Next: nothing is due.")]
    start = _("Next: ")
    own = [painted(turn_line(turn, words, now)) for turn in turns.own[:MOST]] or [_("nothing is yours to do.")]
    out = [_indented(said, start if place == 0 else " " * len(start)) for place, said in enumerate(own)]
    if act and not written.dry_run:  # what is not written yet can't be gone on from
        command = typed(act, came_of_it.incident, written.person, desk, one_of_several=bool(written.others))
        out.insert(1, line(command, len(start)))
    waits = _("Waiting for {whom}")
    out += [_indented(waits.format(whom=painted(waiting_line(turn, words, now)))) for turn in turns.others[:MOST]]
    if more := max(len(turns.own) - MOST, 0) + max(len(turns.others) - MOST, 0):
        said = words.ngettext("and {count} more: reservrutin due", "and {count} more: reservrutin due", more)
        out.append(said.format(count=more))
    return out


def _indented(said: str, start: str = "") -> str:
    return wrap(said, 80, initial_indent=start, subsequent_indent=" " * (len(start) or 2))
