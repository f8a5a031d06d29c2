"""`docs/rules.md` is true: every number is there, and what it names exists."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from domain.fact import CATALOGUE
from domain.routine_document import builtin

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "rules.md"


def numbers(*spans: tuple[int, int]) -> tuple[str, ...]:
    return tuple(f"SR-{number:03d}" for first, last in spans for number in range(first, last + 1))


RULES = numbers((1, 5), (10, 28), (40, 47), (50, 53), (60, 70), (80, 82), (90, 98), (100, 101))
READINGS = tuple(f"Q{number}" for number in range(1, 32) if number != 11)
ASSIGNMENT = tuple(f"U-{number}" for number in range(1, 6))
BOUNDARY_CASES = 30
KEPT = {"duty", "authority", "admission rule", "audience", "channel", "reference", "metadata", "foundation"}
NOT_KEPT = {"cannot be held"}


class Row(NamedTuple):
    """One number of the table. `places` are files and names in them, `tests` files and functions."""

    number: str
    says: str
    kinds: frozenset[str]
    places: tuple[tuple[str, str], ...]
    tests: tuple[tuple[str, str], ...]
    remark: str


def named(cell: str, between: str) -> tuple[tuple[str, str], ...]:
    quoted = re.findall(r"`([^`]+)`", cell)
    assert cell == "<br>".join(f"`{part}`" for part in quoted), f"not a list of names: {cell}"
    return tuple((part.split(between, 1)[0], part.split(between, 1)[1]) for part in quoted)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| (SR|Q|U)-?\d", line):
            number, says, kinds, places, tests, remark = cells(line)
            found.append(
                Row(number, says, frozenset(kinds.split(", ")), named(places, ": "), named(tests, "::"), remark)
            )
    return found


def boundary_cases() -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    _, page = PAGE.read_text(encoding="utf-8").split("## Boundary cases")
    lines = [cells(line) for line in page.splitlines() if line.startswith("| ")]
    return [(case, named(tests, "::")) for case, tests in lines[1:]]


ROWS = rows()
every_row = pytest.mark.parametrize("row", ROWS, ids=[row.number for row in ROWS])


@cache
def source(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


@cache
def collected_from(file: str) -> frozenset[str]:
    """The names of the tests that pytest would collect from the file."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        node.name for node in ast.parse(source(file)).body if isinstance(node, functions) and node.name[:5] == "test_"
    )


def exists(test: tuple[str, str]) -> bool:
    file, name = test
    return (ROOT / file).is_file() and Path(file).name.startswith("test_") and name in collected_from(file)


def test_every_number_is_there_once_and_in_order() -> None:
    assert [row.number for row in ROWS] == [*RULES, *READINGS, *ASSIGNMENT]


@every_row
def test_a_row_has_a_kind_and_says_something(row: Row) -> None:
    assert row.says
    assert row.kinds <= KEPT or (len(row.kinds) == 1 and row.kinds <= NOT_KEPT)


@every_row
def test_what_is_kept_has_its_place_and_a_test_named_after_it_and_what_is_not_has_its_reason(row: Row) -> None:
    if row.kinds <= NOT_KEPT:
        assert len(row.remark) > 40, "say why, or what would be needed"
        assert not row.tests
    else:
        assert row.places
        assert row.tests
        number = row.number.lower().replace("-", "_")
        for _, name in row.tests:
            assert f"_{number}_" in f"{name}_", f"{name} is not named after {row.number}"


@every_row
def test_the_places_exist(row: Row) -> None:
    for file, name in row.places:
        assert (ROOT / file).is_file(), file
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", source(file)), f"{name} is not in {file}"


@every_row
def test_the_tests_exist(row: Row) -> None:
    for test in row.tests:
        assert exists(test), "::".join(test)


def test_every_boundary_case_has_tests_that_exist() -> None:
    found = boundary_cases()
    assert len(found) == BOUNDARY_CASES
    for case, tests in found:
        assert tests, case
        for test in tests:
            assert exists(test), "::".join(test)


def test_a_number_that_a_duty_cites_is_called_a_duty_and_the_other_way_round() -> None:
    called = {row.number for row in ROWS if "duty" in row.kinds and row.number.startswith("SR-")}
    cited = {rule for duty in builtin().duties for rule in duty.rules} - {"local"}
    assert called == cited


def test_the_row_of_a_number_names_every_duty_that_cites_it() -> None:
    places = {row.number: {name for _, name in row.places} for row in ROWS}
    for duty in builtin().duties:
        for rule in set(duty.rules) - {"local"}:
            assert duty.id in places[rule], f"{rule} is cited by {duty.id}"


def test_a_number_that_a_fact_cites_is_in_the_table() -> None:
    cited = {rule for fact in CATALOGUE.values() for rule in builtin().rules_of(fact)}
    assert cited <= {row.number for row in ROWS}


def test_a_reading_that_a_duty_shows_is_in_the_table() -> None:
    shown = {
        reading
        for duty in builtin().duties
        if duty.reading
        for reading in re.findall(r"\bQ\d+\b", duty.reading.in_("sv") + duty.reading.in_("en"))
    }
    assert shown <= set(READINGS)
