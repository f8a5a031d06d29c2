"""A routine in which nothing has the name that it has in the built-in one."""

import re
from collections.abc import Iterator

from domain.fact import CATALOGUE
from domain.routine import Routine
from domain.routine_document import builtin, builtin_text, parse
from domain.vocabulary import Audience, RoutineWord, Scope, Status, Word
from wording.words import Language, texts_in

TABLES = ("areas", "functions", "channels", "servicedesk", "paper_channels", "scopes")


def renamed() -> str:
    """The built-in routine as a version of its own, every system, function, area, channel, audience, scope and fact
    called something else; what a duty says names nothing."""
    text = re.sub(r'^version = ".*"', 'version = "renamed"', builtin_text(), count=1, flags=re.MULTILINE)
    text = re.sub(r'^owner = ".*"', 'owner = "…"', text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^valid_from = .*", "valid_from = 2024-01-01", text, count=1, flags=re.MULTILINE)
    scopes = "".join(f"{scope.value} = {_name(scope)}\n" for scope in Scope)
    text = re.sub(r"(?ms)^\[scopes\]\n.*?\n\n", f"[scopes]\n{scopes}\n", text)
    for word in _words():
        if isinstance(word, Audience):
            text = re.sub(rf"(\[audiences\.{word}\]\nname = ){{.*?}}", rf"\1{_name(word)}", text)
        else:
            text = re.sub(rf"(?m)^({word} = ({{ name = )?){{.*?}}", rf"\1{_name(word)}", text)
    for wire in builtin().facts:
        text = re.sub(rf"(?m)^(\[facts\.{wire}\]\n)(name = .*\n)?", rf"\1name = {_called(wire)}\n", text)
    text = re.sub(r'(?m)^(title|text) = { sv = ".*" }', r'\1 = { sv = "…", en = "…" }', text)
    return re.sub(r'(?m)^((text|short|quote|reading)\.(sv|en)) = ".*"$', r'\1 = "…"', text)


def name_of(wire: str, language: Language) -> str:
    """What the renamed routine calls the fact or the word of this identifier."""
    return f"{language}~{'~'.join(wire.split('-'))[::-1]}"


def built_in_names(language: Language) -> set[str]:
    """Everything that the built-in routine and the program call what a routine may name otherwise, but for what the
    program calls a status as well: it is said of the incident."""
    words = texts_in(language).of(builtin())
    facts = {words.fact(wire) for wire in CATALOGUE if wire in builtin().facts}
    return (facts | {words.name(word) for word in _words()}) - {words.name(status) for status in Status}


def identifiers() -> set[str]:
    return {word.value for word in _words()} | set(builtin().facts)


def routine() -> Routine:
    return parse(renamed())


def _words() -> Iterator[Word]:
    known = builtin()
    for kind in RoutineWord.__subclasses__():
        yield from known.words(kind)
    yield from known.audiences
    yield from Scope


def _called(wire: str) -> str:
    return f'{{ sv = "{name_of(wire, "sv")}", en = "{name_of(wire, "en")}" }}'


def _name(word: Word) -> str:
    return _called(word.value)
