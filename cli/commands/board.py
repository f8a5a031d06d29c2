"""`board` and `show`: how it stands, at a glance."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import click

from application import authority, documents
from application.desk import Desk
from application.incidents import chosen
from cli.terminal.command import Command, answer
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import Written
from cli.terminal.parameters import Argument
from cli.terminal.standing import lines, others_go_on
from domain.texts import N_
from infrastructure.outbox.figures import waiting
from wording import times
from wording.sentences import told

LATE = timedelta(minutes=5)
"""How long a mail may wait before the board calls it late: by then the relay has been tried several times."""


def _board(desk: Desk) -> None:
    _, now = desk.texts.gettext, desk.now()
    person = authority.reader(desk, login_at_the_keyboard())
    found: list[dict[str, Any]] = []
    blocks: list[str] = []
    for number in desk.board.open_incidents():
        with others_go_on(desk, number, blocks):
            course = desk.course(number)
            document = documents.incident_as_it_stands(course.incident, now)
            blocks.append("\n".join(lines(desk, person, course.incident, desk.histories.verdicts(course, now), now)))
            found.append(document)
    nothing = _("No incident is open. {time}").format(time=times.clock(now))
    trouble = [*_broken(desk), *_waiting(desk, now)]
    answer(found, "\n\n".join([*(blocks or [nothing]), *(["\n".join(trouble)] if trouble else [])]))


def _show(desk: Desk, incident: str | None) -> None:
    now = desk.now()
    course = desk.course(chosen(incident, desk))
    person = authority.reader(desk, login_at_the_keyboard())
    out = lines(desk, person, course.incident, desk.histories.verdicts(course, now), now, most=20)
    answer(documents.incident_as_it_stands(course.incident, now), "\n".join([*out, *_broken(desk)]))


def _broken(desk: Desk) -> list[str]:
    """A read model that could not follow the log is named to whoever reads next."""
    broken = desk.board.broken
    if broken is None:
        return []
    return [click.style(told("projection", desk.words, **asdict(broken)), fg="red")]


def _waiting(desk: Desk, now: datetime) -> list[str]:
    _, ngettext = desk.texts.gettext, desk.texts.ngettext
    mail = waiting(desk.database)
    said = []
    if mail.deliveries and mail.since:
        waits = ngettext("{count} mail waits since {time}.", "{count} mails wait since {time}.", mail.deliveries)
        late = ngettext(
            "Late: {count} mail waits since {time}. reservrutin deliveries says why.",
            "Late: {count} mails wait, the oldest since {time}. reservrutin deliveries says why.",
            mail.deliveries,
        )
        since = datetime.fromisoformat(mail.since)
        words = late if now - since > LATE else waits
        said.append(words.format(count=mail.deliveries, time=times.clock(since, now)))
    elif mail.facts:
        words = ngettext(
            "{count} fact has not been told yet: is reservrutin worker running?",
            "{count} facts have not been told yet: is reservrutin worker running?",
            mail.facts,
        )
        said.append(words.format(count=mail.facts))
    if mail.refused:
        words = ngettext(
            "{count} mail was refused: reservrutin deliveries says why.",
            "{count} mails were refused: reservrutin deliveries says why.",
            mail.refused,
        )
        said.append(words.format(count=mail.refused))
    if mail.policy:
        said.append(_("The mail server refuses our mail as a matter of policy: ask whoever runs the mail server."))
    if mail.suspended:
        words = ngettext(
            "{count} subscriber is suspended: reservrutin subscriber list says who.",
            "{count} subscribers are suspended: reservrutin subscriber list says who.",
            mail.suspended,
        )
        said.append(words.format(count=mail.suspended))
    return [click.style(line, fg="yellow") for line in said]


board = Command(
    "board",
    _board,
    help=N_("Every open incident: status, clock, prognosis, paper, and what is due."),
    examples="reservrutin board",
)
show = Command(
    "show",
    _show,
    help=N_("One incident as it stands; the only open one if no number is given."),
    examples="reservrutin show\nreservrutin show 2026-0007",
    params=[Argument(["incident"], required=False, type=Written())],
)
