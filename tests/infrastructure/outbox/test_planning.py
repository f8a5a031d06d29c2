"""Who is told of what: planned once, whoever plans."""

import sqlite3
import tracemalloc
from typing import Any

import pytest

from domain import facts as f
from domain.delivery import DeliveryState
from domain.vocabulary import Area, Audience, Function, Scope, System
from infrastructure.database.database import Database
from infrastructure.outbox.ledger import ledger
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.catch_up import catch_up
from infrastructure.registers.subscribers import Subscribers
from tests.given import CLOSED, LINK, outage, prognosis, published, restored
from tests.infrastructure import work
from tests.infrastructure.mail import Records, Subscribes, plan, told
from tests.infrastructure.processes import all_at_once


def test_each_fact_is_planned_once_for_each_subscriber_however_often_it_is_planned(
    database: Database, records: Records, subscribes: Subscribes, url: str
) -> None:
    anna, bertil = subscribes("anna"), subscribes("bertil")
    number = records(outage()).recorded.incident
    records(f.NoteAdded(text="ingen nyhet"), number)
    records(prognosis("12:00"), number)
    all_at_once(work.plans, [(url,)] * 4)
    plan(database)
    for subscriber in (anna, bertil):
        assert told(database, subscriber) == [(number, 1), (number, 3)]
    assert {row.state for row in ledger(database)} == {DeliveryState.QUEUED}


def test_sr_015_q9_the_public_gets_only_what_the_system_owner_published(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    anna = subscribes("anna", Audience.PUBLIC)
    number = records(outage()).recorded.incident
    records(prognosis("12:00"), number)
    records(published(LINK), number)
    records(restored(), number)
    plan(database)
    assert told(database, anna) == [(number, 3)]


def test_sr_012_a_subscriber_gets_what_concerns_the_systems_and_areas_asked_for(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    everything = subscribes("alla")
    ours = subscribes("vi", Audience.STAFF, System.WEBSESAM, areas=(Area.VISION,))
    other_system = subscribes("de", Audience.STAFF, System.VISMA_WEBSESAM)
    other_area = subscribes("dom", Audience.STAFF, System.WEBSESAM, areas=(Area.TENS,))
    number = records(
        f.OutageDetected(
            scope=Scope.ALL_USERS, systems=(System.SESAM_S2, System.WEBSESAM), areas=(Area.VISION, Area.HEARING)
        )
    ).recorded.incident
    records(prognosis("12:00"), number)
    plan(database)
    for subscriber, count in ((everything, 2), (ours, 2), (other_system, 0), (other_area, 0)):
        assert len(told(database, subscriber)) == count


def test_a_paused_subscriber_is_planned_nothing(
    database: Database, records: Records, subscribes: Subscribes, subscribers: Subscribers
) -> None:
    anna = subscribes("anna")
    subscribers.pause(anna.id)
    records(outage())
    plan(database)
    assert told(database, anna) == []


def test_compliance_is_planned_any_fact_with_a_deviation(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    anna = subscribes("anna", Audience.COMPLIANCE)
    number = records(outage()).recorded.incident
    records(f.ReserveRoutineActivated(), number, deviation="IT säger minst åtta timmar")
    plan(database)
    assert told(database, anna) == [(number, 2)]


def test_a_late_subscriber_gets_one_summary_of_each_open_incident_and_then_the_news(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    closed = records(outage()).recorded.incident
    records(restored(), closed)
    records(CLOSED, closed)
    first = records(outage()).recorded.incident
    records(prognosis("12:00"), first)
    records(f.NoteAdded(text="ingen nyhet"), first)
    second = records(outage()).recorded.incident
    plan(database)
    late = subscribes("sen")
    for _ in range(2):
        plan(database)
    assert told(database, late) == [(first, 2), (second, 1)]
    records(restored(), first)
    plan(database)
    assert told(database, late) == [(first, 2), (second, 1), (first, 4)]
    rows = database.connection().execute("SELECT entry, summary FROM deliveries ORDER BY position").fetchall()
    assert rows == [(2, 1), (1, 1), (4, 0)]


def test_who_subscribes_before_the_worker_has_planned_gets_the_summary_and_not_every_old_fact(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    subscribes("tidig")
    number = records(outage()).recorded.incident
    records(prognosis("12:00"), number)
    late = subscribes("sen")
    records(prognosis("13:00"), number)
    plan(database)
    assert told(database, late) == [(number, 2), (number, 3)]


def test_a_late_subscriber_of_the_public_is_summed_up_only_what_was_published(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    number = records(outage()).recorded.incident
    subscribes("tidig", Audience.PUBLIC)
    plan(database)
    assert ledger(database) == []
    records(published(LINK), number)
    records(restored(), number)
    late = subscribes("sen", Audience.PUBLIC)
    plan(database)
    assert told(database, late) == [(number, 2)]


def test_a_late_subscriber_is_summed_up_only_what_is_of_concern(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    records(outage(systems=[System.SESAM_S2]))
    late = subscribes("sen", Audience.STAFF, System.WEBSESAM)
    plan(database)
    assert told(database, late) == []


def test_sr_016_the_system_owner_is_told_of_a_request_to_publish(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    owner = subscribes("jour", Audience.DUTY)
    number = records(outage(), None, Function.SYSTEM_OWNER).recorded.incident
    records(f.OperatingInformationRequested(text="Vi når inte Sesam från Lund."), number)
    plan(database)
    assert told(database, owner) == [(number, 1), (number, 2)]


def test_one_fact_for_twenty_thousand_is_one_statement_and_takes_no_memory_for_each(
    database: Database, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = "INSERT INTO subscribers (id, address, audience, systems, areas, language, state, added_at, after_position, "
    row += "welcomed) VALUES (?, ?, 'staff', '[]', '[]', 'sv', 'active', '', 0, true)"
    with database.writing() as connection:
        connection.executemany(row, ((f"p-{n}", f"{n}@example.se") for n in range(20_000)))
    connection = database.connection()
    records(outage())
    statements: set[str] = set()  # SQLite tells of one once more for every row that its triggers see
    execute = type(connection).execute

    def noted(statement: str) -> None:
        if "INSERT INTO deliveries" in statement and "_noted" not in statement:
            statements.add(statement)

    def traced(self: Any, statement: str, *values: Any) -> Any:
        noted(statement)
        return execute(self, statement, *values)

    if isinstance(connection, sqlite3.Connection):
        connection.set_trace_callback(noted)
    else:
        monkeypatch.setattr(type(connection), "execute", traced)
    tracemalloc.start()
    assert catch_up(database, Planner(database)) is None
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if isinstance(connection, sqlite3.Connection):
        connection.set_trace_callback(None)
    assert len(statements) == 1
    assert connection.execute("SELECT count(*) FROM deliveries").fetchone() == (20_000,)
    assert peak < 1_000_000, "bytes: less than a hundred for each"
