"""Swedish first, English complete: no text untranslated, none left over, none broken."""

import ast
import io
import re
import string
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from domain.fact import CATALOGUE
from wording.facts import FIELDS
from wording.words import LOCALES, catalogue

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "wording", "infrastructure", "notifiers", "application", "cli", "web", "release")
SWEDISH = Path(LOCALES) / "sv" / "LC_MESSAGES" / "reservrutin.po"
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "plural": (1, 2)}


def texts_of_the_code() -> set[str]:
    found = set()
    for room in ROOMS:
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / room,
            [("**.py", "python"), ("**/templates/**.j2", "jinja2"), ("templates/**.j2", "jinja2")],
            {"**/templates/**.j2": {"trimmed": "true"}, "templates/**.j2": {"trimmed": "true"}},
            KEYWORDS,
        ):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found


@pytest.fixture(scope="module")
def swedish() -> Catalog:
    with SWEDISH.open("rb") as source:
        return read_po(source, locale="sv")


def test_no_text_is_untranslated_and_none_is_left_over(swedish: Catalog) -> None:
    translated = {message.id[0] if isinstance(message.id, tuple) else message.id for message in swedish if message.id}
    code = texts_of_the_code() - {""}
    assert code - translated == set(), "run make words, then translate what is new"
    assert translated - code == set(), "no longer used: run make words"
    for message in swedish:
        if message.id:
            strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
            assert all(strings), f"untranslated: {message.id}"


def test_no_text_hides_inside_an_f_string_where_it_is_not_gathered() -> None:
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for filled in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for call in ast.walk(filled) if isinstance(filled, ast.JoinedStr) else ():
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
                    assert not isinstance(call.args[0], ast.Constant), f"{path.name}: {call.args[0].value!r}"


def test_a_translation_keeps_its_placeholders(swedish: Catalog) -> None:
    def placeholders(text: object) -> set[str]:
        return {name for _literal, name, _spec, _conversion in string.Formatter().parse(str(text)) if name}

    for message in swedish:
        if not message.id or not message.python_brace_format:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert len(strings) == len(ids)
        for translated in strings:
            assert placeholders(translated) <= placeholders(ids[-1]) | placeholders(ids[0])
            assert placeholders(translated) >= placeholders(ids[-1]) & placeholders(ids[0])


def test_option_names_and_commands_are_never_translated(swedish: Catalog) -> None:
    for message in swedish:
        if isinstance(message.id, str) and isinstance(message.string, str):
            assert set(re.findall(r"--[a-z-]+", message.id)) == set(re.findall(r"--[a-z-]+", message.string)), (
                message.id
            )


def test_the_compiled_catalogue_is_that_of_the_texts(swedish: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, swedish)
    assert SWEDISH.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run make setup"


def test_a_text_is_found_as_the_standard_library_finds_it(swedish: Catalog) -> None:
    with SWEDISH.with_suffix(".mo").open("rb") as compiled:
        library = GNUTranslations(compiled)
    ours = catalogue("sv")
    for message in swedish:
        if isinstance(message.id, str):
            assert not message.id or ours.gettext(message.id) == library.gettext(message.id)
        else:
            one, many = message.id
            for count in (0, 1, 2):
                assert ours.ngettext(one, many, count) == library.ngettext(one, many, count)
    for unknown in ("!", "Nobody has said it", "ööö"):  # before the first, between two, after the last
        assert ours.gettext(unknown) == unknown
        assert [ours.ngettext(unknown, "many", count) for count in (1, 2)] == [unknown, "many"]


def test_every_fact_and_every_field_has_its_words() -> None:
    for fact in CATALOGUE.values():
        assert fact.label
        assert fact.meaning
        for name, field in fact.model_fields.items():
            assert field.description
            assert name in FIELDS
    assert set(FIELDS) == {name for fact in CATALOGUE.values() for name in fact.model_fields}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def test_a_language_is_nowhere_remembered() -> None:
    """No global statement, no variable of the environment that a library takes its language from."""
    for path, tree in sources():
        for node in ast.walk(tree):
            assert not isinstance(node, ast.Global), f"{path}:{node.lineno}"
            assert not (isinstance(node, ast.Constant) and node.value in ("LANGUAGE", "LC_ALL", "LC_MESSAGES")), path
            assert not (isinstance(node, ast.Attribute) and node.attr in ("textdomain", "bindtextdomain")), path


def test_the_label_of_a_word_is_shown_by_words_alone() -> None:
    """A label that is translated anywhere else is one that a routine's own name never replaces."""
    for path, tree in sources():
        for node in ast.walk(tree):
            function = node.func if isinstance(node, ast.Call) else None
            called = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if isinstance(node, ast.Call) and called in ("_", "gettext"):
                labels = [arg for arg in node.args if isinstance(arg, ast.Attribute) and arg.attr == "label"]
                assert not labels or path == Path("wording/words.py"), f"{path}:{node.lineno}"
