"""`copy`: a log that moves."""

from contextlib import closing

from application import authority
from application.desk import Desk
from cli.terminal.command import Command, answer
from cli.terminal.first_log import say_made
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.parameters import Option
from domain.texts import N_
from infrastructure.database.database import Database


def _copy(desk: Desk, to: str) -> None:
    from infrastructure.database.copying import move
    from infrastructure.database.making import make

    authority.administrator(desk, login_at_the_keyboard())
    made = make(to)
    with closing(Database(to)) as target:
        if made:
            say_made(target.place, desk)
        rows = move(desk.database, target)
    facts = rows["facts"]
    words = desk.texts.ngettext(
        "{count} fact is copied, byte for byte and in its position; the registers and the ledger with it.",
        "{count} facts are copied, byte for byte and in their positions; the registers and the ledger with them.",
        facts,
    )
    answer({"copied": rows}, words.format(count=facts), done=True)


copy = Command(
    "copy",
    _copy,
    help=N_("Copy the whole log into an empty one at another address, unchanged, and compare it row by row."),
    examples="reservrutin copy --to postgresql+psycopg://reservrutin_owner@HOST/reservrutin",
    params=[Option(["--to"], required=True, metavar="URL", help=N_("the address of the empty log"))],
)
