"""A value that has a name: it is taken as programs write it and as people do, in Swedish and in English."""

from typing import TYPE_CHECKING, Any

import click

from domain.refusals import Invalid
from domain.vocabulary import IDENTIFIER, RoutineWord, Word
from wording.naming import meant

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from wording.words import Words


class Named(click.ParamType[str]):
    """A word of the program's, or one that the routine knows. An incident may be judged by another version than
    today's, so its admission has the last word. One that is `strict` is a word of some version: the built-in one, or
    any that was adopted."""

    name = "word"

    def __init__(self, kind: type[Word], *, strict: bool = False) -> None:
        self.kind, self._strict = kind, strict

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        words, text = _words(ctx), str(value)
        known = words.values(self.kind)
        if text in known or text in self._of_any_version(ctx):
            return text
        spoken = words.in_every_language()
        found = meant(text, {word.value: [each.name(word) for each in spoken] for word in known})
        if len(found) == 1:
            return found[0]
        if not found and not self._strict and issubclass(self.kind, RoutineWord) and IDENTIFIER.fullmatch(text):
            return text
        option = param.opts[0] if param else ""
        raise Invalid("no-such-value", option=option, value=text, values=[w for w in known if not found or w in found])

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(_words(ctx).values(self.kind))}]"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from cli.terminal.completing import completions

        words = _words(ctx)
        return completions(incomplete, {word.value: words.name(word) for word in words.values(self.kind)})

    def _of_any_version(self, ctx: click.Context | None) -> set[str]:
        if not issubclass(self.kind, RoutineWord):
            return set()
        desk = (ctx or click.get_current_context()).obj
        return {word.value for routine in desk.versions for word in routine.words(self.kind)}


def _words(ctx: click.Context | None) -> "Words":
    found: Words = (ctx or click.get_current_context()).obj.words
    return found
