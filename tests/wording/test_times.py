"""Times as people write them: Europe/Stockholm, the daylight-saving nights, no future."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.refusals import Invalid
from domain.vocabulary import SWEDEN
from wording import times
from wording.words import texts_in

NOW = datetime(2026, 12, 7, 7, 5, tzinfo=UTC)  # 08:05 in Sweden

WRITTEN = {
    "07:30": "2026-12-07T06:30:00+00:00",
    "7.30": "2026-12-07T06:30:00+00:00",
    "nu": "2026-12-07T07:05:00+00:00",
    "i går 22:10": "2026-12-06T21:10:00+00:00",
    "0730": "2026-12-07T06:30:00+00:00",
    "730": "2026-12-07T06:30:00+00:00",
    "kl 7": "2026-12-07T06:00:00+00:00",
    "i förrgår 22.10": "2026-12-05T21:10:00+00:00",
    "igår 2210": "2026-12-06T21:10:00+00:00",
    "-20": "2026-12-07T06:45:00+00:00",
    "–20m": "2026-12-07T06:45:00+00:00",
    "-1d": "2026-12-06T07:05:00+00:00",
    "kl 07:30": "2026-12-07T06:30:00+00:00",
    "igår 22:10": "2026-12-06T21:10:00+00:00",
    "yesterday 22:10": "2026-12-06T21:10:00+00:00",
    "imorgon 08:00": "2026-12-08T07:00:00+00:00",
    "-20m": "2026-12-07T06:45:00+00:00",
    "-1h30m": "2026-12-07T05:35:00+00:00",
    "+2h": "2026-12-07T09:05:00+00:00",
    "2026-12-07T08:05": "2026-12-07T07:05:00+00:00",
    "2026-12-07 08:05": "2026-12-07T07:05:00+00:00",
    "2026-12-07T08:05:30+01:00": "2026-12-07T07:05:30+00:00",
    "2026-12-07T07:05Z": "2026-12-07T07:05:00+00:00",
    "2027-07-01T08:05": "2027-07-01T06:05:00+00:00",
    "2027-10-31T02:30+02:00": "2027-10-31T00:30:00+00:00",
    "2027-10-31 02:30 CET": "2027-10-31T01:30:00+00:00",
    "−20m": "2026-12-07T06:45:00+00:00",
    "-1h30": "2026-12-07T05:35:00+00:00",
    "-1,5h": "2026-12-07T05:35:00+00:00",
    "22:10 igår": "2026-12-06T21:10:00+00:00",
    "kl 8 i går": "2026-12-06T07:00:00+00:00",
    "i gar kvall 22:10": "2026-12-06T21:10:00+00:00",
    "i morse 06:05": "2026-12-07T05:05:00+00:00",
    "6/12 08:05": "2026-12-06T07:05:00+00:00",
    "0805 6/12": "2026-12-06T07:05:00+00:00",
    "3/1 07:00": "2027-01-03T06:00:00+00:00",
    "24/12 2025 08:00": "2025-12-24T07:00:00+00:00",
    "6 december kl. 08.05": "2026-12-06T07:05:00+00:00",
    "6:e dec 08.05": "2026-12-06T07:05:00+00:00",
    "2026-12-06 kl. 08.05": "2026-12-06T07:05:00+00:00",
    "fredag 08:05": "2026-12-04T07:05:00+00:00",
    "i lördags 8.05": "2026-12-05T07:05:00+00:00",
    "i måndags 08:05": "2026-11-30T07:05:00+00:00",
    "måndag 07:30": "2026-12-07T06:30:00+00:00",
    "på fredag 08:05": "2026-12-11T07:05:00+00:00",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_time_is_read_the_way_it_is_written(text: str) -> None:
    assert times.parse(text, NOW).isoformat() == WRITTEN[text]


@pytest.mark.parametrize(
    "text",
    [
        *("", "snart", "24:00", "12:60", "2026-02-30T10:00", "20m", "-m", "14", "-", "2026-12-07"),
        *("31/11 08:00", "30/2 08:00", "6/13 08:00", "6 smal 08:00", "igår", "fredag"),
        *("9999-12-31T23:30Z", "0001-01-01T00:30+05:00", "1999-12-31 23:00", "2200-06-01 08:00", "1/1 0000 08:00"),
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="time"):
        times.parse(text, NOW)


def test_a_weekday_of_what_is_still_to_come_is_the_coming_one() -> None:
    assert times.parse("fredag 08:05", NOW, ahead=True) == times.parse("på fredag 08:05", NOW)
    assert times.parse("i fredags 08:05", NOW, ahead=True) == times.parse("fredag 08:05", NOW)


def test_a_time_that_the_clock_repeats_asks_for_its_offset() -> None:
    with pytest.raises(Invalid) as refused:
        times.parse("2027-10-31T02:30", NOW)
    assert refused.value.reason == "time-repeated"
    both = [times.parse(refused.value.data[which], NOW) for which in ("first", "second")]
    assert both[1] - both[0] == timedelta(hours=1)


def test_a_time_that_the_clock_skips_asks_for_its_offset() -> None:
    with pytest.raises(Invalid) as refused:
        times.parse("2027-03-28T02:30", NOW)
    assert refused.value.reason == "time-skipped"
    for which in ("first", "second"):
        assert times.parse(refused.value.data[which], NOW)


@given(st.integers(26_297_280, 34_186_080).map(lambda minutes: datetime.fromtimestamp(minutes * 60, UTC)))
def test_what_we_show_can_be_typed_back(moment: datetime) -> None:
    assert times.parse(times.clock(moment), NOW) == moment
    assert times.parse(moment.astimezone(SWEDEN).isoformat(timespec="seconds"), NOW) == moment


@pytest.mark.parametrize("moment", ["2026-12-07T06:30", "2026-12-06T21:10", "2027-10-31T00:30", "2027-10-31T01:30"])
def test_what_would_be_typed_is_read_as_the_same_minute(moment: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert times.parse(times.typed(at, NOW), NOW) == at


SPOKEN = {
    "2026-12-07T07:30": ("måndag 7 december kl. 08.30", "Monday 7 December 08:30"),
    "2026-05-01T22:05": ("lördag 2 maj kl. 00.05", "Saturday 2 May 00:05"),
    "2027-01-01T11:00": ("fredag 1 januari 2027 kl. 12.00", "Friday 1 January 2027 12:00"),
    "2026-10-25T00:30": ("söndag 25 oktober kl. 02.30 CEST", "Sunday 25 October 02:30 CEST"),
    "2026-10-25T01:30": ("söndag 25 oktober kl. 02.30 CET", "Sunday 25 October 02:30 CET"),
    "2026-10-25T02:30": ("söndag 25 oktober kl. 03.30", "Sunday 25 October 03:30"),
    "2026-03-29T01:30": ("söndag 29 mars kl. 03.30", "Sunday 29 March 03:30"),
}


@pytest.mark.parametrize(("moment", "said"), SPOKEN.items())
def test_a_mail_says_a_moment_as_people_do(moment: str, said: tuple[str, str]) -> None:
    at = datetime.fromisoformat(f"{moment}+00:00")
    assert (times.spoken(at, texts_in("sv"), NOW), times.spoken(at, texts_in("en"), NOW)) == said


def test_the_day_is_not_said_again_beside_a_moment_of_it() -> None:
    late, midnight = datetime(2026, 12, 7, 22, 59, tzinfo=UTC), datetime(2026, 12, 7, 23, 0, tzinfo=UTC)
    assert times.spoken(late, texts_in("sv"), NOW, NOW) == "23.59"
    assert times.spoken(late, texts_in("en"), NOW, NOW) == "23:59"
    assert times.spoken(midnight, texts_in("sv"), NOW, NOW) == "tisdag 8 december kl. 00.00"
