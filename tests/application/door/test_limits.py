"""Each time limit of the door, a moment before it and at the moment itself."""

from datetime import timedelta

import pytest

from application.door.door import Door
from domain.choices import LONGEST_PAUSE, Choices
from domain.refusals import Invalid, Unavailable
from infrastructure.registers import wishes
from infrastructure.registers.confirmations import BETWEEN_LETTERS, VALID_FOR
from infrastructure.registers.wishes import PACE_OVER
from tests.application.door.readers import HERE, link_in, register, subscribes, told, works
from tests.conftest import on_sqlite
from tests.mailroom import Mailroom
from tests.terminal import Terminal

SECOND = timedelta(seconds=1)
pytestmark = on_sqlite


def later(desk: Terminal, passed: timedelta) -> Door:
    """So long after eight o'clock."""
    desk.on(desk.at("08:00").desk.now() + passed)
    return Door(desk.desk)


def kept(desk: Terminal, table: str) -> int:
    count: int = desk.desk.database.connection().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return count


def test_a_letter_can_be_answered_for_two_days_and_at_their_end_its_address_is_erased(
    desk: Terminal, mails: Mailroom
) -> None:
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    token = link_in(mails.mails[0], "bekrafta")
    assert later(desk, VALID_FOR - SECOND).way(token)
    works(desk)
    assert kept(desk, "confirmations") == 1
    assert later(desk, VALID_FOR).way(token) is None
    assert not Door(desk.desk).confirm(token)
    works(desk)
    assert kept(desk, "confirmations") == 0


def test_what_is_pressed_in_the_last_second_counts_however_late_a_worker_sees_it(
    desk: Terminal, mails: Mailroom
) -> None:
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    assert later(desk, VALID_FOR - SECOND).confirm(link_in(mails.mails[0], "bekrafta"))
    later(desk, VALID_FOR + timedelta(hours=5))
    works(desk)
    assert register(desk) == [("anna@example.se", "active")]


@pytest.mark.parametrize(("waited", "letters"), [(VALID_FOR - SECOND, 1), (VALID_FOR, 0)])
def test_a_letter_that_no_worker_could_send_for_two_days_is_not_sent_any_more(
    desk: Terminal, mails: Mailroom, waited: timedelta, letters: int
) -> None:
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    later(desk, waited)
    works(desk)
    assert len(mails.mails) == letters


@pytest.mark.parametrize(("passed", "letters"), [(BETWEEN_LETTERS - SECOND, 1), (BETWEEN_LETTERS, 2)])
def test_an_address_is_written_to_again_when_an_hour_has_passed(
    desk: Terminal, mails: Mailroom, passed: timedelta, letters: int
) -> None:
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    later(desk, passed).subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    assert len(mails.mails) == letters


def test_a_network_is_let_in_again_when_the_hour_of_its_first_wish_is_over(
    desk: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "MOST_FROM_ONE_NETWORK", 1)
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    with pytest.raises(Unavailable):
        later(desk, PACE_OVER - SECOND).subscribe("berit@example.se", Choices(), HERE)
    later(desk, PACE_OVER).subscribe("berit@example.se", Choices(), HERE)


def test_a_pause_may_be_a_year_and_ends_at_its_moment(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    works(desk.at("09:00"))
    token, door, now = link_in(mails.mails[-1], "val"), Door(desk.desk), desk.desk.now()
    for none in (now, now + LONGEST_PAUSE + SECOND):
        with pytest.raises(Invalid, match="pause-until"):
            door.choose(token, Choices(paused_until=none), HERE)
    assert door.choose(token, Choices(paused_until=now + LONGEST_PAUSE), HERE)
    works(desk)
    assert register(desk) == [("anna@example.se", "paused")]
    for passed, state in ((LONGEST_PAUSE - SECOND, "paused"), (LONGEST_PAUSE, "active")):
        desk.on(now + passed)
        works(desk)
        assert register(desk) == [("anna@example.se", state)]


@pytest.mark.parametrize(("late", "changes"), [(-SECOND, ["chose", "paused"]), (timedelta(0), ["chose"])])
def test_a_pause_that_is_over_before_a_worker_sees_it_was_none(
    desk: Terminal, mails: Mailroom, late: timedelta, changes: list[str]
) -> None:
    subscribes(desk, mails)
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    works(desk.at("09:00"))
    until = desk.desk.now() + timedelta(hours=1)
    assert Door(desk.desk).choose(link_in(mails.mails[-1], "val"), Choices("en", paused_until=until), HERE)
    works(desk.on(until + late))
    assert told(desk) == ["subscribed", *changes]
