"""`make soak`: what hours do to two workers and four desks, on both databases.

    python -m bench.soak [--minutes 120] [--pace 20] [--every 30] [--databases SQLite PostgreSQL]

Outages come and go as commands; meanwhile people press keys at `reservrutin desk`, each at a pseudo-terminal of their
own, and two workers tell 2,000 subscribers by postfix's `smtp-sink`. Only the outages are shorter than real ones. Every
so many seconds each process and each log is looked at. Ends with a table and a verdict, writes build/soak.json, and
exits with 1 where something grows or went wrong.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from bench import house, watched, wire
from bench.desk import A_CALLER, A_PROGNOSIS, Played
from bench.drift import HEADING, MAILS, MEMORY, QUEUE, Series, line
from bench.figures import begun, described, machine
from bench.glass import Keyboard, NotSeen
from bench.ground import BUILD, POSTGRES_NAME, PROGRAM, SQLITE_NAME, USUAL, environment, ground
from domain.vocabulary import Audience
from infrastructure.registers.subscribers import Subscribers

WORKERS, DESKS, SUBSCRIBERS = 2, 4, 2_000
OF_OTHERS = 20
"""Subscribers of each audience beside the staff, who are the rest."""

OUTAGE: tuple[tuple[str, ...], ...] = (
    ("outage-detected", "--scope", "all-users", "--system", "sesam-s2"),
    ("operating-information-published", "--as", "system-owner", "--channel", "vardgivare-skane", "--text", "Avvakta."),
    ("service-restored", "--as", "system-owner", "--system", "sesam-s2"),
    ("incident-closed", "--deviation", "mätning"),
)
BEGINS, IS_OVER = OUTAGE[0], OUTAGE[2]

OF_SHORT_OUTAGES = "60/15m"
"""Mails a reader may have in a quarter of an hour: ten times as many as usual, as there are of outages."""

ACTS_BETWEEN = 3
"""What each desk does, on average, between two of these facts."""

SETTLES = 5.0
"""Seconds in which a desk sees what was recorded elsewhere, and ends what it is in the midst of."""


class House:
    """One log, what runs on it, and what was done and seen there."""

    def __init__(self, name: str, url: str, sink: wire.Sink, pace: float) -> None:
        """`pace` is the seconds, on average, between two acts of a person."""
        self.name, self._url, self._sink, self._pace = name, url, sink, pace
        self.done: Counter[str] = Counter()
        self.problems: list[str] = []
        self.is_over = threading.Event()
        self._is_down = threading.Event()
        self._pids: dict[str, int] = {}
        self._desks: list[Keyboard] = []
        self._minutes: list[float] = []
        self._seen: dict[tuple[str, str], list[float]] = {}

    @property
    def _around(self) -> dict[str, str]:
        return environment(self._url) | {
            "RESERVRUTIN_SMTP_URL": f"smtp://127.0.0.1:{self._sink.port}",
            "RESERVRUTIN_MAIL_FROM": house.SENDER,
            "RESERVRUTIN_MAIL_THROTTLE": OF_SHORT_OUTAGES,
            "RESERVRUTIN_LANG": "sv",
        }

    @contextmanager
    def staffed(self, folder: Path) -> Iterator["House"]:
        """The log with its subscribers, its workers and desks, until all of them are ended."""
        database = house.subscribed(self._url, SUBSCRIBERS - OF_OTHERS * (len(Audience) - 1))
        for audience in set(Audience) - {Audience.STAFF}:
            for number in range(OF_OTHERS):
                Subscribers(database).add(f"{audience}{number}@example.se", audience, [], [], ("sv", "en")[number % 2])
        database.close()
        with ExitStack() as at_the_end:
            for number in range(1, WORKERS + 1):
                name, said = f"worker {number}", folder / f"{self.name}-worker-{number}"
                with said.open("wb") as err:
                    worker = subprocess.Popen(
                        [PROGRAM, "worker"], env=self._around, stdout=subprocess.DEVNULL, stderr=err
                    )
                at_the_end.callback(self._ended, name, worker, said)
                self._pids[name] = worker.pid
            for number in range(1, DESKS + 1):
                own = self._around | {"XDG_DATA_HOME": str(folder / f"{self.name}-desk-{number}")}
                desk = Keyboard([str(PROGRAM), "desk"], own)
                at_the_end.callback(desk.end)
                self._desks.append(desk)
                self._pids[f"desk {number}"] = desk.pid
            for desk in self._desks:
                desk.wait("? hjälp")
            yield self

    def _ended(self, name: str, worker: "subprocess.Popen[bytes]", said: Path) -> None:
        """Ask it to stop, and keep what it complained of. One that ended by itself, or badly, is a problem."""
        was_alive = worker.poll() is None
        worker.terminate()
        if worker.wait(60) or not was_alive:
            self.problems.append(f"{name} ended with {worker.returncode}")
        self.problems += [f"{name} said: {line}" for line in said.read_text(encoding="utf-8").splitlines()[-20:]]

    def people(self) -> list[Callable[[], None]]:
        """Everybody's day, each for a thread of its own: whoever types commands, and one at each desk."""
        return [self._types, *(partial(self._sits_at, desk) for desk in self._desks)]

    def _types(self) -> None:
        """Outage after outage until it is over, and the last one to its end."""
        while not self.is_over.is_set():
            of: tuple[str, ...] = ()
            for fact in OUTAGE:
                if fact is IS_OVER:
                    self._is_down.clear()
                    time.sleep(SETTLES)
                reply = self._records(*fact, *of)
                if reply is None:
                    return
                of = "--incident", reply
                if fact is BEGINS:
                    time.sleep(SETTLES)
                    self._is_down.set()
                self.is_over.wait(ACTS_BETWEEN * self._pace)

    def _records(self, *words: str) -> str | None:
        """The incident's number; None, and a problem, where it was refused."""
        ended = subprocess.run(
            [PROGRAM, "record", *words, "--json"], env=self._around, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            self.problems.append(f"record {words[0]} ended with {ended.returncode}: {ended.stderr[-300:]}")
            return None
        self.done["recorded by commands"] += 1
        return str(json.loads(ended.stdout)["incident"])

    def _sits_at(self, desk: Keyboard) -> None:
        """A key now and then, for as long as there is an outage."""
        dice = random.Random()  # noqa: S311 - chance, not secrets
        while not self.is_over.is_set():
            desk.rest(dice.uniform(0.5, 1.5) * self._pace)
            if self._is_down.is_set():
                self._plays(desk, A_CALLER if dice.random() < 0.7 else A_PROGNOSIS)

    def _plays(self, desk: Keyboard, act: Played) -> None:
        try:
            for key, expected in act.steps:
                desk.press(str(key), expected)
            self.done["recorded at desks"] += 1
        except NotSeen as screen:
            self.problems.append(f"{act.name}: {screen}")
            desk.press("\x1b\x1b", "")

    def look(self, minutes: float) -> None:
        """Write down how everything stands. Raises ProcessLookupError where a process has ended."""
        found = {who: watched.process(pid, self._url) for who, pid in self._pids.items()}
        found["log"] = watched.log(self._url) | {MAILS: self._sink.messages()}
        self._minutes.append(minutes)
        for who, figures in found.items():
            for what, value in figures.items():
                self._seen.setdefault((who, what), []).append(value)

    def glance(self) -> str:
        """How much memory each process has just now, and what is in the queue."""
        memory = " ".join(f"{self._seen[who, MEMORY][-1]:.1f}" for who in self._pids)
        return f"{self.name} {memory} MiB, {self._seen['log', QUEUE][-1]:.0f} in the queue"

    @property
    def series(self) -> list[Series]:
        return [Series(who, what, tuple(self._minutes), tuple(seen)) for (who, what), seen in self._seen.items()]

    @property
    def growing(self) -> list[str]:
        return [f"{self.name} {series.of}'s {series.what}" for series in self.series if series.grows]

    def report(self) -> Iterator[str]:
        yield f"{self.name.upper():<10}{HEADING}"
        yield from (line(series) for series in self.series)
        yield ", ".join(f"{count:,} {what}" for what, count in sorted(self.done.items()))
        yield from self.problems

    def document(self) -> dict[str, object]:
        told = [
            {"of": s.of, "what": s.what, "values": s.values, "growth": s.growth, "verdict": s.verdict}
            for s in self.series
        ]
        return {
            "database": self.name,
            "minutes": self._minutes,
            "series": told,
            "done": self.done,
            "problems": self.problems,
        }


def soak(minutes: float, every: float, pace: float, names: Sequence[str], say: Callable[[str], None]) -> list[House]:
    """The houses after so many minutes, each looked at every so many seconds."""
    with ExitStack() as at_the_end:
        on = at_the_end.enter_context(ground(USUAL, 1))
        houses = []
        for name in names:
            sink = at_the_end.enter_context(wire.sink())
            new = House(name, on.databases[name](), sink, pace)
            houses.append(at_the_end.enter_context(new.staffed(on.folder)))
        for person in [threading.Thread(target=day) for each in houses for day in each.people()]:
            person.start()
            at_the_end.callback(person.join)
        for each in houses:
            at_the_end.callback(each.is_over.set)
        began = time.monotonic()
        for count in range(1, int(minutes * 60 / every) + 1):
            time.sleep(max(began + count * every - time.monotonic(), 0))
            since = (time.monotonic() - began) / 60
            for each in houses:
                try:
                    each.look(since)
                except ProcessLookupError as ended:
                    each.problems.append(str(ended))
                    return houses
            say(f"{since:6.1f} min  " + "   ".join(each.glance() for each in houses))
        return houses


def main(arguments: Sequence[str] | None = None, build: Path = BUILD) -> int:
    names = (SQLITE_NAME, POSTGRES_NAME)
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="What hours do to workers and desks.")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--every", type=float, default=30, help="seconds between two looks (30)")
    parser.add_argument("--pace", type=float, default=20, help="seconds between two acts of a person (20)")
    parser.add_argument("--databases", nargs="+", choices=names, default=names)
    asked = parser.parse_args(arguments)
    on, at = machine(), begun()
    print(described(on), flush=True)
    houses = soak(asked.minutes, asked.every, asked.pace, asked.databases, lambda told: print(told, flush=True))
    for each in houses:
        print("", *each.report(), sep="\n")
    growing = [figure for each in houses for figure in each.growing]
    print("", f"Grows: {', '.join(growing)}." if growing else "Nothing grows.", sep="\n")
    found = {"machine": on, "began": at, "pace": asked.pace, "houses": [each.document() for each in houses]}
    build.mkdir(parents=True, exist_ok=True)
    (build / "soak.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(bool(growing) or any(each.problems for each in houses))


if __name__ == "__main__":
    # Whoever ends it leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended before it was done: nothing is written."))
    sys.exit(main())
