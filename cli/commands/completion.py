"""`completion`: the tab key."""

import click
from click.shell_completion import get_completion_class

from application.desk import Desk
from cli.terminal.command import Command
from cli.terminal.parameters import Argument, Choice
from domain.texts import N_


def _completion(_desk: Desk, shell: str) -> None:
    known = get_completion_class(shell)
    if known is not None:
        root = click.get_current_context().find_root()
        click.echo(known(root.command, {}, "reservrutin", "_RESERVRUTIN_COMPLETE").source())


completion = Command(
    "completion",
    _completion,
    help=N_("Print the script that completes commands and options at the tab key."),
    examples='eval "$(reservrutin completion bash)"',
    params=[Argument(["shell"], type=Choice(["bash", "zsh", "fish"]))],
)
