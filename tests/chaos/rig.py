"""`make chaos`: real workers, killed with `kill -9` again and again, against a mail server with bad days.

    python -m tests.chaos.rig [--seed N] [--kills 200] [--deliveries 10000]

Facts are recorded and readers leave meanwhile. At the end the weather clears, what waits is sent, and the ledger is
held against what the server wrote down (`tests.chaos.verdict`). Ends with 1 if any promise was not kept.

The seed decides who is killed when and what the server answers; which process comes first it does not decide, so two
runs with one seed are alike and not the same.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.vocabulary import Audience, System
from infrastructure.database.backend import SQLITE
from infrastructure.database.database import Database
from infrastructure.database.making import make
from infrastructure.registers.subscribers import Subscribers
from tests.chaos.relay import DEAD
from tests.chaos.verdict import Accepted, Evidence, Person, Row, counts, violations

SETTINGS = {
    "RESERVRUTIN_MAIL_FROM": "Reservrutin Sesam <reservrutin@example.se>",
    "RESERVRUTIN_LANG": "en",
}
"""What every process of a run is given beside its log, its mail server and its clock. Shortened leases and waits go
here, where the program has settings for them; the rest the fast clock does."""

WORKERS = 2
LONGEST_DRAIN = 240.0
"""Seconds that what waits may take once nothing goes wrong any more."""

MARGIN = 120.0
"""Seconds of the log's clock that a claimed mail may still go out after its reader has left."""

DAY: tuple[tuple[str, ...], ...] = (
    ("outage-detected", "--scope", "local", "--system", "websesam"),
    ("instruction-received", "--text", "gå över till papper"),
    ("prognosis-received", "--restored-by", "+3h"),
    ("operating-information-published", "--as", "system-owner", "--channel", "vardgivare-skane", "--text", "Avvakta."),
    ("prognosis-received", "--restored-by", "+4h"),
    ("instruction-received", "--text", "ring inte servicedesk"),
    ("service-restored", "--as", "system-owner", "--system", "websesam"),
    ("incident-closed",),
)
"""One incident after the other is told like this until enough is planned."""


@dataclass(frozen=True)
class Plan:
    """How much is to happen. `speed` is how fast the log's clock runs; `pause` the longest time in seconds from a
    worker's start-up to its end."""

    seed: int
    kills: int = 200
    deliveries: int = 10_000
    staff: int = 220
    speed: float = 60
    pause: float = 0.8


class Rig:
    """The processes of one run, in a folder of its own."""

    def __init__(
        self, plan: Plan, folder: Path, say: Callable[[str], None] = lambda _line: None, url: str = ""
    ) -> None:
        """`url` is where the log is; a file in the folder unless it is given."""
        self._plan, self._folder, self._say = plan, folder, say
        self._dice = random.Random(plan.seed)  # noqa: S311 - chance, not secrets
        self._record = folder / "relay.jsonl"
        self._url = url or f"sqlite:///{folder / 'log.sqlite'}"
        self._environment = os.environ | SETTINGS | {
            "RESERVRUTIN_DATABASE_URL": self._url,
            "CHAOS_EPOCH": str(time.time()),
            "CHAOS_SPEED": str(plan.speed),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }  # fmt: skip
        self._ports: list[int] = []
        self._workers: list[tuple[subprocess.Popen[bytes], Path] | None] = [None] * WORKERS
        self._people: list[Person] = []
        self._left: dict[str, float] = {}
        self._acknowledged: list[tuple[str, int]] = []
        self._problems: list[str] = []
        self._happened: Counter[str] = Counter()
        self._is_over = threading.Event()

    def run(self) -> Evidence:
        """Everything, from an empty log to the evidence. Raises if what waits is not sent in time."""
        began = time.monotonic()
        self._people = self._roster()
        relay = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.relay", str(self._plan.seed), str(self._record)],
            env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with ExitStack() as at_the_end:
            at_the_end.callback(relay.communicate)
            at_the_end.callback(relay.kill)
            at_the_end.callback(self._end_workers)
            assert relay.stdin
            assert relay.stdout
            self._ports = json.loads(relay.stdout.readline())
            clerk = threading.Thread(target=self._clerk)
            clerk.start()
            try:
                self._havoc(lambda weather: print(weather, file=relay.stdin, flush=True))
            finally:
                self._is_over.set()
                clerk.join()
            print("fair", file=relay.stdin, flush=True)
            self._drain()
        self._happened["seconds"] = round(time.monotonic() - began)
        return self._evidence()

    def _roster(self) -> list[Person]:
        """Staff most of all; some of every audience, some without a mailbox, some who are never to be told."""
        make(self._url)
        database = Database(self._url)
        register, people = Subscribers(database), []
        small = max(self._plan.staff // 20, 2)
        groups = (
            ("kollega", Audience.STAFF, self._plan.staff, False),
            (DEAD, Audience.STAFF, small, False),
            ("annat-system", Audience.STAFF, small, True),
            ("pausad", Audience.STAFF, small, True),
            ("mottagning", Audience.PUBLIC, self._plan.staff // 4, False),
            ("partner", Audience.PARTNER, small, False),
            ("jour", Audience.DUTY, small, False),
        )
        for name, audience, number, never in groups:
            systems = [System.SESAM_S2] if name == "annat-system" else []
            for count in range(number):
                added = register.add(f"{name}{count}@example.se", audience, systems, [], ("sv", "en")[count % 2])
                people.append(Person(added.id, added.address, audience, never))
        database.close()
        for person in people:
            if person.address.startswith("pausad"):
                self._command("subscriber", "pause", person.id)
        return people

    def _command(self, *words: str) -> Any:
        """One command, which must succeed, and its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.chaos.hurried", *words, "--json"],
            env=self._environment, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            self._problems.append(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.decode()}")
            return {}
        return json.loads(done.stdout)

    def _clerk(self) -> None:
        """Record facts until enough is planned; now and then somebody leaves. Raises nothing: tells `_problems`."""
        dice = random.Random(self._plan.seed + 1)  # noqa: S311
        leavers = [person for person in self._people if person.address.startswith("kollega")][::20]
        while not self._is_over.is_set():
            incident = ""
            for fact in DAY:
                if self._planned() >= self._plan.deliveries or self._is_over.is_set():
                    return
                named = ["--incident", incident] if incident else []
                reply = self._command("record", *fact, *named)
                if not reply:
                    return
                incident = reply["incident"]
                self._acknowledged.append((incident, reply["entry"]))
                if leavers and dice.random() < 0.3:
                    self._leave(leavers.pop(), dice.choice(("pause", "remove")))
                # As fast as the deliveries are killed for: the facts are to last as long as the kills do.
                share = self._planned() / self._plan.deliveries - self._happened["kills"] / self._plan.kills
                self._is_over.wait(0.1 if share < 0 else min(4.0, 0.2 + 20 * share))

    def _leave(self, person: Person, how: str) -> None:
        self._command("subscriber", how, person.id)
        self._left[person.id] = time.time()
        self._happened["readers who left"] += 1

    def _havoc(self, change_weather: Callable[[str], None]) -> None:
        """Kill and start again, in changing weather, until there have been kills and deliveries enough."""
        while self._happened["kills"] < self._plan.kills or self._planned() < self._plan.deliveries:
            if self._problems:
                return
            change_weather(self._dice.choices(("fair", "rough", "storm", "away"), (3, 4, 2, 0.4))[0])
            for place in range(WORKERS):
                self._ensure_worker(place)
            if self._dice.random() < 0.85:
                self._wait_until_ready()
            time.sleep(self._dice.uniform(0, self._plan.pause))
            for place in self._dice.choice(([0], [1], [0, 1], [0, 1])):
                self._kill(place)

    def _ensure_worker(self, place: int) -> None:
        if self._workers[place] is None:
            self._happened["workers started"] += 1
            told = self._folder / f"worker-{self._happened['workers started']}.txt"
            url = f"smtp://127.0.0.1:{self._dice.choice(self._ports)}"
            with told.open("wb") as out:
                process = subprocess.Popen(
                    [sys.executable, "-m", "tests.chaos.hurried", "worker"],
                    env=self._environment | {"RESERVRUTIN_SMTP_URL": url}, stdout=out, stderr=subprocess.STDOUT,
                )  # fmt: skip
            self._workers[place] = (process, told)

    def _wait_until_ready(self) -> None:
        """Until each worker has said something or has ended, which it should not."""
        give_up_at = time.monotonic() + 60
        for running in filter(None, self._workers):
            process, told = running
            while told.stat().st_size == 0 and process.poll() is None and time.monotonic() < give_up_at:
                time.sleep(0.02)

    def _kill(self, place: int) -> None:
        if running := self._workers[place]:
            process, told = running
            process.kill()
            code = process.wait()
            self._workers[place] = None
            if code == -signal.SIGKILL:
                self._happened["kills"] += 1
                if self._happened["kills"] % 20 == 0:
                    self._say(f"{self._happened['kills']} kills, {self._planned()} deliveries planned")
            else:
                self._problems.append(f"a worker ended by itself with {code}: {told.read_text()[-500:]}")

    def _drain(self) -> None:
        """Two workers that nobody kills send what waits, and stop when asked."""
        self._say("the weather clears; sending what waits")
        for place in range(WORKERS):
            self._ensure_worker(place)
        give_up_at = time.monotonic() + LONGEST_DRAIN
        while waiting := self._waiting():
            if time.monotonic() > give_up_at or self._problems:
                self._problems.append(f"{waiting} deliveries still wait")
                break
            time.sleep(0.2)
        for running in filter(None, self._workers):
            process, told = running
            process.terminate()
            if process.wait(60) != 0 and told.read_text():  # one that had not begun yet has nothing to tell
                self._problems.append(f"a worker that was asked to stop ended badly: {told.read_text()[-500:]}")
        self._workers = [None] * WORKERS

    def _end_workers(self) -> None:
        for running in filter(None, self._workers):
            running[0].kill()
            running[0].wait()

    def _ask(self, question: str) -> list[tuple[Any, ...]]:
        database = Database(self._url, upgrading=False)
        try:
            return database.connection().execute(question).fetchall()
        finally:
            database.close()

    def _planned(self) -> int:
        return int(self._ask("SELECT count(*) FROM deliveries")[0][0])

    def _waiting(self) -> int:
        unended = "SELECT count(*) FROM deliveries WHERE state NOT IN ('sent', 'refused', 'superseded', 'expired')"
        unplanned = """SELECT count(*) FROM facts
            WHERE position > (SELECT coalesce(max(position), 0) FROM tracking WHERE projection = 'outbox')"""
        return sum(int(self._ask(question)[0][0]) for question in (unended, unplanned))

    def _evidence(self) -> Evidence:
        tried: dict[int, list[str]] = {}
        for delivery, state in self._ask("SELECT delivery, state FROM attempts ORDER BY id"):
            tried.setdefault(delivery, []).append(state)
        rows = self._ask("SELECT id, incident, entry, fact, subscriber, state, message_id FROM deliveries ORDER BY id")
        written = [json.loads(line) for line in self._record.read_text().splitlines()] if self._record.exists() else []
        if self._url.startswith(SQLITE) and self._ask("PRAGMA integrity_check") != [("ok",)]:
            self._problems.append("the database is damaged")
        kinds = Counter(line["kind"] for line in written)
        self._happened |= {"answers after the client had gone": kinds["gone"], "mails taken mutely": kinds["mute"]}
        people = [Person(p.id, p.address, p.audience, p.never, self._left.get(p.id)) for p in self._people]
        return Evidence(
            rows=[Row(i, n, e, plain(f), s, st, m, tuple(tried.get(i, ()))) for i, n, e, f, s, st, m in rows],
            accepted=[Accepted(x["at"], x["to"], x["message_id"]) for x in written if x["kind"] == "accepted"],
            people=people,
            facts=[(i, e, plain(f)) for i, e, f in self._ask("SELECT incident, entry, fact FROM facts")],
            acknowledged=self._acknowledged,
            refused=frozenset(line["to"] for line in written if line["kind"] == "refused"),
            margin=MARGIN / self._plan.speed + 5,
            notes=dict(self._happened),
        )

    def problems(self, evidence: Evidence) -> list[str]:
        """Everything that is wrong: what a process said, and what the evidence shows."""
        return [*self._problems, *violations(evidence, flags=True)]


def plain(fact: str) -> str:
    """A fact's name without its version."""
    return fact.partition(":")[0]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Kill workers in bad weather, then count the mail.")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--kills", type=int, default=Plan.kills)
    parser.add_argument("--deliveries", type=int, default=Plan.deliveries)
    parser.add_argument("--database", default="", help="the address of an empty log, on PostgreSQL too")
    parser.add_argument("--keep", type=Path, help="a folder for the log, the server's record and what workers said")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"seed {asked.seed}", flush=True)  # noqa: T201 - a developer's tool
        plan = Plan(asked.seed, asked.kills, asked.deliveries)
        rig = Rig(plan, folder, lambda line: print(line, flush=True), asked.database)  # noqa: T201
        evidence = rig.run()
        problems = rig.problems(evidence)
    for name, number in counts(evidence).items():
        print(f"{name:<36}{number:>9}")  # noqa: T201
    for problem in problems[:50]:
        print(f"NOT KEPT: {problem}")  # noqa: T201
    print(f"{len(problems)} promises not kept, seed {asked.seed}" if problems else "every promise kept")  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
