"""`help` and `hjälp`: what a command is for, for whoever does not think of --help."""

import click

from application.desk import Desk
from cli.terminal.command import Command
from cli.terminal.parameters import Argument
from domain.texts import N_


def _help(desk: Desk, command: tuple[str, ...]) -> None:
    program = click.get_current_context().find_root().command
    program.main([*command, "--help"], "reservrutin", standalone_mode=False, obj=desk)


help = Command(  # noqa: A001 - the command's own name
    "help",
    _help,
    help=N_("What a command is for, and how it is typed; all of them if none is named."),
    examples="reservrutin help\nreservrutin help record prognosis-received",
    params=[Argument(["command"], nargs=-1, metavar=N_("COMMAND …"))],
)
