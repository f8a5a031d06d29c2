"""How wide an outage is: each width against each other, by a second detection, a relapse and a reclassification; and
what becomes of the instruction that was received meanwhile (Q7)."""

from itertools import product

import pytest

from domain import facts as f
from domain.fact import Fact
from domain.vocabulary import Orders, Scope, System
from tests.given import Day, moment, outage, restored

FROM_NARROW_TO_WIDE = (Scope.LOCAL, Scope.ALL_USERS, Scope.REGION_WIDE)
every_two = pytest.mark.parametrize(("first", "second"), list(product(FROM_NARROW_TO_WIDE, repeat=2)))


def reclassified(scope: Scope) -> f.ScopeReclassified:
    return f.ScopeReclassified(scope=scope, reason="bilden klarnar")


def instructed(orders: Orders) -> f.InstructionReceived:
    return f.InstructionReceived(text="så här gör ni", orders=orders)


@every_two
def test_a_second_detection_widens_an_outage_that_goes_on_and_never_narrows_it(
    day: Day, first: Scope, second: Scope
) -> None:
    day.at("08:00").records(outage(first, [System.SESAM_S2]))
    day.at("09:00").records(outage(second, [System.WEBSESAM]))
    assert day.incident.scope is max(first, second, key=FROM_NARROW_TO_WIDE.index)
    assert set(day.incident.down) >= {System.SESAM_S2, System.WEBSESAM}
    assert day.incident.down_since == moment("08:00")
    waits = Scope.REGION_WIDE in (first, second)
    runs = not waits and Scope.ALL_USERS in (first, second)
    assert day.incident.waits_for_instruction is waits
    assert day.incident.routine_due_at == (moment("12:00") if runs else None)


@every_two
def test_a_relapse_and_a_reclassification_are_as_wide_as_they_say(day: Day, first: Scope, second: Scope) -> None:
    day.at("08:00").records(outage(first))
    day.at("08:30").records(reclassified(second))
    assert day.incident.scope is second
    day.at("09:00").records(restored())
    day.at("10:00").records(outage(first))
    assert day.incident.scope is first


@pytest.mark.parametrize(("orders", "due"), [(Orders.ACT, "12:00"), (Orders.ACTIVATE, "09:00"), (Orders.WAIT, None)])
@pytest.mark.parametrize("again", [outage(Scope.REGION_WIDE), outage(Scope.LOCAL), reclassified(Scope.REGION_WIDE)])
def test_q7_an_instruction_stands_when_the_region_is_said_to_be_down_once_more(
    day: Day, orders: Orders, due: str | None, again: Fact
) -> None:
    day.at("08:00").records(outage(Scope.REGION_WIDE))
    day.at("09:00").records(instructed(orders))
    before = day.incident
    day.at("09:30").records(again)
    after = day.incident
    assert after.routine_due_at == before.routine_due_at == (moment(due) if due else None)
    assert after.instructed_at == before.instructed_at == (None if orders is Orders.WAIT else moment("09:00"))
    assert after.may_act is before.may_act is (orders is Orders.ACT)


@pytest.mark.parametrize("orders", [Orders.ACT, Orders.ACTIVATE])
@pytest.mark.parametrize("first", [Scope.LOCAL, Scope.ALL_USERS])
@pytest.mark.parametrize("widens", [outage(Scope.REGION_WIDE), reclassified(Scope.REGION_WIDE)])
def test_q7_what_was_said_about_a_narrower_outage_is_no_instruction_for_the_whole_regions(
    day: Day, first: Scope, orders: Orders, widens: Fact
) -> None:
    day.at("08:00").records(outage(first))
    day.at("08:30").records(instructed(orders))
    day.at("09:00").records(widens)
    assert day.incident.waits_for_instruction
    assert (day.incident.routine_due_at, day.incident.may_act) == (None, False)
    day.at("12:30").records(instructed(orders))
    day.at("12:40").records(instructed(orders))
    assert day.incident.instructed_at == day.incident.routine_due_at == moment("12:30"), "the first ended the waiting"
