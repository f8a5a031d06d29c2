"""What every test shares: a day to tell, and Hypothesis without a stop-watch."""

import pytest
from hypothesis import HealthCheck, settings

from tests.given import Day

settings.register_profile(
    "reservrutin", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("reservrutin")


@pytest.fixture
def day() -> Day:
    """2 March 2026, on which nothing has happened yet."""
    return Day()
