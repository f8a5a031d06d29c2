"""`bounces read`: what came back about mail that the mail server had accepted."""

from pathlib import Path

import click

from application import authority
from application.desk import Desk
from application.leaving import leave
from cli.terminal.command import Command, Group, answer
from cli.terminal.lines import table
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import Written
from cli.terminal.parameters import Argument
from domain.facts import DeliveriesDecided
from domain.refusals import NotFound
from domain.suspension import SuspensionPolicy
from domain.texts import N_
from infrastructure.outbox.bounces import Handled, Handling, handle
from notifiers.channel import Receipts
from notifiers.email.bounces import RETURNED, Bounces, NoBounce
from wording.sentences import told
from wording.words import Words

NOTHING_SAID: dict[str, str] = {
    NoBounce.NO_REPORT: N_("no report"),
    NoBounce.FORGED: N_("a forged report"),
    NoBounce.UNSIGNED: N_("an unsigned report"),
    NoBounce.UNREADABLE: N_("unreadable"),
    NoBounce.LEAVING: N_("wants no more mail"),
    RETURNED: N_("came back, no word can be read of why"),
}
"""In the place of what a report says happened."""


def _read(desk: Desk, paths: tuple[str, ...]) -> None:
    by = authority.keeper(desk, login_at_the_keyboard(), DeliveriesDecided)
    for path in paths:
        if not Path(path).exists():
            raise NotFound("bounces", path=path)
    policy = SuspensionPolicy(desk.settings.mail_suspend_at)
    receipts: Receipts = Bounces(desk.mail_settings())
    try:
        read = list(receipts.read([Path(path) for path in paths]))
        handled = handle(desk.database, [one for one in read if one.way_out is None], desk.now(), policy, by)
        handled += [leave(desk, one) for one in read if one.way_out is not None]
    except OSError as error:
        raise NotFound("bounces", path=error.filename) from error
    held = [handling.receipt for handling in handled if handling.handled is Handled.HELD]
    if held:
        click.echo(told("mail-held", desk.words, reply=held[0].diagnostic or held[0].status), err=True)
    for handling in handled:
        if handling.suspended:
            click.echo(told("suspended", desk.words, subscriber=handling.suspended), err=True)
    for handling in handled:
        if handling.handled is Handled.LEFT and not handling.answered:
            click.echo(told("not-answered", desk.words, subscriber=handling.subscriber), err=True)
    answer([_document(handling) for handling in handled], _text(handled, desk.words), done=True)


def _text(handled: list[Handling], words: Words) -> str:
    _ = words.gettext
    if not handled:
        return _("No reports were found.")
    rows = [
        [
            ", ".join(map(str, handling.deliveries)) or handling.subscriber or "–",
            _(NOTHING_SAID.get(handling.receipt.action, handling.receipt.action)),
            handling.receipt.status,
            _what_became(handling, words),
        ]
        for handling in handled
    ]
    return table([_("delivery"), _("report"), _("code"), _("what became of it")], rows)


def _what_became(handling: Handling, words: Words) -> str:
    said = words.name(handling.handled)
    if handling.receipt.way_out is not None and handling.handled is Handled.UNKNOWN:
        said = words.gettext("left alone: not the code of their own mail")
    return said if handling.deliveries or handling.subscriber else f"{said}: {handling.receipt.source}"


def _document(handling: Handling) -> dict[str, object]:
    receipt = handling.receipt
    return {
        "deliveries": list(handling.deliveries),
        "subscriber": handling.subscriber,
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
                "Read delivery reports (RFC 3464) from files, mailboxes (mbox) or Maildir folders and settle the "
                "deliveries that they are about. Whoever asks for no more mail, with the code of their own mail, is "
                "erased and answered. May be run again: everything counts once."
            ),
            examples="reservrutin bounces read /var/mail/reservrutin-bounces",
            params=[Argument(["paths"], nargs=-1, required=True, metavar=N_("PATH…"), type=Written())],
        )
    ],
    help=N_("Mail that came back after the mail server had accepted it."),
    examples="reservrutin bounces read ~/Maildir",
)
