"""A tree with gaps is made whole; one that bears witness against its facts is left alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infrastructure.database.database import Database
from infrastructure.integrity.checkpoints import all_kept, make
from infrastructure.integrity.repairing import Repair, repair
from infrastructure.log.tree import compact_range_of
from tests.given import prognosis
from tests.infrastructure.told import Told, tell
from tests.rows import everything


@pytest.fixture
def told(url: str, tmp_path: Path) -> Iterator[Told]:
    made = tell(tmp_path, url)
    yield made
    made.database.close()


def test_a_whole_tree_is_left_as_it_is(told: Told) -> None:
    before = everything(told.database)
    assert repair(told.database) is Repair.WHOLE
    assert everything(told.database) == before


@pytest.mark.parametrize(
    "harm",
    [
        ["DELETE FROM tree"],
        ["UPDATE tree SET size = 5"],
        ["UPDATE tree SET frontier = (SELECT hash FROM leaves WHERE position = 1)", "UPDATE tree SET size = 3"],
        ["DELETE FROM leaves WHERE position IN (2, 7)"],
        ["DELETE FROM leaves", "DELETE FROM tree"],
    ],
)
def test_what_is_missing_is_worked_out_from_the_facts_and_signed_for_again(told: Told, harm: list[str]) -> None:
    tree = compact_range_of(told.database.connection())
    told.owner(*harm)
    assert told.found() != set()
    assert repair(told.database) is Repair.REPAIRED
    assert compact_range_of(told.database.connection()) == tree
    assert told.found(*told.mailed) == set()
    told.records(prognosis("12:30"), "2026-0002")
    make(told.database, told.key)
    assert [kept.size for kept in all_kept(told.database.connection())] == [3, 6, 8, 9]
    assert told.found(*told.mailed) == set()


@pytest.mark.parametrize(
    "harm",
    [
        ["UPDATE facts SET bytes = (SELECT bytes FROM facts WHERE position = 5) WHERE position = 8"],
        ["UPDATE facts SET bytes = (SELECT bytes FROM facts WHERE position = 5) WHERE position = 3",
         "DELETE FROM leaves WHERE position IN (1, 3)"],
        ["UPDATE facts SET bytes = (SELECT bytes FROM facts WHERE position = 5) WHERE position = 3",
         "DELETE FROM leaves WHERE position = 3", "DELETE FROM checkpoints"],
        ["UPDATE tree SET size = 1, frontier = (SELECT hash FROM leaves WHERE position = 2)",
         "DELETE FROM checkpoints"],
        ["DELETE FROM facts WHERE position = 8"],
        ["DELETE FROM facts WHERE position = 8", "DELETE FROM leaves WHERE position = 8"],
        ["DELETE FROM facts WHERE position = 8", "DELETE FROM leaves WHERE position = 8",
         "DELETE FROM checkpoints WHERE size = 8"],
        ["DELETE FROM facts WHERE position = 4", "DELETE FROM leaves WHERE position = 2"],
        ["UPDATE leaves SET hash = (SELECT hash FROM leaves WHERE position = 3) WHERE position = 2",
         "DELETE FROM leaves WHERE position = 1"],
    ],
)  # fmt: skip
def test_what_speaks_against_the_facts_is_never_overwritten(told: Told, harm: list[str]) -> None:
    told.stranger(*harm)
    before, found = everything(told.database), told.found()
    assert repair(told.database) is Repair.CONTRADICTED
    assert everything(told.database) == before
    assert told.found() == found


def test_a_log_without_facts_has_a_whole_tree(database: Database) -> None:
    assert repair(database) is Repair.WHOLE
