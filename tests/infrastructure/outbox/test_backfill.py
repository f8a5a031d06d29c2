"""Many who subscribe at once stop nothing: they are looked at together, and so many at a time."""

from typing import Any

import pytest
from sqlalchemy import insert

from domain.vocabulary import Audience, System
from infrastructure.database.database import Database
from infrastructure.database.tables import subscribers
from infrastructure.outbox.backfill import backfill
from infrastructure.outbox.ledger import ledger
from infrastructure.read_models.board import Board
from tests.given import CLOSED, outage, prognosis, restored
from tests.infrastructure.mail import Records, Subscribes, told

WAITING = "SELECT count(*) FROM subscribers WHERE NOT welcomed"


def subscribe_many(database: Database, count: int, system: str = "") -> None:
    """So many of the staff at once, after what is in the log."""
    [position] = database.connection().execute("SELECT coalesce(max(position), 0) FROM facts").fetchone()
    row = {"audience": "staff", "systems": [system] if system else [], "areas": [], "language": "sv",
           "state": "active", "added_at": "", "after_position": position, "welcomed": False}  # fmt: skip
    several = [row | {"id": f"p-{system}{n}", "address": f"{system}{n}@example.se"} for n in range(count)]
    with database.engine.begin() as connection:
        connection.execute(insert(subscribers), several)


def count_of(database: Database, statement: str) -> int:
    count: int = database.connection().execute(statement).fetchone()[0]
    return count


def statements(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What writes from now on."""
    connection, written = database.connection(), list[str]()

    def note(statement: str) -> None:
        if statement.lstrip().startswith(("INSERT", "UPDATE")) and "seal" not in statement:
            written.append(statement.split()[0])

    execute = type(connection).execute

    def traced(self: Any, statement: str, *values: Any) -> Any:
        note(statement)
        return execute(self, statement, *values)

    monkeypatch.setattr(type(connection), "execute", traced)
    return written


def test_where_nothing_is_open_everybody_is_done_with_at_once_however_many_they_are(
    database: Database, records: Records
) -> None:
    number = records(outage()).recorded.incident
    records(restored(), number)
    records(CLOSED, number)
    Board(database).open_incidents()
    subscribe_many(database, 3_000)
    backfill(database, portion=10)
    assert count_of(database, WAITING) == 0
    assert ledger(database) == []


def test_whoever_asked_for_the_same_is_one_statement_and_no_more_are_taken_than_a_portion(
    database: Database, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records(outage(systems=[System.WEBSESAM]))
    Board(database).open_incidents()
    subscribe_many(database, 30)
    subscribe_many(database, 30, "sesam-s2")
    written = statements(database, monkeypatch)
    assert backfill(database, portion=60)
    assert written.count("INSERT") == 1, "those of another system are told nothing"
    assert len(ledger(database)) == 30
    subscribe_many(database, 5, "websesam")
    assert backfill(database, portion=3)
    assert count_of(database, WAITING) == 2
    assert not backfill(database, portion=3)
    assert not backfill(database, portion=3)
    assert len(ledger(database)) == 35, "each of them once"


def test_each_is_told_what_was_newest_when_they_subscribed(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    number = records(outage()).recorded.incident
    early = subscribes("tidig")
    records(prognosis("12:00"), number)
    late = subscribes("sen")
    Board(database).open_incidents()
    backfill(database)
    assert (told(database, early), told(database, late)) == ([(number, 1)], [(number, 2)])


def test_whoever_subscribed_before_the_board_knew_of_the_incident_waits_until_it_does(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    Board(database).open_incidents()
    number = records(outage()).recorded.incident
    anna = subscribes("anna")
    assert not backfill(database)
    assert told(database, anna) == []
    Board(database).open_incidents()
    backfill(database)
    assert told(database, anna) == [(number, 1)]


def test_a_late_subscriber_is_not_told_that_what_they_never_heard_of_is_over(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    number = records(outage()).recorded.incident
    records(restored(), number)
    partner, owner = subscribes("aktiv", Audience.PARTNER), subscribes("jour", Audience.DUTY)
    Board(database).open_incidents()
    backfill(database)
    assert told(database, partner) == [], "of this outage the partner has never been told anything"
    assert told(database, owner) == [(number, 2)], "the incident is open, and this is how it stands"
