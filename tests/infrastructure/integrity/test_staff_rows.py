"""The register of staff is what the log says of it, and whatever else stands there is named."""

import pytest

from domain.vocabulary import Function
from infrastructure.registers.staff import Staff
from tests.given import LOG_OWNER
from tests.infrastructure.told import Told

OWNER_AS_WELL = '["vo-hjalpmedel", "system-owner"]'


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        ([f"UPDATE staff SET roles = '{OWNER_AS_WELL}' WHERE login = 'anna'"], "staff-differs"),
        ([f"INSERT INTO staff (id, login, roles, added_at) VALUES ('s-eve', 'eve', '{OWNER_AS_WELL}', '2026')"],
         "staff-differs"),
        (["DELETE FROM staff"], "staff-missing"),
        (["UPDATE staff SET roles = 'ingen lista'"], "staff-differs"),
    ],
)  # fmt: skip
def test_what_the_register_says_and_the_log_does_not_is_named(told: Told, statements: list[str], reason: str) -> None:
    assert told.verified(*told.mailed).problems == []
    told.stranger(*statements)
    assert reason in {problem.reason for problem in told.verified(*told.mailed).problems}


def test_nobody_is_let_in_by_emptying_the_register_nor_by_being_struck_from_it(told: Told) -> None:
    """A login that was made system owner and struck again: the log keeps both, and `verify` finds either gone."""
    staff = Staff(told.database)
    staff.add("eve", [Function.SYSTEM_OWNER], LOG_OWNER)
    staff.remove("eve", LOG_OWNER)
    assert told.verified(*told.mailed).problems == []
    assert [recorded.fact.wire for recorded in staff.history()] == ["staff-registered"] * 2 + ["staff-removed"]
    last = told.verified().facts
    told.stranger(f"DELETE FROM facts WHERE position > {last - 2}", f"DELETE FROM leaves WHERE position > {last - 2}")
    assert (last - 1, "missing") in told.found(*told.mailed)
    told.stranger("DELETE FROM staff")
    assert staff.is_closed()
