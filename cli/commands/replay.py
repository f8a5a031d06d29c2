"""`replay`: a history step by step, by either clock, as a list or to go about in."""

import os
import sys
from datetime import date, datetime

import click

from cli.terminal.command import Command, answer, desk, wants_json
from cli.terminal.incidents import chosen
from cli.terminal.lines import labelled, wrap, wrapped
from cli.terminal.options import Time, Written
from domain.history import Limits, as_happened
from domain.refusals import Invalid, NotFound
from domain.replay import Step, in_order_of_events, in_order_of_writing
from domain.review import verdicts
from domain.vocabulary import SWEDEN
from infrastructure.outbox.figures import told
from wording import times
from wording.standing import lines, to_be_done
from wording.steps import LABEL_WIDTH, Account
from wording.words import _


def _replay(
    incident: str,
    as_of: datetime | None,
    known_at: datetime | None,
    to_entry: int | None,
    by_writing: bool,
    interactive: bool,
) -> None:
    at_desk, limits = desk(), Limits(as_of, known_at, to_entry)
    if by_writing and as_of:
        raise Invalid("written-as-of")
    if interactive and not _has_terminal():
        raise Invalid("no-terminal")
    number = chosen(incident, at_desk)
    facts = at_desk.history(number)
    if to_entry is not None and not 1 <= to_entry <= len(facts):
        raise NotFound("entry", entry=to_entry, incident=number)
    routine = at_desk.incident(facts).routine
    known, happened = limits.known(facts), limits.happened(facts)
    mail_until = min((moment for moment in (as_of, known_at) if moment), default=None)
    account = Account(known, told(at_desk.database, number, mail_until))
    title = heading(limits, by_writing=by_writing)
    if not (known if by_writing else happened):
        nothing = _("Nothing had happened, or was known, by then.")
        answer([], f"{click.style(number, bold=True)}  {title}\n{nothing}")
        return
    if interactive:
        from cli.terminal.timeline import Timeline  # draws on a whole terminal, and takes its time to import

        titles = [heading(limits, by_writing=written) for written in (False, True)]
        Timeline(known, happened, routine, account, titles, by_writing=by_writing).run()
        return
    moment = limits.moment(facts, at_desk.now())
    documents, blocks, day = [], [wrap(f"{click.style(number, bold=True)}  {title}", subsequent_indent="  ")], None
    for step, standing in in_order_of_writing(known, routine) if by_writing else in_order_of_events(happened, routine):
        last = step.recorded.entry == (known if by_writing else happened)[-1].entry
        if wants_json():
            # The last one is as `show` showed it at the moment asked for; as written each is so already.
            at = moment if last and (known_at or not by_writing) else step.at
            documents.append(account.document(step, standing, at))
            continue
        blocks += [*_new_day(step, day), *_lines(step, account)]
        day = _day(step)
        if last and limits:
            blocks += ["", click.style(_("So it stood {time}:").format(time=times.clock(moment)), bold=True)]
            found = verdicts(as_happened(known), routine, moment)
            blocks += lines(standing, to_be_done(found, moment), moment, most=20)
    answer(documents, "\n".join(blocks))


def heading(limits: Limits, *, by_writing: bool) -> str:
    """Which reading it is, and by which clock each limit is meant."""
    known = _("what is known now")
    if limits.known_at:
        known = _("what was known {time}").format(time=times.clock(limits.known_at))
    if by_writing:
        said = _("as it was written, each step by what was known then")
        said += f", {known}" if limits.known_at else ""
    elif limits.as_of:
        said = _("what had happened {time}, by {known}").format(time=times.clock(limits.as_of), known=known)
    else:
        said = _("as it happened, by {known}").format(known=known)
    return said + (", " + _("entries up to {entry}").format(entry=limits.to_entry) if limits.to_entry else "")


def _has_terminal() -> bool:
    streams = (sys.stdin, sys.stdout, sys.stderr)  # it is drawn on the last of them
    return not wants_json() and os.environ.get("TERM") != "dumb" and all(stream.isatty() for stream in streams)


def _day(step: Step) -> date:
    return step.at.astimezone(SWEDEN).date()


def _new_day(step: Step, day: date | None) -> list[str]:
    return [] if _day(step) == day else [click.style(f"{_day(step)}", underline=True)]


def _lines(step: Step, account: Account) -> list[str]:
    start = f"{step.recorded.entry:>4}  "
    return [
        wrap(account.headline(step), initial_indent=start, subsequent_indent=" " * 6),
        *(
            wrapped(words, 6) if label is None else labelled(label, words, LABEL_WIDTH, 6)
            for label, words in account.rows(step)
        ),
    ]


replay = Command(
    "replay",
    _replay,
    help=_(
        "An incident's history step by step: the fact, what it changed, the duties that it started or fulfilled, what "
        "was late in being recorded, who was told and when the mail server took it. There are two clocks: --as-of "
        "goes by when things happened, --known-at by when they were recorded."
    ),
    examples=(
        "reservrutin replay 2026-0007\n"
        'reservrutin replay 7 --known-at "2026-03-02 11:40"\n'
        "reservrutin replay 7 --as-of 10:00 --known-at 11:40\n"
        "reservrutin replay 7 --interactive"
    ),
    params=[
        click.Argument(["incident"], type=Written()),
        click.Option(["--as-of"], type=Time(), help=_("only what had happened by then")),
        click.Option(["--known-at"], type=Time(), help=_("only what had been recorded by then")),
        click.Option(["--to-entry"], type=click.INT, help=_("only the entries up to this one")),
        click.Option(
            ["--written", "by_writing"],
            is_flag=True,
            help=_("in the order it was written, each step as the incident was known then"),
        ),
        click.Option(["--interactive"], is_flag=True, help=_("go about in it, in the whole terminal")),
    ],
)
