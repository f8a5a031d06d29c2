"""A bench so small that it says nothing of what anything costs, only whether it runs."""

from collections.abc import Iterator

import pytest

from bench.ground import Ground, Scale, ground
from tests.postgres import server_url

TINY = Scale(
    "quick", (1, 2), (1, 2), facts=20, steps=9, papers=(2, 4), mails=4, far_mails=2, most_mails=(2, 4), planned=3,
    claimed=3, several=1, seconds=0.01, idle=0.1,
)  # fmt: skip


@pytest.fixture
def tiny() -> Iterator[Ground]:
    """Both databases, one run, almost nothing of everything."""
    with ground(TINY, 1, server_url()) as made:
        yield made
