"""Who waits for whom among what a round has claimed."""

from dataclasses import replace

import pytest

from domain import facts as f
from domain.delivery import DeliveryState, Notice, Outcome
from domain.vocabulary import Audience
from notifiers.work_queue import Claimed, WorkQueue
from tests.notifiers.outage import BEGAN, recorded, told

TAKEN = Outcome(DeliveryState.SENT, 250, "OK")


def notice(delivery: int, reader: str, incident: str = "2026-0007") -> Notice:
    written = told(
        Audience.STAFF, recorded(f.NoteAdded(text="x"), entry=delivery), subscriber=reader, delivery=delivery
    )
    written.incident.number = incident
    return written


def queue(*notices: Notice, no_parcel: int | None = None) -> tuple[WorkQueue[Notice], list[int]]:
    """The round's, and what has ended; of one of them there is no parcel to be made."""
    ended: list[int] = []

    def write(claimed: Claimed) -> Notice | Outcome:
        return TAKEN if claimed.notice.delivery == no_parcel else claimed.notice

    opened = WorkQueue[Notice](write, lambda claimed, _outcome: ended.append(claimed.notice.delivery))
    opened.put(Claimed(each, 0, BEGAN, 0.0) for each in notices)
    return opened, ended


def in_hand(opened: WorkQueue[Notice]) -> list[Notice]:
    """All that as many carriers as like may take at once."""
    found = []
    while parcel := opened.take():
        found.append(parcel)
    return found


@pytest.mark.parametrize(
    ("second", "at_once"),
    [
        (notice(2, "p-1"), [1]),
        (notice(2, "p-2"), [1, 2]),
        (notice(2, "p-1", "2026-0008"), [1, 2]),
    ],
)
def test_the_second_of_one_incident_to_one_reader_waits_for_the_first_and_any_other_does_not(
    second: Notice, at_once: list[int]
) -> None:
    first = notice(1, "p-1")
    opened, ended = queue(first, second)
    assert [parcel.delivery for parcel in in_hand(opened)] == at_once
    assert len(opened) == 2
    opened.ended(first, TAKEN)
    assert ended == [1]
    assert [parcel.delivery for parcel in in_hand(opened)] == [d for d in (2,) if d not in at_once]


def test_what_is_passed_over_keeps_its_place_and_what_is_given_back_goes_first() -> None:
    one, two, three, four = notice(1, "p-1"), notice(2, "p-1"), notice(3, "p-1"), notice(4, "p-2")
    opened, ended = queue(one, two, three, four)
    assert in_hand(opened) == [one, four]
    opened.back(one)
    assert in_hand(opened) == [one]
    opened.ended(one, TAKEN)
    assert in_hand(opened) == [two]
    opened.ended(two, TAKEN)
    assert in_hand(opened) == [three]
    assert (ended, [left.notice for left in opened.left()]) == ([1, 2], [])


async def test_what_no_parcel_can_be_made_of_ends_and_keeps_nobody_waiting() -> None:
    one, two = notice(1, "p-1"), notice(2, "p-1")
    opened, ended = queue(one, two, no_parcel=1)
    assert await opened.next() == two
    assert ended == [1]
    low = opened.down_to(0)
    assert not low.done()
    opened.ended(two, replace(TAKEN, reply="so"))
    assert low.done()
    opened.close()
    assert await opened.next() is None
