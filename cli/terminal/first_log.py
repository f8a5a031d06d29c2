"""The log that a command makes because it is the first that writes."""

import click

from application.desk import Desk


def make_log(desk: Desk) -> None:
    """Make the log where there is none, and say where it lies: a mistyped address is then seen at once."""
    if place := desk.make_log():
        say_made(place, desk)


def say_made(place: str, desk: Desk) -> None:
    from domain.routine_document import builtin  # once in the life of a log
    from wording.sentences import told

    click.echo(told("log-made", desk.texts.of(builtin()), path=place), err=True)
