"""`due`: what is to be done, by whom and when, with the rule that says so."""

from datetime import datetime
from typing import Any

import click

from application.desk import Desk
from cli.terminal.command import Command, answer, desk
from cli.terminal.incidents import number
from cli.terminal.lines import wrapped
from cli.terminal.options import Time, Written
from domain.review import judged
from domain.verdict import Verdict, most_urgent
from wording import times
from wording.standing import duty_line, others_go_on
from wording.words import _, spoken


def _due(incident: str | None, at: datetime | None) -> None:
    at_desk = desk()
    now = at or at_desk.now()
    documents: list[dict[str, Any]] = []
    blocks: list[str] = []
    if incident:
        _add(at_desk, number(incident, at_desk), now, documents, blocks)
    for which in [] if incident else at_desk.board.all_incidents() if at else at_desk.board.open_incidents():
        with others_go_on(which, blocks):
            _add(at_desk, which, now, documents, blocks, if_open=at is not None)
    answer(documents, "\n\n".join(blocks) or _("Nothing is due."))


def _add(
    at_desk: Desk,
    which: str,
    now: datetime,
    documents: list[dict[str, Any]],
    blocks: list[str],
    *,
    if_open: bool = False,
) -> None:
    """What is due of this incident; with `if_open` only where it was open then."""
    course = at_desk.course(which, now)
    if if_open and not (course.incident.entries and course.incident.open):
        return
    found = most_urgent(judged(course, now), now)
    texts = [_duty_text(verdict, now) for verdict in found]
    documents += [_duty_document(which, verdict, now) for verdict in found]
    if found:
        blocks.append("\n".join([click.style(which, bold=True), *texts]))


def _duty_document(which: str, verdict: Verdict, now: datetime) -> dict[str, Any]:
    overdue = max(int((now - verdict.due_at).total_seconds()), 0) if verdict.due_at else 0
    return {
        "incident": which,
        "rule": verdict.duty.rules[0],
        "rules": list(verdict.duty.rules),
        "duty": verdict.duty.id,
        "who": verdict.duty.who,
        "due_at": times.iso(verdict.due_at),
        "overdue_seconds": overdue,
    }


def _duty_text(verdict: Verdict, now: datetime) -> str:
    quote = f"{', '.join(verdict.duty.rules)}: ”{verdict.duty.quote.in_(spoken())}”"
    return f"{wrapped(duty_line(verdict, now), 2)}\n{wrapped(click.style(quote, dim=True), 6)}"


due = Command(
    "due",
    _due,
    help=_("What is to be done, by whom and when, with the rule that says so."),
    examples="reservrutin due\nreservrutin due 2026-0007 --at 12:05",
    params=[
        click.Argument(["incident"], required=False, type=Written()),
        click.Option(["--at"], type=Time(), help=_("as it is, or was, then")),
    ],
)
