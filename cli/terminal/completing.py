"""What the tab key offers: values as programs write them, with what people call them beside."""

from collections.abc import Mapping

from click.shell_completion import CompletionItem

from wording.naming import as_one_word, folded


def completions(begun: str, known: Mapping[str, str]) -> list[CompletionItem]:
    """`known` are values and their names. A value is offered as it is where it begins as what is typed, else by its
    name, so that the shell goes on from the letters that are there."""
    found = [CompletionItem(value, help=name) for value, name in known.items() if value.startswith(begun)]
    return found or [CompletionItem(name, help=value) for value, name in _by_name(begun, known)]


def _by_name(begun: str, known: Mapping[str, str]) -> list[tuple[str, str]]:
    ways = [(value, way) for value, name in known.items() for way in (as_one_word(name), folded(as_one_word(name)))]
    found = [(value, way) for value, way in ways if way.startswith(begun.casefold())]
    return list({value: (value, way) for value, way in reversed(found)}.values())[::-1]
