"""What a bench has found: figures with their spread, what each is a ratio of, and whether its goal is met.

A verdict holds a goal against the ratio, or against the median where there is none, rounded as it is shown.
"""

import json
import os
import platform
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from statistics import median
from textwrap import wrap
from typing import Any

WIDTH = 116
"""Columns that a line of the table takes at most."""

BUSY = 0.5
"""A load from which others are said to use the machine too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured, a value a run. `ratios`, a run's each too, are of what `of` names; `at_least` and `at_most`
    are the goal. `cpu` is what a run used of a processor, in seconds, however long it waited for one. What is a `peer`
    is somebody else's, measured to compare."""

    part: str
    what: str
    values: tuple[float, ...]
    unit: str
    database: str = ""
    ratios: tuple[float, ...] = ()
    of: str = ""
    cpu: tuple[float, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    peer: bool = False

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest."""
        return min(self.values), max(self.values)

    @property
    def ratio(self) -> float | None:
        return median(self.ratios) if self.ratios else None

    @property
    def goal(self) -> float | None:
        return self.at_least if self.at_most is None else self.at_most

    @property
    def goal_in_words(self) -> str:
        if self.goal is None:
            return ""
        return f"{'≤' if self.at_least is None else '≥'} {self.goal:g}"

    @property
    def verdict(self) -> str:
        """`met`, `missed by 4 %` of the goal, `missed 76-fold` where that is far off, nothing where there is none."""
        if self.goal is None:
            return ""
        shown = round(self.median if self.ratio is None else self.ratio, 2)
        off = self.goal - shown if self.at_most is None else shown - self.goal
        if off <= 0:
            return "met"
        return (
            f"missed by {ceil(round(off / self.goal * 100, 6))} %"
            if off < 9 * self.goal
            else (f"missed {shown / self.goal:.0f}-fold")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """What could not be measured, and why."""

    part: str
    what: str
    why: str


Found = Figure | Unmeasured


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one run of the bench has found. `scale` says how large it was: quick, usual or full."""

    machine: dict[str, Any]
    began: str
    runs: int
    scale: str
    parts: tuple[str, ...]
    found: list[Found]

    def figures(self, part: str = "") -> list[Figure]:
        return [found for found in self.found if isinstance(found, Figure) and part in ("", found.part)]

    def unmeasured(self, part: str = "") -> list[Unmeasured]:
        return [found for found in self.found if isinstance(found, Unmeasured) and part in ("", found.part)]

    def write(self, path: Path) -> None:
        document = asdict(self) | {"found": None, "figures": [], "unmeasured": []}
        del document["found"]
        for figure in self.figures():
            lowest, highest = figure.spread
            derived = {"median": figure.median, "lowest": lowest, "highest": highest, "ratio": figure.ratio}
            document["figures"].append(asdict(figure) | derived | {"verdict": figure.verdict})
        document["unmeasured"] = [asdict(found) for found in self.unmeasured()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> Run:
    """A run as it was written."""
    document = json.loads(path.read_text(encoding="utf-8"))
    figures = document.pop("figures")
    kept = Figure.__slots__
    found: list[Found] = [Unmeasured(**told) for told in document.pop("unmeasured")]
    for told in figures:
        fields: dict[str, Any] = {
            name: tuple(told[name]) if isinstance(told[name], list) else told[name] for name in kept if name in told
        }
        found.append(Figure(**fields))
    return Run(**document | {"parts": tuple(document["parts"]), "found": found})


def machine() -> dict[str, Any]:
    """What it is measured on; `load` is how many were waiting for a processor in the minute before."""
    told = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.*)", told.read_text()) if told.exists() else None
    return {
        "cpu": named[1] if named else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 2),
    }


def begun() -> str:
    return datetime.now(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")


def described(of: dict[str, Any]) -> str:
    """The machine in one sentence."""
    return f"{of['cpu']}, {of['cores']} cores, Python {of['python']}, {of['system']}, load {of['load']} at the start"


def warned(of: dict[str, Any]) -> str:
    """What a reader is to know before relying on a figure, nothing on a quiet machine."""
    if of["load"] < BUSY:
        return ""
    return "Others used this machine too, or had a moment before: rates are lower, spreads wider than on a quiet one."


def number(value: float) -> str:
    """Three digits that say something."""
    if value >= 100_000:
        return f"{value / 1000:,.0f}k"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}" if value < 1 else f"{value:.2f}"


def group(figure: Figure) -> tuple[str, str, str]:
    """Figures of one group stand under one heading."""
    return figure.part, figure.database, figure.of


def heading(figure: Figure) -> str:
    of = f"ratios of {figure.of}" if figure.of else ""
    return " – ".join(word for word in (figure.part.upper(), figure.database, of) if word)


def line(figure: Figure) -> str:
    """A figure in at most `WIDTH` columns."""
    lowest, highest = figure.spread
    spread = f"({number(lowest)}–{number(highest)})" if len(figure.values) > 1 else ""
    ratio = "" if figure.ratio is None else ratio_in_words(figure)
    cpu = f"{number(median(figure.cpu))} s cpu" if figure.cpu else ""
    verdict = f"{figure.goal_in_words} {figure.verdict}" if figure.goal is not None else ""
    what = figure.what if len(figure.what) <= 38 else figure.what[:37] + "…"
    return f"{what:<38}{number(figure.median):>8} {figure.unit:<8}{spread:<16}{ratio:>6}{cpu:>14}  {verdict}".rstrip()


def table(found: Iterable[Found]) -> Iterator[str]:
    """The lines of everything found, as it comes, each group under its heading."""
    last = None
    for one in found:
        if isinstance(one, Unmeasured):
            yield from ("", *wrap(f"{one.what} was not measured: {one.why}.", WIDTH))
            last = None
            continue
        if group(one) != last:
            yield from ("", heading(one))
            last = group(one)
        yield line(one)


def verdicts(run: Run) -> list[str]:
    """How many goals are met, and each that is missed."""
    aimed = [figure for figure in run.figures() if figure.goal is not None]
    missed = [figure for figure in aimed if figure.verdict != "met"]
    told = [f"{len(aimed) - len(missed)} of {len(aimed)} goals met."]
    for figure in missed:
        named = " ".join(word for word in (figure.part, figure.database, figure.what) if word)
        told.append(f"  {named}: {ratio_in_words(figure)}, {figure.goal_in_words} {figure.verdict}")
    return told


def ratio_in_words(figure: Figure) -> str:
    """Its ratio where it has one, else its median with its unit."""
    if figure.ratio is None:
        return f"{number(figure.median)} {figure.unit}"
    return f"{figure.ratio:.3f}" if figure.ratio < 0.1 else f"{figure.ratio:.2f}"
