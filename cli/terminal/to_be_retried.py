"""Which deliveries are to be tried again: an id, an incident's number, a state or whose fault it was."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from application.incidents import number
from cli.terminal.parameters import texts_of
from domain.delivery import DeliveryState
from domain.faults import Fault
from domain.refusals import Invalid
from domain.texts import N_
from domain.vocabulary import Word
from infrastructure.outbox.ledger import MAY_BE_RETRIED, Selection
from wording.naming import meant

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

WHAT = N_("WHAT")
_WORDS: dict[str, Word] = {word.value: word for word in (*MAY_BE_RETRIED, *Fault)}
_INCIDENT = re.compile(r"\d{4}-\d+")


class ToBeRetried(click.ParamType[int | str | Word]):
    """A number alone is a delivery's id, one with its year an incident's. States and faults may be in Swedish."""

    name = "what"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str | Word:
        desk, text = (ctx or click.get_current_context()).obj, str(value).strip()
        if text.isascii() and text.isdigit():
            return int(text)
        if _INCIDENT.fullmatch(text):
            return number(text, desk)
        spoken = desk.words.in_every_language()
        names = {value: [value, *(each.name(word) for each in spoken)] for value, word in _WORDS.items()}
        found = meant(text, names)
        if len(found) == 1:
            return _WORDS[found[0]]
        values = [word for value, word in _WORDS.items() if not found or value in found]
        raise Invalid("not-to-be-retried", option=param.opts[0] if param else "", value=text, values=values)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return texts_of(ctx).gettext(WHAT)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from cli.terminal.completing import completions
        from cli.terminal.from_the_log import incidents

        words = ctx.obj.words
        named = completions(incomplete, {value: words.name(word) for value, word in _WORDS.items()})
        return [*named, *incidents(ctx, param, incomplete)]


def selected(wanted: Iterable[int | str | Word]) -> Selection:
    """What is meant by all of them together."""
    each = list(wanted)
    return Selection(
        ids=tuple(one for one in each if isinstance(one, int)),
        incidents=tuple(one for one in each if isinstance(one, str) and not isinstance(one, Word)),
        states=tuple(one for one in each if isinstance(one, DeliveryState)),
        faults=tuple(one for one in each if isinstance(one, Fault)),
    )
