"""`due`: what is to be done, by whom and when, with the rule that says so."""

from datetime import datetime
from typing import Any

import click

from cli import times
from cli.command import Command, answer, desk
from cli.incidents import number
from cli.language import _, spoken
from cli.options import Time, Written
from cli.render import wrapped
from cli.standing import duty_line
from domain.history import as_happened
from domain.review import Verdict
from domain.review import due as duties_due


def _due(incident: str | None, at: datetime | None) -> None:
    at_desk = desk()
    now = at or at_desk.now()
    documents: list[dict[str, Any]] = []
    blocks: list[str] = []
    for which in [number(incident, at_desk)] if incident else at_desk.board.open_incidents():
        history = at_desk.log.history(which)
        found = duties_due(as_happened(history), at_desk.incident(history).routine, now)
        documents += [_duty_document(which, verdict, now) for verdict in found]
        if found:
            blocks.append("\n".join([click.style(which, bold=True), *(_duty_text(verdict, now) for verdict in found)]))
    answer(documents, "\n\n".join(blocks) or _("Nothing is due."))


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
