"""`bounces read`: what came back about mail that the mail server had accepted."""

from pathlib import Path

import click

from cli.terminal.command import Command, Group, answer, desk
from cli.terminal.lines import table
from cli.terminal.options import Written
from domain.refusals import NotFound
from domain.texts import N_
from infrastructure.outbox.bounces import Handled, Report, Verdict, handle
from infrastructure.outbox.pace import suspension_of
from notifiers.email.bounces import Bounce, NoBounce, read_bounces
from wording.sentences import told
from wording.words import _

NOTHING_SAID: dict[str, str] = {
    NoBounce.NO_REPORT: N_("no report"),
    NoBounce.FORGED: N_("a forged report"),
    NoBounce.UNSIGNED: N_("an unsigned report"),
    NoBounce.UNREADABLE: N_("unreadable"),
}
"""In the place of what a report says happened."""


def _read(paths: tuple[str, ...]) -> None:
    at_desk = desk()
    at_desk.administrator(or_staff=True)
    for path in paths:
        if not Path(path).exists():
            raise NotFound("bounces", path=path)
    policy = suspension_of(at_desk.settings.mail_suspend_at)
    found = []
    try:
        for bounce in read_bounces([Path(path) for path in paths], at_desk.mail_settings()):
            report = Report(bounce.delivery, bounce.message_id, bounce.action, bounce.status, bounce.diagnostic)
            found.append((bounce, handle(at_desk.database, report, at_desk.now(), policy)))
    except OSError as error:
        raise NotFound("bounces", path=error.filename) from error
    for _bounce, verdict in found:
        if verdict.suspended:
            click.echo(told("suspended", subscriber=verdict.suspended), err=True)
    answer([_document(*each) for each in found], _text(found))


def _text(found: list[tuple[Bounce, Verdict]]) -> str:
    if not found:
        return _("No reports were found.")
    rows = [
        [
            ", ".join(map(str, verdict.deliveries)) or "–",
            _(NOTHING_SAID.get(bounce.action, bounce.action)),
            bounce.status,
            _(verdict.handled.label) if verdict.deliveries else f"{_(verdict.handled.label)}: {bounce.source}",
        ]
        for bounce, verdict in found
    ]
    return table([_("delivery"), _("report"), _("code"), _("what became of it")], rows)


def _document(bounce: Bounce, verdict: Verdict) -> dict[str, object]:
    return {
        "deliveries": list(verdict.deliveries),
        "message_id": bounce.message_id,
        "action": bounce.action,
        "status": bounce.status,
        "diagnostic": bounce.diagnostic,
        "source": bounce.source,
        "handled": verdict.handled,
        "matched": verdict.handled is not Handled.UNKNOWN,
    }


bounces = Group(
    "bounces",
    [
        Command(
            "read",
            _read,
            help=_(
                "Read delivery reports (RFC 3464) from files or Maildir folders and settle the deliveries that they "
                "are about. May be run again: a report counts once."
            ),
            examples="reservrutin bounces read /var/mail/reservrutin-bounces",
            params=[click.Argument(["paths"], nargs=-1, required=True, metavar=_("PATH…"), type=Written())],
        )
    ],
    help=_("Mail that came back after the mail server had accepted it."),
    examples="reservrutin bounces read ~/Maildir",
)
