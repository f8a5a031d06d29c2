"""`replay`: a history step by step, by either clock, as a list or to go about in."""

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import click

from application import authority, documents
from application.desk import Desk
from application.incidents import chosen
from application.replaying import replayed
from cli.terminal.colours import painted
from cli.terminal.command import Command, answer, wants_json
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import labelled, wrap, wrapped
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import Time
from cli.terminal.parameters import Argument, Number, Option
from cli.terminal.standing import STEP_LABEL_WIDTH, lines
from domain.history import as_happened, corrections, withdrawn
from domain.refusals import Invalid
from domain.replay import Step
from domain.review import verdicts
from domain.runs import runs
from domain.texts import N_
from domain.vocabulary import SWEDEN
from wording import times
from wording.limits import heading
from wording.runs import numbers
from wording.steps import Account


def _replay(
    desk: Desk,
    incident: str,
    as_of: datetime | None,
    known_at: datetime | None,
    to_entry: int | None,
    by_writing: bool,
    unfold: bool,
    interactive: bool,
) -> None:
    _ = desk.texts.gettext
    if by_writing and as_of:
        raise Invalid("written-as-of")
    if interactive and not _has_terminal():
        raise Invalid("no-terminal")
    told = replayed(desk, chosen(incident, desk), as_of, known_at, to_entry)
    account, facts = told.account, told.facts(by_writing=by_writing)
    title = heading(told.limits, desk.texts, by_writing=by_writing)
    number = click.style(told.number, bold=True)
    if not facts:
        nothing = _("Nothing had happened, or was known, by then.")
        answer([], "\n".join(filter(None, (f"{number}  {title}", nothing, told.hidden))))
        return
    if interactive:
        from cli.terminal.timeline import Timeline  # draws on a whole terminal, and takes its time to import

        titles = [heading(told.limits, desk.texts, by_writing=written) for written in (False, True)]
        Timeline(told.known, told.happened, told.routine, account, titles, by_writing=by_writing).run()
        return
    placed = documents.placed_after(told.known)
    corrected_by, withdrawn_by = corrections(told.known), withdrawn(told.known)
    steps: list[Step] = []
    answers: list[dict[str, Any]] = []
    for step, standing in told.steps(by_writing=by_writing):
        steps.append(step)
        if wants_json():
            # The last one is as `show` showed it at the moment asked for; as written each is so already.
            last = step.recorded.entry == facts[-1].entry
            at = told.moment if last and (known_at or not by_writing) else step.at
            of_this = told.told.get(step.recorded.entry, [])
            document = documents.step(step, standing, at, corrected_by, withdrawn_by, of_this)
            odd = [each for each in placed if each["entry"] == step.recorded.entry]
            answers.append(document | {"clocks": documents.clocks([step.recorded], told.clocks), "placed_after": odd})
    if wants_json():
        answer(answers, "")
        return
    blocks = [wrap(f"{number}  {title}", subsequent_indent="  ")]
    blocks += [wrapped(click.style(told.hidden, fg="yellow"), 0)] if told.hidden else []
    blocks += _told(steps, account, unfold=unfold or not sys.stdout.isatty())
    if told.limits:
        blocks += ["", click.style(_("So it stood {time}:").format(time=times.clock(told.moment)), bold=True)]
        found = verdicts(as_happened(told.known), told.routine, told.moment)
        person = authority.reader(desk, login_at_the_keyboard())
        blocks += lines(desk, person, standing, found, told.moment, most=20)
    answer(None, "\n".join(blocks))


def _told(steps: Sequence[Step], account: Account, *, unfold: bool) -> Iterator[str]:
    """The steps under the days on which they were; alike papers in one line, unless each is to be told."""
    day, folded = None, 0
    for run in ([step] for step in steps) if unfold else runs(steps, account.alike):
        yield from _new_day(run[0], day)
        day = _day(run[0])
        folded += len(run) if len(run) > 1 else 0
        yield from _lines(run, account)
    if folded:
        said = account.words.gettext("{count} entries are folded: --unfold shows each.").format(count=folded)
        yield click.style(wrapped(said, 0), dim=True)


def _has_terminal() -> bool:
    streams = (sys.stdin, sys.stdout, sys.stderr)  # it is drawn on the last of them
    return not wants_json() and os.environ.get("TERM") != "dumb" and all(stream.isatty() for stream in streams)


def _day(step: Step) -> date:
    return step.at.astimezone(SWEDEN).date()


def _new_day(step: Step, day: date | None) -> list[str]:
    return [] if _day(step) == day else [click.style(f"{_day(step)}", underline=True)]


def _lines(run: Sequence[Step], account: Account) -> list[str]:
    """A step, or several in one."""
    start = f"{numbers(step.recorded.entry for step in run):>4}  "
    alone = len(run) == 1
    headline = account.headline(run[0]) if alone else account.headline_of_run(run)
    return [
        wrap(painted(headline), initial_indent=start, subsequent_indent=" " * 6),
        *(
            wrapped(painted(said), 6) if label is None else labelled(label, painted(said), STEP_LABEL_WIDTH, 6)
            for label, said in (account.rows(run[0]) if alone else account.rows_of_run(run))
        ),
    ]


replay = Command(
    "replay",
    _replay,
    help=N_(
        "An incident's history step by step: the fact, what it changed, the duties that it started or fulfilled, what "
        "was late in being recorded, who was told and when the mail server took it. There are two clocks: --as-of "
        "goes by when things happened, --known-at by when they were recorded."
    ),
    examples=(
        "reservrutin replay 2026-0007\n"
        'reservrutin replay 7 --known-at "2026-03-02 11:40"\n'
        "reservrutin replay 7 --as-of 10:00 --known-at 11:40\n"
        "reservrutin replay 7 --unfold\n"
        "reservrutin replay 7 --interactive"
    ),
    params=[
        Argument(["incident"], type=IncidentNumber()),
        Option(["--as-of"], type=Time(), help=N_("only what had happened by then")),
        Option(["--known-at"], type=Time(), help=N_("only what had been recorded by then")),
        Option(["--to-entry"], type=Number(), help=N_("only the entries up to this one")),
        Option(
            ["--written", "by_writing"],
            is_flag=True,
            help=N_("in the order it was written, each step as the incident was known then"),
        ),
        Option(
            ["--unfold"],
            is_flag=True,
            help=N_("each paper by itself: on a terminal alike ones that follow on each other are one line"),
        ),
        Option(["--interactive"], is_flag=True, help=N_("go about in it, in the whole terminal")),
    ],
)
