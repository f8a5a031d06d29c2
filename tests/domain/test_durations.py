"""One grammar of elapsed time, for the settings and for a routine document."""

from datetime import timedelta

import pytest

from domain.durations import LONGEST_DURATION, duration, listed


@pytest.mark.parametrize(
    ("text", "lasts"),
    [
        ("20s", timedelta(seconds=20)),
        ("20 s", timedelta(seconds=20)),
        ("0s", timedelta(0)),
        ("15m", timedelta(minutes=15)),
        ("15min", timedelta(minutes=15)),
        ("15 min", timedelta(minutes=15)),
        ("015 min", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("4 h", timedelta(hours=4)),
        ("2 d", timedelta(days=2)),
        ("366 d", LONGEST_DURATION),
        ("31622400 s", LONGEST_DURATION),
    ],
)
def test_every_way_that_stands_in_peoples_files_is_read(text: str, lasts: timedelta) -> None:
    assert duration(text) == lasts


@pytest.mark.parametrize("text", ["", "15", "min", "banana", "1.5 h", "-1 h", "1  h", " 1 h", "1 h ", "1h 5m", "٣ h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


@pytest.mark.parametrize("text", ["367 d", "31622401 s", "99999999999999999999 d"])
def test_what_is_too_long_is_refused_as_that(text: str) -> None:
    with pytest.raises(OverflowError, match="too long"):
        duration(text)


def test_a_list_may_be_written_with_spaces_before_its_units() -> None:
    assert listed("10 s  30s 2 min ambiguous=5 m jitter=20%") == ["10s", "30s", "2min", "ambiguous=5m", "jitter=20%"]
