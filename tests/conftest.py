"""What every test shares: a day to tell, a log on either database with a clock that the test sets, a terminal."""

import os
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from domain.audience import Subscriber
from domain.fact import Fact
from domain.routine_document import builtin
from domain.vocabulary import Area, Audience, Function, System
from infrastructure.database.database import Database
from infrastructure.integrity.changed_rows import row_problems
from infrastructure.integrity.ledger_rows import ledger_problems
from infrastructure.log import snapshots
from infrastructure.log.incident_log import Answer, IncidentLog, Proposal
from infrastructure.outbox.outbox import Outbox
from infrastructure.registers.subscribers import Subscribers
from tests import postgres, programs, warden
from tests.empty_log import empty_log
from tests.given import Day, moment
from tests.infrastructure.mail import Subscribes, message_id
from tests.infrastructure.told import Told, copy_of, tell
from tests.terminal import Terminal

if TYPE_CHECKING:
    from tests.browser import Browser, Window

settings.register_profile(
    "the-same",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=True,
)
settings.register_profile("anew", settings.get_profile("the-same"), derandomize=False, max_examples=200)
settings.load_profile("the-same")


@pytest.fixture
def day() -> Day:
    """7 December 2026, on which nothing has happened yet."""
    return Day()


SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = (SQLITE, POSTGRESQL)
on_sqlite = pytest.mark.parametrize("url", [SQLITE], indirect=True)
on_postgresql = pytest.mark.parametrize("url", [POSTGRESQL], indirect=True)


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many processes as cores: half of its time a test waits for a disk, a clock or a server."""
    return (os.cpu_count() or 1) * 2


WARDEN = pytest.StashKey[subprocess.Popen[bytes] | None]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and postgres.prepare_run():
        config.stash[WARDEN] = warden.watch(os.environ[postgres.HOME])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.end_run()
        warden.relieve(config.stash.get(WARDEN, None))


CHROMIUM = programs.found("chromium", "chromium-browser", "google-chrome")


OF_ONE_DATABASE = (
    "application/exports",
    "cli/commands/test_bundle.py",
    "cli/commands/test_evidence.py",
    "cli/commands/test_export.py",
    "cli/commands/test_replay.py",
    "cli/commands/test_review.py",
    "cli/commands/test_routine.py",
    "cli/commands/test_several_entries.py",
    "cli/commands/test_voided.py",
    "cli/desk/test_day.py",
    "stories/test_on_whose_authority.py",
    "stories/test_over.py",
    "stories/test_taken_back.py",
)
"""Where the database has no say in what is tried, or what it is asked is tried on both in tests/infrastructure: there
what has a twin on SQLite is for `make test-all` on PostgreSQL."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    there = {item.nodeid for item in items}
    for item in items:
        twin = item.nodeid.replace(POSTGRESQL, SQLITE)
        if twin != item.nodeid and twin in there and item.nodeid.removeprefix("tests/").startswith(OF_ONE_DATABASE):
            item.add_marker(pytest.mark.long)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing is passed over without an excuse."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = _why_skipped(report)
        if not programs.is_excused(reason):
            report.outcome, report.longrepr = "failed", f"passed over in CI: {reason}"
    return report


def _why_skipped(report: pytest.TestReport) -> str:
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not tried is said last, where nobody overlooks it."""
    by_reason: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        by_reason.setdefault(_why_skipped(report), []).append(report.nodeid)
    for reason, tests in sorted(by_reason.items()):
        terminalreporter.section(f"NOT RUN: {len(tests)} tests, {reason}", red=True, bold=True)
        for test in tests:
            terminalreporter.line(test)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    if CHROMIUM is None:
        pytest.skip(programs.absent("chromium"))
    from tests.browser import Browser

    opened = Browser(CHROMIUM)
    yield opened
    opened.close()


@pytest.fixture
def window(browser: "Browser") -> "Iterator[Window]":
    from tests.browser import Window

    opened = Window(browser)
    yield opened
    opened.close()


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty log: each test that asks runs on SQLite and on a real PostgreSQL."""
    if request.param == SQLITE:
        yield empty_log(tmp_path / "log.sqlite")
        return
    with postgres.database_url() as made:
        yield made


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The address of an empty log on PostgreSQL alone."""
    with postgres.database_url() as made:
        yield made


@pytest.fixture
def terminal(tmp_path: Path, url: str) -> Iterator[Terminal]:
    opened = Terminal(tmp_path, url=url).at("08:10")
    yield opened
    opened.close()


@pytest.fixture
def outage(terminal: Terminal) -> Terminal:
    """A terminal where all users have been cut off from Sesam S2 since 08:05."""
    terminal.records("outage-detected --scope all-users --system sesam-s2 --at 08:05")
    return terminal


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: moment("08:00"))

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **elapsed: float) -> datetime:
        self.now += timedelta(**elapsed)
        return self.now


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty log. Whatever the program does to it in a test, each row is left as the program wrote it, and the ledger
    says what its attempts say."""
    database = Database(url)
    yield database
    with database.reading() as connection:
        assert list(row_problems(database, connection, ())) == []
        assert list(ledger_problems(connection)) == []
    database.close()


@pytest.fixture
def subscribers(database: Database) -> Subscribers:
    return Subscribers(database)


@pytest.fixture
def subscribes(subscribers: Subscribers) -> Subscribes:
    def subscribe(
        name: str, audience: Audience = Audience.STAFF, *systems: System, areas: tuple[Area, ...] = ()
    ) -> Subscriber:
        return subscribers.add(f"{name}@example.se", audience, systems, areas, "sv")

    return subscribe


@pytest.fixture
def outbox(database: Database, log: IncidentLog) -> Outbox:
    return Outbox(database, log.histories, message_id)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(database: Database, clock: Clock) -> Iterator[IncidentLog]:
    log = IncidentLog(database, clock)
    yield log
    log.close()


@pytest.fixture
def records(log: IncidentLog) -> Callable[..., Answer]:
    """records(fact, incident): by the first function that may; a new incident where none is named."""

    def record(fact: Fact, incident: str | None = None, as_: Function | None = None, **more: str) -> Answer:
        return log.record(Proposal(fact, as_ or builtin().recorded_by(type(fact))[0], "s-1", incident, **more))  # type: ignore[arg-type]

    return record


@pytest.fixture(scope="module", params=BOTH)
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Told once on each database; what touches it touches a copy."""
    with ExitStack() as stack:
        # Courses are kept of incidents as short as these.
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(snapshots, "EVERY", 2)
        server = () if request.param == SQLITE else (stack.enter_context(postgres.database_url()),)
        told = tell(tmp_path_factory.mktemp("told"), *server)
        yield told
        told.database.close()


@pytest.fixture
def told(original: Told, tmp_path: Path) -> Iterator[Told]:
    with copy_of(original, tmp_path / "log") as copied:
        yield copied
