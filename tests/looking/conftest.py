"""What is looked at."""

from pathlib import Path

import pytest

from tests.looking.day import made_of_a_day


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every page that is a file, by its path; in both languages."""
    return made_of_a_day(tmp_path_factory.mktemp("looking"))
