"""`staff`: who may record, and in which functions."""

from datetime import datetime

from application import authority, documents
from application.desk import Desk
from cli.terminal.command import Command, Group, answer
from cli.terminal.first_log import make_log
from cli.terminal.lines import table
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.named import Named
from cli.terminal.options import Time, Written
from cli.terminal.parameters import Argument, Option
from domain.history import as_known
from domain.refusals import NotAuthorised
from domain.staff import is_from_before, register
from domain.texts import N_
from domain.vocabulary import Function
from infrastructure.log.clocks import known_before
from infrastructure.registers.staff import Member
from wording.authority import registered
from wording.facts import listed


def _add(desk: Desk, login: str, roles: tuple[str, ...]) -> None:
    words = desk.words
    _ = words.gettext
    make_log(desk)
    by = authority.administrator(desk, login_at_the_keyboard())
    member = desk.staff.add(login, [Function(role) for role in roles], by)
    functions = listed(words, member.roles)
    said = _("{login} may record as {functions}. From now on only registered staff may write.")
    answer(
        {"login": member.login, "id": member.id, "roles": list(member.roles)},
        said.format(login=member.login, functions=functions),
    )


def _list(desk: Desk, at: datetime | None) -> None:
    if at:
        _list_at(desk, at)
        return
    words = desk.words
    _ = words.gettext
    members = _members(desk)
    rows = [[member.login or "–", member.id, listed(words, member.roles)] for member in members]
    nobody = _("No staff is registered, so anybody who reaches the log may record in any function.")
    if desk.staff.is_closed():
        nobody = _(
            "Everybody who was registered is removed, so nobody may record: reservrutin staff add LOGIN --role …"
        )
    answer(
        [{"login": m.login, "id": m.id, "roles": list(m.roles)} for m in members],
        table([_("login"), _("id"), _("functions")], rows) if rows else nobody,
    )


def _members(desk: Desk) -> list[Member]:
    try:
        return desk.staff.members()
    except NotAuthorised:
        desk.leave_out("addresses-unseen")
        return desk.staff.pseudonyms()


def _list_at(desk: Desk, at: datetime) -> None:
    """Who might record at a moment by what the log held then, since when and by whose hand."""
    words = desk.words
    _ = words.gettext
    logins = {member.id: member.login for member in _members(desk)}
    history = desk.staff.history()
    known = as_known(history, at, known_before(desk.database, at))
    found, now = register(known).values(), desk.now()
    rows = []
    for held in found:
        since = _("registered {when}").format(when=registered(held, words, now))
        rows.append([logins.get(held.person) or "–", held.person, f"{listed(words, held.functions)}; {since}"])
    documented = [
        {"login": logins.get(held.person), "id": held.person, "roles": list(held.functions), **documents.since(held)}
        for held in found
    ]
    nobody = _("Nobody was registered then.")
    if not known and any(map(is_from_before, history)):
        nobody = _("The log did not keep the register then.")
    answer(documented, table([_("login"), _("id"), _("functions")], rows) if rows else nobody)


def _remove(desk: Desk, login: str) -> None:
    _ = desk.texts.gettext
    pseudonym = desk.staff.remove(login, authority.administrator(desk, login_at_the_keyboard()))
    said = _("{login} may no longer record, and the login is erased; the log keeps the pseudonym {id}.")
    answer({"login": login, "id": pseudonym}, said.format(login=login, id=pseudonym), done=True)


staff = Group(
    "staff",
    [
        Command(
            "add",
            _add,
            help=N_("Register a login and the functions it may act in, or change those it has."),
            examples="reservrutin staff add anna --role hjalpmedel-administration --role vo-hjalpmedel",
            params=[
                Argument(["login"], metavar=N_("LOGIN"), type=Written()),
                Option(
                    ["--role", "roles"],
                    multiple=True,
                    required=True,
                    type=Named(Function, strict=True),
                    help=N_("a function"),
                ),
            ],
        ),
        Command(
            "list",
            _list,
            help=N_("Everybody who may record, or might at a moment."),
            examples="reservrutin staff list\nreservrutin staff list --at 12:20",
            params=[Option(["--at"], type=Time(), help=N_("who might then, since when and by whose hand"))],
        ),
        Command(
            "remove",
            _remove,
            help=N_("Erase a login; what it recorded stays."),
            params=[Argument(["login"], metavar=N_("LOGIN"), type=Written())],
        ),
    ],
    help=N_("Who may record, and in which functions. Once somebody is registered, nobody else may write."),
    examples="reservrutin staff add anna --role hjalpmedel-administration\nreservrutin staff list",
)
