"""Readers who pause, come back and leave: staff's word stands above theirs, and who has left has left."""

from datetime import datetime, timedelta

from application.door.door import Door
from domain.choices import Choices
from domain.fact import BY_THE_CLOCK
from domain.suspension import SuspensionPolicy
from infrastructure.registers import wishes
from infrastructure.registers.subscribers import Subscribers, blame, suspensions, tell
from infrastructure.registers.tokens import hash_of
from infrastructure.registers.wishes import Wish, WishKind
from tests.application.door.readers import HERE, link_in, register, subscribes, token_of, told, works
from tests.mailroom import Mailroom
from tests.terminal import Terminal


def test_nobody_is_written_to_more_often_by_readers_who_come_and_go(desk: Terminal, mails: Mailroom) -> None:
    """Each asks for the same stranger's address, and leaves: their letter dies with them, and still counts."""
    door = Door(desk.desk)
    names = "mallory", "malte", "malin"
    for name in names:
        subscribes(desk, mails, f"{name}@example.se")
    for name in names:
        _id, token = token_of(desk, name)
        assert door.move(token, "anna@example.se", HERE)
        works(desk)
        assert door.leave(token)
        works(desk)
    [letter] = mails.to("anna")
    assert not door.confirm(link_in(letter, "bekrafta"))
    desk.at("08:30").types("worker --once")
    door.subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    assert len(mails.to("anna")) == 1
    desk.on(desk.desk.now() + timedelta(hours=2)).types("worker --once")
    kept = desk.desk.database.connection().execute("SELECT address FROM confirmations").fetchall()
    assert ("anna@example.se",) not in kept, "and is forgotten"


def test_a_pause_of_staffs_ends_by_staff_alone_and_theirs_overrules_a_readers(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    id_, token = token_of(desk, "anna")
    door, noon = Door(desk.desk), desk.at("12:00").desk.now()

    def pauses(at: str, until: datetime | None = noon) -> None:
        assert door.choose(token, Choices(paused_until=until), HERE)
        works(desk.at(at))

    def at_the_door() -> datetime | None:
        way = door.way(token)
        assert way
        return way.choices.paused_until

    desk.at("09:00")
    pauses("09:00")
    assert at_the_door() == noon
    assert desk.types(f"subscriber resume {id_}").code == 0
    assert at_the_door() is None, "staff has resumed them, and the page says so"
    pauses("09:10")
    assert desk.types(f"subscriber pause {id_}").code == 0
    pauses("09:20")
    pauses("09:30", None)
    works(desk.at("12:01"))
    assert register(desk) == [("anna@example.se", "paused")], "nothing that they do at the door undoes it"
    assert desk.types(f"subscriber resume {id_}").code == 0
    with desk.desk.database.engine.begin() as connection:
        assert blame(desk.desk.database.backend.beneath(connection), id_, 5, desk.desk.now(), SuspensionPolicy(2))
        tell(desk.desk.database, connection, suspensions([id_]), BY_THE_CLOCK, desk.desk.now)
    pauses("12:10", noon + timedelta(hours=1))
    works(desk.at("13:01"))
    assert register(desk) == [("anna@example.se", "suspended")], "nor that an address refuses our mail"


def test_an_old_letter_brings_nobody_back_whom_staff_have_paused_or_removed(desk: Terminal, mails: Mailroom) -> None:
    door = Door(desk.desk)
    door.subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    letter = link_in(mails.mails[-1], "bekrafta")
    assert desk.types("subscriber add anna@example.se --audience public").code == 0
    [(anna, _state)] = Subscribers(desk.desk.database).all()
    assert desk.types(f"subscriber pause {anna.id}").code == 0
    assert door.confirm(letter)
    works(desk)
    assert register(desk) == [("anna@example.se", "paused")]
    assert told(desk) == ["added", "paused"]
    door.subscribe("berit@example.se", Choices(), HERE)
    works(desk)
    assert desk.types("subscriber add berit@example.se --audience public").code == 0
    assert desk.types(f"subscriber remove {token_of(desk, 'berit')[0]}").code == 0
    assert not door.confirm(link_in(mails.to("berit")[-1], "bekrafta"))


def test_a_pause_is_shown_moved_and_ended_by_its_reader(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    door = Door(desk.desk)
    door.subscribe("anna@example.se", Choices(), HERE)
    works(desk.at("10:00"))
    token, now = link_in(mails.mails[-1], "val"), desk.desk.now()
    for until in (now + timedelta(days=2), now + timedelta(days=5)):
        assert door.choose(token, Choices(paused_until=until), HERE)
        works(desk)
        way = door.way(token)
        assert way is not None
        assert (way.choices.paused_until, register(desk)) == (until, [("anna@example.se", "paused")])
    assert door.choose(token, Choices(), HERE)
    way = door.way(token)
    assert way is not None
    assert way.choices.paused_until is None, "also where no worker has seen it yet"
    works(desk)
    assert register(desk) == [("anna@example.se", "active")]


def test_whoever_leaves_has_left_by_every_link_they_have(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    door = Door(desk.desk)
    tokens = []
    for clock in ("10:00", "12:00"):
        door.subscribe("anna@example.se", Choices(), HERE)
        works(desk.at(clock))
        tokens.append(link_in(mails.mails[-1], "val"))
    assert door.move(tokens[0], "ny@example.se", HERE)
    assert door.choose(tokens[0], Choices("en"), HERE)
    works(desk)
    letter, count = link_in(mails.to("ny")[-1], "bekrafta"), len(mails.mails)
    assert door.move(tokens[0], "annan@example.se", HERE)
    assert door.choose(tokens[0], Choices("sv"), HERE)
    assert door.leave(tokens[1])
    for _worker in ("before", "after"):
        for token in tokens:
            way = door.way(token)
            assert way is not None
            assert way.over
            assert not door.choose(token, Choices(), HERE)
        # What the door took down before it knew: carried out after the leaving.
        for kind, address in ((WishKind.CHOOSE, None), (WishKind.MOVE, "tredje@example.se")):
            wishes.add(desk.desk.database, Wish(kind, desk.desk.now(), hash_of(tokens[0]), address))
        works(desk)
    assert {str(mail["To"]) for mail in mails.mails[count:]} <= {"annan@example.se"}
    assert not door.confirm(letter), "nobody is there to be moved"
    assert register(desk) == []
    assert told(desk)[-1] == "left"


def test_an_address_that_one_has_left_another_may_move_to(desk: Terminal, mails: Mailroom) -> None:
    door = Door(desk.desk)
    for name in ("anna", "berit"):
        subscribes(desk, mails, f"{name}@example.se")
    desk.at("09:30")
    for name, to in (("anna", "ny"), ("berit", "anna")):
        assert door.move(token_of(desk, name)[1], f"{to}@example.se", HERE)
    works(desk)
    for to in ("ny", "anna"):
        assert door.confirm(link_in(mails.to(to)[-1], "bekrafta"))
    works(desk)
    assert register(desk) == [("anna@example.se", "active"), ("ny@example.se", "active")]
    assert told(desk) == ["subscribed"] * 2 + ["subscribed", "moved"] * 2
