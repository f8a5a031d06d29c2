"""`subscriber`: who is told."""

import click

from application import authority
from application.desk import Desk
from cli.terminal.command import Command, Group, answer
from cli.terminal.first_log import make_log
from cli.terminal.lines import tables
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.named import Named
from cli.terminal.options import Written
from cli.terminal.parameters import Argument, Choice, Option
from domain.audience import ChannelName, Subscriber
from domain.facts import SubscriberChanged
from domain.refusals import NotAuthorised
from domain.texts import N_
from domain.vocabulary import Area, Audience, System
from infrastructure.registers import pauses
from infrastructure.registers.subscribers import Subscribers, SubscriberState
from wording.facts import listed
from wording.times import clock, iso


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

    make_log(desk)
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
    answer(_subscriber(added, SubscriberState.ACTIVE), said, done=True)


def _register(desk: Desk) -> Subscribers:
    """The register, for somebody who may change it."""
    by = authority.keeper(desk, login_at_the_keyboard(), SubscriberChanged)
    return Subscribers(desk.database, desk.now, by)


def _list(desk: Desk) -> None:
    words, register = desk.words, Subscribers(desk.database, desk.now)
    try:
        found = register.all()
    except NotAuthorised:
        found = register.pseudonyms()
        desk.leave_out("addresses-unseen")
    _, until = words.gettext, pauses.every(desk.database)

    def standing(subscriber: Subscriber, state: SubscriberState) -> str:
        said, ends = words.name(state), until.get(subscriber.id)
        if ends and state is SubscriberState.PAUSED:
            said = _("paused until {time}").format(time=clock(ends, desk.now()))
        return ", ".join(filter(None, [said, listed(words, [*subscriber.systems, *subscriber.areas])]))

    rows = [
        (
            words.name(subscriber.audience),
            [
                subscriber.id,
                subscriber.address or "–",
                subscriber.language,
                words.name(subscriber.channel),
                standing(subscriber, state),
            ],
        )
        for subscriber, state in found
    ]
    head = [_("id"), _("address"), _("language"), _("channel"), _("state")]
    nobody = _("Nobody subscribes yet: reservrutin subscriber add ADDRESS --audience staff")
    documents = [_subscriber(*row) | {"paused_until": iso(until.get(row[0].id))} for row in found]
    answer(documents, tables(head, rows) if rows else nobody)


def _pause(desk: Desk, subscriber: str) -> None:
    _ = desk.texts.gettext
    _register(desk).pause(subscriber)
    answer(
        {"subscriber": subscriber, "state": "paused"},
        _("{id} is told nothing until resumed.").format(id=subscriber),
        done=True,
    )


def _resume(desk: Desk, subscriber: str) -> None:
    _ = desk.texts.gettext
    _register(desk).resume(subscriber)
    answer(
        {"subscriber": subscriber, "state": "active"},
        _("{id} is told again from now on.").format(id=subscriber),
        done=True,
    )


def _remove(desk: Desk, subscriber: str) -> None:
    _ = desk.texts.gettext
    _register(desk).remove(subscriber)
    said = _("The address of {id} is erased; the ledger keeps the pseudonym.").format(id=subscriber)
    answer({"subscriber": subscriber, "state": "removed"}, said, done=True)


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
                    help=N_("only this system"),
                ),
                Option(
                    ["--area", "areas"],
                    multiple=True,
                    type=Named(Area, strict=True),
                    help=N_("only this product area"),
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
