"""`make bench-docs`: the docs' figures and their picture are those of the last run, in build/bench.json.

Replaces what stands between `<!-- figures: NAME -->` and `<!-- /figures -->` in docs/performance.md, NAME being
`machine`, `missed` or a part; every other word there is written by hand.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.chart import draw
from bench.figures import Figure, Run, described, number, ratio_in_words, read, warned
from bench.ground import BUILD, QUICK

DOCS = Path("docs")
BLOCK = re.compile(r"(<!-- figures: (\S+) -->\n).*?(<!-- /figures -->)", re.DOTALL)


class NotPublished(Exception):
    """Says why this run is not fit for the docs."""


def blocks(run: Run) -> dict[str, str]:
    """The text of every block by its name."""
    found = {part: "\n".join(of_part(run, part)) for part in run.parts}
    return found | {"machine": "\n".join(of_machine(run)), "missed": "\n".join(missed(run))}


def of_machine(run: Run) -> Iterator[str]:
    yield f"{run.began[:10]}, medians of {run.runs} with the lowest and the highest: {described(run.machine)}."
    if said := warned(run.machine):
        yield said


def of_part(run: Run, part: str) -> Iterator[str]:
    """A table for whatever is a ratio of the same, with a column for each database."""
    shown = [figure for figure in run.figures(part) if not _says_nothing(figure)]
    of_all = list(dict.fromkeys(_compared(figure) for figure in shown))
    for of in of_all:
        figures = [figure for figure in shown if _compared(figure) == of]
        databases = list(dict.fromkeys(figure.database for figure in figures))
        yield f"| {f'ratios of {of}' if of else ''} | {' | '.join(databases)} |"
        yield "|---|" + "---|" * len(databases)
        for what in dict.fromkeys(figure.what for figure in figures):
            cells = {figure.database: cell(figure) for figure in figures if figure.what == what}
            yield f"| {what} | {' | '.join(cells.get(database, '') for database in databases)} |"
        if of != of_all[-1]:
            yield ""
    for none in run.unmeasured(part):
        yield f"\nNot measured: {none.what}, {none.why}."


def cell(figure: Figure) -> str:
    """`**0.73** · 3,490 facts/s (3,300–3,600) · ≥ 0.75 missed by 3 %`"""
    lowest, highest = figure.spread
    value = f"{number(figure.median)} {figure.unit}"
    spread = f" ({number(lowest)}–{number(highest)})" if len(figure.values) > 1 else ""
    ratio = f"**{ratio_in_words(figure)}** · " if figure.ratio is not None else ""
    goal = f" · {figure.goal_in_words} {figure.verdict}" if figure.goal is not None else ""
    return f"{ratio}{value}{spread}{goal}"


def missed(run: Run) -> Iterator[str]:
    """How many goals are met, and by part what misses one."""
    aimed = [figure for figure in run.figures() if figure.goal is not None]
    met = sum(figure.verdict == "met" for figure in aimed)
    yield f"{met} of {len(aimed)} goals met, each counted on each database. Missed:"
    yield ""
    for part in run.parts:
        by_what: dict[str, list[str]] = {}
        for figure in aimed:
            if figure.part == part and figure.verdict != "met":
                told = f"{figure.database} {ratio_in_words(figure)} ({figure.goal_in_words})".strip()
                by_what.setdefault(figure.what, []).append(told)
        if by_what:
            yield f"- **{part}**: " + "; ".join(f"{what}: {', '.join(told)}" for what, told in by_what.items())


def _compared(figure: Figure) -> str:
    return figure.of.removesuffix(" with a lock")


def _says_nothing(figure: Figure) -> bool:
    """What the others of a growing log are held against: it is told by their heading."""
    return figure.part == "growth" and set(figure.ratios) == {1.0}


def publish(run: Run, docs: Path = DOCS) -> None:
    """Raises NotPublished for a run that is not whole, before anything is written."""
    page = docs / "performance.md"
    text = page.read_text(encoding="utf-8")
    asked = {name for _begin, name, _end in BLOCK.findall(text)}
    told = blocks(run)
    if run.scale == QUICK.name:
        raise NotPublished("A quick run says whether the bench runs, not what anything costs.")
    if lacking := asked - told.keys():
        raise NotPublished(f"The last run did not measure {', '.join(sorted(lacking))}: make bench.")
    filled = BLOCK.sub(lambda found: f"{found[1]}{told[found[2]]}\n{found[3]}", text)
    page.write_text(filled, encoding="utf-8")
    (docs / "images" / "bench.svg").write_text(draw(run), encoding="utf-8")


def main(build: Path = BUILD, docs: Path = DOCS) -> int:
    try:
        publish(read(build / "bench.json"), docs)
    except FileNotFoundError:
        print("There is no build/bench.json yet: make bench.", file=sys.stderr)
        return 1
    except NotPublished as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
