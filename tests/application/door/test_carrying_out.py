"""What was asked for at the door, done by a worker: each letter once, nothing for who has not said yes, or has left."""

from datetime import timedelta

import pytest

from application.door.door import Door
from domain.choices import Choices
from domain.delivery import Unsent
from domain.fact import BY_THE_CLOCK
from domain.refusals import Invalid
from domain.suspension import SuspensionPolicy
from domain.vocabulary import Area, System
from infrastructure.outbox.claiming import readers_of
from infrastructure.registers.subscribers import Subscribers, blame, suspensions, tell
from notifiers.email.mail_server import MailServer, Tls
from tests.application.door.readers import (
    DOOR_AT,
    HERE,
    OUTAGE,
    PUBLISH,
    link_in,
    register,
    set_to,
    stored,
    subscribes,
    told,
    way_out_in,
    works,
)
from tests.mailroom import Mailroom, port_of_nobody, text
from tests.terminal import Terminal


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
        assert blame(desk.desk.database.backend.beneath(connection), reader.id, 5, desk.desk.now(), SuspensionPolicy(2))
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
    assert "pausad till 12:00 CET, Sesam S2" in desk.types("subscriber list").out
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
    with desk.desk.database.reading() as connection:
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
    assert told(desk) == ["subscribed", "subscribed", "moved"]
    for mail in mails.to("anna")[1:2]:
        assert not door.choose(way_out_in(mail), Choices("en"), HERE), "whoever reads the old mailbox has no link to it"
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


def test_nothing_of_a_wish_that_is_done_names_anybody(desk: Terminal, mails: Mailroom) -> None:
    subscribes(desk, mails)
    connection = desk.desk.database.connection()
    named = ", ".join(("way", "address", "language", "systems", "areas", "paused_until"))
    assert connection.execute("SELECT DISTINCT network FROM wishes WHERE network IS NOT NULL").fetchall() == [(HERE,)]
    assert connection.execute(f"SELECT DISTINCT {named} FROM wishes").fetchall() == [(None,) * 6]
