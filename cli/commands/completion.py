"""`completion`: the tab key."""

import click
from click.shell_completion import get_completion_class

from application.desk import Desk
from cli.terminal.bash import use_our_bash
from cli.terminal.command import COMPLETES, Command
from cli.terminal.parameters import Argument, Choice
from domain.texts import N_


def _completion(_desk: Desk, shell: str) -> None:
    use_our_bash()
    known = get_completion_class(shell)
    if known is not None:
        root = click.get_current_context().find_root()
        click.echo(known(root.command, {}, "reservrutin", COMPLETES).source())


completion = Command(
    "completion",
    _completion,
    help=N_("Print the script that completes commands and options at the tab key."),
    examples='eval "$(reservrutin completion bash)"',
    params=[Argument(["shell"], type=Choice(["bash", "zsh", "fish"]))],
)
