"""Whether the log is followed, and whether a clock agrees with it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from domain import facts as f
from domain.vocabulary import Scope, System
from infrastructure.database.database import Database
from infrastructure.log.deadlines import remember_scanned
from infrastructure.log.incident_log import Answer
from infrastructure.log.pulse import clock_ahead, unfollowed_since
from tests.conftest import Clock

DOWN = f.OutageDetected(scope=Scope.ALL_USERS, systems=(System("sesam-s2"),))


def test_the_oldest_fact_that_nobody_has_followed_says_since_when(
    database: Database, records: Callable[..., Answer], clock: Clock
) -> None:
    assert unfollowed_since(database) is None
    first = records(DOWN).recorded
    clock.passes(minutes=5)
    records(f.NoteAdded(text="Lugnt"), first.incident)
    assert unfollowed_since(database) == first.recorded_at
    remember_scanned(database, 2)
    assert unfollowed_since(database) is None


def test_a_clock_is_held_against_the_servers_or_against_the_newest_entry(
    database: Database, records: Callable[..., Answer], clock: Clock
) -> None:
    records(DOWN)
    if database.backend.name == "postgresql":
        off = clock_ahead(database, datetime.now(UTC) + timedelta(hours=1))
        assert timedelta(minutes=59) < off < timedelta(minutes=61)
        assert abs(clock_ahead(database, datetime.now(UTC))) < timedelta(minutes=1)
    else:
        assert clock_ahead(database, clock.now + timedelta(hours=1)) == timedelta(0), "nothing says that it is wrong"
        assert clock_ahead(database, clock.now - timedelta(hours=1)) == timedelta(hours=-1)
