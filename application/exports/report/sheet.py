"""One drawing under way: where its lanes go, and how a bar finds room for its words. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from application.exports.report.axis import Axis
from application.exports.report.canvas import Canvas, lines_of, room
from application.exports.report.model import Report
from application.exports.report.words import hour
from domain.conditions import Span
from wording import times

SIZE = 12
"""The height of letters."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The measures of one drawing. With a `gutter` the lanes' names stand beside them, else above."""

    width: float
    gutter: float
    tick: float
    fold: float
    flags: int
    lane: float = 24
    bar: float = 14


WIDE = Layout(width=800, gutter=172, tick=44, fold=32, flags=4)
NARROW = Layout(width=360, gutter=0, tick=40, fold=20, flags=6)
EDGE, FAR_EDGE = 10, 24
"""What is left free beside the axis; at its end a number of mails has its place."""


@dataclass(slots=True)
class TimelineSheet:
    """What is drawn on, along which axis, and of what. Each lane is put below what is there already."""

    canvas: Canvas
    along: Axis
    layout: Layout
    report: Report

    def rule(self, y: float) -> None:
        self.canvas.line(0, y, self.layout.width, y, "rule")

    def head(self, label: str, kind: str = "lane") -> None:
        """The lane's name, beside its lane or on a line of its own above it."""
        if self.layout.gutter:
            lines = list(lines_of(label, self.layout.gutter - 12, SIZE))
            first = self.canvas.height + (14 if len(lines) > 1 else 16)
            for place, line in enumerate(lines):
                self.canvas.text(0, first + 13 * place, line, kind)
            return
        self.canvas.text(0, self.canvas.height + 13, next(lines_of(label, 340, SIZE, 1)), kind)
        self.canvas.height += 17

    def lane(self, label: str, draw_in: Callable[[float], None], rows: int = 1, kind: str = "lane") -> None:
        self.head(label, kind)
        tall = 32 if self.layout.gutter and len(list(lines_of(label, self.layout.gutter - 12, SIZE))) > 1 else 0
        top = self.canvas.height + (max(tall - self.layout.lane * rows, 0) / 2)
        draw_in(top)
        self.canvas.height += max(self.layout.lane * rows, tall)

    def bar(
        self,
        top: float,
        span: Span,
        kind: str,
        words: str = "",
        title: str = "",
        *,
        short: str = "",
        within: bool = False,
    ) -> None:
        """A bar with its words inside it, or beside it where it is too short, unless they belong `within` it; the
        `short` ones where there is no room for all."""
        x = self.along.x(span.start)
        end = self.along.x(span.end or self.report.made_at)
        y = top + (self.layout.lane - self.layout.bar) / 2
        self.canvas.bar(x, y, end - x, self.layout.bar, f"bar {kind}", title or words)
        base = y + self.layout.bar - 3
        for said in filter(None, (words, short)):
            needs = room(said, SIZE - 1) + 8
            if end - x >= needs:
                self.canvas.text(x + 5, base, said, f"inside {kind}")
            elif within:
                continue
            elif end + needs <= self.layout.width:
                self.canvas.text(end + 5, base, said, "beside")
            elif x - needs >= self.layout.gutter:
                self.canvas.text(x - 5, base, said, "beside", "end")
            else:
                continue
            return

    def lasts(self, top: float, spans: list[Span], kind: str) -> None:
        """A bar for each, with from when until when it lasted; how long alone where there is room for no more."""
        for span in spans:
            self.bar(top, span, kind, self.lasting(span), short=self.length(span))

    def length(self, span: Span) -> str:
        return times.span((span.end or self.report.made_at) - span.start)

    def lasting(self, span: Span) -> str:
        _ = self.report.words.gettext
        if span.end is None:
            return _("since {time}, {span}").format(time=hour(span.start), span=self.length(span))
        return _("{start}–{end}, {span}").format(start=hour(span.start), end=hour(span.end), span=self.length(span))
