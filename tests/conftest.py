"""What every test shares: a day to tell, a log on either database, and Hypothesis without a stop-watch."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres
from tests.given import Day
from tests.terminal import Terminal

settings.register_profile(
    "reservrutin", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("reservrutin")


@pytest.fixture
def day() -> Day:
    """2 March 2026, on which nothing has happened yet."""
    return Day()


SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = (SQLITE, POSTGRESQL)
on_sqlite = pytest.mark.parametrize("url", [SQLITE], indirect=True)
on_postgresql = pytest.mark.parametrize("url", [POSTGRESQL], indirect=True)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.prepare_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.end_run()


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty log: each test that asks runs on SQLite and on a real PostgreSQL."""
    if request.param == SQLITE:
        yield f"sqlite:///{tmp_path / 'log.sqlite'}"
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
