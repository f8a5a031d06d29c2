"""What was asked for at the door is done once, though workers die, meet, or come late."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from application.door import carrying_out
from application.door.carrying_out import CarryingOut
from application.door.door import Door
from application.worker.round import Round
from domain.choices import Choices
from domain.refusals import Invalid
from domain.vocabulary import Audience, SubscriberChange
from infrastructure.registers import wishes
from infrastructure.registers.confirmations import BETWEEN_LETTERS, VALID_FOR, Confirmation, count_letter, erase_lapsed
from infrastructure.registers.subscribers import Subscribers
from infrastructure.registers.tokens import hash_of, new_token
from infrastructure.registers.wishes import Wish, WishKind
from notifiers.email.mail_server import MailServer, Tls
from tests.application.door.readers import (
    HERE,
    link_in,
    register,
    set_to,
    subscribes,
    token_of,
    told,
    works,
)
from tests.application.worker.test_held import Hears
from tests.mailroom import Mailroom, port_of_nobody
from tests.terminal import Terminal


def test_two_workers_with_one_confirmation_make_one_subscriber(
    desk: Terminal, mails: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one was first by a hair: after we had looked."""
    door = Door(desk.desk)
    door.subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    assert door.confirm(link_in(mails.mails[-1], "bekrafta"))
    looked: list[str] = []
    found = Subscribers.told_at

    def late(self: Subscribers, address: str, audience: Audience) -> Any:
        looked.append(address)
        if len(looked) > 1:
            return found(self, address, audience)
        self.add(address, audience, [], [], "sv")
        return None

    monkeypatch.setattr(Subscribers, "told_at", late)
    works(desk)
    assert register(desk) == [("anna@example.se", "active")]


def test_who_has_left_is_not_brought_back_by_a_worker_that_was_confirming_them(
    desk: Terminal, mails: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They had two letters. One was confirmed, they left, and another worker is still busy with the other."""
    door = Door(desk.desk)
    subscribes(desk, mails)
    second = new_token()
    asked = Confirmation("anna@example.se", Choices(), desk.desk.now() + timedelta(hours=48))
    with desk.desk.database.engine.begin() as connection:
        assert count_letter(connection, second, asked, desk.at("09:30").desk.now())
    assert door.confirm(second)
    found = Subscribers.told_at

    def slow(self: Subscribers, address: str, audience: Audience) -> Any:
        if known := found(self, address, audience):
            self.erase(known[0].id, SubscriberChange.LEFT)
        return found(self, address, audience)

    monkeypatch.setattr(Subscribers, "told_at", slow)
    works(desk)
    assert register(desk) == []


def test_no_wish_is_lost_over_a_clock_that_was_ahead(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails, "berit@example.se")
    _id, token = token_of(desk, "berit")
    now = desk.desk.now()
    desk.on(now + timedelta(days=365))
    door = Door(desk.desk)
    assert door.leave(token)
    door.subscribe("anna@example.se", Choices(), HERE)
    desk.on(now + timedelta(hours=1))
    works(desk)
    assert register(desk) == [], "the page has said that they are told no more"
    assert len(mails.to("anna")) == 1
    # The worker's own clock: what it puts off for a minute, and what counts for an hour.
    door.subscribe("cilla@example.se", Choices(), HERE)
    desk.on(now + timedelta(days=1))
    mails.refuses_everybody = "451 4.3.2 busy"
    works(desk)
    mails.refuses_everybody = ""
    door.subscribe("dag@example.se", Choices(), HERE)
    works(desk)
    desk.on(now + timedelta(hours=3))
    door.subscribe("dag@example.se", Choices(), HERE)
    works(desk)
    assert len(mails.to("cilla")) == 1
    assert len(mails.to("dag")) == 2


def test_what_was_pressed_in_time_is_done_however_late_a_worker_comes(desk: Terminal, mails: Mailroom) -> None:
    door = Door(desk.desk)
    for name in ("anna", "berit", "cilla"):
        door.subscribe(f"{name}@example.se", Choices(), HERE)
    works(desk)
    anna, berit = (link_in(mails.to(name)[-1], "bekrafta") for name in ("anna", "berit"))
    assert door.confirm(anna)
    desk.on(desk.desk.now() + timedelta(hours=50))
    wishes.add(desk.desk.database, Wish(WishKind.CONFIRM, desk.desk.now(), hash_of(berit)))  # by no door of ours
    assert erase_lapsed(desk.desk.database, desk.desk.now()) == ["cilla@example.se"], "nobody has pressed that one"
    works(desk)
    assert register(desk) == [("anna@example.se", "active")]


def test_a_letter_that_comes_two_days_late_is_not_sent(desk: Terminal, mails: Mailroom) -> None:
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    works(desk.on(desk.desk.now() + timedelta(hours=48)))
    assert mails.mails == []


def test_who_has_moved_is_told_so_at_no_other_address_when_a_worker_died_over_it(
    desk: Terminal, mails: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribes(desk, mails)
    door = Door(desk.desk)
    assert door.move(token_of(desk, "anna")[1], "ny@example.se", HERE)
    works(desk)
    assert door.confirm(link_in(mails.to("ny")[-1], "bekrafta"))

    def dies(*_asked: object) -> bool:
        raise ZeroDivisionError

    for whose, step in ((carrying_out, "mark_confirmed"), (Subscribers, "erase")):
        with monkeypatch.context() as patch:
            patch.setattr(whose, step, dies)
            desk.types("worker --once")
        assert register(desk) == [("anna@example.se", "active"), ("ny@example.se", "active")]
    works(desk)
    assert register(desk) == [("ny@example.se", "active")]
    assert told(desk) == ["subscribed", "subscribed", "moved"]
    assert [mail["Subject"] for mail in mails.to("ny")] == ["Bekräfta din nya adress"]
    assert mails.to("anna")[-1]["Subject"] == "Din driftinformation går till en annan adress"


def test_a_pause_goes_along_to_another_address(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    door, noon = Door(desk.desk), desk.at("12:00").desk.now()
    token = token_of(desk.at("08:00"), "anna")[1]
    assert door.choose(token, Choices(paused_until=noon), HERE)
    assert door.move(token, "ny@example.se", HERE)
    works(desk)
    assert door.confirm(link_in(mails.to("ny")[-1], "bekrafta"))
    works(desk)
    assert register(desk) == [("ny@example.se", "paused")]
    works(desk.at("12:01"))
    assert register(desk) == [("ny@example.se", "active")]


def test_a_letter_that_one_worker_has_in_hand_another_one_leaves_alone(desk: Terminal, mails: Mailroom) -> None:
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    now = desk.desk.now()
    with desk.desk.database.writing() as connection:
        [wish] = wishes.waiting(connection, now)
        assert wishes.take(connection, wish, now, now + timedelta(hours=1))
    asyncio.run(CarryingOut(desk.desk)._write_to(wish))  # what it had read before
    assert mails.mails == []
    with desk.desk.database.writing() as connection:
        wishes.put_off(connection, wish, now)
    works(desk)
    assert len(mails.mails) == 1, "the first one could not send it, and it was not counted as done"


def test_however_much_has_been_asked_for_one_look_does_all_of_it(desk: Terminal, mails: Mailroom) -> None:
    door = Door(desk.desk)
    for number in range(130):
        door.subscribe(f"a{number}@example.se", Choices(), HERE)
    works(desk)
    assert len(mails.mails) == 130


def test_a_pause_ends_also_where_letters_have_to_wait_for_a_setting(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    noon = desk.at("12:00").desk.now()
    door = Door(desk.at("08:10").desk)
    assert door.choose(token_of(desk, "anna")[1], Choices(paused_until=noon), HERE)
    works(desk)
    assert register(desk) == [("anna@example.se", "paused")]
    set_to(desk, web_url="")
    door.subscribe("berit@example.se", Choices(), HERE)
    assert "web_url" in desk.at("12:01").types("worker --once").err
    assert register(desk) == [("anna@example.se", "active")]


@pytest.mark.parametrize("refuses", ["", "550 5.7.1 not from you"])
def test_letters_that_the_mail_server_does_not_take_are_told_of_once_and_wait(
    desk: Terminal, mails: Mailroom, refuses: str
) -> None:
    mails.refuses_everybody = refuses
    if not refuses:
        set_to(desk, mail_server=MailServer("127.0.0.1", port_of_nobody(), tls=Tls.NONE))
    hears = Hears()
    round_ = Round(desk.desk, [hears], at_once=True)
    for minute in range(3):
        Door(desk.desk).subscribe(f"reader{minute}@example.se", Choices(), HERE)
        asyncio.run(round_.run())
        desk.at(f"08:0{minute + 1}:30")
    assert hears.troubles == ["wishes"]
    mails.refuses_everybody = ""
    set_to(desk, mail_server=mails.server())
    asyncio.run(Round(desk.at("09:30").desk, [hears], at_once=True).run())
    assert (hears.troubles, len(mails.mails)) == (["wishes"], 3), "nobody's letter was dropped"


def test_letters_that_are_held_again_after_some_were_taken_are_told_of_again(desk: Terminal, mails: Mailroom) -> None:
    hears = Hears()
    round_ = Round(desk.desk, [hears], at_once=True)
    for clock, refuses, told_of in (("08:00", "550 5.7.1 no", 1), ("10:00", "", 1), ("12:00", "550 5.7.1 no", 2)):
        mails.refuses_everybody = refuses
        Door(desk.at(clock).desk).subscribe(f"{clock.replace(':', '-')}@example.se", Choices(), HERE)
        asyncio.run(round_.run())
        assert hears.troubles.count("wishes") == told_of
    assert len(mails.mails) == 2


def test_of_letters_that_have_waited_for_too_long_nobody_is_told_that_they_wait(
    desk: Terminal, mails: Mailroom
) -> None:
    mails.refuses_everybody = "550 5.7.1 not from you"
    work = CarryingOut(desk.desk)
    began = desk.desk.now()
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    for waited in (timedelta(0), timedelta(minutes=1), VALID_FOR - BETWEEN_LETTERS):
        desk.on(began + waited)
        with pytest.raises(Invalid, match="letters-held"):
            asyncio.run(work.run())
    desk.on(began + VALID_FOR)
    asyncio.run(work.run())
