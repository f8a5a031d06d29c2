"""What all commands have in common: --json, --lang and --config, and a help that leads with examples."""

import gc
import os
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

import click

from application.desk import Desk
from cli.terminal.lines import as_typed
from domain.refusals import Damaged
from wording.words import _

JSON = "reservrutin.json"
SHELL_WORDS = re.compile(r"(?:\"[^\"]*\"|'[^']*'|[^\s\"'])+")


def common_options() -> list[click.Parameter]:
    """Options of every command. Language and settings are already in force when a command is built."""

    def remember(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
        ctx.meta[JSON] = wanted or ctx.meta.get(JSON, False)

    return [
        click.Option(
            ["--json"], is_flag=True, expose_value=False, callback=remember, help=_("one JSON document, for programs")
        ),
        click.Option(
            ["--lang"], type=click.Choice(["sv", "en"]), expose_value=False, help=_("the language (default: sv)")
        ),
        click.Option(
            ["--config"], type=click.Path(), metavar=_("FILE"), expose_value=False, help=_("the settings' file")
        ),
    ]


def wants_json() -> bool:
    return bool(click.get_current_context().meta.get(JSON))


def desk() -> Desk:
    """The desk that the program was started with."""
    found: Desk = click.get_current_context().obj
    return found


class WithExamples(click.Command):
    """A command whose help shows how it is used before it lists its options."""

    examples: str = ""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_help_text(ctx, formatter)
        if self.examples:
            with formatter.section(_("Examples")):
                for line in self.examples.splitlines():
                    formatter.write(as_typed(SHELL_WORDS.findall(line), " " * formatter.current_indent) + "\n")


class Command(WithExamples):
    """One command. `examples` are lines of a shell."""

    def __init__(
        self,
        name: str,
        callback: Callable[..., Any],
        *,
        help: str,  # noqa: A002 - the library's word
        examples: str = "",
        params: Iterable[click.Parameter] = (),
    ) -> None:
        params = [*params, *common_options()]
        super().__init__(name, callback=callback, help=help, params=params, options_metavar=_("[OPTIONS]"))
        self.examples = examples

    def invoke(self, ctx: click.Context) -> Any:
        """From here on garbage is collected again where the console script had put it off."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        return super().invoke(ctx)


class Group(WithExamples, click.Group):
    """A command with commands of its own."""

    def __init__(self, name: str, commands: Iterable[click.Command], *, help: str, examples: str = "") -> None:  # noqa: A002 - the library's word
        super().__init__(
            name,
            commands=list(commands),
            help=help,
            params=common_options(),
            no_args_is_help=True,
            options_metavar=_("[OPTIONS]"),
            subcommand_metavar=_("COMMAND …"),
        )
        self.examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order they were given, which is the order of the day."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, cmd.get_short_help_str(60)) for name, cmd in self.commands.items()], col_max=34)


def answer(document: Any, text: str) -> None:
    """Print the one JSON document, or the text for people."""
    try:
        click.echo(_as_json(document) if wants_json() else text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise Damaged("not-shown", problem=error.strerror) from error


def _as_json(document: Any) -> str:
    import json  # help and completion have no use for it

    return json.dumps(document, ensure_ascii=False, indent=2)
