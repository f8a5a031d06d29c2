"""`deliveries` and `subscriber`: who is told, and what became of it."""

from datetime import datetime

import click

from cli import times
from cli.command import Command, Group, answer, desk
from cli.incidents import chosen
from cli.language import _, name
from cli.options import Named, Written
from cli.render import table
from cli.sentences import fact_label
from domain.audience import Subscriber
from domain.vocabulary import Area, Audience, System
from infrastructure.outbox import Delivery, ledger
from infrastructure.subscribers import Subscribers, SubscriberState


def _deliveries(incident: str | None) -> None:
    at_desk, now = desk(), desk().now()
    number = chosen(incident, at_desk)
    at_desk.incident(at_desk.log.history(number))
    found = ledger(at_desk.database, number)
    rows = [
        [
            str(delivery.entry),
            fact_label(delivery.fact),
            delivery.subscriber,
            name(Audience(delivery.audience)),
            _state(delivery, now),
        ]
        for delivery in found
    ]
    head = [_("entry"), _("fact"), _("subscriber"), _("audience"), _("state")]
    text = table(head, rows) if rows else _("Nobody has been told of {incident}.").format(incident=number)
    answer([_document(delivery) for delivery in found], text)


def _state(delivery: Delivery, now: datetime) -> str:
    said = name(delivery.state)
    if delivery.sent_at:
        said += f" {times.clock(datetime.fromisoformat(delivery.sent_at), now)}"
    if delivery.attempts and not delivery.sent_at:
        said += f": {delivery.attempts[-1].reply}"
    return said


def _document(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.id,
        "incident": delivery.incident,
        "entry": delivery.entry,
        "fact": delivery.fact,
        "subscriber": delivery.subscriber,
        "audience": delivery.audience,
        "state": delivery.state,
        "message_id": delivery.message_id,
        "attempts": [{"at": a.at, "code": a.code, "reply": a.reply} for a in delivery.attempts],
        "queued_at": delivery.queued_at,
        "sent_at": delivery.sent_at,
        "next_try_at": delivery.next_try_at,
    }


def _add(address: str, audience: str, systems: tuple[str, ...], areas: tuple[str, ...], language: str) -> None:

    added = _register().add(
        address, Audience(audience), [System(s) for s in systems], [Area(a) for a in areas], language
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
            ", ".join([name(state), *subscriber.systems, *subscriber.areas]),
        ]
        for subscriber, state in found
    ]
    head = [_("id"), _("address"), _("audience"), _("language"), _("state")]
    text = (
        table(head, rows) if rows else _("Nobody subscribes yet: reservrutin subscriber add ADDRESS --audience staff")
    )
    answer([_subscriber(*row) for row in found], text)


def _pause(subscriber: str) -> None:
    _register().set_state(subscriber, SubscriberState.PAUSED)
    answer(
        {"subscriber": subscriber, "state": "paused"}, _("{id} is told nothing until resumed.").format(id=subscriber)
    )


def _resume(subscriber: str) -> None:
    _register().set_state(subscriber, SubscriberState.ACTIVE)
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
        "state": state,
    }


def _who() -> click.Argument:
    return click.Argument(["subscriber"], metavar=_("ID"), type=Written())


deliveries = Command(
    "deliveries",
    _deliveries,
    help=_(
        "Who was told what, when, and what the mail server answered. "
        "“Accepted” is the mail server's word, not the reader's."
    ),
    examples="reservrutin deliveries 2026-0007",
    params=[click.Argument(["incident"], required=False, type=Written())],
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
