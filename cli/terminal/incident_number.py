"""An incident's number on the command line."""

from typing import TYPE_CHECKING, Any

import click

from application.incidents import NEW
from cli.terminal.options import Written
from cli.terminal.parameters import Option, texts_of
from domain.texts import N_

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

INCIDENT = N_("INCIDENT")


class IncidentNumber(Written):
    """An incident's number, as somebody writes it; `new` in any language."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = super().convert(value, param, ctx)
        return NEW if isinstance(param, Option) and text.casefold() in ("ny", "nytt") else text

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return texts_of(ctx).gettext(INCIDENT)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from cli.terminal.from_the_log import incidents

        return incidents(ctx, param, incomplete)
