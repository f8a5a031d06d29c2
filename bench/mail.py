"""`make bench-mail`: mails a second beside postfix's own client in the same run, the peers, memory and planning.

    python -m bench.mail [--runs 5] [--most 100000] [--parts ours peers far memory planning]

Prints a table and writes build/bench-mail.json. Every rate is a median, and every ratio is of that run's limit:
`smtp-source` with 8 sessions to `smtp-sink` on this machine. Needs both; never pretends.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench import house, wire
from bench.peers import PEERS
from tests.mailroom import mailroom

BUILD = Path("build")
COUNT = 10_000
FAR = 0.020
"""Seconds of round trip to a relay that is not next door."""

EIGHT = {"RESERVRUTIN_SMTP_CONNECTIONS": str(wire.SESSIONS)}
FAR_COUNT = 1000

PARTS = ("ours", "peers", "far", "memory", "planning")


class Bench:
    def __init__(self, folder: Path, runs: int, most: int) -> None:
        self._folder, self._runs, self._most = folder, runs, most
        self.found: dict[str, Any] = {"machine": machine(), "runs": runs, "mails": COUNT}
        self._limit = 0.0

    def repeated(self, one: Callable[[], float]) -> float:
        return median(one() for _ in range(self._runs))

    def limit(self) -> None:
        """The limit, with mails as large as ours."""
        size = self.found["bytes_a_mail"] = self._bytes_a_mail()
        with wire.sink() as sink:
            self._limit = COUNT / self.repeated(lambda: wire.source(sink.port, COUNT, size))
        self._rate("postfix smtp-source, 8 sessions", self._limit)

    def ours(self) -> None:
        """The whole command: start-up, planning, sending, the ledger durable (synchronous=FULL)."""
        template = house.with_subscribers(self._folder, COUNT)
        for name, settings in (("reservrutin worker --once", {}), ("the same, 8 connections", EIGHT)):
            with wire.sink() as sink:
                told = [house.tell(template, sink.port, **settings) for _ in range(self._runs)]
                arrived = sink.messages()
            if arrived != COUNT * self._runs:
                raise RuntimeError(f"smtp-sink got {arrived} mails of {COUNT * self._runs}")
            self._rate(f"{name}, whole process", COUNT / median(t.process for t in told))
            self._rate(f"{name}, plan to last settled", COUNT / median(t.planned_to_settled for t in told))

    def far(self) -> None:
        """The same at a distance, and lock-step at its best on as many connections."""
        template = house.with_subscribers(self._folder, FAR_COUNT)
        python = peers_python()
        with wire.sink() as sink, wire.distance(sink.port, FAR) as port:
            ours = self.repeated(lambda: house.tell(template, port, **EIGHT).planned_to_settled)
            lockstep = self.repeated(lambda: peer(python, "aiosmtplib_filled", port, FAR_COUNT))
        self.found["far"] = {
            "round_trip_seconds": FAR,
            "ours_a_second": FAR_COUNT / ours,
            "lockstep_a_second": FAR_COUNT / lockstep,
            "times_lockstep": lockstep / ours,
        }
        say(f"at {FAR * 1000:.0f} ms, 8 connections: ours", f"{FAR_COUNT / ours:9,.0f}/s")
        say("  lock-step (aiosmtplib, filled in)", f"{FAR_COUNT / lockstep:9,.0f}/s")
        say("  ours × lock-step", f"{lockstep / ours:9.2f}")

    def peers(self) -> None:
        python = peers_python()
        for name, (words, count) in PEERS.items():
            self._peer(words, count, partial(peer, python, name, count=count))
        if shutil.which("npm") and shutil.which("node"):
            folder = node_with_nodemailer()
            self._peer("nodemailer, its pool of 8", 5000, lambda port: nodemailer(folder, port, 5000))
        else:
            say("nodemailer", "not measured: no node here")

    def _peer(self, words: str, count: int, one: Callable[[int], float]) -> None:
        with wire.sink() as sink:
            try:
                self._rate(words, count / self.repeated(partial(one, sink.port)))
            except subprocess.CalledProcessError as error:
                say(words, f"not measured: {(error.stderr or '').strip().splitlines()[-1:]}")

    def memory(self) -> None:
        """The most that the worker ever had, from few recipients to many."""
        self.found["peak_mib"] = {}
        for count in (1000, 10_000, 100_000):
            if count > self._most:
                say(f"memory, {count:,} recipients", "not measured: --most")
                continue
            with wire.sink() as sink:
                told = house.tell(house.with_subscribers(self._folder, count), sink.port)
            self.found["peak_mib"][count] = told.peak
            say(f"memory, {count:,} recipients", f"{told.peak:7.1f} MiB", f"{told.process:.1f} s")

    def planning(self) -> None:
        count = min(100_000, self._most)
        template = house.with_subscribers(self._folder, count)
        once = [sys.executable, "-m", "bench.house", str(template)]
        runs = [json.loads(subprocess.run(once, check=True, capture_output=True).stdout) for _ in range(self._runs)]
        ours, bare = median(run[0] for run in runs), median(run[1] for run in runs)
        self.found["planning"] = {"deliveries": count, "seconds": ours, "bare_seconds": bare, "ratio": bare / ours}
        say(f"planning {count:,} deliveries", f"{ours:7.2f} s", f"{bare / ours:.2f} of a bare INSERT … SELECT")

    def _rate(self, words: str, rate: float) -> None:
        self.found.setdefault("rates", {})[words] = {"a_second": rate, "of_the_limit": rate / self._limit}
        say(words, f"{rate:9,.0f}/s", f"{rate / self._limit:.3f} of the limit")

    def _bytes_a_mail(self) -> int:
        """How large one of our mails is on the wire."""
        port = wire.free_port()
        with mailroom(port) as room:
            house.tell(house.with_subscribers(self._folder, 1), port)
        return len(room.raw[0])


def peer(python: Path, name: str, port: int, count: int) -> float:
    """Seconds that a peer says it took."""
    done = subprocess.run(
        [python, "bench/peers.py", name, str(port), str(count)], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def peers_python() -> Path:
    """An environment of the peers' own, made when it is first needed."""
    folder = BUILD / "bench-peers"
    python = (folder / "bin" / "python").absolute()
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        wanted = ["aiosmtplib", "apprise", "django"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True, stderr=subprocess.DEVNULL)
        (folder / "ready").touch()
    return python


def node_with_nodemailer() -> Path:
    folder = BUILD / "bench-node"
    if not (folder / "node_modules" / "nodemailer").exists():
        folder.mkdir(parents=True, exist_ok=True)
        once = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "nodemailer"]
        subprocess.run(once, check=True, capture_output=True)
    return folder


def nodemailer(folder: Path, port: int, count: int) -> float:
    script = Path("bench/peers.mjs").absolute()
    once = ["node", str(script), str(port), str(count)]
    return float(subprocess.run(once, cwd=folder, check=True, capture_output=True, text=True).stdout)


def machine() -> dict[str, Any]:
    """What it was measured on."""
    told = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.*)", told.read_text()) if told.exists() else None
    cpu = named[1] if named else platform.processor()
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


def say(what: str, *figures: str) -> None:
    print(f"{what:<52}" + "   ".join(figures), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Mails a second, beside the limit.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--most", type=int, default=100_000, help="the most recipients tried, 1000 to 100000")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args(arguments)
    if missing := [tool for tool in ("smtp-sink", "smtp-source") if not wire.found(tool)]:
        said = f"{' and '.join(missing)} of postfix must be here to measure against: apt-get install postfix."
        print(said, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), asked.runs, asked.most)
        say(", ".join(f"{name} {value}" for name, value in bench.found["machine"].items()))
        bench.limit()
        for part in asked.parts:
            getattr(bench, part)()
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench-mail.json").write_text(json.dumps(bench.found, indent=2) + "\n")
    say("written to build/bench-mail.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
