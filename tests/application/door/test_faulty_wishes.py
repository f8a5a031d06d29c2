"""Whoever has broken into the door can write down whatever the database lets through: no worker stumbles over it, and
nobody is mailed who would not be by the door."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from application.door.door import Door
from domain.choices import Choices
from tests.mailroom import Mailroom
from tests.terminal import Terminal

NOW = "2026-12-07T07:00:00.000000Z"
COLUMNS = ("kind", "at", "way", "address", "language", "systems", "areas", "paused_until", "network")
WISH = dict.fromkeys(COLUMNS) | {
    "kind": "subscribe",
    "at": NOW,
    "address": "x@example.se",
    "systems": "[]",
    "areas": "[]",
}
FAULTY: dict[str, dict[str, str | None]] = {
    "a kind that there is not": {"kind": "erase"},
    "no time": {"at": "now"},
    "a time without its zone": {"at": "2026-12-07T07:00:00"},
    "no JSON": {"systems": "["},
    "JSON of another shape": {"areas": '{"a": 1}'},
    "a number for systems": {"systems": "1"},
    "no such system": {"systems": '["elsewhere"]'},
    "a pause that is no time": {"kind": "choose", "way": "x", "paused_until": "tomorrow"},
    "a language that there is not": {"language": "../../etc/passwd"},
    "an address that is none": {"address": "x"},
    "no address": {"address": None},
    "an address with lines": {"address": "x@example.se\r\nBcc: anna@example.se"},
    "two addresses": {"address": "x@example.se, anna@example.se"},
    "a patient's number": {"address": "19121212-1212@example.se"},
    "a move of nobody": {"kind": "move", "way": "x"},
    "a link of nobody": {"kind": "leave", "way": None},
    "of the year 9999": {"at": "9999-12-31T23:59:59.000000Z"},
    "of the year 1": {"at": "0001-01-01T00:00:00.000000Z"},
    "a null": {"address": "x\x00@example.se"},
}


@pytest.fixture
def desk(tmp_path: Path, mails: Mailroom, url: str) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, smtp_url=mails.url, url=url).at("08:00")
    terminal.settings = terminal.desk.settings = replace(terminal.settings, web_url="https://anmal.example.se")
    yield terminal
    terminal.close()


def test_a_wish_that_no_door_has_written_stops_nobody_elses(desk: Terminal, mails: Mailroom) -> None:
    assert desk.types("subscriber add handlaggare@example.se --audience staff").code == 0
    connection = desk.desk.database.connection()
    statement = f"INSERT INTO wishes ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    for fault, said in FAULTY.items():
        if fault == "a null" and desk.desk.database.backend.name == "postgresql":
            continue  # it keeps none
        connection.execute(statement, tuple((WISH | said).values()))
    Door(desk.desk).subscribe("anna@example.se", Choices(), "192.0.2.1")
    desk.records("outage-detected --scope all-users --system sesam-s2")
    for clock in ("08:01", "08:02", "09:30", "12:00"):
        told = desk.at(clock).types("worker --once")
        assert told.code == 0, told.err
        assert "Traceback" not in told.err
    assert "handlaggare@example.se" in {mail["To"] for mail in mails.mails}, "the mail goes out"
    assert [mail["To"] for mail in mails.mails].count("anna@example.se") == 1
    assert {mail["To"] for mail in mails.mails} <= {"handlaggare@example.se", "anna@example.se", "x@example.se"}
    assert all(mail["Bcc"] is None for mail in mails.mails)
    desk.on(desk.desk.now().replace(day=12)).types("worker --once")
    left = connection.execute("SELECT kind, at, address FROM wishes").fetchall()
    assert left == [], "and nothing of it is kept"
