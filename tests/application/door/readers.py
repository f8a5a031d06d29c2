"""What readers do at the door in these tests, and what has come of it."""

import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from application.door.door import Door
from domain.choices import Choices
from domain.fact import Recorded
from domain.facts import SubscriberChanged
from domain.vocabulary import Stream
from infrastructure.log.histories import readable
from infrastructure.registers.subscribers import Subscribers
from infrastructure.registers.ways_out import make_ways_out
from tests.mailroom import Mailroom, text
from tests.terminal import Terminal

HERE = "192.0.2.0/24"
OUTAGE = "outage-detected --scope all-users --system sesam-s2"
PUBLISH = (
    'operating-information-published --as system-owner --channel vardgivare-skane --text "Sesam S2 ligger nere." '
    "--situation down"
)
DOOR_AT = "https://anmal.example.se"


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


def way_out_in(mail: EmailMessage) -> str:
    found = re.search(r"avsluta ([a-z2-7]{26})\s", text(mail))
    assert found, text(mail)
    return found[1]


def token_of(desk: Terminal, name: str) -> tuple[str, str]:
    """Whoever is told at this address, and the way out in their mail."""
    database = desk.desk.database
    [id_] = [reader.id for reader, _state in Subscribers(database).all() if reader.address == f"{name}@example.se"]
    with database.writing() as connection:
        return id_, make_ways_out(connection, {id_}, desk.desk.now())[id_]


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
