"""`bounces read`: what came back about mail that the mail server had accepted."""

from pathlib import Path

import click

from cli.terminal.command import Command, Group, answer, desk
from cli.terminal.lines import table
from cli.terminal.options import Written
from domain.delivery import Receipt
from domain.refusals import NotFound
from domain.suspension import SuspensionPolicy
from domain.texts import N_
from infrastructure.outbox.bounces import Handled, Handling, handle
from notifiers.channel import Receipts
from notifiers.email.bounces import Bounces, NoBounce
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
    policy = SuspensionPolicy(at_desk.settings.mail_suspend_at)
    receipts: Receipts = Bounces(at_desk.mail_settings())
    try:
        read = receipts.read([Path(path) for path in paths])
        handled = [(receipt, handle(at_desk.database, receipt, at_desk.now(), policy)) for receipt in read]
    except OSError as error:
        raise NotFound("bounces", path=error.filename) from error
    for _receipt, handling in handled:
        if handling.suspended:
            click.echo(told("suspended", subscriber=handling.suspended), err=True)
    answer([_document(*each) for each in handled], _text(handled))


def _text(handled: list[tuple[Receipt, Handling]]) -> str:
    if not handled:
        return _("No reports were found.")
    rows = [
        [
            ", ".join(map(str, handling.deliveries)) or "–",
            _(NOTHING_SAID.get(receipt.action, receipt.action)),
            receipt.status,
            _(handling.handled.label) if handling.deliveries else f"{_(handling.handled.label)}: {receipt.source}",
        ]
        for receipt, handling in handled
    ]
    return table([_("delivery"), _("report"), _("code"), _("what became of it")], rows)


def _document(receipt: Receipt, handling: Handling) -> dict[str, object]:
    return {
        "deliveries": list(handling.deliveries),
        "message_id": receipt.message_id,
        "action": receipt.action,
        "status": receipt.status,
        "diagnostic": receipt.diagnostic,
        "source": receipt.source,
        "handled": handling.handled,
        "matched": handling.handled is not Handled.UNKNOWN,
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
