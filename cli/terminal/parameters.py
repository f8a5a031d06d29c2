"""Options, arguments and their values, declared in English and shown in the words of whoever asks.

An imported module has no language: what is declared is translated where it is shown, by the desk of the context.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from domain.texts import N_, plural

if TYPE_CHECKING:
    from wording.words import Texts

NO_NUMBER = N_("{value!r} is not a valid {number_type}.")
NO_CHOICE = plural("{value!r} is not {choice}.", "{value!r} is not one of {choices}.")


def texts_of(ctx: click.Context | None) -> "Texts":
    """What the program says in this context's language."""
    found: Texts = (ctx or click.get_current_context()).obj.texts
    return found


class Option(click.Option):
    """An option whose help and metavar are marked with N_ where it is declared. `usual` is what is meant by leaving it
    out, where that is said."""

    def __init__(self, names: Sequence[str], *, usual: str = "", **declared: Any) -> None:
        super().__init__(names, **declared)
        self._usual = usual

    def make_metavar(self, ctx: click.Context) -> str:
        return texts_of(ctx).gettext(self.metavar) if self.metavar else super().make_metavar(ctx)

    def words(self, ctx: click.Context) -> str:
        """What the option is for."""
        _ = texts_of(ctx).gettext
        words, required = _(str(self.help)), _("required")
        if self._usual:
            words = _("{words} (default: {default})").format(words=words, default=self._usual)
        return f"{words}  [{required}]" if self.required else words

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        return self.get_help_spec(ctx), self.words(ctx)


class Argument(click.Argument):
    """An argument whose metavar is marked with N_ where it is declared."""

    def make_metavar(self, ctx: click.Context) -> str:
        return texts_of(ctx).gettext(self.metavar) if self.metavar else super().make_metavar(ctx)


class Choice(click.Choice[str]):
    """One of some words of the program's own."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        choices = ", ".join(map(repr, self.choices))
        said = texts_of(ctx).ngettext(*NO_CHOICE, len(self.choices))
        return said.format(value=value, choice=choices, choices=choices)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        _ = texts_of(ctx).gettext
        return _("Choose from:\n\t{choices}").format(choices=",\n\t".join(self.choices))


class Number(click.types.IntParamType):
    """A whole number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(value)
        except ValueError:
            said = texts_of(ctx).gettext(NO_NUMBER).format(value=value, number_type=self.name)
        return self.fail(said, param, ctx)
