"""A routine that was checked is read as the check understood it, whatever the document says."""

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from domain import routine_document
from domain.routine_document import BUILTIN, builtin, builtin_text, builtin_versions, parse, read

CHANGES = [
    ("", ""),
    ('id = "reservrutin-sesam"', 'id = "  reservrutin\\u200b-sesam "'),
    ("[instruction]", "valid_to = 2090-01-01\n[instruction]"),
    ('remind_before = "30 min"', 'remind_before = "2 h"'),
    ('remind_before = "30 min"\n', ""),
    ("[instruction]", "[instruction-to-come]"),
    ("deviations = true", 'deviations = "yes"'),
]


@pytest.mark.parametrize(("words", "others"), CHANGES)
def test_what_is_read_is_what_the_check_makes_of_it(words: str, others: str) -> None:
    assert words in builtin_text()
    document = builtin_text().replace(words, others, 1)
    try:
        checked = parse(document)
    except ValidationError:
        with pytest.raises(ValidationError):
            read(document)
        return
    assert read(document) == checked
    assert read(document).model_dump() == checked.model_dump()


def test_the_built_in_document_holds_to_what_an_adopted_one_has_to() -> None:
    assert [(routine, parse(text)) for routine, text in builtin_versions()] == [(r, r) for r, _ in builtin_versions()]


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The newest built-in document in a folder of its own, as it was built."""
    assert BUILTIN[0].with_suffix(".json").exists(), "run make setup"
    for suffix in (".toml", ".json"):
        shutil.copy(BUILTIN[0].with_suffix(suffix), tmp_path)
    document = tmp_path / BUILTIN[0].name
    monkeypatch.setattr(routine_document, "BUILTIN", (document,))
    return document


def test_the_built_in_document_is_read_as_it_was_compiled(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(routine_document, "_said")  # reading its text would fail
    assert builtin().duties


def test_a_text_that_has_changed_since_is_not_read_as_it_was_compiled(alone: Path) -> None:
    text = alone.read_text(encoding="utf-8")
    alone.write_text(text.replace('owner = "VO Hjälpmedel"', 'owner = "Någon annan"'), encoding="utf-8")
    assert builtin().owner == "Någon annan"


def test_a_document_that_was_never_compiled_is_read_from_its_text(alone: Path) -> None:
    alone.with_suffix(".json").unlink()
    assert builtin().owner == "VO Hjälpmedel"


@pytest.mark.parametrize(
    "words", ['owner = "VO Hjälpmedel"', 'after = "4 h"', 'help_desk = "hjalpmedel-administration"']
)
def test_what_is_missing_is_left_to_the_check(words: str) -> None:
    with pytest.raises(ValidationError):
        read(builtin_text().replace(words, "", 1))
