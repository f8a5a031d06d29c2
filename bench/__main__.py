"""`make bench`: every figure of this project beside its limit, its peers and its goal, in one run.

    python -m bench [--parts appends commands desk growth reading proof mail door] [--runs 5] [--quick | --full]

Prints a table, writes build/bench.json and draws build/bench.svg. Medians with their spread, lowest to highest;
whatever is compared is measured turn and turn about in one run. Everything is durable: `synchronous=FULL` on SQLite,
fsync on PostgreSQL. TEST_POSTGRES_URL names a server; without it the run has one of its own.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from textwrap import wrap

from bench import appends, commands, desk, door, growth, mail, proof, reading
from bench.chart import draw
from bench.figures import WIDTH, Found, Run, begun, described, machine, table, verdicts, warned
from bench.ground import BUILD, FULL, QUICK, USUAL, Ground, ground

PARTS: dict[str, Callable[[Ground], Iterator[Found]]] = {
    part.PART: part.measure for part in (appends, commands, desk, growth, reading, proof, mail, door)
}


def measured(on: Ground, parts: Sequence[str], found: list[Found]) -> Iterator[Found]:
    """Everything these parts find, as it is found, and kept."""
    for part in parts:
        for one in PARTS[part](on):
            found.append(one)
            yield one


def main(arguments: Sequence[str] | None = None, build: Path = BUILD) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What it costs, beside the limit.")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--runs", type=int, default=5, help="how often everything is measured (5)")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="tiny sizes: whether it runs, not what it costs")
    size.add_argument("--full", action="store_true", help="also a million facts and 100,000 recipients")
    asked = parser.parse_args(arguments)
    scale = QUICK if asked.quick else FULL if asked.full else USUAL
    run = Run(machine(), begun(), asked.runs, scale.name, tuple(asked.parts), [])
    began = time.monotonic()
    print(described(run.machine))
    print(f"Medians of {asked.runs} (lowest–highest), the largest log {scale.facts:,} facts.")
    print(*wrap(warned(run.machine), WIDTH), sep="\n")
    with ground(scale, asked.runs, os.environ.get("TEST_POSTGRES_URL", "")) as on:
        for told in table(measured(on, asked.parts, run.found)):
            print(told, flush=True)
    run.write(build / "bench.json")
    (build / "bench.svg").write_text(draw(run), encoding="utf-8")
    print("", *verdicts(run), sep="\n")
    minutes = (time.monotonic() - began) / 60
    print(f"{minutes:.1f} minutes; written to {build / 'bench.json'}, drawn in {build / 'bench.svg'}.")
    return 0


if __name__ == "__main__":
    # Whoever ends it leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended before it was done: nothing is written."))
    sys.exit(main())
