"""An incident as it stands, in a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from application import authority
from application.desk import Desk
from cli.terminal.colours import STATUSES, painted
from cli.terminal.command import wants_json
from cli.terminal.lines import WIDTH, labelled, wrap, wrapped
from domain.incident import Incident
from domain.routine import Duty
from domain.verdict import Verdict
from domain.whose_turn import whose_turn
from wording.callers import sentences
from wording.facts import about
from wording.sentences import is_its_own, unjudged
from wording.standing import rows, turn_rows
from wording.words import Words

if TYPE_CHECKING:
    from infrastructure.registers.staff import Person

LABEL_WIDTH, STEP_LABEL_WIDTH = 15, 8
"""Columns beside how an incident stands, and beside a step of its history."""


def lines(
    desk: Desk, person: "Person | None", incident: Incident, found: Sequence[Verdict], now: datetime, *, most: int = 3
) -> list[str]:
    """The incident with these verdicts, as this person sees it, in a few lines of at most 80 columns: what to tell
    callers, how it stands, what is theirs to do and what others are waited for."""
    words = desk.texts.of(incident.routine)
    functions = authority.functions(person, desk.settings.role, incident.routine)
    turns = whose_turn(found, incident, functions, now)
    callers = sentences(incident, words, now, desk.settings.driftinfo_url)
    said = [(words.gettext("Tell callers"), (" ".join(callers),))] if callers else []
    shown = [*said, *rows(incident, words, now, most=most), *turn_rows(turns, words, now, most=most)]
    out = [headline(incident, words), *(labelled(label, painted(phrase), LABEL_WIDTH) for label, phrase in shown)]
    awaits = [turn.verdict.duty for turn in turns.own if turn.verdict and turn.verdict.duty.forbids]
    return out + [line for duty in awaits for line in awaiting(duty, incident, person, desk)]


def awaiting(duty: Duty, incident: Incident, person: "Person | None", desk: Desk) -> list[str]:
    """The command that records what is awaited, for whoever may."""
    from cli.terminal.suggestion import line, towards  # for the rare outage in which somebody waits

    several = len(desk.board.open_incidents()) > 1
    command = towards(duty, incident, person, desk, one_of_several=several)
    return [line(command, LABEL_WIDTH + 3)] if command else []


def headline(incident: Incident, words: Words, width: int = WIDTH) -> str:
    """Its number, its status, and what it is about; of one that is voided which one it is the same as."""
    number = click.style(incident.number, bold=True)
    status = click.style(words.name(incident.status).upper(), fg=STATUSES[incident.status], bold=True)
    said = f"{number}  {status}  {about(incident, words)}"
    if incident.voided and incident.voided.same_as:
        said += words.gettext(", the same as {incident}").format(incident=incident.voided.same_as)
    return wrap(said, width, subsequent_indent="  ")


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
