"""What all commands have in common: --json, --lang, --config and --no-pager, and a help that leads with examples.

What a command is declared with is English, and shown in the words of whoever asks; what it does is handed the desk.
"""

import gc
import os
import re
import sys
from collections.abc import Callable, Iterable
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import click

from cli.terminal.lines import as_typed, whole_words
from cli.terminal.option_names import SWEDISH, WITHOUT_MARKS, beside
from cli.terminal.parameters import Choice, Option, texts_of
from cli.terminal.screen import can_draw, columns, rows
from cli.terminal.streams import Unshown
from domain.refusals import Invalid
from domain.texts import N_
from wording.words import LANGUAGES, Texts

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

JSON = "reservrutin.json"
NO_PAGER = "reservrutin.no-pager"
GIVEN = "reservrutin.given"
COMPLETES = "_RESERVRUTIN_COMPLETE"
"""Set in the environment by a shell whose tab key asks."""
COMMON = ("json", "lang", "config", "no_pager")
OPTIONS, COMMAND = N_("[OPTIONS]"), N_("COMMAND …")
HELP = N_("Show this message and exit.")
IN_SWEDISH = set(beside(list(SWEDISH)))
SHELL_WORDS = re.compile(r"(?:\"[^\"]*\"|'[^']*'|[^\s\"'])+")


def common_options() -> list[click.Parameter]:
    """Options of every command. Language and settings are in force before a command line is parsed."""

    def remember(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
        key = JSON if option.name == "json" else NO_PAGER
        ctx.meta[key] = wanted or ctx.meta.get(key, False)

    return [
        Option(
            ["--json"], is_flag=True, expose_value=False, callback=remember, help=N_("one JSON document, for programs")
        ),
        Option(["--lang"], type=Choice(LANGUAGES), expose_value=False, help=N_("the language (default: sv)")),
        Option(["--config"], type=click.Path(), metavar=N_("FILE"), expose_value=False, help=N_("the settings' file")),
        Option(
            ["--no-pager"],
            is_flag=True,
            expose_value=False,
            callback=remember,
            help=N_("print a long answer instead of leafing through it"),
        ),
    ]


def wants_json() -> bool:
    return bool(click.get_current_context().meta.get(JSON))


class WithExamples(click.Command):
    """A command whose help shows how it is used before it lists its options."""

    examples: str = ""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises Invalid for an option that is given twice where it may be given once: the library would let the last
        one stand, and drop what the first one said."""
        if not ctx.resilient_parsing:
            _refuse_given_twice(ctx, self.make_parser(ctx).parse_args(list(args))[2])
        return super().parse_args(ctx, args)

    def words(self, ctx: click.Context) -> str:
        """What the command is for."""
        return texts_of(ctx).gettext(str(self.help))

    def examples_for(self, ctx: click.Context) -> str:
        return self.examples

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        prefix = texts_of(ctx).gettext("Usage:")
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), f"{prefix} ")

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        marked = (self.options_metavar, getattr(self, "subcommand_metavar", None))
        return [texts_of(ctx).gettext(p) if p in marked else p for p in super().collect_usage_pieces(ctx)]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _ = texts_of(ctx).gettext
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(cleandoc(self.words(ctx)))
        if examples := self.examples_for(ctx):
            with formatter.section(_("Examples")):
                for line in examples.splitlines():
                    formatter.write(as_typed(SHELL_WORDS.findall(line), " " * formatter.current_indent) + "\n")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _ = texts_of(ctx).gettext
        found = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        with formatter.section(_("Options")):
            formatter.write_dl([(_spec(option, ctx), _option_words(option, ctx)) for option in found])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """An option is offered by its Swedish name where no English one begins so."""
        found = click.Command.shell_complete(self, ctx, incomplete)
        english: list[CompletionItem] = []
        swedish: list[CompletionItem] = []
        for item in found:
            item.help = item.help and texts_of(ctx).gettext(item.help)
            (swedish if item.value in IN_SWEDISH else english).append(item)
        marked = {item.value.translate(WITHOUT_MARKS) for item in swedish if not item.value.isascii()}
        return english or [item for item in swedish if item.value not in marked]


def _refuse_given_twice(ctx: click.Context, typed: Iterable[click.Parameter]) -> None:
    """`typed` are the parameters in the order in which they were typed; the common ones count for the whole line."""
    common: list[str] = ctx.meta.setdefault(GIVEN, [])
    own: list[str] = []
    for option in typed:
        if isinstance(option, Option) and option.name and not option.multiple:
            given = common if option.name in COMMON else own
            if option.name in given:
                raise Invalid("given-twice", option=option.opts[0])
            given.append(option.name)


def _too_much(ctx: click.Context, word: str, typed: list[str]) -> Invalid:
    """A word that nothing takes is most often the rest of a text without quotes."""
    place = typed.index(word)
    start = next((at for at in range(place - 1, -1, -1) if typed[at].startswith("-")), None)
    named = {name: option for option in ctx.command.params for name in option.opts}
    option = named.get(typed[start]) if start is not None else None
    if start is None or not isinstance(option, click.Option) or option.is_flag or place < start + 2:
        return Invalid("too-much", word=word)
    end = next((at for at in range(place, len(typed)) if typed[at].startswith("-")), len(typed))
    said = typed[start + 1 : end]
    text = f'"{" ".join(said)}"'
    if option.multiple:
        several = " ".join(f"{typed[start]} {one}" for one in said)
        return Invalid("unquoted-or-several", word=word, option=typed[start], text=text, several=several)
    return Invalid("unquoted", word=word, option=typed[start], text=text)


def _spec(option: click.Option, ctx: click.Context) -> str:
    """An option's names; --help itself is the library's."""
    if isinstance(option, Option):
        return option.get_help_spec(ctx)
    return ", ".join(name for name in option.opts if name.isascii() or texts_of(ctx).language == "sv")


def _option_words(option: click.Option, ctx: click.Context) -> str:
    """What an option is for."""
    return option.words(ctx) if isinstance(option, Option) else texts_of(ctx).gettext(HELP)


class Command(WithExamples):
    """One command. `does` is handed the desk and what was typed; `examples` are lines of a shell."""

    allow_extra_args = True  # told by ourselves

    def __init__(
        self,
        name: str,
        does: Callable[..., Any],
        *,
        help: str,  # noqa: A002 - the library's word
        examples: str = "",
        params: Iterable[click.Parameter] = (),
    ) -> None:
        params = [*params, *common_options()]
        super().__init__(name, help=help, params=params, options_metavar=OPTIONS)
        self.examples = examples
        self._does = does

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        typed = list(args)  # the library takes from the list as it goes
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise _too_much(ctx, rest[0], typed)
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """From here on garbage is collected again where the console script had put it off."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        return ctx.invoke(self._does, ctx.obj, **ctx.params)


class Group(WithExamples, click.Group):
    """A command with commands of its own. `pages`: of the program, whether long answers are leafed through."""

    pages = False

    def __init__(self, name: str, commands: Iterable[click.Command], *, help: str, examples: str = "") -> None:  # noqa: A002 - the library's word
        super().__init__(
            name,
            commands=list(commands),
            help=help,
            params=common_options(),
            no_args_is_help=True,
            options_metavar=OPTIONS,
            subcommand_metavar=COMMAND,
        )
        self.examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order they were given, which is the order of the day."""
        return list(self.commands)

    def in_short(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Each command, and what it is for in a few words."""
        texts = texts_of(ctx)
        return [(name, short(str(command.help), texts)) for name, command in self.commands.items()]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _ = texts_of(ctx).gettext
        super().format_options(ctx, formatter)
        with formatter.section(_("Commands")):
            formatter.write_dl(self.in_short(ctx), col_max=34)

    def offered(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The commands that begin so."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name, help=said) for name, said in self.in_short(ctx) if name.startswith(incomplete)]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The tab key, too, makes do with names and words."""
        found = self.offered(ctx, incomplete)
        return [*found, *WithExamples.shell_complete(self, ctx, incomplete)]


def short(words: str, texts: Texts) -> str:
    """The first sentence of a help text, or as much of it as there is room for beside the command."""
    return click.Command(None, help=texts.gettext(words)).get_short_help_str(60)


def answer(document: Any, text: str, *, pages: bool = True, done: bool = False) -> None:
    """Print the one JSON document, or the text for people: a sentence in lines of 80 columns, several as they stand.

    What a terminal can't show at once is leafed through there, unless whoever waits for it has no time for `pages`.
    Where it is only told of what is `done`, one that can't be shown leaves the exit code as it is: what became of the
    work is what a script must know.
    """
    said = _as_json(document) if wants_json() else whole_words(text)
    try:
        if pages and _is_leafed_through(said):
            from cli.terminal.pager import leaf_through  # seldom needed

            leaf_through(said)
        else:
            click.echo(said)
        sys.stdout.flush()
    except Unshown as unshown:
        if unshown.reader_has_left:
            return
        if not done:
            raise
        from wording.sentences import told  # seldom needed

        click.echo(told("not-shown", click.get_current_context().obj.words, problem=unshown.problem), err=True)


def _is_leafed_through(said: str) -> bool:
    ctx = click.get_current_context()
    program = ctx.find_root().command
    wanted = not wants_json() and not ctx.meta.get(NO_PAGER) and os.environ.get("PAGER") != ""
    return wanted and can_draw() and 0 < rows() <= _height(said) and isinstance(program, Group) and program.pages


def _height(said: str) -> int:
    """How many lines of the terminal the text takes."""
    width = columns()
    return sum(max(-(-len(click.unstyle(line)) // width), 1) for line in said.splitlines())


def _as_json(document: Any) -> str:
    import json  # help and completion have no use for it

    return json.dumps(document, ensure_ascii=False, indent=2)
