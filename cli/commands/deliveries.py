"""`deliveries` and `subscriber`: who is told, and what became of it."""

from datetime import datetime

import click

from cli.terminal.command import Command, Group, answer, desk
from cli.terminal.incidents import chosen
from cli.terminal.lines import table
from cli.terminal.options import Named, Written
from domain.audience import ChannelName, Subscriber
from domain.delivery import DeliveryState
from domain.refusals import Invalid
from domain.texts import N_
from domain.vocabulary import Area, Audience, System
from infrastructure.outbox.ledger import Delivery, give_up, ledger, retry
from infrastructure.registers.subscribers import Subscribers, SubscriberState, Unsent
from wording import times
from wording.sentences import fact_label
from wording.words import _, name, ngettext

INTO_A_FOLDER = N_("written into the folder")
"""In the place of what is said of a notice that the mail server accepted."""


def _deliveries(incident: str | None, state: str | None, retried: int | None, given_up: int | None) -> None:
    if retried is not None or given_up is not None:
        _act(retried, given_up)
        return
    at_desk, now = desk(), desk().now()
    number = chosen(incident, at_desk)
    at_desk.incident(at_desk.history(number))
    found = ledger(at_desk.database, number, DeliveryState(state) if state else None)
    rows = [
        [
            str(delivery.id),
            str(delivery.entry),
            fact_label(delivery.fact),
            delivery.subscriber,
            delivery.audience,
            name(delivery.channel),
            _state(delivery, now),
        ]
        for delivery in found
    ]
    head = [_("id"), _("entry"), _("fact"), _("subscriber"), _("audience"), _("channel"), _("state")]
    nobody = _("Nobody has been told of {incident}.") if not state else _("Nothing of {incident} is in that state.")
    answer([document(d) for d in found], table(head, rows) if rows else nobody.format(incident=number))


def _act(retried: int | None, given_up: int | None) -> None:
    """What somebody of the staff decides about one mail."""
    if retried is not None and given_up is not None:
        raise Invalid("retry-or-give-up")
    at_desk = desk()
    at_desk.administrator(or_staff=True)
    if retried is not None:
        rows = retry(at_desk.database, retried, at_desk.now())
        answer({"retried": rows}, _("Delivery {delivery} is tried again at once.").format(delivery=retried))
    elif given_up is not None:
        rows = give_up(at_desk.database, given_up, at_desk.now())
        answer({"given_up": rows}, _("Delivery {delivery} is not sent any more.").format(delivery=given_up))


def _state(delivery: Delivery, now: datetime) -> str:
    """The state in words, with what made it so."""
    if delivery.replaced_by is not None:
        return _("replaced by entry {entry}").format(entry=delivery.replaced_by)
    if delivery.reason in list(Unsent):
        return name(Unsent(delivery.reason))
    into_a_folder = delivery.state is DeliveryState.SENT and delivery.channel is ChannelName.FOLDER
    said = _(INTO_A_FOLDER) if into_a_folder else name(delivery.state)
    if delivery.state is DeliveryState.SENT and delivery.sent_at:
        return said + f" {times.clock(datetime.fromisoformat(delivery.sent_at), now)}"
    if delivery.attempts:
        latest = delivery.attempts[-1]
        said += f": {_(latest.reply)}"
        if latest.enhanced and not latest.reply.startswith(latest.enhanced):
            said += f" ({latest.enhanced})"
    if len(delivery.attempts) > 1:
        said += " · " + ngettext("{count} attempt", "{count} attempts", len(delivery.attempts)).format(
            count=len(delivery.attempts)
        )
    return said


def document(delivery: Delivery) -> dict[str, object]:
    """A delivery as JSON; its subscriber by pseudonym alone."""
    return {
        "id": delivery.id,
        "incident": delivery.incident,
        "entry": delivery.entry,
        "fact": delivery.fact,
        "subscriber": delivery.subscriber,
        "audience": delivery.audience,
        "channel": delivery.channel,
        "state": delivery.state,
        "message_id": delivery.message_id,
        "attempts": [
            {"at": a.at, "state": a.state, "code": a.code, "enhanced": a.enhanced, "reply": a.reply}
            for a in delivery.attempts
        ],
        "queued_at": delivery.queued_at,
        "sent_at": delivery.sent_at,
        "next_try_at": delivery.next_try_at,
        "replaced_by": delivery.replaced_by,
        "reason": delivery.reason,
        "fault": delivery.fault,
    }


def _add(
    address: str, audience: str, systems: tuple[str, ...], areas: tuple[str, ...], language: str, channel: str
) -> None:
    from application.channels import KEPT_ADDRESS  # with all that a channel needs, which the other commands do not

    by = ChannelName(channel)
    added = _register().add(
        address,
        Audience(audience),
        [System(s) for s in systems],
        [Area(a) for a in areas],
        language,
        by,
        KEPT_ADDRESS[by],
    )
    said = _("{address} is told as {audience} ({id}).").format(
        address=added.address, audience=name(added.audience), id=added.id
    )
    answer(_subscriber(added, SubscriberState.ACTIVE), said)


def _register() -> Subscribers:
    """The register, for somebody who may change it."""
    desk().administrator(or_staff=True)
    return Subscribers(desk().database)


def _list() -> None:
    found = Subscribers(desk().database).all()
    rows = [
        [
            subscriber.id,
            subscriber.address,
            subscriber.audience,
            subscriber.language,
            name(subscriber.channel),
            ", ".join([name(state), *subscriber.systems, *subscriber.areas]),
        ]
        for subscriber, state in found
    ]
    head = [_("id"), _("address"), _("audience"), _("language"), _("channel"), _("state")]
    text = (
        table(head, rows) if rows else _("Nobody subscribes yet: reservrutin subscriber add ADDRESS --audience staff")
    )
    answer([_subscriber(*row) for row in found], text)


def _pause(subscriber: str) -> None:
    _register().pause(subscriber)
    answer(
        {"subscriber": subscriber, "state": "paused"}, _("{id} is told nothing until resumed.").format(id=subscriber)
    )


def _resume(subscriber: str) -> None:
    _register().resume(subscriber)
    answer({"subscriber": subscriber, "state": "active"}, _("{id} is told again from now on.").format(id=subscriber))


def _remove(subscriber: str) -> None:
    _register().remove(subscriber)
    said = _("The address of {id} is erased; the ledger keeps the pseudonym.").format(id=subscriber)
    answer({"subscriber": subscriber, "state": "removed"}, said)


def _subscriber(subscriber: Subscriber, state: SubscriberState) -> dict[str, object]:
    return {
        "subscriber": subscriber.id,
        "address": subscriber.address,
        "audience": subscriber.audience,
        "systems": list(subscriber.systems),
        "areas": list(subscriber.areas),
        "language": subscriber.language,
        "channel": subscriber.channel,
        "state": state,
    }


def _who() -> click.Argument:
    return click.Argument(["subscriber"], metavar=_("ID"), type=Written())


deliveries = Command(
    "deliveries",
    _deliveries,
    help=_(
        "Who was told what, when, and what the mail server answered. "
        "“Sent” means that the mail server accepted it, not that anybody has read it."
    ),
    examples=(
        "reservrutin deliveries 2026-0007\n"
        "reservrutin deliveries 2026-0007 --state refused\n"
        "reservrutin deliveries --retry 42"
    ),
    params=[
        click.Argument(["incident"], required=False, type=Written()),
        click.Option(
            ["--state"], type=click.Choice([state.value for state in DeliveryState]), help=_("only those in this state")
        ),
        click.Option(
            ["--retry", "retried"], type=click.INT, metavar=_("ID"), help=_("try this delivery's mail again at once")
        ),
        click.Option(
            ["--give-up", "given_up"], type=click.INT, metavar=_("ID"), help=_("send this delivery's mail no more")
        ),
    ],
)
subscriber = Group(
    "subscriber",
    [
        Command(
            "add",
            _add,
            help=_("Register an address for an audience. Late subscribers get one summary of what is open."),
            examples=(
                "reservrutin subscriber add anna@example.se --audience staff\n"
                "reservrutin subscriber add lund@example.se --audience public --area orthopaedic"
            ),
            params=[
                click.Argument(["address"], metavar=_("ADDRESS"), type=Written()),
                click.Option(
                    ["--audience"],
                    required=True,
                    type=click.Choice([a.value for a in Audience]),
                    help=_("what they are told"),
                ),
                click.Option(
                    ["--system", "systems"],
                    multiple=True,
                    type=Named(System, strict=True),
                    help=_("only this system; may be repeated"),
                ),
                click.Option(
                    ["--area", "areas"],
                    multiple=True,
                    type=Named(Area, strict=True),
                    help=_("only this product area; may be repeated"),
                ),
                click.Option(
                    ["--language"], type=click.Choice(["sv", "en"]), default="sv", help=_("the language of their mail")
                ),
                click.Option(
                    ["--channel"],
                    type=click.Choice([channel.value for channel in ChannelName]),
                    default=ChannelName.EMAIL.value,
                    help=_("how they are told; folder writes into notice_folder, for exercises"),
                ),
            ],
        ),
        Command("list", _list, help=_("Everybody who is told.")),
        Command("pause", _pause, help=_("Tell somebody nothing for a while."), params=[_who()]),
        Command("resume", _resume, help=_("Tell somebody again."), params=[_who()]),
        Command("remove", _remove, help=_("Erase somebody's address for good."), params=[_who()]),
    ],
    help=_("Who is told by mail. Addresses stand outside the log and can be erased."),
    examples="reservrutin subscriber add anna@example.se --audience staff\nreservrutin subscriber list",
)
