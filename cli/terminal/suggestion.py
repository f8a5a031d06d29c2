"""The command that would record what is to be done, as it is typed."""

import shlex

import click

from application import authority
from application.desk import Desk
from cli.terminal.lines import as_typed
from cli.terminal.options import options_of
from domain.acts import Act, act_towards
from domain.facts import OPENERS
from domain.incident import Incident
from domain.routine import Duty
from domain.whose_turn import recorders
from infrastructure.registers.staff import Person

FREE = "…"
"""Where only the person knows; it is refused if it is typed so."""


def towards(duty: Duty, incident: Incident, person: Person | None, desk: Desk, *, one_of_several: bool) -> list[str]:
    """The command by which this person would do the duty, empty where they may not, or not yet."""
    functions = authority.functions(person, desk.settings.role, incident.routine)
    act = act_towards(duty, incident, functions, desk.now())
    return typed(act, incident, person, desk, one_of_several=one_of_several) if act and person else []


def typed(act: Act, incident: Incident, person: Person, desk: Desk, *, one_of_several: bool) -> list[str]:
    """The words of the command; of several values that a field may have the person takes one."""
    said = ["reservrutin", "record", act.fact.wire]
    usual = authority.goes_without_saying(person, act.fact, desk.settings.role, incident.routine)
    if usual not in recorders(act.fact, incident, desk.now()):
        said += ["--as", act.function]
    for option in options_of(act.fact):
        values = act.fields.get(str(option.name))
        if values == (True,):
            said.append(option.opts[0])
        elif values is not None and values != (False,):
            said += [option.opts[0], "|".join(map(str, values)) or FREE]
    if one_of_several or act.fact in OPENERS:
        said += ["--incident", incident.number]
    return [shlex.quote(word) for word in said]


def line(command: list[str], indent: int) -> str:
    return click.style(as_typed(command, " " * indent, "  "), dim=True)
