"""`publish`: what the system owner has published, as pages in a folder that any web server can serve."""

from pathlib import Path

from application.desk import Desk
from cli.terminal.command import Command, answer
from cli.terminal.options import Written
from cli.terminal.parameters import Argument
from domain.texts import N_


def _publish(desk: Desk, folder: str) -> None:
    from application.publishing.folder import PublicFolder

    written = PublicFolder(desk, Path(folder)).bring_up()
    _, ngettext = desk.texts.gettext, desk.texts.ngettext
    said = ngettext("{count} file written in {folder}.", "{count} files written in {folder}.", len(written))
    nothing = _("Nothing new has been published: {folder} is as it was.")
    answer(
        {"folder": folder, "written": written},
        (said if written else nothing).format(count=len(written), folder=folder),
        done=True,
    )


publish = Command(
    "publish",
    _publish,
    help=N_(
        "Write what the system owner has published, and nothing else, as pages, a feed and JSON into a folder that any "
        "web server can serve. What has not changed is left alone. The worker does the same, where publish_dir is set, "
        "as soon as something changes."
    ),
    examples="reservrutin publish /srv/driftinformation",
    params=[Argument(["folder"], metavar=N_("FOLDER"), type=Written())],
)
