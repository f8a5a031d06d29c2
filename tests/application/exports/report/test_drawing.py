"""The drawing: an honest axis, and nothing that lies on top of something else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.exports.report.axis import axis
from application.exports.report.canvas import lines_of, room
from application.exports.report.events import flags, moments, strokes
from application.exports.report.model import Report
from application.exports.report.sheet import NARROW, WIDE, Layout
from application.exports.report.timeline import draw
from domain import facts as f
from domain.vocabulary import SWEDEN
from tests.application.exports.report.days import DAYS, crowded_day
from tests.given import Day, moment, outage
from tests.terminal import Terminal
from wording.words import Language, texts_in

MOMENTS = st.lists(
    st.integers(0, 365 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    min_size=1,
    max_size=40,
)


@given(MOMENTS)
def test_later_is_never_further_left_and_everything_is_on_the_paper(some: list[datetime]) -> None:
    along = axis(some, 100, 800, 30)
    places = [along.x(moment) for moment in sorted(some)]
    assert places == sorted(places)
    assert all(100 <= place <= 800 for place in places)
    for place in (along.x(along.start - timedelta(days=9)), along.x(along.end + timedelta(days=9))):
        assert 100 <= place <= 800.01


@given(MOMENTS)
def test_nothing_that_happened_is_folded_away(some: list[datetime]) -> None:
    along = axis(some, 100, 800, 30)
    assert not [moment for moment in some for fold in along.folds if fold.start < moment < fold.end]
    assert all(stretch.right > stretch.left for stretch in along.stretches)
    widths = {
        round((s.right - s.left) / ((s.end - s.start) / timedelta(hours=1)), 3) for s in along.stretches if not s.folded
    }
    assert len(widths) == 1, "an hour is as wide everywhere"


@given(MOMENTS, st.floats(30, 80))
def test_hours_and_days_are_those_of_the_swedish_clock(some: list[datetime], apart: float) -> None:
    along = axis(some, 100, 800, 30)
    ticks = list(along.ticks(apart))
    assert ticks == sorted(set(ticks))
    assert all(tick.astimezone(SWEDEN).minute % 5 == 0 for tick in ticks)
    days = list(along.days())
    assert all(start < end for start, end in days)
    assert all(start.astimezone(SWEDEN).hour == 0 for start, _end in days[1:])


def test_a_day_and_a_night_are_drawn_whole_and_half_a_year_is_folded() -> None:
    start = datetime(2026, 12, 7, 7, tzinfo=UTC)
    assert axis([start, start + timedelta(hours=25)], 0, 800, 30).folds == []
    later = axis([start, start + timedelta(hours=7), start + timedelta(days=180)], 0, 800, 30)
    assert len(later.folds) == 1
    assert later.x(start + timedelta(hours=7)) > 600, "the day itself keeps the room"


@pytest.mark.parametrize(
    ("night", "hours", "first"),
    [
        (datetime(2027, 3, 27, 23, tzinfo=UTC), ["00", "01", "03", "04", "05"], 2),
        (datetime(2027, 10, 30, 22, tzinfo=UTC), ["00", "01", "02", "02", "03"], 3),
    ],
    ids=["forward", "back"],
)
def test_the_hour_that_is_skipped_or_repeated_takes_the_room_that_it_took(
    night: datetime, hours: list[str], first: int
) -> None:
    along = axis([night, night + timedelta(hours=4)], 0, 800, 30)
    ticks = list(along.ticks(100))
    assert [f"{tick.astimezone(SWEDEN):%H}" for tick in ticks] == hours
    steps = {round(along.x(b) - along.x(a), 3) for a, b in pairwise(ticks)}
    assert len(steps) == 1
    [change] = along.clock_changes()
    assert change == ticks[first]


@pytest.fixture(scope="module", params=list(DAYS))
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    terminal = Terminal(tmp_path_factory.mktemp("day"))
    number = crowded_day(terminal, 40) if request.param == "crowded" else DAYS[request.param](terminal)
    history = terminal.desk.log.history(number)
    yield Report(terminal.desk.incident(history), history, [], terminal.desk.now(), terminal.desk.texts)
    terminal.close()


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_flags_never_lie_on_each_other_and_the_weightiest_are_there(
    report: Report, layout: Layout, language: Language
) -> None:
    report = replace(report, texts=texts_in(language))
    along = axis(moments(report), layout.gutter, layout.width, layout.fold)
    found = flags(report, along, layout.flags, layout.width, 12)
    for place, one in enumerate(found):
        assert 0 <= one.left < one.right <= layout.width
        assert not [o for o in found[place + 1 :] if o.row == one.row and o.left < one.right and one.left < o.right]
    wires = {recorded.fact.wire for recorded in report.happened}
    shown = {flag.kind for flag in found}
    assert {"outage-detected", "reserve-routine-activated"} & wires <= shown


PLACES = {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy"}


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
def test_everything_is_drawn_within_the_paper(report: Report, layout: Layout) -> None:
    drawing = draw(report, layout)
    wide, high = float(drawing.width), float(drawing.height)
    for shape in drawing.shapes:
        places = {name: float(value) for name, value in shape.attributes.items() if name in PLACES}
        for name, value in places.items():
            assert -1 <= value <= (high if "y" in name else wide) + 1, shape
        if shape.tag == "rect":
            assert places["x"] + float(shape.attributes["width"]) <= wide + 1


def test_every_fact_has_its_stroke_and_late_ones_are_on_top(report: Report) -> None:
    along = axis(moments(report), 100, 800, 30)
    found = strokes(report, along)
    drawn = {(round(stroke.x * 2), round(stroke.written_x * 2)) for stroke in found}
    for recorded in report.happened:
        assert (round(along.x(recorded.occurred_at) * 2), round(along.x(recorded.recorded_at) * 2)) in drawn
    kinds = [stroke.kind == "late" for stroke in found]
    assert kinds == sorted(kinds)


def test_what_happened_at_once_but_was_recorded_apart_has_a_stroke_each() -> None:
    day = Day()
    day.at("08:00").records(outage())
    for written in ("08:05", "08:09", "08:09", "08:13"):
        day.at("08:05", written=written).records(f.NoteAdded(text="x"))
    report = Report(day.incident, day.facts, [], moment("09:00"), texts_in("sv"))
    along = axis(moments(report), 100, 800, 30)
    ends = [stroke.written_x for stroke in strokes(report, along) if stroke.x == along.x(moment("08:05"))]
    assert sorted(ends) == [along.x(moment(written)) for written in ("08:05", "08:09", "08:13")]


@given(st.text(max_size=80), st.floats(40, 300))
def test_a_label_never_takes_more_room_than_it_has(text: str, width: float) -> None:
    lines = list(lines_of(text, width, 12))
    assert 1 <= len(lines) <= 2
    assert all(room(line, 12) <= width + 12 for line in lines)
