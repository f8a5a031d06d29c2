"""What the tab key offers of what stands in the log: incidents, papers, entries and their fields.

Of a log that does not answer nothing is offered, and nothing is said in the middle of a line that is being typed.
"""

from collections.abc import Callable, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from application.desk import Desk
from application.incidents import chosen
from cli.terminal.options import option_name
from domain.fact import Fact
from domain.refusals import Refusal
from wording.facts import about, field_label


def offered(fact: type[Fact], ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """What the log has to offer for a fact's option, else what any option of its type takes."""
    known = FROM_THE_LOG.get((fact.wire, str(param.name)))
    return _from_the_log(known, ctx, begun) if known else param.type.shell_complete(ctx, param, begun)


def incidents(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """The open ones where something is to be recorded, else every one, the newest first."""
    return _from_the_log(_open if isinstance(param, click.Option) else _all, ctx, begun)


def _from_the_log(
    known: Callable[[Desk, Mapping[str, Any]], dict[str, str]], ctx: click.Context, begun: str
) -> list[CompletionItem[str]]:
    try:
        found = known(ctx.obj, ctx.params)
    except Refusal:
        return []
    return [CompletionItem(value, help=said) for value, said in found.items() if value.startswith(begun)]


def _open(desk: Desk, _typed: Mapping[str, Any]) -> dict[str, str]:
    return {number: _about(number, desk) for number in desk.board.open_incidents()}


def _all(desk: Desk, _typed: Mapping[str, Any]) -> dict[str, str]:
    return {number: _about(number, desk) for number in reversed(desk.board.all_incidents()[-MOST:])}


MOST = 20
"""How many incidents are offered: somebody who asks for an older one knows its number."""


def _about(number: str, desk: Desk) -> str:
    incident = desk.course(number).incident
    return about(incident, desk.texts.of(incident.routine))


def _papers(desk: Desk, typed: Mapping[str, Any]) -> dict[str, str]:
    """The papers that are neither entered nor set aside, but those that are typed already."""
    outstanding = desk.course(chosen(typed.get("incident"), desk)).incident.outstanding
    named = typed.get("serial") or ()
    return {serial: "" for serial in outstanding if serial not in named}


def _entries(desk: Desk, typed: Mapping[str, Any]) -> dict[str, str]:
    history = desk.history(chosen(typed.get("incident"), desk))
    return {str(recorded.entry): desk.words.fact(recorded.fact.wire) for recorded in reversed(history)}


def _fields(desk: Desk, typed: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the entry that is corrected, to be followed by their right value."""
    history = desk.history(chosen(typed.get("incident"), desk))
    fact = next((type(recorded.fact) for recorded in history if recorded.entry == typed.get("entry")), None)
    fields = fact.model_fields if fact else {}
    return {f"{option_name(name, field)}=": field_label(name, desk.words) for name, field in fields.items()}


FROM_THE_LOG = {
    ("referral-entered", "serial"): _papers,
    ("referral-set-aside", "serial"): _papers,
    ("entry-corrected", "entry"): _entries,
    ("entry-withdrawn", "entry"): _entries,
    ("entry-corrected", "fields"): _fields,
}
"""By the fact and its field; of most fields only the person knows what to write."""
