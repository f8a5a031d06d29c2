"""On whose authority an entry stands, by the order of the log."""

from collections.abc import Sequence

from domain import facts as f
from domain.fact import Fact, Recorded
from domain.staff import HowHeld, authorities
from domain.vocabulary import Function
from tests.given import ADMINISTRATION, OWNER, VO, moment

EVE = "s-e5e"


def at(position: int, fact: Fact, as_: Function = Function.LOG_OWNER, by: str = "unregistered") -> Recorded:
    told = moment(f"08:{position:02}")
    return Recorded(fact.stream or "2026-0001", position, fact, told, told, as_, by, f"c{position}", position=position)


def held(entry: Recorded, *staff: Recorded) -> Sequence[HowHeld]:
    return [found.standing for found in authorities([entry], staff)]


def published(position: int, as_: Function = OWNER, by: str = EVE) -> Recorded:
    return at(position, f.OperatingInformationPublished(channels=("vardgivare-skane",), text="Nere"), as_, by)


def registered(position: int, *functions: Function, from_before: bool = False) -> Recorded:
    return at(position, f.StaffRegistered(person=EVE, functions=functions, from_before=from_before))


def test_a_function_is_held_from_its_registration_until_it_is_taken_away() -> None:
    register = registered(2, OWNER), registered(5, VO), at(8, f.StaffRemoved(person=EVE))
    found = [held(published(position), *register) for position in (1, 3, 6, 9)]
    assert found == [[HowHeld.NOT_HELD], [HowHeld.HELD], [HowHeld.NOT_HELD], [HowHeld.NOT_HELD]]


def test_whoever_was_not_registered_had_a_function_only_while_nobody_was() -> None:
    assert held(published(1, by="unregistered"), registered(2, OWNER)) == [HowHeld.NOBODY_WAS]
    assert held(published(3, by="unregistered"), registered(2, OWNER)) == [HowHeld.NOT_HELD]


def test_what_is_older_than_the_log_s_register_is_neither_doubted_nor_vouched_for() -> None:
    assert held(published(1), registered(2, ADMINISTRATION, from_before=True)) == [HowHeld.NOT_KEPT]
    assert held(published(3), registered(2, ADMINISTRATION, from_before=True)) == [HowHeld.NOT_HELD]


def test_a_note_is_named_only_where_its_recorder_did_not_hold_the_function() -> None:
    note = at(3, f.NoteAdded(text="Lugnt"), VO, EVE)
    assert held(note, registered(2, VO)) == []
    assert held(note, registered(2, OWNER)) == [HowHeld.NOT_HELD]
