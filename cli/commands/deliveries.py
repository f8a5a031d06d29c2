"""`deliveries`: what became of each notice."""

from datetime import datetime

from application import authority, documents
from application.desk import Desk
from application.incidents import chosen
from cli.terminal.command import Command, answer
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import tables
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.parameters import Argument, Choice, Number, Option
from domain.audience import ChannelName
from domain.delivery import INTO_A_FOLDER, DeliveryState
from domain.refusals import Invalid
from domain.texts import N_
from domain.vocabulary import Audience
from infrastructure.outbox.ledger import Delivery, give_up, ledger, retry
from infrastructure.registers.subscribers import Unsent
from wording import times
from wording.words import Words


def _deliveries(desk: Desk, incident: str | None, state: str | None, retried: int | None, given_up: int | None) -> None:
    if retried is not None or given_up is not None:
        _act(desk, retried, given_up)
        return
    now = desk.now()
    number = chosen(incident, desk)
    words = desk.texts.of(desk.incident(desk.history(number)).routine)
    _ = words.gettext
    found = ledger(desk.database, number, DeliveryState(state) if state else None)
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
        tables(head, rows) if rows else nobody.format(incident=number),
    )


def _act(desk: Desk, retried: int | None, given_up: int | None) -> None:
    """What somebody of the staff decides about one mail."""
    _ = desk.texts.gettext
    if retried is not None and given_up is not None:
        raise Invalid("retry-or-give-up")
    authority.administrator(desk, login_at_the_keyboard(), or_staff=True)
    if retried is not None:
        rows = retry(desk.database, retried, desk.now())
        answer({"retried": rows}, _("Delivery {delivery} is tried again at once.").format(delivery=retried))
    elif given_up is not None:
        rows = give_up(desk.database, given_up, desk.now())
        answer({"given_up": rows}, _("Delivery {delivery} is not sent any more.").format(delivery=given_up))


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
    if delivery.attempts:
        latest = delivery.attempts[-1]
        said += f": {_(latest.reply)}"
        if latest.enhanced and not latest.reply.startswith(latest.enhanced):
            said += f" ({latest.enhanced})"
    if len(delivery.attempts) > 1:
        said += " · " + words.ngettext("{count} attempt", "{count} attempts", len(delivery.attempts)).format(
            count=len(delivery.attempts)
        )
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
        "reservrutin deliveries 2026-0007 --state refused\n"
        "reservrutin deliveries --retry 42"
    ),
    params=[
        Argument(["incident"], required=False, type=IncidentNumber()),
        Option(["--state"], type=Choice([state.value for state in DeliveryState]), help=N_("only those in this state")),
        Option(
            ["--retry", "retried"], type=Number(), metavar=N_("ID"), help=N_("try this delivery's mail again at once")
        ),
        Option(
            ["--give-up", "given_up"], type=Number(), metavar=N_("ID"), help=N_("send this delivery's mail no more")
        ),
    ],
)
