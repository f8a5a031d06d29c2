"""A log with one of every fact, a day with a correction and a mail that went wrong, ready to be exported."""

from collections.abc import Callable
from typing import cast

import pytest
from eventsourcing.domain import DomainEventProtocol

from domain import facts as f
from domain.delivery import DeliveryState
from domain.fact import Recorded
from domain.faults import Fault
from infrastructure.database.database import Database
from infrastructure.log.incident_log import IncidentLog
from infrastructure.log.pages import Source
from infrastructure.outbox.outbox import Outbox
from tests.given import ACTIVATED, CLOSED, OWNER, PARTNER, Day, correction, outage, owner_contacted, published, restored
from tests.golden.samples import SAMPLES
from tests.infrastructure.mail import Subscribes, now, plan, settle

Puts = Callable[..., list[Recorded]]

AWKWARD = "rad ett\nrad två\t<&> \"citat\" 'apostrof' ☎ 👩‍⚕️"


@pytest.fixture
def puts(log: IncidentLog) -> Puts:
    """puts(facts): straight into the log, as they are; what they read like once they are there."""

    def put(*recorded: Recorded) -> list[Recorded]:
        for one in recorded:
            log.events.put([cast("DomainEventProtocol[str]", one)])
        return [known for number in dict.fromkeys(one.incident for one in recorded) for known in log.history(number)]

    return put


@pytest.fixture
def every_fact(puts: Puts) -> list[Recorded]:
    """One incident with one of every fact, each field filled."""
    return puts(*SAMPLES)


def told_day(number: str = "2026-0001") -> list[Recorded]:
    """An outage with a late record, a correction, paper, a deviation and texts that no format likes."""
    day = Day(number)
    day.at("08:05", written="08:21").records(outage(), note=AWKWARD)
    day.at("08:09").records(owner_contacted())
    day.at("08:12").records(published())
    day.at("08:20").records(f.NoteAdded(text=AWKWARD))
    day.at("11:00").records(ACTIVATED, deviation="papperet kom tidigt")
    day.at("11:10").records(f.ReferralReceived(serial="OT-1", unit="Lund"), PARTNER)
    day.at("11:11").records(f.ReferralReceived(serial="OT-2", acute=False), PARTNER)
    day.at("12:00").records(restored())
    day.at("12:10").records(f.ReferralEntered(serial="OT-1", reference="884213"), PARTNER)
    day.at("12:11").records(f.ReferralSetAside(serial="OT-2", reason="not-acute"), PARTNER)
    day.at("12:20").records(correction(2, "08:07", channel="mobil"))
    day.at("12:21").records(correction(3, "08:13"), OWNER)
    day.at("12:30").records(f.ReserveRoutineDeactivated())
    day.at("12:40").records(CLOSED)
    return [
        Recorded(**{name: getattr(r, name) for name in r._fields} | {"command_id": f"{number} {r.command_id}"})
        for r in day.facts
    ]


@pytest.fixture
def a_day(puts: Puts) -> list[Recorded]:
    return puts(*told_day())


@pytest.fixture
def ledger(database: Database, outbox: Outbox, subscribes: Subscribes, a_day: list[Recorded]) -> list[str]:
    """Two subscribers of that day: one was told, the other's address is refused. Their pseudonyms."""
    anna, bo = subscribes("anna"), subscribes("bo")
    with database.writing() as connection:  # they were there from the beginning
        connection.execute("UPDATE subscribers SET after_position = 0")
    plan(database)
    for notice, _tries in outbox.claim("w1", 100, now()):
        if notice.subscriber.id == anna.id:
            settle(outbox, "w1", notice, now(), DeliveryState.SENT, 250, "OK")
        else:
            words = f"550 5.1.1 <{bo.address}> no such user"
            settle(outbox, "w1", notice, now(), DeliveryState.REFUSED, 550, words, fault=Fault.ADDRESS)
    return [anna.id, bo.id]


@pytest.fixture
def source(database: Database, log: IncidentLog) -> Callable[..., Source]:
    """source(incident): what an exporter reads; the whole log where none is named."""

    def of(incident: str | None = None, **more: object) -> Source:
        return Source(database, log.histories, incident, **more)  # type: ignore[arg-type]

    return of
