"""A worker that meets a log which none has followed: new mail first, old deadlines in portions, and news to nobody."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from application.desk import Desk
from application.settings import Settings
from application.worker.deadlines import Deadlines
from application.worker.round import Round
from application.worker.wall_clock import since_boot
from domain import facts as f
from domain.fact import Recorded
from domain.vocabulary import Audience, Function
from infrastructure.database.database import Database
from infrastructure.log.deadlines import Scanned, scan_deadlines, scan_many
from infrastructure.log.fact_store import NO_DIGITS
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.outbox.ledger import ledger
from infrastructure.outbox.outbox import Outbox
from infrastructure.registers.subscribers import Subscribers
from tests.given import VO, outage, restored
from tests.infrastructure.mail import message_id, now, plan, send
from tests.mailroom import mailroom
from tests.terminal import Terminal

SPRING = datetime.now(UTC) - timedelta(days=200)
CLOSED = f.IncidentClosed(summary="Allt är i drift.")


def happened(database: Database, at: datetime, *, over: bool, written: datetime | None = None) -> str:
    """An outage of three hours that nobody did anything about; written down as it happened if not later."""
    log = IncidentLog(database)
    number = ""
    day = [(0, outage(), VO)]
    if over:
        day += [(3, restored(), Function.SYSTEM_OWNER), (4, CLOSED, VO)]  # type: ignore[list-item]
    for hours, fact, function in day:
        moment = at + timedelta(hours=hours)
        recorded_at = written or moment
        log.clock = lambda recorded_at=recorded_at: recorded_at  # type: ignore[misc]
        answer = log.record(Proposal(fact, function, "s-1", number or None, moment))
        number = answer.recorded.incident
    return number


def deadlines(database: Database, number: str) -> list[Recorded]:
    return [recorded for recorded in IncidentLog(database).history(number) if recorded.fact.clocks]


def test_many_incidents_deadlines_are_the_same_as_each_incidents(database: Database) -> None:
    yesterday = now() - timedelta(hours=20)
    one, other = (happened(database, yesterday, over=True) for _ in range(2))
    log = IncidentLog(database)
    scan_deadlines(log, one, log.clock())
    assert set(scan_many(database, log, [one, other], [], log.clock())) == {one, other}
    struck = [[(r.fact, r.occurred_at, r.recorded_as) for r in deadlines(database, number)] for number in (one, other)]
    assert struck[0] == struck[1] != []


def test_what_was_over_more_than_a_day_ago_is_let_rest_and_what_is_open_is_not(database: Database) -> None:
    over, still_open = (happened(database, SPRING, over=over) for over in (True, False))
    log = IncidentLog(database)
    assert set(scan_many(database, log, [over, still_open], [still_open], log.clock())) == {over, still_open}
    assert deadlines(database, over) == []
    assert deadlines(database, still_open)


def test_an_incident_that_somebody_writes_to_meanwhile_is_left_to_be_looked_at_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = happened(database, now() - timedelta(hours=5), over=False)
    log, other = IncidentLog(database), IncidentLog(database)
    append = log.record_by_clock

    def slower(found: list[tuple[list[Recorded], Proposal]]) -> list[Recorded] | None:
        other.record(Proposal(f.NoteAdded(text="Lugnt i växeln."), VO, "s-1", number))
        return append(found)

    monkeypatch.setattr(log, "record_by_clock", slower)
    assert scan_many(database, log, [number], [number], log.clock()) == {}
    assert deadlines(database, number) == []
    assert scan_deadlines(log, number, log.clock()).facts == deadlines(database, number) != []


def test_old_incidents_that_are_entered_afterwards_mail_nobody_about_their_deadlines(database: Database) -> None:
    for audience in Audience:
        Subscribers(database).add(f"{audience}@example.se", audience, (), (), "sv")
    just_now = now() - timedelta(minutes=1)
    entered = [happened(database, SPRING, over=over, written=just_now) for over in (True, False)]
    log = IncidentLog(database)
    for number in entered:
        scan_deadlines(log, number, log.clock())
    plan(database)
    send(Outbox(database, log.histories, message_id), now())
    assert all(deadlines(database, number) for number in entered)
    assert {row.fact for row in ledger(database)}.isdisjoint({"deadline-passed", "deadline-approaching"})


def test_new_mail_goes_before_the_old_deadlines(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two incidents at a time are looked through; the outage of just now does not wait for the third."""
    monkeypatch.setattr("application.worker.deadlines.PORTION", 2)
    terminal.on(datetime.now(UTC)).types("subscriber add handlaggare@example.se --audience staff")
    database = Database(terminal.settings.database_url)
    old = [happened(database, SPRING, over=False) for _ in range(6)]
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    struck_by_then: list[int] = []
    with mailroom() as mails:
        worker = Terminal(tmp_path, smtp_url=mails.url, url=terminal.settings.database_url).on(datetime.now(UTC))

        def look() -> None:
            struck_by_then.append(sum(bool(deadlines(database, number)) for number in old))

        mails.before_answering = look
        assert worker.types("worker --once").code == 0
        worker.close()
    assert struck_by_then
    assert struck_by_then[0] <= 2
    assert all(deadlines(database, number) for number in old), "and then all of them"
    database.close()


def test_what_is_written_to_an_incident_after_its_look_is_looked_at_in_the_next_round(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the round goes on with others, and the log with it."""
    numbers = [happened(database, SPRING, over=False) for _ in range(3)]
    looks: list[list[str]] = []

    def looked(database: Database, log: IncidentLog, portion: list[str], *rest: Any) -> dict[str, Scanned]:
        looks.append(portion)
        return scan_many(database, log, portion, *rest)

    monkeypatch.setattr("application.worker.deadlines.PORTION", 2)
    monkeypatch.setattr("application.worker.deadlines.scan_many", looked)
    desk = Desk(Settings(database_url=database.url))
    rounds = Deadlines(desk, Round(desk, at_once=True), since_boot)
    assert rounds.look_through(numbers) is True
    IncidentLog(database).record(Proposal(f.NoteAdded(text="Lugnt i växeln."), VO, "s-1", numbers[-1]))
    assert rounds.look_through(numbers) is False
    assert looks == [[numbers[2], numbers[1]], [numbers[0]]], "each once a round"
    rounds.begin()
    rounds.look_through(numbers)
    assert numbers[-1] in looks[2]
    desk.close()


@pytest.mark.long
def test_of_ten_thousand_old_incidents_new_mail_waits_less_than_two_seconds(database: Database) -> None:
    """Seconds of the worker's own, so that a busy machine makes no difference."""
    log = IncidentLog(database)
    day = ((outage(), VO), (restored(), Function.SYSTEM_OWNER), (CLOSED, VO))
    facts: list[Recorded] = []
    for number in range(10_000):
        named, began = f"{2001 + number // 5000}-{number % 5000 + 1:04}", SPRING + timedelta(minutes=number)
        moments = [began + timedelta(hours=3 * place) for place in range(3)]
        facts += [
            Recorded(named, entry, fact, at, at, function, "s-1", f"{named} {entry}".translate(NO_DIGITS))
            for entry, ((fact, function), at) in enumerate(zip(day, moments, strict=True), 1)
        ]
    log.events.put(facts)  # type: ignore[arg-type]  # as the log itself puts them
    Subscribers(database).add("handlaggare@example.se", Audience.STAFF, (), (), "sv")
    log.record(Proposal(outage(), VO, "s-1"))
    first: list[float] = []
    began_at = process_time()
    with mailroom() as mails:
        mails.before_answering = lambda: first.append(process_time() - began_at)
        desk = Desk(Settings(database_url=database.url, mail_server=mails.server()))
        began_at = process_time()
        asyncio.run(Round(desk, at_once=True).run())
        took = process_time() - began_at
    assert first
    assert first[0] < 2
    assert took < 5
