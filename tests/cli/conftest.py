"""A terminal on an empty log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import Terminal


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
