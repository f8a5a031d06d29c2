"""What was asked for at the door, done by a worker: each letter once, nothing for who has not said yes, or has left."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from application.door import carrying_out
from application.door.carrying_out import CarryingOut
from application.door.door import Door
from domain.choices import Choices
from domain.delivery import Unsent
from domain.fact import BY_THE_CLOCK, Recorded
from domain.facts import SubscriberChanged
from domain.refusals import Invalid
from domain.suspension import SuspensionPolicy
from domain.vocabulary import Area, Audience, Stream, SubscriberChange, System
from infrastructure.log.histories import readable
from infrastructure.outbox.claiming import readers_of
from infrastructure.registers import wishes
from infrastructure.registers.confirmations import Confirmation, count_letter, erase_lapsed
from infrastructure.registers.subscribers import Subscribers, blame, suspensions, tell
from infrastructure.registers.tokens import hash_of, new_token
from infrastructure.registers.ways_out import make_ways_out
from infrastructure.registers.wishes import Wish, WishKind
from notifiers.email.mail_server import MailServer, Tls
from tests.mailroom import Mailroom, mailroom, port_of_nobody, text
from tests.terminal import Terminal

HERE = "192.0.2.0/24"
OUTAGE = "outage-detected --scope all-users --system sesam-s2"
PUBLISH = (
    'operating-information-published --as system-owner --channel vardgivare-skane --text "Sesam S2 ligger nere." '
    "--situation down"
)
DOOR_AT = "https://anmal.example.se"


@pytest.fixture
def mails() -> Iterator[Mailroom]:
    with mailroom() as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path, mails: Mailroom, url: str) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, smtp_url=mails.url, url=url).at("08:00")
    set_to(terminal, web_url=DOOR_AT)
    yield terminal
    assert terminal.types("verify").code == 0, "what the door did, the log tells"
    terminal.close()


def set_to(desk: Terminal, **more: Any) -> None:
    desk.settings = replace(desk.settings, **more)
    desk.desk.settings = desk.settings


def works(desk: Terminal) -> None:
    told = desk.types("worker --once")
    assert told.code == 0, told.err


def link_in(mail: EmailMessage, page: str) -> str:
    """The token of the page's link."""
    found = re.search(rf"{DOOR_AT}/{page}/([a-z2-7]{{26}})\s", text(mail))
    assert found, text(mail)
    return found[1]


def subscribes(desk: Terminal, mails: Mailroom, address: str = "anna@example.se", **chosen: Any) -> str:
    """Somebody subscribes and confirms; the token of the letter."""
    door = Door(desk.desk)
    door.subscribe(address, Choices(**chosen), HERE)
    works(desk)
    page = "en/confirm" if chosen.get("language") == "en" else "bekrafta"
    token = link_in(mails.to(address.partition("@")[0])[-1], page)
    assert door.confirm(token)
    works(desk)
    return token


def told(desk: Terminal) -> list[str]:
    """What the log says of who is told."""
    connection = desk.desk.database.connection()
    facts = [each.fact for each in readable(connection, Stream.SUBSCRIBERS) if isinstance(each, Recorded)]
    return [fact.change.value for fact in facts if isinstance(fact, SubscriberChanged)]


def stored(desk: Terminal) -> bytes:
    """Every byte of the log's file, and of the one beside it in which SQLite writes first."""
    path = desk.desk.database.path
    return b"".join(file.read_bytes() for file in (path, Path(f"{path}-wal")) if file.exists())


def register(desk: Terminal) -> list[tuple[str, str]]:
    return [(reader.address, state.value) for reader, state in Subscribers(desk.desk.database).all()]


def test_sr_021_who_subscribes_is_told_nothing_until_they_confirm_and_everything_from_then_on(
    desk: Terminal, mails: Mailroom
) -> None:
    door = Door(desk.desk)
    door.subscribe("Anna@Example.se", Choices(areas=(Area.ORTHOPAEDIC,)), HERE)
    works(desk)
    [letter] = mails.mails
    assert letter["To"] == "anna@example.se"
    assert letter["Subject"] == "Bekräfta att du vill ha driftinformation"
    assert "onsdag 9 december kl. 08.00" in text(letter)
    assert letter["List-Unsubscribe"] is None, "there is nothing to leave yet"
    assert (letter["Auto-Submitted"], letter["X-Auto-Response-Suppress"]) == ("auto-replied", "All"), "RFC 3834"
    desk.at("08:05").records(OUTAGE)
    desk.records(PUBLISH)
    works(desk.at("08:10"))
    assert len(mails.mails) == 1, "nobody has said yes"
    assert register(desk) == []

    token = link_in(letter, "bekrafta")
    assert door.confirm(token)
    assert door.confirm(token.upper()), "pressed twice before a worker has seen it"
    works(desk)
    assert register(desk) == [("anna@example.se", "active")]
    assert told(desk) == ["subscribed"], "once, and by themselves"
    assert len(mails.mails) == 2, "what is open, in one summary"
    assert "Sesam S2 ligger nere" in text(mails.mails[-1])
    assert door.confirm(token), "and pressed again, a day later"
    works(desk.at("23:00"))
    assert told(desk) == ["subscribed"]
    assert not Door(desk.on(desk.desk.now() + timedelta(hours=40)).desk).confirm(token), "for two days"


def test_an_address_is_written_to_once_an_hour_and_forgotten_after_two_days(desk: Terminal, mails: Mailroom) -> None:
    door = Door(desk.desk)
    for _ in range(5):
        door.subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    works(desk.at("08:59"))
    assert len(mails.mails) == 1
    works(desk.at("09:00"))
    assert len(mails.mails) == 1, "what was asked within the hour is answered"
    door.subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    assert len(mails.mails) == 2
    first, second = (link_in(mail, "bekrafta") for mail in mails.mails)
    assert first != second
    desk.on(desk.desk.now() + timedelta(hours=49))
    assert not door.confirm(first)
    works(desk)
    connection = desk.desk.database.connection()
    for table in ("wishes", "confirmations"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]
    if desk.settings.database_url.startswith("sqlite"):
        assert b"anna@example.se" not in stored(desk)


def test_whoever_is_told_already_is_told_so_and_whoever_was_suspended_is_told_again(
    desk: Terminal, mails: Mailroom
) -> None:
    subscribes(desk, mails, language="en")
    works(desk.at("10:00"))
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    works(desk)
    assert mails.mails[-1]["Subject"] == "Du prenumererar redan på driftinformation"
    token = link_in(mails.mails[-1], "val")
    way = Door(desk.desk).way(token)
    assert way is not None
    assert way.choices.language == "en", "nothing has changed"
    [(reader, _state)] = Subscribers(desk.desk.database).all()
    with desk.desk.database.engine.begin() as connection:
        assert blame(connection, reader.id, 5, desk.desk.now(), SuspensionPolicy(2))
        tell(desk.desk.database, connection, suspensions([reader.id]), BY_THE_CLOCK, desk.desk.now)
    assert register(desk) == [("anna@example.se", "suspended")]
    subscribes(desk.at("11:30"), mails)
    assert register(desk) == [("anna@example.se", "active")]
    assert told(desk) == ["subscribed", "suspended", "resumed", "chose"]


def test_a_letter_that_is_not_taken_is_tried_again_and_one_that_was_is_not(desk: Terminal, mails: Mailroom) -> None:
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    mails.refuses_everybody = "451 4.3.2 busy"
    works(desk)
    works(desk.at("08:00:30"))
    mails.refuses_everybody = ""
    works(desk.at("08:01:30"))
    works(desk.at("08:05"))
    assert len(mails.mails) == 1
    Door(desk.desk).subscribe("berit@example.se", Choices(), HERE)
    mails.refuses = "berit@example.se"
    works(desk)
    mails.refuses = ""
    works(desk.at("10:00"))
    assert len(mails.mails) == 1, "there is no such address"


def test_a_worker_that_dies_over_a_letter_does_not_send_it_twice_within_the_hour(
    desk: Terminal, mails: Mailroom
) -> None:
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)

    def dies() -> None:
        raise ConnectionResetError  # the answer never comes

    mails.before_answering = dies
    works(desk)
    mails.before_answering = None
    assert len(mails.mails) == 1
    works(desk.at("08:59"))
    assert len(mails.mails) == 1
    works(desk.at("09:00:01"))
    assert len(mails.mails) == 2, "nobody knows whether the first one came"


def way_out_in(mail: EmailMessage) -> str:
    found = re.search(r"avsluta ([a-z2-7]{26})\s", text(mail))
    assert found, text(mail)
    return found[1]


def test_what_is_chosen_holds_for_the_next_mail_and_a_pause_ends_by_itself(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    desk.at("08:05").records(OUTAGE)
    desk.records(PUBLISH)
    works(desk.at("08:10"))
    token, noon = way_out_in(mails.mails[-1]), desk.at("12:00").desk.now()
    desk.at("08:11")
    assert Door(desk.desk).choose(token, Choices("en", (System.SESAM_S2,), (), noon), HERE)
    works(desk)
    assert register(desk) == [("anna@example.se", "paused")]
    assert told(desk) == ["subscribed", "chose", "paused"]
    count = len(mails.mails)
    desk.at("11:58").records(PUBLISH.replace("ligger nere", "är fortfarande nere"))
    works(desk.at("11:59"))
    assert len(mails.mails) == count
    works(desk.at("12:00"))
    assert register(desk) == [("anna@example.se", "active")]
    desk.at("12:05").records(PUBLISH.replace("ligger nere", "är nere till i morgon"))
    works(desk.at("12:06"))
    assert "What to do now" in text(mails.mails[-1])
    assert Door(desk.desk).choose(token, Choices("en", (System.WEBSESAM,)), HERE)
    works(desk)
    count = len(mails.mails)
    desk.at("12:10").records(PUBLISH.replace("ligger nere", "är nere hela veckan"))
    works(desk.at("12:11"))
    assert len(mails.mails) == count, "it is about another system"


def test_leaving_is_in_force_before_any_worker_has_seen_it(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    token = subscribes(desk, mails, "berit@example.se")
    desk.at("08:05").records(OUTAGE)
    desk.records(PUBLISH)
    works(desk.at("08:10"))
    door = Door(desk.desk)
    assert door.leave(way_out_in(mails.to("berit")[-1]))
    with desk.desk.database.engine.begin() as connection:
        ids = {reader.id for reader, _state in Subscribers(desk.desk.database).all()}
        why = {reader.address: unsent for reader, unsent in readers_of(connection, ids).values()}
    assert why == {"anna@example.se": None, "berit@example.se": Unsent.LEFT}
    count = len(mails.to("berit"))
    desk.at("09:00").records(PUBLISH.replace("ligger nere", "är fortfarande nere"))
    works(desk.at("09:01"))
    assert len(mails.to("berit")) == count, "no more news, and no letter about it"
    assert register(desk) == [("anna@example.se", "active")]
    assert told(desk) == ["subscribed", "subscribed", "left"]
    assert not door.confirm(token), "a letter of before brings nobody back"
    if desk.settings.database_url.startswith("sqlite"):
        assert b"berit" not in stored(desk)


def test_another_address_is_told_once_it_has_confirmed_and_the_old_one_learns_of_it(
    desk: Terminal, mails: Mailroom
) -> None:
    subscribes(desk, mails)
    desk.at("08:05").records(OUTAGE)
    desk.records(PUBLISH)
    works(desk.at("08:10"))
    door = Door(desk.desk)
    assert door.move(way_out_in(mails.to("anna")[-1]), "ny@example.se", HERE)
    works(desk)
    assert register(desk) == [("anna@example.se", "active")]
    letter = mails.to("ny")[-1]
    assert letter["Subject"] == "Bekräfta din nya adress"
    assert "onsdag 9 december kl. 08.10" in text(letter)
    assert door.confirm(link_in(letter, "bekrafta"))
    works(desk)
    assert register(desk) == [("ny@example.se", "active")]
    assert mails.to("anna")[-1]["Subject"] == "Din driftinformation går till en annan adress"
    assert f"{DOOR_AT}/\r\n" in text(mails.to("anna")[-1])
    assert told(desk) == ["subscribed", "moved"]
    kept = desk.desk.database.connection().execute("SELECT address FROM confirmations").fetchall()
    assert kept == [("ny@example.se",)], "the old address has been told that it is erased"
    if desk.settings.database_url.startswith("sqlite"):
        assert b"anna@example.se" not in stored(desk)
    assert door.confirm(link_in(letter, "bekrafta")), "the link survives a second press"
    count = len(mails.to("anna"))
    desk.at("09:00").records(PUBLISH.replace("ligger nere", "är fortfarande nere"))
    works(desk.at("09:01"))
    assert (len(mails.to("anna")), "fortfarande" in text(mails.to("ny")[-1])) == (count, True)
    # To where somebody is told already: that stays, and the other ends.
    subscribes(desk.at("10:30"), mails, "anna@example.se")
    assert door.move(way_out_in(mails.to("ny")[-1]), "anna@example.se", HERE)
    works(desk.at("11:45"))
    assert door.confirm(link_in(mails.to("anna")[-1], "bekrafta"))
    works(desk)
    assert register(desk) == [("anna@example.se", "active")]
    assert mails.to("ny")[-1]["Subject"] == "Din driftinformation går till en annan adress", "they hear of it as well"


def test_only_the_domains_that_may_are_written_to_and_letters_wait_for_what_is_not_set(
    desk: Terminal, mails: Mailroom
) -> None:
    set_to(desk, web_url="")
    Door(desk.desk).subscribe("anna@example.se", Choices(), HERE)
    waits = desk.types("worker --once")
    assert "web_url" in waits.err
    others = ("anna@example.com", "anna@under.skane.se", "anna@skane.se.example.com")
    for address in others:
        Door(desk.desk).subscribe(address, Choices(), HERE)
    set_to(desk, web_url=DOOR_AT, subscribe_domains=("skane.se", "example.se"))
    for address in others:
        with pytest.raises(Invalid, match="subscribe-domain"):
            Door(desk.desk).subscribe(address, Choices(), HERE)
    works(desk)
    assert [mail["To"] for mail in mails.mails] == ["anna@example.se"]
    works(desk.at("10:00"))
    assert len(mails.mails) == 1


def test_a_mail_server_that_is_away_keeps_nobody_from_leaving_or_confirming(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    desk.at("08:05").records(OUTAGE)
    desk.records(PUBLISH)
    works(desk.at("08:10"))
    door, away = Door(desk.desk), MailServer("127.0.0.1", port_of_nobody(), tls=Tls.NONE)
    others = [f"x{n}@example.se" for n in range(120)]
    for address in others:
        door.subscribe(address, Choices(), HERE)
    assert door.leave(way_out_in(mails.to("anna")[-1]))
    set_to(desk, mail_server=away)
    desk.types("worker --once")
    assert register(desk) == []
    connection = desk.desk.database.connection()
    tried = "SELECT count(*) FROM wishes WHERE kind = 'subscribe' AND again_at IS NOT NULL"
    assert connection.execute(tried).fetchall() == [(1,)], "the others wait for an answer, not one after another"
    set_to(desk, mail_server=mails.server())
    works(desk.at("08:12"))
    works(desk)
    assert sorted(mail["To"] for mail in mails.mails[2:]) == sorted(others)


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


def token_of(desk: Terminal, name: str) -> tuple[str, str]:
    """Whoever is told at this address, and the way out in their mail."""
    database = desk.desk.database
    [id_] = [reader.id for reader, _state in Subscribers(database).all() if reader.address == f"{name}@example.se"]
    with database.engine.begin() as connection:
        return id_, make_ways_out(connection, {id_}, desk.desk.now())[id_]


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
        assert blame(connection, id_, 5, desk.desk.now(), SuspensionPolicy(2))
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


def test_nothing_of_a_wish_that_is_done_names_anybody(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    connection = desk.desk.database.connection()
    named = ", ".join(("way", "address", "language", "systems", "areas", "paused_until"))
    assert connection.execute("SELECT DISTINCT network FROM wishes WHERE network IS NOT NULL").fetchall() == [(HERE,)]
    assert connection.execute(f"SELECT DISTINCT {named} FROM wishes").fetchall() == [(None,) * 6]


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

    with monkeypatch.context() as patch:
        patch.setattr(carrying_out, "mark_confirmed", dies)
        desk.types("worker --once")
    assert register(desk) == [("ny@example.se", "active")]
    works(desk)
    assert told(desk) == ["subscribed", "moved"]
    assert [mail["Subject"] for mail in mails.to("ny")] == ["Bekräfta din nya adress"]


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
