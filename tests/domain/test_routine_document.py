"""A routine that was checked is read as the check understood it, whatever the document says."""

import pytest
from pydantic import ValidationError

from domain.routine_document import builtin, builtin_text, parse, read

CHANGES = [
    ("", ""),
    ('id = "reservrutin-sesam"', 'id = "  reservrutin\\u200b-sesam "'),
    ("valid_from = 2024-02-14", "valid_from = 2024-02-14\nvalid_to = 2030-01-01"),
    ('remind_before = "30 min"', 'remind_before = "2 h"'),
    ('remind_before = "30 min"\n', ""),
    ("[instruction]", "[instruction-to-come]"),
    ("deviations = true", 'deviations = "yes"'),
]


@pytest.mark.parametrize(("words", "others"), CHANGES)
def test_what_is_read_is_what_the_check_makes_of_it(words: str, others: str) -> None:
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
    assert builtin() == parse(builtin_text())


@pytest.mark.parametrize(
    "words", ['owner = "VO Hjälpmedel"', 'after = "4 h"', 'help_desk = "hjalpmedel-administration"']
)
def test_what_is_missing_is_left_to_the_check(words: str) -> None:
    with pytest.raises(ValidationError):
        read(builtin_text().replace(words, "", 1))
