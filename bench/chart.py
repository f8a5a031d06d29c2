"""The run as a picture: every ratio that has a goal, and the peers', beside the goal and the limit.

One SVG without a script or a font of its own, for light and dark pages. Bars that are much too long are cut, and say
so; the figure beside a bar is always the whole one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from bench.figures import Figure, Run, described, ratio_in_words

COLUMN, GAP, EDGE = 520, 36, 24
"""Widths: of one of the two columns, between them, around everything."""

LABEL, VALUE = 244, 58
"""Widths: of the words before the bars, of the figure after them."""

BAR, ROW = 10, 8
"""Heights: of one bar, and between two rows."""

HEAD, FOOT = 46, 22
"""Heights: of a panel's title, and under it."""

CUT = 3.0
"""How many times a goal not to be exceeded a bar shows at most."""

STYLE = """
svg { font-family: system-ui, sans-serif; font-size: 11.5px; }
.page { fill: #ffffff; } text { fill: #24292f; } .quiet { fill: #59636e; }
.title { font-size: 19px; font-weight: 600; } .panel { font-size: 13.5px; font-weight: 600; }
.sqlite { fill: #2b6cb0; } .postgresql { fill: #2c9a8b; } .ours { fill: #2b6cb0; } .peer { fill: #a3acb6; }
.track { fill: #f0f2f4; } .limit { stroke: #8b949e; stroke-width: 1; stroke-dasharray: 2 2; }
.goal { stroke: #c2410c; stroke-width: 2; } .cut { stroke: #ffffff; stroke-width: 2.5; }
.missed { fill: #c2410c; font-weight: 600; } .value { font-variant-numeric: tabular-nums; }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117; } text { fill: #e6edf3; } .quiet { fill: #9198a1; }
.sqlite { fill: #58a6ff; } .postgresql { fill: #3fb8a6; } .ours { fill: #58a6ff; } .peer { fill: #6e7681; }
.track { fill: #1b222b; } .limit { stroke: #8b949e; } .goal { stroke: #ff9b5e; } .cut { stroke: #0d1117; }
.missed { fill: #ff9b5e; }
}
"""


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars of one part that are ratios of the same, a row for what was measured and a bar for each database."""

    part: str
    of: str
    rows: dict[str, list[Figure]]

    @property
    def height(self) -> int:
        return HEAD + sum(len(bars) * BAR + ROW + (2 if len(bars) == 1 else 0) for bars in self.rows.values()) + FOOT

    @property
    def figures(self) -> list[Figure]:
        return [figure for bars in self.rows.values() for figure in bars]

    @property
    def at_most(self) -> float:
        """The highest of the goals not to be exceeded, 0 where there is none."""
        return max((figure.at_most or 0 for figure in self.figures), default=0)

    @property
    def longest(self) -> float:
        """The ratio at the right end."""
        most = max(1.0, *(figure.ratio or 0 for figure in self.figures), *(figure.goal or 0 for figure in self.figures))
        return min(most, self.at_most * CUT) if self.at_most else most


def panels(run: Run) -> list[Panel]:
    """What is drawn, in the order in which it was measured."""
    found: dict[tuple[str, str], Panel] = {}
    for figure in run.figures():
        if figure.ratio is None or (figure.goal is None and not figure.peer):
            continue
        of = figure.of.removesuffix(" with a lock")  # both databases' limit in one panel
        panel = found.setdefault((figure.part, of), Panel(figure.part, of, {}))
        panel.rows.setdefault(figure.what, []).append(figure)
    return list(found.values())


def draw(run: Run) -> str:
    placed: tuple[list[Panel], list[Panel]] = ([], [])
    for panel in panels(run):
        min(placed, key=lambda column: sum(each.height for each in column)).append(panel)
    top = EDGE + 74
    width = 2 * COLUMN + GAP + 2 * EDGE
    height = top + max(sum(panel.height for panel in column) for column in placed) + EDGE
    body = [*_title(run)]
    for number, column in enumerate(placed):
        x, y = EDGE + number * (COLUMN + GAP), top
        for panel in column:
            body += _panel(panel, x, y)
            y += panel.height
    said = "Ratios of this run beside their goals, the limits and the peers"
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{said}">'
    page = f'<rect class="page" width="{width}" height="{height}" rx="8"/>'
    return "\n".join([opening, f"<style>{STYLE}</style>", page, *body, "</svg>", ""])


def _title(run: Run) -> Iterator[str]:
    x, y = float(EDGE), EDGE + 18
    yield _text(x, y, "What it costs, beside the limit", "title")
    told = f"{run.began[:10]}, medians of {run.runs}. {described(run.machine)}"
    yield _text(x, y + 20, told, "quiet")
    y += 40
    for words, kind in (("SQLite, or not of a database", "sqlite"), ("PostgreSQL", "postgresql"), ("peer", "peer")):
        yield f'<rect class="{kind}" x="{x}" y="{y - 8}" width="14" height="8" rx="1.5"/>'
        yield _text(x + 20, y, words, "quiet")
        x += 34 + 6.2 * len(words)
    yield f'<path class="goal" d="M{x:.0f} {y - 11}v13"/>'
    yield _text(x + 8, y, "goal (✓ met, ✗ missed)", "quiet")
    x += 150
    yield f'<path class="limit" d="M{x:.0f} {y - 11}v13"/>'
    yield _text(x + 8, y, "1, the limit or what is compared with", "quiet")


def _panel(panel: Panel, x: float, y: float) -> Iterator[str]:
    yield _text(x, y + 20, panel.part.capitalize(), "panel")
    better = "shorter" if panel.at_most else "longer"
    yield _text(x, y + 36, f"as a multiple of {panel.of}; {better} is better", "quiet")
    left, room = x + LABEL, COLUMN - LABEL - VALUE
    top = y + HEAD
    for what, bars in panel.rows.items():
        tall = max(len(bars) * BAR, BAR + 2)
        yield _text(left - 8, top + tall / 2 + 4, what, end=True)
        for place, figure in enumerate(bars):
            high = tall / len(bars)
            yield from _bar(figure, panel.longest, left, top + place * high, room, high)
        top += tall + ROW
    at, above = left + room / panel.longest, y + HEAD - 4
    yield f'<path class="limit" d="M{at:.1f} {above}V{top - ROW + 4:.1f}"/>'


def _bar(figure: Figure, longest: float, left: float, y: float, room: float, high: float) -> Iterator[str]:
    ratio = figure.ratio or 0.0
    long = max(min(ratio / longest, 1.0) * room, 1.0)
    kind = "peer" if figure.peer else figure.database.lower() or "ours"
    yield f'<rect class="track" x="{left}" y="{y:.1f}" width="{room}" height="{high - 1:.1f}"/>'
    yield f'<rect class="{kind}" x="{left}" y="{y:.1f}" width="{long:.1f}" height="{high - 1:.1f}" rx="1"/>'
    if ratio > longest:
        yield f'<path class="cut" d="M{left + room - 14} {y + high + 1:.1f}l6 {-high - 3:.1f}"/>'
    if figure.goal is not None:
        yield f'<path class="goal" d="M{left + figure.goal / longest * room:.1f} {y - 1:.1f}v{high + 1:.1f}"/>'
    mark = "" if figure.goal is None else " ✓" if figure.verdict == "met" else " ✗"
    value = ratio_in_words(figure) if ratio < 10 else f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"
    style = "value missed" if mark == " ✗" else "value"
    size = ' font-size="10.5"' if high <= BAR else ""
    yield f'<text class="{style}" x="{left + room + 6}" y="{y + high - 1.2:.1f}"{size}>{value}{mark}</text>'


def _text(x: float, y: float, words: str, kind: str = "", *, end: bool = False) -> str:
    style = f' class="{kind}"' if kind else ""
    anchor = ' text-anchor="end"' if end else ""
    return f'<text{style} x="{x:.0f}" y="{y:.1f}"{anchor}>{escape(words)}</text>'
