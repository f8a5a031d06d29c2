"""`board` and `show`: how it stands, at a glance."""

import time
from datetime import datetime
from typing import Any

import click

from application import authority, documents
from application.board_notes import broken_note, mail_notes
from application.desk import Desk
from application.incidents import chosen
from cli.terminal.clock import clock_lines
from cli.terminal.command import Command, answer, wants_json
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import table, wrapped
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.parameters import Argument, Option
from cli.terminal.screen import can_draw
from cli.terminal.standing import headline, lines, others_go_on
from domain.facts import ReferralReceived
from domain.history import as_happened
from domain.incident import Incident
from domain.refusals import Invalid, Refusal, Unavailable
from domain.routine_document import builtin
from domain.texts import N_
from infrastructure.outbox.figures import waiting
from wording import times
from wording.facts import field_label
from wording.sentences import sentence, told

AGAIN = 2.0
"""Seconds between two looks of a board that is watched."""


def _board(desk: Desk, watch: bool, every: bool) -> None:
    if not watch:
        answer(*_stands(desk, every=every))
        return
    if wants_json() or not can_draw():
        raise Invalid("no-wall")
    _watch(desk, every=every)


def _watch(desk: Desk, *, every: bool) -> None:
    """The board for a screen on the wall, until somebody ends it: drawn over itself, so that nothing flickers. A log
    that is away leaves what was seen last, and is said to be; what can't be shown is named above."""
    from shutil import get_terminal_size  # brings every kind of archive along, which no other command has use for

    text, away = "", ""
    try:
        while True:
            try:
                desk.database.ask_time()
                stands = _stands(desk, every=every)[1]
                text, away = "\n".join([*_left_out(desk), stands]), ""  # whatever is cut off below
            except Refusal as refusal:
                if not text and not isinstance(refusal, Unavailable):
                    raise
                away = click.style(sentence(refusal, desk.texts.of(builtin())), fg="red")
            shown = "\n".join(filter(None, (text, away))).splitlines()[: get_terminal_size().lines - 1]
            click.echo(HOME + "".join(f"{line}{REST_OF_LINE}\n" for line in shown) + REST_OF_SCREEN, nl=False)
            time.sleep(AGAIN)
    except KeyboardInterrupt:
        click.echo()


def _left_out(desk: Desk) -> list[str]:
    return [click.style(wrapped(told(reason, desk.words), 0), fg="yellow") for reason in desk.left_out()]


HOME, REST_OF_LINE, REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


def _stands(desk: Desk, *, every: bool = False) -> tuple[list[dict[str, Any]], str]:
    """Every open incident as it stands now: the document, and the text for people. With `every` those too that are
    closed or voided, a line each."""
    _, now = desk.texts.gettext, desk.now()
    person = authority.reader(desk, login_at_the_keyboard())
    found: list[dict[str, Any]] = []
    blocks: list[str] = []
    over: list[str] = []
    for number in desk.board.all_incidents() if every else desk.board.open_incidents():
        with others_go_on(desk, number, blocks):
            course = desk.course(number)
            incident = course.incident
            document = documents.incident_as_it_stands(incident, now)
            if incident.open:
                blocks.append("\n".join(lines(desk, person, incident, desk.histories.verdicts(course, now), now)))
            else:
                over.append(headline(incident, desk.texts.of(incident.routine)))
            found.append(document)
    nothing = _("No incident is open. {time}").format(time=times.clock(now))
    if not blocks and desk.board.newest() is None:
        nothing += "\n" + _("The telephone rings? Type reservrutin desk, or:")
        nothing += '\n  reservrutin record disturbance-reported --unit "Ortopeden Lund"'
    trouble = [*clock_lines(desk), *_broken(desk), *_waiting(desk, now)]
    return found, "\n\n".join([*(blocks or [nothing]), *("\n".join(some) for some in (over, trouble) if some)])


def _show(desk: Desk, incident: str | None, papers: bool) -> None:
    now = desk.now()
    course = desk.course(chosen(incident, desk))
    if papers:
        answer(documents.incident_as_it_stands(course.incident, now), _papers(desk, course.incident))
        return
    person = authority.reader(desk, login_at_the_keyboard())
    out = lines(desk, person, course.incident, desk.histories.verdicts(course, now), now, most=20)
    answer(documents.incident_as_it_stands(course.incident, now), "\n".join([*out, *_broken(desk)]))


def _papers(desk: Desk, incident: Incident) -> str:
    """Every paper that is outstanding, the one that came first first: its number, when it came, how and from where."""
    words = desk.texts.of(incident.routine)
    _, count = words.gettext, len(incident.outstanding)
    said = words.ngettext("{count} paper is outstanding.", "{count} papers are outstanding.", count).format(count=count)
    papers = {recorded.entry: recorded for recorded in as_happened(desk.history(incident.number))}
    rows = []
    for serial, entry in incident.outstanding.items():
        paper = papers[entry]
        if isinstance(paper.fact, ReferralReceived):
            rows.append((serial, times.clock(paper.occurred_at), words.name(paper.fact.via), paper.fact.unit))
    head = [field_label("serial", words), _("When"), field_label("via", words), field_label("unit", words)]
    return "\n".join([headline(incident, words), said, *([table(head, rows)] if rows else [])])


def _broken(desk: Desk) -> list[str]:
    broken = desk.board.broken
    return [click.style(broken_note(broken, desk.words), fg="red")] if broken else []


def _waiting(desk: Desk, now: datetime) -> list[str]:
    return [click.style(said, fg="yellow") for said in mail_notes(waiting(desk.database), desk.texts, now)]


board = Command(
    "board",
    _board,
    help=N_("Every open incident: status, clock, prognosis, paper, and what is due."),
    examples="reservrutin board\nreservrutin board --watch\nreservrutin board --all",
    params=[
        Option(["--watch"], is_flag=True, help=N_("stay and follow the log, for a screen on the wall")),
        Option(["--all", "every"], is_flag=True, help=N_("those that are closed or voided as well, a line each")),
    ],
)
show = Command(
    "show",
    _show,
    help=N_("One incident as it stands; the only open one if no number is given."),
    examples="reservrutin show\nreservrutin show 2026-0007\nreservrutin show --papers",
    params=[
        Argument(["incident"], required=False, type=IncidentNumber()),
        Option(["--papers"], is_flag=True, help=N_("every paper that is outstanding, instead")),
    ],
)
