"""The register of subscribers is as its facts left it, and whatever else stands there is named."""

import pytest

from infrastructure.registers.subscribers import Subscribers
from tests.infrastructure.told import Told, somebody


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE subscribers SET state = 'paused'", "subscriber-differs"),
        ("UPDATE subscribers SET audience = 'compliance'", "subscriber-differs"),
        ("DELETE FROM subscribers", "subscriber-missing"),
    ],
)
def test_a_subscriber_who_was_changed_behind_the_log_is_named(told: Told, statement: str, reason: str) -> None:
    told.stranger(statement)
    assert reason in {problem.reason for problem in told.verified(*told.mailed).problems}


def test_what_the_program_changes_it_tells_the_log(told: Told) -> None:
    anna, register = somebody(told.database), Subscribers(told.database)
    for change in (register.pause, register.resume, register.remove):
        change(anna.id)
        assert told.verified(*told.mailed).problems == []
