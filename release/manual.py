"""The man page, in the commands' own words, and what the shells ask at the tab key.

Both follow from the commands, so that they are made at release and never edited.
"""

from collections.abc import Iterator
from datetime import date
from inspect import cleandoc
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from click.shell_completion import get_completion_class

from application.desk import Desk
from application.setting_forms import SETTINGS
from application.settings import PREFIX, Settings
from cli.app import program
from cli.terminal.bash import use_our_bash
from cli.terminal.command import COMMON, COMPLETES, Command, Group
from cli.terminal.parameters import Option, texts_of
from domain.texts import N_
from wording.words import Language, Texts, texts_in

PAGES: dict[Language, str] = {"en": "man/man1/reservrutin.1", "sv": "man/sv/man1/reservrutin.1"}
COMPLETIONS = {
    "bash": "bash-completion/completions/reservrutin",
    "zsh": "zsh/site-functions/_reservrutin",
    "fish": "fish/vendor_completions.d/reservrutin.fish",
}
"""Where a shell looks for them below `share`."""
FILES = {
    "/etc/reservrutin/reservrutin.toml": N_("settings for everybody on this machine"),
    "~/.config/reservrutin/reservrutin.toml": N_("one's own settings, which win over those"),
    "~/.local/share/reservrutin/reservrutin.sqlite": N_("the log, unless database_url names another"),
}
OF_EACH = N_("Options of each of these commands:")
EXIT_CODES = {
    0: N_("it is done; of record: the fact is written"),
    1: N_("something is damaged, or wrong in the program itself"),
    2: N_("it can't be understood as it was typed, or as it is set"),
    3: N_("there is no such thing"),
    4: N_("whoever asks may not do that"),
    5: N_("as the incident stands, the fact is not admitted"),
    6: N_("nothing went wrong, and something was found that is not as it should be"),
    7: N_("it holds a patient's number, and is not written"),
    75: N_("the log does not answer just now: try again"),
    130: N_("interrupted with Ctrl-C, and nothing is written"),
}


def write(share: Path, version: str, released: date) -> None:
    """Everything, as it is laid below `share` of a system."""
    with TemporaryDirectory() as nowhere:
        settings = Settings(database_url=f"sqlite:///{nowhere}/none.sqlite")
        made = {place: page(settings, language, version, released) for language, place in PAGES.items()}
        made |= {place: completion(shell) for shell, place in COMPLETIONS.items()}
    for place, text in made.items():
        (share / place).parent.mkdir(parents=True, exist_ok=True)
        (share / place).write_text(text, encoding="utf-8")


def completion(shell: str) -> str:
    use_our_bash()
    asks = get_completion_class(shell)
    assert asks is not None, shell
    return asks(program(), {}, "reservrutin", COMPLETES).source() + "\n"


def page(settings: Settings, language: Language, version: str, released: date) -> str:
    """Of the routine that the program has with it, as man(7) writes it."""
    texts = texts_in(language)
    root = program()
    with click.Context(root, info_name="reservrutin", obj=Desk(settings).speaking(language)) as ctx:
        return "\n".join([*_head(ctx, texts, version, released), *_commands(ctx), *_tail(texts), ""])


def _head(ctx: click.Context, texts: Texts, version: str, released: date) -> Iterator[str]:
    _ = texts.gettext
    root = ctx.command
    assert isinstance(root, Group)
    yield from (f'.TH RESERVRUTIN 1 "{released}" "reservrutin {version}"', ".nh", ".ad l")
    yield from (_section(_("NAME")), f"reservrutin \\- {_plain(root.words(ctx).rstrip('.'))}")
    yield _section(_("SYNOPSIS"))
    yield _usage(root, ctx)
    yield _section(_("OPTIONS OF EVERY COMMAND"))
    for option in root.get_params(ctx):
        yield from _option(option, ctx)
    yield _section(_("EXAMPLES"))
    yield from _examples(root.examples)
    yield _section(_("COMMANDS"))


def _commands(ctx: click.Context, told: frozenset[str] = frozenset(COMMON)) -> Iterator[str]:
    """Each command below this one. What all commands of a group take is told once, at the group: `told` are the names
    of options that have been."""
    for found, below in _below(ctx):
        yield f'.SS "{_plain(below.command_path)}"'
        yield from (_usage(found, below), ".PP", _plain(cleandoc(found.words(below))))
        own = found.get_params(below) if isinstance(found, Command) else _taken_by_all(below)
        yield from _examples(found.examples_for(below))
        options = [option for option in own if option.name not in told]
        if options and isinstance(found, Group):
            yield from (".PP", _plain(texts_of(below).gettext(OF_EACH)))
        for option in options:
            yield from _option(option, below)
        if isinstance(found, Group):
            yield from _commands(below, told | {str(option.name) for option in own})


def _below(ctx: click.Context) -> Iterator[tuple[Command | Group, click.Context]]:
    group = ctx.command
    assert isinstance(group, Group)
    for name in group.list_commands(ctx):
        found = group.get_command(ctx, name)
        assert isinstance(found, Command | Group), name
        with click.Context(found, info_name=name, parent=ctx, obj=ctx.obj) as below:
            yield found, below


def _taken_by_all(ctx: click.Context) -> list[click.Parameter]:
    """The options of every command of this group."""
    first, *others = [{str(option.name): option for option in found.params} for found, _ctx in _below(ctx)]
    return [option for name, option in first.items() if others and all(name in other for other in others)]


def _section(name: str) -> str:
    return f'.SH "{name}"'


def _usage(command: Command | Group, ctx: click.Context) -> str:
    return f"\\fB{_plain(ctx.command_path)}\\fR {_plain(' '.join(command.collect_usage_pieces(ctx)))}"


def _option(option: click.Parameter, ctx: click.Context) -> Iterator[str]:
    if isinstance(option, Option) and not option.hidden:
        yield from (".TP", f"\\fB{_plain(option.get_help_spec(ctx))}\\fR", _plain(option.words(ctx)))


def _examples(lines: str) -> Iterator[str]:
    if lines:
        yield from (".PP", ".EX", *map(_plain, lines.splitlines()), ".EE")


def _tail(texts: Texts) -> Iterator[str]:
    _ = texts.gettext
    yield from (_section(_("ENVIRONMENT")), _plain(_("Each setting is also a variable, which wins over the files:")))
    yield _plain(", ".join(PREFIX + name.upper() for name in SETTINGS) + ".")
    yield from (".PP", _plain(_("With _FILE behind its name it names a file in which the value stands.")))
    yield _section(_("FILES"))
    for place, words in FILES.items():
        yield from (".TP", _plain(place), _plain(_(words)))
    yield _section(_("EXIT STATUS"))
    for code, words in EXIT_CODES.items():
        yield from (".TP", str(code), _plain(_(words)))


def _plain(text: str) -> str:
    """Text as it is: what man(7) would take for its own is escaped."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(("\\&" if line[:1] in {".", "'"} else "") + line for line in escaped.splitlines())
