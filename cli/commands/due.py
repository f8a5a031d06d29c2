"""`due`: what is to be done, by whom and when, with the rule that says so."""

from datetime import datetime
from typing import Any

import click

from application import documents
from application.desk import Desk
from cli.terminal.colours import painted
from cli.terminal.command import Command, answer
from cli.terminal.incidents import number
from cli.terminal.lines import wrapped
from cli.terminal.options import Time, Written
from cli.terminal.parameters import Argument, Option
from cli.terminal.standing import others_go_on
from domain.review import judged
from domain.texts import N_
from domain.verdict import Verdict, most_urgent
from wording.standing import duty_line
from wording.words import Words


def _due(desk: Desk, incident: str | None, at: datetime | None) -> None:
    now = at or desk.now()
    answers: list[dict[str, Any]] = []
    blocks: list[str] = []
    if incident:
        _add(desk, number(incident, desk), now, answers, blocks)
    for which in [] if incident else desk.board.all_incidents() if at else desk.board.open_incidents():
        with others_go_on(desk, which, blocks):
            _add(desk, which, now, answers, blocks, if_open=at is not None)
    answer(answers, "\n\n".join(blocks) or desk.texts.gettext("Nothing is due."))


def _add(
    desk: Desk,
    which: str,
    now: datetime,
    answers: list[dict[str, Any]],
    blocks: list[str],
    *,
    if_open: bool = False,
) -> None:
    """What is due of this incident; with `if_open` only where it was open then."""
    course = desk.course(which, now)
    if if_open and not (course.incident.entries and course.incident.open):
        return
    found = most_urgent(judged(course, now), now)
    texts = [_duty_text(verdict, desk.texts.of(course.routine), now) for verdict in found]
    answers += [documents.due(which, verdict) for verdict in found]
    if found:
        blocks.append("\n".join([click.style(which, bold=True), *texts]))


def _duty_text(verdict: Verdict, words: Words, now: datetime) -> str:
    quote = f"{', '.join(verdict.duty.rules)}: ”{verdict.duty.quote.in_(words.language)}”"
    return f"{wrapped(painted(duty_line(verdict, words, now)), 2)}\n{wrapped(click.style(quote, dim=True), 6)}"


due = Command(
    "due",
    _due,
    help=N_("What is to be done, by whom and when, with the rule that says so."),
    examples="reservrutin due\nreservrutin due 2026-0007 --at 12:05",
    params=[
        Argument(["incident"], required=False, type=Written()),
        Option(["--at"], type=Time(), help=N_("as it is, or was, then")),
    ],
)
