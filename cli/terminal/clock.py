"""What a person whose clock is off is told."""

import click

from application.desk import Desk
from cli.terminal.command import wants_json
from cli.terminal.lines import wrapped
from wording import times
from wording.sentences import told


def clock_lines(desk: Desk) -> list[str]:
    """What is said of this machine's clock, where it is off. A program that reads JSON is told beside it."""
    from infrastructure.log.pulse import clock_off  # not before there is a log

    off = clock_off(desk.database, desk.now()) if desk.has_a_log else None
    if off is None:
        return []
    said = click.style(wrapped(told(off.reason, desk.words, span=times.span(off.by)), 0), fg="yellow")
    if wants_json():
        click.echo(said, err=True)
        return []
    return [said]
