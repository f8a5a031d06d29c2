"""`board` and `show`: how it stands, at a glance."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import click

from application.desk import Desk
from cli.terminal.command import Command, answer, desk
from cli.terminal.incidents import chosen
from cli.terminal.options import Written
from infrastructure.outbox.figures import waiting
from wording import times
from wording.sentences import told
from wording.standing import as_json, lines, others_go_on, to_be_done
from wording.words import _, ngettext

LATE = timedelta(minutes=5)
"""How long a mail may wait before the board calls it late: by then the relay has been tried several times."""


def _board() -> None:
    at_desk, now = desk(), desk().now()
    documents: list[dict[str, Any]] = []
    blocks: list[str] = []
    for number in at_desk.board.open_incidents():
        with others_go_on(number, blocks):
            course = at_desk.course(number)
            document = as_json(course.incident, now)
            to_do = to_be_done(at_desk.histories.verdicts(course, now), now)
            blocks.append("\n".join(lines(course.incident, to_do, now)))
            documents.append(document)
    nothing = _("No incident is open. {time}").format(time=times.clock(now))
    trouble = [*_broken(at_desk), *_waiting(at_desk, now)]
    answer(documents, "\n\n".join([*(blocks or [nothing]), *(["\n".join(trouble)] if trouble else [])]))


def _show(incident: str | None) -> None:
    at_desk, now = desk(), desk().now()
    course = at_desk.course(chosen(incident, at_desk))
    to_do = to_be_done(at_desk.histories.verdicts(course, now), now)
    out = lines(course.incident, to_do, now, most=20)
    answer(as_json(course.incident, now), "\n".join([*out, *_broken(at_desk)]))


def _broken(at_desk: Desk) -> list[str]:
    """A read model that could not follow the log is named to whoever reads next."""
    broken = at_desk.board.broken
    if broken is None:
        return []
    return [click.style(told("projection", **asdict(broken)), fg="red")]


def _waiting(at_desk: Desk, now: datetime) -> list[str]:
    mail = waiting(at_desk.database)
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
    help=_("Every open incident: status, clock, prognosis, paper, and what is due."),
    examples="reservrutin board",
)
show = Command(
    "show",
    _show,
    help=_("One incident as it stands; the only open one if no number is given."),
    examples="reservrutin show\nreservrutin show 2026-0007",
    params=[click.Argument(["incident"], required=False, type=Written())],
)
