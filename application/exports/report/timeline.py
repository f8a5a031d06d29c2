"""An incident drawn: what happened and when it was recorded, what lasted, and who was told. Pure.

It is drawn twice, wide and narrow; the page shows the one that fits. Every lane reads from left to right on the same
axis of elapsed time, labelled with the Swedish clock.
"""

from dataclasses import dataclass
from datetime import datetime

from application.exports.report import lanes
from application.exports.report.axis import axis
from application.exports.report.canvas import Canvas, Shape, number, room
from application.exports.report.events import moments
from application.exports.report.model import Report
from application.exports.report.sheet import EDGE, FAR_EDGE, SIZE, Layout, TimelineSheet
from application.exports.report.words import day, of_the_scale, short_day
from domain.vocabulary import SWEDEN
from wording import times
from wording.words import Texts

HOUR = 30
"""How wide an hour is written."""


@dataclass(frozen=True, slots=True)
class Drawing:
    width: str
    height: str
    shapes: list[Shape]


def draw(report: Report, layout: Layout) -> Drawing:
    """The whole timeline."""
    canvas = Canvas(layout.width)
    along = axis(moments(report), layout.gutter + EDGE, layout.width - FAR_EDGE, layout.fold)
    sheet = TimelineSheet(canvas, along, layout, report)
    _scale(sheet)
    top = canvas.height
    lanes.facts(sheet)
    bars = canvas.height
    for lane in (lanes.systems, lanes.countdown, lanes.prognoses, lanes.waits, lanes.routine, lanes.paper, lanes.mail):
        lane(sheet)
    _grid(sheet, top, bars)
    return Drawing(number(layout.width), number(canvas.height + (14 if report.incident.open else 4)), canvas.shapes)


def _scale(sheet: TimelineSheet) -> None:
    """The days, and the hours of the Swedish clock."""
    days = list(sheet.along.days())
    right = -1.0
    for start, end in days:
        x = sheet.along.x(start)
        words = [day(start, end, sheet.report.words), short_day(start)]
        fitting = [text for text in words if x + room(text, SIZE, bold=True) <= _next_day(sheet, days, end)]
        if x > right and fitting:
            sheet.canvas.text(x, 12, fitting[0], "day")
            right = x + room(fitting[0], SIZE, bold=True)
    for change in sheet.along.clock_changes():
        x, note = max(sheet.along.x(change), right + 8), _clock_change(change, sheet.report.words)
        if x + room(note, SIZE) <= sheet.layout.width:
            sheet.canvas.text(x, 12, note, "note")
            right = x + room(note, SIZE)
    before = float("-inf")
    for tick in sheet.along.ticks(sheet.layout.tick):
        x = sheet.along.x(tick)
        if x - before >= HOUR + 3:
            inside = min(max(x, HOUR / 2), sheet.layout.width - HOUR / 2)
            sheet.canvas.text(inside, 30, of_the_scale(tick), "hour", "middle")
            before = x
    sheet.canvas.height = 38


def _next_day(sheet: TimelineSheet, days: list[tuple[datetime, datetime]], end: datetime) -> float:
    following = [start for start, _end in days if start >= end]
    return sheet.along.x(following[0]) if following else sheet.layout.width


def _grid(sheet: TimelineSheet, top: float, bars: float) -> None:
    """What runs through all lanes: hours, days, folds, the clock's change, when the routine fell due, and now.

    From `bars` down a fold tears what it runs through; above it lies behind the flags.
    """
    _ = sheet.report.words.gettext
    under = Canvas(sheet.layout.width)
    bottom = sheet.canvas.height
    for tick in sheet.along.ticks(sheet.layout.tick):
        midnight = tick.astimezone(SWEDEN).hour == tick.astimezone(SWEDEN).minute == 0
        x = sheet.along.x(tick)
        under.line(x, top, x, bottom, "grid midnight" if midnight else "grid")
    for fold in sheet.along.folds:
        under.bar(fold.left, top - 4, fold.right - fold.left, bottom - top + 4, "fold")
    for countdown in sheet.report.periods.countdowns:
        if countdown.ran_out:
            under.line(sheet.along.x(countdown.due_at), top, sheet.along.x(countdown.due_at), bottom, "due")
    _tear(sheet, under, top - 4, bars)
    for change in sheet.along.clock_changes():
        under.line(sheet.along.x(change), top, sheet.along.x(change), bottom, "change")
    if sheet.report.incident.open:
        x = sheet.along.x(sheet.report.made_at)
        under.line(x, top, x, bottom, "now")
        said = _("report made")
        anchor = "end" if x - 4 >= room(said, SIZE) else "start"
        under.text(x - 4 if anchor == "end" else x + 4, bottom + 9, said, "note", anchor)
    sheet.canvas.behind(under.shapes)
    _tear(sheet, sheet.canvas, bars, bottom)


def _tear(sheet: TimelineSheet, canvas: Canvas, top: float, bottom: float) -> None:
    _ = sheet.report.words.gettext
    for fold in sheet.along.folds:
        words = _("{span} folded away").format(span=times.span(fold.end - fold.start))
        canvas.path(_zigzag((fold.left + fold.right) / 2, top, bottom), "tear", words)


def _zigzag(x: float, top: float, bottom: float) -> str:
    steps = [f"M{number(x)} {number(top)}"]
    side, y = 3, top
    while y < bottom:
        y += 8
        steps.append(f"L{number(x + side)} {number(min(y, bottom))}")
        side = -side
    return "".join(steps)


def _clock_change(at: datetime, texts: Texts) -> str:
    _ = texts.gettext
    local = at.astimezone(SWEDEN)
    forward = bool(local.dst())
    return _("summer time: 02 becomes 03") if forward else _("winter time: 03 becomes 02")
