"""What a person whose clock is off is told."""

import click

from application.board_notes import clock_note
from application.desk import Desk
from cli.terminal.command import wants_json
from cli.terminal.lines import wrapped


def clock_lines(desk: Desk) -> list[str]:
    """What is said of this machine's clock, where it is off. A program that reads JSON is told beside it."""
    from infrastructure.log.pulse import clock_off  # not before there is a log

    off = clock_off(desk.database, desk.now()) if desk.has_a_log else None
    if off is None:
        return []
    said = click.style(wrapped(clock_note(off, desk.words), 0), fg="yellow")
    if wants_json():
        click.echo(said, err=True)
        return []
    return [said]
