"""A question to whoever sits at the terminal. Nobody who scripts is ever asked anything."""

import sys
from collections.abc import Sequence

import click

from cli.terminal.command import wants_json
from cli.terminal.screen import columns
from domain.texts import N_
from wording.words import Texts

YES, NO = {"", "j", "ja", "y", "yes"}, {"n", "nej", "no"}
CHOICE = N_("[Y/n]")


def can_ask() -> bool:
    """Whether somebody is there to answer: whoever leads any of the three elsewhere scripts."""
    return not wants_json() and all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def agreed(question: str, texts: Texts) -> bool:
    """Whether the answer is yes, which Enter alone is too. Raises Abort where none is given."""
    while True:
        if (said := ask(f"{question} {texts.gettext(CHOICE)}").casefold()) in YES | NO:
            return said in YES


def ask(question: str) -> str:
    """What is answered. Raises Abort where nothing is."""
    click.echo(f"{question} ", nl=False, err=True)
    answered = sys.stdin.readline()
    if not answered:
        raise click.Abort
    return answered.strip()


def pick(names: Sequence[object], said: str) -> int | None:
    """Which of the numbered names an answer takes, None where it is no number of theirs."""
    return int(said) - 1 if said.isdecimal() and 0 < int(said) <= len(names) else None


def numbered(names: Sequence[str]) -> str:
    """The names with the numbers that they may be answered by."""
    return in_columns([f"{number:>2} {name}" for number, name in enumerate(names, 1)])


def in_columns(cells: Sequence[str]) -> str:
    """Down and then across, in as many columns as there is room for."""
    width = max(map(len, cells)) + 2
    rows = -(-len(cells) // max((columns() - 2) // width, 1))
    lines = ("".join(f"{cell:<{width}}" for cell in cells[row::rows]) for row in range(rows))
    return "\n".join(f"  {line.rstrip()}" for line in lines)
