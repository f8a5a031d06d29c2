"""`desk`: the screen that stays open."""

from application.desk import Desk
from cli.terminal.command import Command, wants_json
from cli.terminal.first_log import make_log
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.screen import can_draw
from domain.refusals import Invalid
from domain.texts import N_


def _desk(desk: Desk) -> None:
    from cli.desk.app import DeskScreen  # Textual is for who opens a screen
    from cli.desk.drafts import DraftFile, usual_place
    from cli.desk.sight import look

    if wants_json() or not can_draw():
        raise Invalid("no-screen")
    make_log(desk)
    login = login_at_the_keyboard()
    screen = DeskScreen(desk, login, look(desk, login), DraftFile(usual_place(), desk.settings.database_url, desk.now))
    screen.run()
    if screen.fault:
        raise screen.fault


desk = Command(
    "desk",
    _desk,
    help=N_("The screen that stays open: what to say to whoever rings, what is to be done, and a key for each."),
    examples="reservrutin desk\nreservrutin",
)
