"""A question to whoever sits at the terminal. Nobody who scripts is ever asked anything."""

import sys

import click

from cli.terminal.command import wants_json
from domain.texts import N_
from wording.words import Texts

YES, NO = {"", "j", "ja", "y", "yes"}, {"n", "nej", "no"}
CHOICE = N_("[Y/n]")


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return not wants_json() and sys.stdin.isatty() and sys.stderr.isatty()


def agreed(question: str, texts: Texts) -> bool:
    """Whether the answer is yes, which Enter alone is too. Raises Abort where none is given."""
    while True:
        click.echo(f"{question} {texts.gettext(CHOICE)} ", nl=False, err=True)
        answered = sys.stdin.readline()
        if not answered:
            raise click.Abort
        if (said := answered.strip().casefold()) in YES | NO:
            return said in YES
