"""`deliveries`: what became of each notice."""

from datetime import datetime

import click

from application import authority, documents
from application.desk import Desk
from application.incidents import chosen, number
from cli.terminal.command import Command, answer
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import tables, wrapped
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.named import Named
from cli.terminal.options import Time
from cli.terminal.parameters import Argument, Number, Option
from cli.terminal.to_be_retried import ToBeRetried, selected
from cli.terminal.told_then import readers_then
from domain.audience import ChannelName
from domain.delivery import INTO_A_FOLDER, DeliveryState, Unsent
from domain.fact import By
from domain.facts import DeliveriesDecided
from domain.refusals import Invalid
from domain.texts import N_
from domain.vocabulary import Audience, Word
from infrastructure.outbox.ledger import Delivery, Selection, give_up, ledger, retry
from infrastructure.outbox.ledger_then import as_of
from wording import times
from wording.words import Words


def _deliveries(
    desk: Desk,
    incident: str | None,
    state: str | None,
    at: datetime | None,
    retried: tuple[int | str | Word, ...],
    given_up: int | None,
) -> None:
    if at is not None:
        if retried or given_up is not None:
            raise Invalid("act-then")
        _then(desk, incident, DeliveryState(state) if state else None, at)
        return
    if retried or given_up is not None:
        by = authority.keeper(desk, login_at_the_keyboard(), DeliveriesDecided)
        also = [number(incident, desk)] if incident else []
        also += [DeliveryState(state)] if state else []
        _act(desk, by, [*retried, *also], given_up, retries=bool(retried))
        return
    now = desk.now()
    read = chosen(incident, desk)
    words = desk.texts.of(desk.incident(desk.history(read)).routine)
    _ = words.gettext
    found = ledger(desk.database, read, DeliveryState(state) if state else None)
    rows = [
        (
            words.name(Audience(delivery.audience)),
            [
                str(delivery.id),
                str(delivery.entry),
                words.fact(delivery.fact),
                delivery.subscriber,
                words.name(delivery.channel),
                _state(delivery, words, now),
            ],
        )
        for delivery in found
    ]
    head = [_("id"), _("entry"), _("fact"), _("subscriber"), _("channel"), _("state")]
    nobody = _("Nobody has been told of {incident}.") if not state else _("Nothing of {incident} is in that state.")
    answer(
        [documents.delivery(d) for d in found],
        tables(head, rows) if rows else nobody.format(incident=read),
    )


def _then(desk: Desk, incident: str | None, state: DeliveryState | None, at: datetime) -> None:
    """Who had been told of what by a moment, of one incident or of all: a line a reader, the erased by pseudonym."""
    _ = desk.texts.gettext
    found = [
        delivery
        for which in ([number(incident, desk)] if incident else desk.board.all_incidents())
        for delivery in as_of(ledger(desk.database, which), at)
        if state in (None, delivery.state)
    ]
    blocks = [wrapped(_("As it stood {time}, by when each attempt was made:").format(time=times.clock(at)), 0)]
    for which in dict.fromkeys(delivery.incident for delivery in found):
        of_this = [delivery for delivery in found if delivery.incident == which]
        words = desk.texts.of(desk.incident(desk.history(which)).routine)
        head = [_("subscriber"), _("channel"), _("told of")]
        blocks += [click.style(which, bold=True), tables(head, readers_then(of_this, words, at))]
    nobody = _("Nobody had been told of anything by then.")
    answer([documents.delivery(d) for d in found], "\n".join(blocks if found else [*blocks, nobody]))


def _act(desk: Desk, by: By, meant: list[int | str | Word], given_up: int | None, *, retries: bool) -> None:
    """What somebody of the staff decides about one mail, or many."""
    if given_up is None:
        _try_again(desk, by, selected(meant))
    elif meant:
        raise Invalid("retry-or-give-up" if retries else "give-up-alone")
    else:
        said = desk.texts.gettext("Delivery {delivery} is not sent any more.").format(delivery=given_up)
        answer({"given_up": give_up(desk.database, given_up, desk.now(), by)}, said, done=True)


def _try_again(desk: Desk, by: By, which: Selection) -> None:
    ngettext = desk.texts.ngettext
    done = retry(desk.database, which, desk.now(), by)
    count, unread = len(done.rows), len(done.without_reader)
    said = ngettext(
        "{count} delivery is tried again, after what is urgent.",
        "{count} deliveries are tried again, after what is urgent.",
        count,
    )
    if which.ids:
        said = ngettext(
            "Delivery {ids} is tried again at once.", "Deliveries {ids} are tried again at once.", len(which.ids)
        )
    if unread:
        said += " " + ngettext(
            "{unread} is not: its reader receives no mail just now.",
            "{unread} are not: their readers receive no mail just now.",
            unread,
        )
    shown = said.format(count=count, unread=unread, ids=", ".join(map(str, which.ids)))
    answer({"retried": done.rows, "without_reader": done.without_reader}, shown, done=True)


def _state(delivery: Delivery, words: Words, now: datetime) -> str:
    """The state in words, with what made it so."""
    _ = words.gettext
    if delivery.replaced_by is not None:
        return _("replaced by entry {entry}").format(entry=delivery.replaced_by)
    if delivery.reason in list(Unsent):
        return words.name(Unsent(delivery.reason))
    into_a_folder = delivery.state is DeliveryState.SENT and delivery.channel is ChannelName.FOLDER
    said = _(INTO_A_FOLDER) if into_a_folder else words.name(delivery.state)
    if delivery.state is DeliveryState.SENT and delivery.sent_at:
        return said + f" {times.clock(datetime.fromisoformat(delivery.sent_at), now)}"
    tried = [one for one in delivery.attempts if one.reply or one.code]  # that it ended untried says no more
    if tried:
        latest = tried[-1]
        said += f": {_(latest.reply)}"
        if latest.enhanced and not latest.reply.startswith(latest.enhanced):
            said += f" ({latest.enhanced})"
    if len(tried) > 1:
        said += " · " + words.ngettext("{count} attempt", "{count} attempts", len(tried)).format(count=len(tried))
    return said


deliveries = Command(
    "deliveries",
    _deliveries,
    help=N_(
        "Who was told what, when, and what the mail server answered. "
        "“Sent” means that the mail server accepted it, not that anybody has read it."
    ),
    examples=(
        "reservrutin deliveries 2026-0007\n"
        "reservrutin deliveries 2026-0007 --at 11:45\n"
        "reservrutin deliveries 2026-0007 --state refused\n"
        "reservrutin deliveries --retry 42 --retry 43\n"
        "reservrutin deliveries 2026-0007 --retry policy"
    ),
    params=[
        Argument(["incident"], required=False, type=IncidentNumber()),
        Option(["--state"], type=Named(DeliveryState, strict=True), help=N_("only those in this state")),
        Option(
            ["--at"], type=Time(), help=N_("who had been told of what by then, of every incident where none is named")
        ),
        Option(
            ["--retry", "retried"],
            type=ToBeRetried(),
            multiple=True,
            help=N_("try mail again: a delivery's id, an incident, a state (refused), or whose fault it was (policy)"),
        ),
        Option(
            ["--give-up", "given_up"], type=Number(), metavar=N_("ID"), help=N_("send this delivery's mail no more")
        ),
    ],
)
