"""`reservrutin`: its commands, how they are found, and how a "no" reaches a person."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

import click

from application.desk import Desk
from application.settings import load
from cli.terminal.command import COMPLETES, Group
from cli.terminal.lines import WIDTH, is_plain, wrap
from cli.terminal.parameters import Option, texts_of
from cli.terminal.screen import can_draw, columns
from cli.terminal.streams import Unshown
from domain.refusals import Damaged, Invalid, Refusal
from domain.texts import N_
from wording.words import LANGUAGES, Texts, Words, texts_in

COMMANDS = {
    "desk": ("cli.commands.desk", N_("the screen that stays open, for whoever answers the telephone")),
    "demo": ("cli.commands.demo", N_("a whole outage in a minute, with real mail on this machine")),
    "record": ("cli.commands.record", N_("write down what has happened")),
    "board": ("cli.commands.board", N_("every open incident at a glance")),
    "show": ("cli.commands.board", N_("one incident as it stands")),
    "say": ("cli.commands.say", N_("what to tell whoever calls, just now")),
    "log": ("cli.commands.log", N_("an incident as it was written, entry by entry")),
    "due": ("cli.commands.due", N_("what is to be done, by whom and when")),
    "replay": ("cli.commands.replay", N_("an incident's history, step by step")),
    "review": ("cli.commands.review", N_("whether the routine was followed")),
    "routine": ("cli.commands.routine", N_("the instruction, as the program reads it")),
    "export": ("cli.commands.export", N_("an incident or the whole log as a file")),
    "deliveries": ("cli.commands.deliveries", N_("who was told what, and when")),
    "bounces": ("cli.commands.bounces", N_("mail that came back")),
    "subscriber": ("cli.commands.subscriber", N_("who is told by mail")),
    "publish": ("cli.commands.publish", N_("what has been published, as pages in a folder")),
    "web": ("cli.commands.web", N_("the pages by which the public subscribes and leaves")),
    "staff": ("cli.commands.staff", N_("who may record, and in which functions")),
    "verify": ("cli.commands.verify", N_("whether anybody has touched the log")),
    "witness": ("cli.commands.witness", N_("old mails, held against the log")),
    "checkpoint": ("cli.commands.checkpoint", N_("sign for the log as it is now")),
    "keys": ("cli.commands.keys", N_("the key that signs for the log")),
    "worker": ("cli.commands.worker", N_("send the mail and follow the log")),
    "doctor": ("cli.commands.doctor", N_("whether everything is in order, and what to do")),
    "settings": ("cli.commands.settings", N_("what is set, and where it comes from")),
    "database": ("cli.commands.database", N_("the log's database, its schema and its roles")),
    "copy": ("cli.commands.copy", N_("move the log to another database")),
    "projections": ("cli.commands.projections", N_("derive the read models again")),
    "completion": ("cli.commands.completion", N_("tab completion for your shell")),
    "help": ("cli.commands.help", N_("what a command is for: help record")),
}
IN_SWEDISH = {"hjälp": "help", "hjalp": "help"}
CALLED = {
    "skärm": "desk", "skriv": "record", "tavla": "board", "översikt": "board", "visa": "show", "läget": "show",
    "status": "show", "säg": "say", "besked": "say", "logg": "log", "åtgärder": "due", "att-göra": "due",
    "historik": "replay", "granska": "review", "rutin": "routine", "exportera": "export", "utskick": "deliveries",
    "studsar": "bounces", "prenumerant": "subscriber", "mottagare": "subscriber", "webb": "web", "personal": "staff",
    "verifiera": "verify", "vittne": "witness", "nyckel": "keys", "arbetare": "worker", "felsök": "doctor",
    "inställningar": "settings", "databas": "database", "kopiera": "copy", "flytta": "copy",
}  # fmt: skip
"""What somebody may call a command who does not know its name: it is suggested, and nothing is done."""

EXAMPLES = """\
reservrutin record outage-detected --scope all-users --system sesam-s2
reservrutin record system-owner-contacted --outcome reached
reservrutin board
reservrutin demo"""


class Program(Group):
    """The commands, imported when they are called; their names and words are enough for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cmd_name = IN_SWEDISH.get(cmd_name.casefold(), cmd_name)
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def in_short(self, ctx: click.Context) -> list[tuple[str, str]]:
        _ = texts_of(ctx).gettext
        return [(name, _(words)) for name, (_module, words) in COMMANDS.items()]

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Of a mistyped command, say which one was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as unknown:
            raise _no_such_command(unknown.command_name, ctx.obj.words) from unknown


def _no_such_command(name: str, words: Words) -> Invalid:
    """A command that is spelled or called nearly so, else a fact that is called so."""
    from difflib import get_close_matches

    from application.authority import written_by_hand
    from wording.synonyms import meant_facts

    facts = meant_facts(name, written_by_hand(words.routine), words.in_every_language())
    said = name.casefold()
    known, near_enough = ([*COMMANDS], 0.8) if facts else ([*COMMANDS, *CALLED], 0.6)
    if near := [said] if said in CALLED else get_close_matches(said, known, 1, near_enough):
        return Invalid("no-such-command-but", name=name, command=CALLED.get(near[0], near[0]))
    if facts:
        return Invalid("a-fact", name=name, fact=facts[0].wire)
    return Invalid("no-such-command", name=name)


def program() -> Group:
    def show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted:
            from importlib.metadata import version

            click.echo(f"reservrutin {version('reservrutin')}")
            ctx.exit()

    found = Program("reservrutin", [], help=N_("The log of the day the systems are down."), examples=EXAMPLES)
    found.context_settings = {
        "help_option_names": ["-h", "--help", "--hjälp"],
        "terminal_width": max(min(columns(), WIDTH) - 2, 50),
    }
    found.params.append(
        Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=show_version,
            help=N_("which version this is"),
        )
    )
    return found


def run(arguments: Sequence[str], desk: Desk | None = None) -> int:
    """One command, at a desk of its own unless one is given. Returns its exit code; no traceback reaches a user."""
    if "--json" in arguments:
        _in_utf_8()
    if not arguments and can_draw():
        arguments = ("desk",)
    said = _said(arguments, "--lang") or os.environ.get("RESERVRUTIN_LANG", "")
    asked = next((language for language in LANGUAGES if language == said), None)
    texts = texts_in(asked or "sv")
    own: Desk | None = None
    try:
        config = _said(arguments, "--config")
        settings = load(config or None)
        if desk is None:
            desk = own = Desk(replace(settings, lang=asked) if asked else settings)
        elif asked:
            desk = desk.speaking(asked)
        texts = desk.texts
        color = False if is_plain() else None
        if COMPLETES in os.environ:
            from cli.terminal.bash import use_our_bash

            use_our_bash()
        asked_for = program()
        asked_for.pages = own is not None  # a command that runs others leafs through nothing
        outcome = asked_for.main(
            list(arguments),
            "reservrutin",
            standalone_mode=False,
            obj=desk,
            color=color,
            windows_expand_args=False,
        )
        for reason in desk.left_out():
            _tell_left_out(reason, texts)
        return outcome if isinstance(outcome, int) else 0
    except Refusal as refusal:
        return _refused(arguments, *_told(refusal, texts, desk))
    except Unshown as unshown:
        return _unshown(unshown, texts)
    except click.exceptions.NoArgsIsHelpError as shown:
        try:
            click.echo(shown.format_message())
        except Unshown as unshown:
            return _unshown(unshown, texts)
        return 0
    except click.ClickException as wrong:
        from cli.terminal.usage import usage

        return _refused(arguments, 2, "usage", usage(wrong, texts))
    except (KeyboardInterrupt, click.Abort):
        return _interrupted(arguments, texts)
    except Exception as error:  # the last door: no traceback reaches a user
        if os.environ.get("RESERVRUTIN_TRACEBACK"):
            raise
        problem = f"{type(error).__name__}: {_one_line(str(error))}"
        if KeyboardInterrupt.__name__ in problem:  # a library that was stopped midway tells it as a fault of its own
            return _interrupted(arguments, texts)
        if desk and not desk.is_whole():
            return _refused(arguments, *_told(Damaged("not-whole", problem=problem), texts, desk))
        _ = texts.gettext
        said = _("Something is wrong in reservrutin itself ({problem}): see reservrutin log for what was written.")
        return _refused(arguments, 1, "failed", said.format(problem=problem))
    finally:
        if own:
            own.close()
        else:
            from cli.terminal.interrupts import wait_no_longer

            wait_no_longer()


def _interrupted(arguments: Sequence[str], texts: Texts) -> int:
    from cli.terminal.exit_codes import INTERRUPTED

    _ = texts.gettext
    said = _("Interrupted: what was already answered for is written.")
    return _refused(arguments, INTERRUPTED, "interrupted", said)


def _unshown(unshown: Unshown, texts: Texts) -> int:
    """A reader who has left had what it wanted; else what was asked for was not done."""
    if unshown.reader_has_left:
        return 0
    from domain.routine_document import builtin
    from wording.sentences import told

    click.echo(_on_this_terminal(told("not-shown", texts.of(builtin()), problem=unshown.problem)), err=True)
    return 1


def _tell_left_out(reason: str, texts: Texts) -> None:
    from domain.routine_document import builtin
    from wording.sentences import told

    click.echo(_on_this_terminal(told(reason, texts.of(builtin()))), err=True)


def _told(refusal: Refusal, texts: Texts, desk: Desk | None) -> tuple[int, str, str]:
    """The exit code, the reason and the sentence: in the names of the routine that refused, else of the one in force.

    A log that did not answer is not asked once more for what it calls things.
    """
    from cli.terminal.exit_codes import exit_code
    from domain.refusals import Unavailable
    from domain.routine_document import builtin
    from wording.sentences import sentence  # all of them, for the rare command that needs one

    if refusal.routine:
        words = texts.of(refusal.routine)
    elif desk is None or isinstance(refusal, Damaged | Unavailable):
        words = texts.of(builtin())
    else:
        words = desk.words
    return exit_code(refusal), refusal.reason, sentence(refusal, words)


def _refused(arguments: Sequence[str], code: int, reason: str, message: str) -> int:
    click.echo(_on_this_terminal(message), err=True)
    if "--json" in arguments:
        import json

        error = {"error": {"code": code, "reason": reason, "message": message}}
        with suppress(Unshown):  # the code says it
            click.echo(json.dumps(error, ensure_ascii=False))
    return code


def _on_this_terminal(message: str) -> str:
    return wrap(message, columns()) if sys.stderr.isatty() else message


def _said(arguments: Sequence[str], option: str) -> str:
    """An option's value before the command line is parsed, because the help's language hangs on it."""
    for place, argument in enumerate(arguments):
        if argument == option and place + 1 < len(arguments):
            return arguments[place + 1]
        if argument.startswith(f"{option}="):
            return argument.removeprefix(f"{option}=")
    return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _in_utf_8() -> None:
    """JSON is, whatever the console's encoding."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(encoding="utf-8")
