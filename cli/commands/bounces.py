"""`bounces read`: what came back about mail that the mail server had accepted."""

from pathlib import Path

import click

from application import authority
from application.desk import Desk
from cli.terminal.command import Command, Group, answer
from cli.terminal.lines import table
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import Written
from cli.terminal.parameters import Argument
from domain.delivery import Receipt
from domain.refusals import NotFound
from domain.suspension import SuspensionPolicy
from domain.texts import N_
from infrastructure.outbox.bounces import Handled, Handling, handle
from notifiers.channel import Receipts
from notifiers.email.bounces import Bounces, NoBounce
from wording.sentences import told
from wording.words import Words

NOTHING_SAID: dict[str, str] = {
    NoBounce.NO_REPORT: N_("no report"),
    NoBounce.FORGED: N_("a forged report"),
    NoBounce.UNSIGNED: N_("an unsigned report"),
    NoBounce.UNREADABLE: N_("unreadable"),
}
"""In the place of what a report says happened."""


def _read(desk: Desk, paths: tuple[str, ...]) -> None:
    authority.administrator(desk, login_at_the_keyboard(), or_staff=True)
    for path in paths:
        if not Path(path).exists():
            raise NotFound("bounces", path=path)
    policy = SuspensionPolicy(desk.settings.mail_suspend_at)
    receipts: Receipts = Bounces(desk.mail_settings())
    try:
        read = receipts.read([Path(path) for path in paths])
        handled = [(receipt, handle(desk.database, receipt, desk.now(), policy)) for receipt in read]
    except OSError as error:
        raise NotFound("bounces", path=error.filename) from error
    for _receipt, handling in handled:
        if handling.suspended:
            click.echo(told("suspended", desk.words, subscriber=handling.suspended), err=True)
    answer([_document(*each) for each in handled], _text(handled, desk.words))


def _text(handled: list[tuple[Receipt, Handling]], words: Words) -> str:
    _ = words.gettext
    if not handled:
        return _("No reports were found.")
    rows = [
        [
            ", ".join(map(str, handling.deliveries)) or "–",
            _(NOTHING_SAID.get(receipt.action, receipt.action)),
            receipt.status,
            _what_became(receipt, handling, words),
        ]
        for receipt, handling in handled
    ]
    return table([_("delivery"), _("report"), _("code"), _("what became of it")], rows)


def _what_became(receipt: Receipt, handling: Handling, words: Words) -> str:
    said = words.name(handling.handled)
    return said if handling.deliveries else f"{said}: {receipt.source}"


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
            help=N_(
                "Read delivery reports (RFC 3464) from files or Maildir folders and settle the deliveries that they "
                "are about. May be run again: a report counts once."
            ),
            examples="reservrutin bounces read /var/mail/reservrutin-bounces",
            params=[Argument(["paths"], nargs=-1, required=True, metavar=N_("PATH…"), type=Written())],
        )
    ],
    help=N_("Mail that came back after the mail server had accepted it."),
    examples="reservrutin bounces read ~/Maildir",
)
