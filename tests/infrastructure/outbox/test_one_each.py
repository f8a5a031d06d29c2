"""One reader, one mail: an address in two audiences is told once, by the richest of those who are told."""

from datetime import timedelta

from domain import facts as f
from domain.audience import RICHEST_FIRST
from domain.delivery import DeliveryState, Unsent
from domain.vocabulary import Audience, Scope, System
from infrastructure.database.database import Database
from infrastructure.log.histories import Histories
from infrastructure.outbox.ledger import ledger
from infrastructure.outbox.outbox import Outbox
from infrastructure.registers.one_each import one_each
from infrastructure.registers.subscribers import Subscribers, withdraw
from tests.given import outage, restored
from tests.infrastructure.mail import Records, Subscribes, message_id, now, plan, send, told
from tests.postgres import administering


def outbox_of(database: Database) -> Outbox:
    return Outbox(database, Histories(database), message_id)


def sent_as(database: Database) -> list[tuple[str, int]]:
    """As which audience each mail went, and of which entry."""
    return [(notice.subscriber.audience, notice.recorded.entry) for notice in send(outbox_of(database), now())]


def test_every_audience_has_its_place_among_the_richest() -> None:
    assert set(RICHEST_FIRST) == set(Audience)


def test_an_address_in_every_audience_is_told_once_as_the_richest(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    for audience in Audience:
        subscribes("sven", audience)
    records(outage())
    plan(database)
    assert sent_as(database) == [(Audience.DUTY, 1)]
    unsent = {row.audience: row.reason for row in ledger(database) if row.state is DeliveryState.SUPERSEDED}
    assert unsent[Audience.STAFF] == Unsent.TOLD_OTHERWISE


def test_another_address_is_told_as_what_it_is(database: Database, records: Records, subscribes: Subscribes) -> None:
    subscribes("sven", Audience.DUTY)
    subscribes("svea", Audience.STAFF)
    records(outage())
    plan(database)
    assert sorted(sent_as(database)) == [(Audience.DUTY, 1), (Audience.STAFF, 1)]


def test_an_address_is_the_same_however_it_is_written(
    database: Database, records: Records, subscribers: Subscribers
) -> None:
    for address, audience in (("Sven@Example.SE", Audience.DUTY), (" sven@example.se", Audience.STAFF)):
        subscribers.add(address, audience, (), (), "sv")
    records(outage())
    plan(database)
    assert sent_as(database) == [(Audience.DUTY, 1)]


def test_where_the_richer_asked_for_something_else_the_other_one_gives_it(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    subscribes("sven", Audience.DUTY, System("websesam"))
    subscribes("sven", Audience.STAFF)
    records(outage(systems=[System("sesam-s2")]))
    plan(database)
    assert sent_as(database) == [(Audience.STAFF, 1)]


def test_where_the_richer_has_paused_the_other_one_gives_it(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    duty = subscribes("sven", Audience.DUTY)
    subscribes("sven", Audience.STAFF)
    Subscribers(database).pause(duty.id)
    records(outage())
    plan(database)
    assert sent_as(database) == [(Audience.STAFF, 1)]


def test_whoever_was_told_as_one_knows_as_the_other_too(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    """The outage was told as duty, which then paused; that it is over is told to whoever knows of it."""
    duty = subscribes("sven", Audience.DUTY)
    staff = subscribes("sven", Audience.STAFF)
    records(outage())
    plan(database)
    send(outbox_of(database), now())
    Subscribers(database).pause(duty.id)
    records(restored(), "2026-0001")
    plan(database)
    assert sent_as(database) == [(Audience.STAFF, 2)]
    assert told(database, staff) == [("2026-0001", 1), ("2026-0001", 2)]


def test_two_subscriptions_of_one_address_get_one_summary(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    records(outage())
    records(f.NoteAdded(text="Lugnt i växeln."), "2026-0001")
    plan(database)  # as a worker has that went on before they came
    subscribes("sven", Audience.STAFF)
    subscribes("sven", Audience.DUTY)
    plan(database)
    assert [audience for audience, _entry in sent_as(database)] == [Audience.DUTY]


def test_what_waits_for_whoever_pauses_the_richer_is_told_by_the_next(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    duty = subscribes("sven", Audience.DUTY)
    for audience in (Audience.STAFF, Audience.COMPLIANCE, Audience.PUBLIC):
        subscribes("sven", audience)
    records(outage(), deviation="IT säger minst åtta timmar")
    plan(database)
    Subscribers(database).pause(duty.id)
    assert sent_as(database) == [(Audience.STAFF, 1)]


def test_what_waits_for_whoever_leaves_one_of_two_summaries_is_told_by_the_other(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    records(outage())
    duty = subscribes("sven", Audience.DUTY)
    subscribes("sven", Audience.STAFF)
    plan(database)
    Subscribers(database).remove(duty.id)
    assert sent_as(database) == [(Audience.STAFF, 1)]


def test_a_summary_is_for_whoever_was_told_nothing_of_the_incident_as_anybody(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    """Not even of another fact: what was told as duty need not be summed up for the same address as staff."""
    subscribes("sven", Audience.DUTY)
    records(outage())
    records(f.ScopeReclassified(scope=Scope.LOCAL, reason="bara vi"), "2026-0001")
    plan(database)
    send(outbox_of(database), now())
    subscribes("sven", Audience.STAFF)
    plan(database)
    assert sent_as(database) == []


def test_an_address_that_refuses_is_tried_as_nothing_else(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    duty = subscribes("sven", Audience.DUTY)
    subscribes("sven", Audience.STAFF)
    records(outage())
    plan(database)
    with database.writing() as connection:
        withdraw(connection, duty.id, Unsent.SUSPENDED, now())
    assert sent_as(database) == []


def test_a_summary_that_was_left_to_the_richer_is_sent_when_that_one_pauses_before_its_mail(
    database: Database, records: Records, subscribes: Subscribes
) -> None:
    duty = subscribes("sven", Audience.DUTY)
    records(outage())
    records(f.ScopeReclassified(scope=Scope.LOCAL, reason="bara vi"), "2026-0001")
    plan(database)
    subscribes("sven", Audience.STAFF)
    plan(database)
    Subscribers(database).pause(duty.id)
    assert {audience for audience, _entry in sent_as(database)} == {Audience.STAFF}


def test_planning_again_changes_nothing(database: Database, records: Records, subscribes: Subscribes) -> None:
    subscribes("sven", Audience.STAFF)
    subscribes("sven", Audience.DUTY)
    records(outage())
    plan(database)
    before = [(row.audience, row.state) for row in ledger(database)]
    plan(database)
    assert [(row.audience, row.state) for row in ledger(database)] == before
    assert sent_as(database) == [(Audience.DUTY, 1)]
    assert send(outbox_of(database), now() + timedelta(hours=1)) == []


MANY_READERS = """
INSERT INTO subscribers (id, address, audience, systems, areas, language, state, added_at, after_position, welcomed)
SELECT 'p-' || substr(md5(audience || n), 1, 10), 'p' || n || '@example.se', audience,
'[]', '[]', 'sv', 'active', '2026', 0, true
FROM generate_series(1, 8000) AS n, (VALUES ('staff'), ('public')) AS audiences (audience)
"""
MANY_SMALL_INCIDENTS = """
INSERT INTO deliveries (position, incident, entry, fact, subscriber, audience, summary, state, queued_at)
SELECT n, '2001-' || n, 1, 'outage-detected:1', 'p-' || substr(md5('staff' || (1 + n % 5000)), 1, 10),
'staff', false, 'sent', '2001' FROM generate_series(9, 40000) AS n
"""
A_LARGE_ONE = """
INSERT INTO deliveries (position, incident, entry, fact, subscriber, audience, summary, state, queued_at)
SELECT 1, '2026-0001', 1, 'outage-detected:1', id, audience, false, 'queued', '2026' FROM subscribers
"""


def test_a_large_incident_after_many_small_ones_is_told(postgresql_url: str) -> None:
    """Statistics that know of small incidents alone had a server hold each of its deliveries against every other: at
    10,000 readers longer than a statement may take, each time, and nobody was told."""
    with administering(postgresql_url) as server:
        server.execute(MANY_READERS)
        server.execute(MANY_SMALL_INCIDENTS)
        server.execute("ANALYZE")
        server.execute(f"{A_LARGE_ONE} WHERE audience = 'public'")
        server.execute("SET statement_timeout = '2s'")
        assert server.execute(one_each(1, 1)).rowcount == 0
        server.execute("SET statement_timeout = '60s'")
        server.execute(f"{A_LARGE_ONE} WHERE audience = 'staff'")
        assert server.execute(one_each(1, 1)).rowcount == 8000
