"""Whether the log is followed, and whether a clock agrees with it."""

from collections.abc import Callable
from datetime import timedelta

from domain import facts as f
from domain.vocabulary import Scope, System
from infrastructure.database.database import Database
from infrastructure.log.deadlines import remember_scanned
from infrastructure.log.incident_log import Answer
from infrastructure.log.pulse import clock_off, unfollowed_since
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


def test_a_clock_is_behind_where_the_newest_entries_were_recorded_later(
    database: Database, records: Callable[..., Answer], clock: Clock
) -> None:
    assert clock_off(database, clock.now) is None
    first = records(DOWN).recorded
    clock.passes(minutes=-6)
    records(f.NoteAdded(text="Lugnt"), first.incident)
    off = clock_off(database, clock.now)
    assert off is not None
    assert off.by == timedelta(minutes=6), "whatever it has written itself since"
    assert off.reason == ("server" if database.backend.name == "postgresql" else "clock") + "-behind-newest"
    assert clock_off(database, first.recorded_at - timedelta(seconds=59)) is None, "people write minutes"
    assert clock_off(database, first.recorded_at + timedelta(hours=1)) is None, "nothing says that it is wrong"
