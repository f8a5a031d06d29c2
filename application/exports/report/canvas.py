"""Shapes on a page, and the room that texts take. Pure; the template writes them down and escapes every text."""

from collections.abc import Iterator
from dataclasses import dataclass, field

LETTER = 0.52
"""How wide a letter is on average, as a part of its height; a little more than in the fonts that the page asks for."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One element of SVG. `tag` and the names of attributes are constants of ours; values and texts are anybody's."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    title: str = ""


@dataclass(slots=True)
class Canvas:
    """What has been drawn so far. `height` grows as lanes are added."""

    width: float
    height: float = 0
    shapes: list[Shape] = field(default_factory=list)

    def bar(self, x: float, y: float, width: float, height: float, kind: str, title: str = "") -> None:
        sides = {"x": x, "y": y, "width": max(width, 2), "height": height}
        self.shapes.append(Shape("rect", {"class": kind, "rx": "2"} | _placed(sides), title=title))

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str, title: str = "") -> None:
        ends = _placed({"x1": x1, "y1": y1, "x2": x2, "y2": y2})
        self.shapes.append(Shape("line", {"class": kind} | ends, title=title))

    def dot(self, x: float, y: float, radius: float, kind: str, title: str = "") -> None:
        self.shapes.append(Shape("circle", {"class": kind} | _placed({"cx": x, "cy": y, "r": radius}), title=title))

    def path(self, steps: str, kind: str, title: str = "") -> None:
        self.shapes.append(Shape("path", {"class": kind, "d": steps}, title=title))

    def text(self, x: float, y: float, text: str, kind: str, anchor: str = "start") -> None:
        place = _placed({"x": x, "y": y}) | ({"text-anchor": anchor} if anchor != "start" else {})
        self.shapes.append(Shape("text", {"class": kind} | place, text=text))

    def behind(self, shapes: list[Shape]) -> None:
        """Put these under everything that has been drawn."""
        self.shapes[:0] = shapes


def number(value: float) -> str:
    """As short as a place on a page needs it."""
    return f"{value:.1f}".removesuffix(".0")


def _placed(places: dict[str, float]) -> dict[str, str]:
    return {name: number(value) for name, value in places.items()}


BOLD = 1.15
"""How much wider it is in bold."""


def room(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide the text is at this height of its letters."""
    return len(text) * size * LETTER * (BOLD if bold else 1)


def lines_of(text: str, width: float, size: float, most: int = 2) -> Iterator[str]:
    """The text on at most so many lines of this width; what does not fit ends in an ellipsis."""
    lines, rest = [""], text.split()
    while rest:
        word = rest[0]
        tried = f"{lines[-1]} {word}" if lines[-1] else word
        if room(tried, size) <= width or not lines[-1]:
            lines[-1] = tried
            rest.pop(0)
        elif len(lines) < most:
            lines.append("")
        else:
            break
    lines[-1] += " …" if rest else ""
    for line in lines:
        fits = int(width / (size * LETTER))
        yield line if len(line) <= fits else line[: max(fits - 1, 1)] + "…"
