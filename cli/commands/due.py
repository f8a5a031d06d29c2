"""`due`: what is to be done, by whom and when, with the rule that says so."""

from datetime import datetime
from typing import Any

import click

from application import authority, documents
from application.desk import Desk
from application.incidents import number
from cli.terminal.clock import clock_lines
from cli.terminal.colours import painted
from cli.terminal.command import Command, answer
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import wrapped
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import Time
from cli.terminal.parameters import Argument, Option
from cli.terminal.standing import awaiting, others_go_on
from domain.course import Course, go_through
from domain.history import Limits, as_happened
from domain.review import judged
from domain.texts import N_
from domain.verdict import Verdict, most_urgent
from domain.whose_turn import to_refrain_from
from infrastructure.log.clocks import known_before
from wording import times
from wording.clocks import left_out
from wording.standing import duty_line
from wording.words import Words


def _due(desk: Desk, incident: str | None, at: datetime | None, known_at: datetime | None) -> None:
    now = at or known_at or desk.now()
    limits = Limits(at, known_at, known_before=known_before(desk.database, known_at) if known_at else None)
    answers: list[dict[str, Any]] = []
    blocks: list[str] = []
    if incident:
        _add(desk, number(incident, desk), now, limits, answers, blocks)
    then = at is not None or known_at is not None
    for which in [] if incident else desk.board.all_incidents() if then else desk.board.open_incidents():
        with others_go_on(desk, which, blocks):
            _add(desk, which, now, limits, answers, blocks, if_open=then)
    said = "\n".join(["\n\n".join(blocks) or desk.texts.gettext("Nothing is due."), *clock_lines(desk)])
    answer(answers, f"{wrapped(_as_known(desk, at, known_at), 0)}\n{said}" if then else said)


def _as_known(desk: Desk, at: datetime | None, known_at: datetime | None) -> str:
    """Which moment it is, and whose knowledge: what was recorded later may tell otherwise of it."""
    _ = desk.texts.gettext
    known = _("what is known now")
    if known_at:
        known = _("what was known {time}").format(time=times.clock(known_at))
    moment = at or known_at or desk.now()
    return _("As it stood {time}, by {known}:").format(time=times.clock(moment), known=known)


def _add(
    desk: Desk,
    which: str,
    now: datetime,
    limits: Limits,
    answers: list[dict[str, Any]],
    blocks: list[str],
    *,
    if_open: bool = False,
) -> None:
    """What is due of this incident; with `if_open` only where it was open then."""
    course, said = _course(desk, which, now, limits)
    if said:
        blocks.append(wrapped(f"{click.style(which, bold=True)}  {said}", 0))
    if if_open and not (course.incident.entries and course.incident.open):
        return
    judged_now = judged(course, now)
    found, awaited = most_urgent(judged_now, now), to_refrain_from(judged_now)
    texts = [_duty_text(verdict, desk.texts.of(course.routine), now) for verdict in [*found, *awaited]]
    answers += [documents.due(which, verdict) for verdict in found]
    if texts:
        awaits = [verdict.duty for verdict in awaited]
        person = authority.reader(desk, login_at_the_keyboard()) if awaits else None
        commands = [line for duty in awaits for line in awaiting(duty, course.incident, person, desk)]
        blocks.append("\n".join([click.style(which, bold=True), *texts, *commands]))


def _course(desk: Desk, which: str, now: datetime, limits: Limits) -> tuple[Course, str]:
    """As it was known, and what is said where a clock would have more been known than was."""
    if limits.known_at is None:
        return desk.course(which, now), ""
    history = desk.history(which)
    known, routine = limits.known(history), desk.incident(history).routine
    happened = (recorded for recorded in as_happened(known) if recorded.occurred_at <= now)
    said = left_out(history, known, limits.known_at, desk.texts.of(routine))
    return go_through(happened, routine, which), said


def _duty_text(verdict: Verdict, words: Words, now: datetime) -> str:
    quote = f"{', '.join(verdict.duty.rules)}: ”{verdict.duty.quote.in_(words.language)}”"
    return f"{wrapped(painted(duty_line(verdict, words, now)), 2)}\n{wrapped(click.style(quote, dim=True), 6)}"


due = Command(
    "due",
    _due,
    help=N_("What is to be done, by whom and when, with the rule that says so."),
    examples="reservrutin due\nreservrutin due 2026-0007 --at 12:05",
    params=[
        Argument(["incident"], required=False, type=IncidentNumber()),
        Option(["--at"], type=Time(), help=N_("as it is, or was, then")),
        Option(["--known-at"], type=Time(), help=N_("by what had been recorded by then")),
    ],
)
