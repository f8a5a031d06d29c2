"""`deliveries` and `subscriber`: who is told, and what became of it."""

from datetime import datetime

import click

from application import authority, documents
from application.desk import Desk
from application.incidents import chosen
from cli.terminal.command import Command, Group, answer
from cli.terminal.lines import table
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import Named, Written
from cli.terminal.parameters import Argument, Choice, Number, Option
from domain.audience import ChannelName, Subscriber
from domain.delivery import DeliveryState
from domain.refusals import Invalid
from domain.texts import N_
from domain.vocabulary import Area, Audience, System
from infrastructure.outbox.ledger import Delivery, give_up, ledger, retry
from infrastructure.registers.subscribers import Subscribers, SubscriberState, Unsent
from wording import times
from wording.facts import listed
from wording.words import Words

INTO_A_FOLDER = N_("written into the folder")
"""In the place of what is said of a notice that the mail server accepted."""


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
            Audience(delivery.audience),
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
        _by_audience(head, rows, words) if rows else nobody.format(incident=number),
    )


def _by_audience(head: list[str], rows: list[tuple[Audience, list[str]]], words: Words) -> str:
    """A table an audience, under what people call it."""
    audiences = dict.fromkeys(audience for audience, _row in rows)
    blocks = [(words.name(one), table(head, [row for audience, row in rows if audience is one])) for one in audiences]
    return "\n\n".join(f"{click.style(name, bold=True)}\n{rows_}" for name, rows_ in blocks)


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


def _add(
    desk: Desk,
    address: str,
    audience: str,
    systems: tuple[str, ...],
    areas: tuple[str, ...],
    language: str,
    channel: str,
) -> None:
    from application.channels import KEPT_ADDRESS  # with all that a channel needs, which the other commands do not

    words, by = desk.words, ChannelName(channel)
    _ = words.gettext
    added = _register(desk).add(
        address,
        Audience(audience),
        [System(s) for s in systems],
        [Area(a) for a in areas],
        language,
        by,
        KEPT_ADDRESS[by],
    )
    said = _("{address} is told as {audience} ({id}).").format(
        address=added.address, audience=words.name(added.audience), id=added.id
    )
    answer(_subscriber(added, SubscriberState.ACTIVE), said)


def _register(desk: Desk) -> Subscribers:
    """The register, for somebody who may change it."""
    authority.administrator(desk, login_at_the_keyboard(), or_staff=True)
    return Subscribers(desk.database)


def _list(desk: Desk) -> None:
    words, found = desk.words, Subscribers(desk.database).all()
    _ = words.gettext
    rows = [
        (
            subscriber.audience,
            [
                subscriber.id,
                subscriber.address,
                subscriber.language,
                words.name(subscriber.channel),
                listed(words, [state, *subscriber.systems, *subscriber.areas]),
            ],
        )
        for subscriber, state in found
    ]
    head = [_("id"), _("address"), _("language"), _("channel"), _("state")]
    nobody = _("Nobody subscribes yet: reservrutin subscriber add ADDRESS --audience staff")
    answer([_subscriber(*row) for row in found], _by_audience(head, rows, words) if rows else nobody)


def _pause(desk: Desk, subscriber: str) -> None:
    _ = desk.texts.gettext
    _register(desk).pause(subscriber)
    answer(
        {"subscriber": subscriber, "state": "paused"}, _("{id} is told nothing until resumed.").format(id=subscriber)
    )


def _resume(desk: Desk, subscriber: str) -> None:
    _ = desk.texts.gettext
    _register(desk).resume(subscriber)
    answer({"subscriber": subscriber, "state": "active"}, _("{id} is told again from now on.").format(id=subscriber))


def _remove(desk: Desk, subscriber: str) -> None:
    _ = desk.texts.gettext
    _register(desk).remove(subscriber)
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
    return Argument(["subscriber"], metavar=N_("ID"), type=Written())


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
        Argument(["incident"], required=False, type=Written()),
        Option(["--state"], type=Choice([state.value for state in DeliveryState]), help=N_("only those in this state")),
        Option(
            ["--retry", "retried"], type=Number(), metavar=N_("ID"), help=N_("try this delivery's mail again at once")
        ),
        Option(
            ["--give-up", "given_up"], type=Number(), metavar=N_("ID"), help=N_("send this delivery's mail no more")
        ),
    ],
)
subscriber = Group(
    "subscriber",
    [
        Command(
            "add",
            _add,
            help=N_("Register an address for an audience. Late subscribers get one summary of what is open."),
            examples=(
                "reservrutin subscriber add anna@example.se --audience staff\n"
                "reservrutin subscriber add lund@example.se --audience public --area orthopaedic"
            ),
            params=[
                Argument(["address"], metavar=N_("ADDRESS"), type=Written()),
                Option(
                    ["--audience"],
                    required=True,
                    type=Choice([a.value for a in Audience]),
                    help=N_("what they are told"),
                ),
                Option(
                    ["--system", "systems"],
                    multiple=True,
                    type=Named(System, strict=True),
                    help=N_("only this system; may be repeated"),
                ),
                Option(
                    ["--area", "areas"],
                    multiple=True,
                    type=Named(Area, strict=True),
                    help=N_("only this product area; may be repeated"),
                ),
                Option(["--language"], type=Choice(["sv", "en"]), default="sv", help=N_("the language of their mail")),
                Option(
                    ["--channel"],
                    type=Choice([channel.value for channel in ChannelName]),
                    default=ChannelName.EMAIL.value,
                    help=N_("how they are told; folder writes into notice_folder, for exercises"),
                ),
            ],
        ),
        Command("list", _list, help=N_("Everybody who is told.")),
        Command("pause", _pause, help=N_("Tell somebody nothing for a while."), params=[_who()]),
        Command("resume", _resume, help=N_("Tell somebody again."), params=[_who()]),
        Command("remove", _remove, help=N_("Erase somebody's address for good."), params=[_who()]),
    ],
    help=N_("Who is told by mail. Addresses stand outside the log and can be erased."),
    examples="reservrutin subscriber add anna@example.se --audience staff\nreservrutin subscriber list",
)
