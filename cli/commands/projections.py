"""`projections`: the read models, which can always be derived again."""

from application import authority
from application.desk import Desk
from cli.terminal.command import Command, Group, answer
from cli.terminal.lines import wrap
from cli.terminal.login import login_at_the_keyboard
from domain.refusals import Damaged
from domain.texts import N_
from infrastructure.integrity.repairing import Repair, repair
from infrastructure.read_models.catch_up import rebuild


def _rebuild(desk: Desk) -> None:
    _ = desk.texts.gettext
    authority.administrator(desk, login_at_the_keyboard(), or_staff=True)
    broken = rebuild(desk.database, [desk.board])
    if broken:
        first = broken[0]
        raise Damaged("projection", projection=first.projection, position=first.position, problem=first.problem)
    tree = repair(desk.database)
    facts = desk.log.store.max_notification_id() or 0
    said = [_("The read models are derived again, up to position {position}.").format(position=facts)]
    if tree is Repair.REPAIRED:
        said.append(_("The tree over the facts had gaps and is whole again."))
    if tree is Repair.CONTRADICTED:
        said.append(_("The tree over the facts is left as it is, because it contradicts them: reservrutin verify"))
    answer({"projections": [desk.board.name], "position": facts, "tree": tree}, "\n".join(map(wrap, said)), done=True)


projections = Group(
    "projections",
    [Command("rebuild", _rebuild, help=N_("Throw the read models away and derive them again from the first fact."))],
    help=N_("The read models, which can always be derived again."),
    examples="reservrutin projections rebuild",
)
