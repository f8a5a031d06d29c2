"""`make bench-docs`: the docs' figures, all of them in docs/performance.json and drawn in the picture, are those of one
run, the last: build/bench.json.

Of the page docs/performance.md it replaces what stands between `<!-- figures: NAME -->` and `<!-- /figures -->`, NAME
being `machine`, `missed` or whom the figures matter to; every other word there is written by hand.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.chart import draw
from bench.figures import Figure, Run, described, number, ratio_in_words, read, warned
from bench.ground import BUILD, POSTGRES_NAME, QUICK, SQLITE_NAME

DOCS = Path("docs")
BLOCK = re.compile(r"(<!-- figures: (\S+) -->\n).*?(<!-- /figures -->)", re.DOTALL)


class NotPublished(Exception):
    """Says why this run is not fit for the docs."""


MATTERS = {
    "help-desk": (
        ("commands", "record"),
        ("commands", "board"),
        ("commands", "show"),
        ("commands", "record, instructions"),
        ("growth", "record, 10,000 incidents"),
        ("growth", "record, 5,000 referrals"),
        ("desk", "keys: an outage"),
        ("desk", "a key's effect, 95th percentile"),
    ),
    "reader": (
        ("mail", "worker, planned to settled"),
        ("mail", "8 connections, planned to settled"),
        ("mail", "two workers, planned to settled"),
        ("mail", "worker at 20 ms, 8 connections"),
        ("mail", "an activation's last of 5,000 mails, 5,000 being added"),
        ("door", "GET /"),
        ("door", "POST, a reader leaves"),
    ),
    "reviewer": (
        ("proof", "verify of 100,000 facts"),
        ("reading", "replay --written of the same"),
        ("reading", "replay --written, 10,000 papers"),
    ),
    "administrator": (
        ("appends", "fact store, with evidence, 1 writer"),
        ("appends", "fact store, with evidence, 8 writers"),
        ("reading", "projections rebuild, whole command"),
        ("growth", "a worker's first look, 10,000 incidents"),
        ("growth", "idle worker, 10,000 incidents"),
        ("door", "the door, most memory"),
    ),
}
"""What is told of a run, by whom it matters to; each figure by its part and its name."""


def blocks(run: Run) -> dict[str, str]:
    """The text of every block by its name. Raises NotPublished where the run lacks one of their parts, or one of
    their figures for no reason that it tells."""
    found = {who: "\n".join(of_whom(run, chosen)) for who, chosen in MATTERS.items()}
    return found | {"machine": "\n".join(of_machine(run)), "missed": "\n".join(missed(run))}


def of_machine(run: Run) -> Iterator[str]:
    yield f"{run.began[:10]}, medians of {run.runs} with the lowest and the highest: {described(run.machine)}."
    if said := warned(run.machine):
        yield said
    for none in run.unmeasured():
        yield f"Not measured: {none.what}, {none.why}."


def of_whom(run: Run, chosen: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A row for each figure, with a column for each database."""
    yield f"| | {SQLITE_NAME} | {POSTGRES_NAME} |"
    yield "|---|---|---|"
    for part, what in chosen:
        figures = [figure for figure in run.figures(part) if figure.what == what]
        if part not in run.parts:
            raise NotPublished(f"The last run did not measure {part}: make bench.")
        if not figures and not run.unmeasured(part):
            raise NotPublished(f"The last run has no figure {what!r} of {part}: it is called otherwise now.")
        if not figures:  # for want of a tool: `of_machine` says so
            continue
        cells = {figure.database or SQLITE_NAME: cell(figure) for figure in figures}
        of = f", as a ratio of {_compared(figures[0])}" if figures[0].of else ""
        yield f"| {what}{of} | {cells.get(SQLITE_NAME, '')} | {cells.get(POSTGRES_NAME, '')} |"


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


def publish(run: Run, docs: Path = DOCS) -> None:
    """Raises NotPublished for a run that is not whole, before anything is written."""
    page = docs / "performance.md"
    text = page.read_text(encoding="utf-8")
    if run.scale == QUICK.name:
        raise NotPublished("A quick run says whether the bench runs, not what anything costs.")
    told = blocks(run)
    filled = BLOCK.sub(lambda found: f"{found[1]}{told[found[2]]}\n{found[3]}", text)
    run.write(docs / "performance.json")
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
