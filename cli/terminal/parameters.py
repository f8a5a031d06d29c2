"""Options, arguments and their values, declared in English and shown in the words of whoever asks.

An imported module has no language: what is declared is translated where it is shown, by the desk of the context.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.terminal.option_names import SWEDISH, beside
from domain.texts import N_, plural

if TYPE_CHECKING:
    from wording.words import Texts

REPEATED, A_FACT_EACH = N_("{words}; may be repeated"), N_("{words}; may be repeated, a fact for each")
NO_NUMBER = N_("“{value}” is no number: write it in digits, like 5.")
NO_CHOICE = plural("{value!r} is not {choice}.", "{value!r} is not one of {choices}.")


def texts_of(ctx: click.Context | None) -> "Texts":
    """What the program says in this context's language."""
    found: Texts = (ctx or click.get_current_context()).obj.texts
    return found


class Option(click.Option):
    """An option whose help and metavar are marked with N_ where it is declared, and which has its Swedish name beside
    the English one. `usual` is what is meant by leaving it out, where that is said; one that is `needed` is missed by
    whatever is made of it, not by the command line. `repeated` says what it is to give it several times, where one
    may."""

    def __init__(
        self,
        names: Sequence[str],
        *,
        usual: str = "",
        needed: bool = False,
        repeated: str = REPEATED,
        **declared: Any,
    ) -> None:
        super().__init__(_with_swedish(names), **declared)
        self._usual, self._needed, self._repeated = usual, needed, repeated

    def make_metavar(self, ctx: click.Context) -> str:
        return texts_of(ctx).gettext(self.metavar) if self.metavar else super().make_metavar(ctx)

    def words(self, ctx: click.Context) -> str:
        """What the option is for."""
        _ = texts_of(ctx).gettext
        words, required = _(str(self.help)), _("required")
        if self.multiple:
            words = _(self._repeated).format(words=words)
        if self._usual:
            words = _("{words} (default: {default})").format(words=words, default=self._usual)
        return f"{words}  [{required}]" if self.required or self._needed else words

    def called(self, ctx: click.Context) -> str:
        """Its name in the language of whoever reads, without hyphens before it."""
        name = next(name for name in self.opts if name.startswith("--"))
        return (SWEDISH.get(name, name) if texts_of(ctx).language == "sv" else name).removeprefix("--")

    def get_help_spec(self, ctx: click.Context) -> str:
        """Its names and what it takes, with the Swedish name where Swedish is read."""
        swedish = [SWEDISH[name] for name in self.opts if name in SWEDISH and texts_of(ctx).language == "sv"]
        english = [name for name in self.opts if name not in beside(self.opts)]
        spec = ", ".join([*sorted(english, key=len), *swedish])
        return " / ".join([spec, *self.secondary_opts[:1]]) if self.is_flag else f"{spec} {self.make_metavar(ctx)}"

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        return self.get_help_spec(ctx), self.words(ctx)

    def get_error_hint(self, ctx: click.Context | None) -> str:
        return self.opts[0]


def _with_swedish(names: Sequence[str]) -> list[str]:
    """The declaration with the Swedish names, those of a flag's no beside its yes; the parameter's own name last."""
    options = [name.partition("/")[::2] for name in names if name.startswith("-")]
    yes, no = [each for each, _not in options], [each for _yes, each in options if each]
    found = [f"{one}/{other}" for one, other in zip(beside(yes), beside(no), strict=True)] if no else beside(yes)
    own = [name for name in names if not name.startswith("-")]
    long = next((name for name in yes if name.startswith("--")), "")
    return [*names, *found, *([] if own else [long.removeprefix("--").replace("-", "_")])]


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
            return self.fail(texts_of(ctx).gettext(NO_NUMBER).format(value=value), param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return param.called(ctx).upper() if isinstance(param, Option) else None
