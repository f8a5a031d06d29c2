"""An incident as it stands, in a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import click

from application.desk import Desk
from cli.terminal.colours import STATUSES, painted
from cli.terminal.command import wants_json
from cli.terminal.lines import WIDTH, labelled, wrap, wrapped
from domain.incident import Incident
from domain.verdict import Verdict
from wording.sentences import is_its_own, unjudged
from wording.standing import about, rows
from wording.words import Words

LABEL_WIDTH, STEP_LABEL_WIDTH = 15, 8
"""Columns beside how an incident stands, and beside a step of its history."""


def lines(incident: Incident, words: Words, to_do: Sequence[Verdict], now: datetime, *, most: int = 3) -> list[str]:
    """The incident in a few lines of at most 80 columns."""
    stands = rows(incident, words, to_do, now, most=most)
    return [headline(incident, words), *(labelled(label, painted(said), LABEL_WIDTH) for label, said in stands)]


def headline(incident: Incident, words: Words, width: int = WIDTH) -> str:
    """Its number, its status, and what it is about."""
    number = click.style(incident.number, bold=True)
    status = click.style(words.name(incident.status).upper(), fg=STATUSES[incident.status], bold=True)
    return wrap(f"{number}  {status}  {about(incident, words)}", width, subsequent_indent="  ")


@contextmanager
def others_go_on(desk: Desk, incident: str, blocks: list[str]) -> Iterator[None]:
    """Whatever keeps this incident from being judged is told among the blocks, to programs on standard error."""
    try:
        yield
    except Exception as error:  # whatever is wrong with this one, the others are shown
        if not is_its_own(error):
            raise
        said = unjudged(incident, error, desk.words)
        if wants_json():
            click.echo(said, err=True)
        blocks.append(click.style(wrapped(said, 0), fg="red"))
