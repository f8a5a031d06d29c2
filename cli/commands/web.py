"""`web`: the pages by which the public subscribes and leaves, for a proxy or a browser on this machine.

Its libraries are an extra, and `web` is imported by its name alone: nothing else in the program hangs on it.
"""

from contextlib import suppress
from importlib import import_module

import click

from application.desk import Desk
from application.listening import Listening, listening
from cli.terminal.command import Command, answer, wants_json
from cli.terminal.options import Written
from cli.terminal.parameters import Option
from cli.terminal.streams import Unshown
from domain.refusals import Invalid
from domain.texts import N_


def _web(desk: Desk, listen: str | None, staff: bool) -> None:
    try:
        serving, pages = import_module("web.serving"), import_module("web.staff" if staff else "web.door")
        log = import_module("web.log").RequestLog()
    except ModuleNotFoundError as missing:
        raise Invalid("no-web-server") from missing
    _ = desk.texts.gettext
    place = _place(listen or desk.settings.web_listen)
    if staff and not place.is_private:
        raise Invalid("staff-listen")
    app = pages.staff_site(desk, log, at_port=not place.path) if staff else pages.door_site(desk, log)
    listener = serving.bound(place)
    if not wants_json():
        with suppress(Unshown):
            click.echo(_("Answers on {place}. Stop with Ctrl-C.").format(place=serving.address_of(listener)))
    serving.serve(app, listener, log)
    app.close()
    answer({"stopped": True}, _("Stopped."), done=True)


def _place(said: str) -> Listening:
    """Raises Invalid for what is no place."""
    try:
        return listening(said)
    except ValueError as error:
        raise Invalid("web-listen-form") from error


web = Command(
    "web",
    _web,
    help=N_(
        "Serve the pages by which the public subscribes to operating information by mail, chooses what to be told of, "
        "and leaves. They are for a proxy in front, which speaks TLS with the world. With --staff it is the page on "
        "which staff reads how it stands, and can write nothing. On standard error there is a line of JSON a request, "
        "without addresses."
    ),
    examples=(
        "reservrutin web\nreservrutin web --listen unix:/run/reservrutin/web.sock\n"
        "reservrutin web --staff --listen 127.0.0.1:8021"
    ),
    params=[
        Option(
            ["--listen"],
            type=Written(),
            metavar="HOST:PORT|unix:PATH",
            help=N_("where to answer (default: the setting web_listen)"),
        ),
        Option(["--staff"], is_flag=True, help=N_("staff's page instead, on this machine or at a socket alone")),
    ],
)
