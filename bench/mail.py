"""Mails a second beside postfix's own client, near and far; the peers; what planning, claiming and settling cost.

The limit is `smtp-source` with 8 sessions to `smtp-sink` on this machine, with mails as large as ours, in the same run.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from bench import house, wire
from bench.environments import NotThere, nodemailer, peers_python, printed
from bench.figures import Figure, Found, Unmeasured
from bench.ground import POSTGRES_NAME, Ground
from bench.newcomers import rush
from bench.peers import PEERS
from tests.mailroom import mailroom

PART = "mail"
FAR = 0.020
"""Seconds of round trip to a relay that is not next door."""

EIGHT = {"RESERVRUTIN_SMTP_CONNECTIONS": str(wire.SESSIONS)}
OURS: tuple[tuple[str, int, dict[str, str], float], ...] = (
    ("worker", 1, {}, 0.5),
    ("8 connections", 1, EIGHT, 0.5),
    ("two workers", 2, {}, 0.8),
)
"""Our own ways of telling as many: how many workers there are, and the goal on SQLite."""

LIMIT = "postfix smtp-source, 8 sessions"
NODEMAILER, NODEMAILERS = "nodemailer, its pool of 8", 5_000
MANY = 5_000
"""Who are told of an activation, and as many who subscribe meanwhile."""

NEEDED = ("smtp-sink", "smtp-source")


def measure(ground: Ground) -> Iterator[Found]:
    for name, fresh in ground.databases.items():
        yield from planning(name, fresh, ground)
        yield from ledger(name, fresh, ground)
    if missing := [tool for tool in NEEDED if not wire.found(tool)]:
        why = f"{' and '.join(missing)} must be here to measure against: apt-get install postfix"
        yield Unmeasured(part=PART, what="sending", why=why)
        return
    mails = ground.scale.mails
    with wire.sink() as sink:
        size = bytes_a_mail(ground.folder)
        limit = [mails / wire.source(sink.port, mails, size) for _ in range(ground.runs)]
    yield rate(LIMIT, limit, limit)
    yield from ours(ground, limit)
    if POSTGRES_NAME in ground.databases:
        yield from on_a_server(ground.databases[POSTGRES_NAME], ground, limit)
    yield from peers(ground, limit)
    yield from far(ground)
    yield from memory(ground)
    for name, fresh in ground.databases.items():
        yield from newcomers(name, fresh, ground)


def rate(
    what: str,
    values: Sequence[float],
    limit: Sequence[float],
    goal: float | None = None,
    cpu: Sequence[float] = (),
) -> Figure:
    """Mails a second, held against the run's limit."""
    own = values is limit
    ratios = tuple(value / (value if own else median(limit)) for value in values)
    return Figure(
        part=PART,
        what=what,
        values=tuple(values),
        unit="mails/s",
        ratios=ratios,
        of=LIMIT,
        cpu=tuple(cpu),
        at_least=goal,
    )


def ours(ground: Ground, limit: Sequence[float]) -> Iterator[Figure]:
    """The whole command: start-up, planning, sending, the ledger durable (synchronous=FULL)."""
    mails, template = ground.scale.mails, house.with_subscribers(ground.folder, ground.scale.mails)
    for name, workers, settings, goal in OURS:
        with wire.sink() as sink:
            told = [house.tell(template, sink.port, workers, **settings) for _ in range(ground.runs)]
            arrived = sink.messages()
        if arrived != mails * ground.runs:
            raise RuntimeError(f"smtp-sink got {arrived} mails of {mails * ground.runs}")
        yield rate(f"{name}, planned to settled", [mails / one.planned_to_settled for one in told], limit, goal)
        used = [one.cpu for one in told]
        yield rate(f"{name}, whole process", [mails / one.process for one in told], limit, cpu=used)


def on_a_server(fresh: Callable[[], str], ground: Ground, limit: Sequence[float]) -> Iterator[Figure]:
    """The same from planned to settled on PostgreSQL, a database of its own each time."""
    mails = ground.scale.mails
    for name, workers, settings, _goal in OURS:
        found = []
        for _ in range(ground.few):
            house.untold(url := fresh(), mails).close()
            with wire.sink() as sink:
                found.append(mails / house.told(url, sink.port, workers, **settings).planned_to_settled)
        yield rate(f"{name}, planned to settled on {POSTGRES_NAME}", found, limit)


def peers(ground: Ground, limit: Sequence[float]) -> Iterator[Found]:
    for name, (words, count) in PEERS.items():
        yield peer(words, partial(asked, name), min(count, ground.scale.mails), ground, limit)
    yield peer(NODEMAILER, pooled, min(NODEMAILERS, ground.scale.mails), ground, limit)


def peer(words: str, once: Callable[[int, int], float], count: int, ground: Ground, limit: Sequence[float]) -> Found:
    with wire.sink() as sink:
        try:
            rates = tuple(count / once(sink.port, count) for _ in range(ground.few))
        except NotThere as why:
            return Unmeasured(part=PART, what=words, why=str(why))
    ratios = tuple(found / median(limit) for found in rates)
    return Figure(part=PART, what=words, values=rates, unit="mails/s", ratios=ratios, of=LIMIT, peer=True)


def asked(name: str, port: int, count: int) -> float:
    """Seconds that a peer in Python says it took. Raises NotThere."""
    return float(printed([peers_python(), "bench/peers.py", name, str(port), str(count)]))


def pooled(port: int, count: int) -> float:
    """Seconds that nodemailer says it took. Raises NotThere."""
    folder = nodemailer()
    return float(printed(["node", Path("bench/peers.mjs").absolute(), str(port), str(count)], folder))


def far(ground: Ground) -> Iterator[Found]:
    """The same at a distance, and lock-step at its best on as many connections."""
    count = ground.scale.far_mails
    template = house.with_subscribers(ground.folder, count)
    lockstep, mine = [], []
    with wire.sink() as sink, wire.distance(sink.port, FAR) as port:
        for _ in range(ground.few):
            try:
                lockstep.append(count / asked("aiosmtplib_filled", port, count))
            except NotThere as why:
                yield Unmeasured(part=PART, what=f"lock-step at {FAR * 1000:.0f} ms", why=str(why))
                return
            mine.append(count / house.tell(template, port, **EIGHT).planned_to_settled)
    away = f"at {FAR * 1000:.0f} ms, 8 connections"
    for what, rates in ((f"lock-step {away}", lockstep), (f"worker {away}", mine)):
        yield Figure(
            part=PART,
            what=what,
            values=tuple(rates),
            unit="mails/s",
            ratios=tuple(a / b for a, b in zip(rates, lockstep, strict=True)),
            of="lock-step",
            at_least=3.5 if rates is mine else None,
            peer=rates is lockstep,
        )


def memory(ground: Ground) -> Iterator[Figure]:
    """The most that the worker ever had, from few recipients to many; flat is the goal."""
    found: list[float] = []
    for count in ground.scale.most_mails:
        with wire.sink() as sink:
            found.append(house.tell(house.with_subscribers(ground.folder, count), sink.port).peak)
        what = f"worker's most memory, {count:,} mails"
        of = f"memory with {ground.scale.most_mails[0]:,} mails"
        yield Figure(part=PART, what=what, values=(found[-1],), unit="MiB", ratios=(found[-1] / found[0],), of=of)


def newcomers(name: str, fresh: Callable[[], str], ground: Ground) -> Iterator[Figure]:
    """An activation while as many as it is told to subscribe, one transaction each, and are told what is open."""
    count = min(MANY, ground.scale.mails)
    found = []
    for _ in range(ground.few):
        with wire.sink() as sink:
            found.append(rush(fresh(), sink.port, count, count))
    last, longest = (tuple(values) for values in zip(*found, strict=True))
    beside = f"{count:,} being added"
    what = f"an activation's last of {count:,} mails, {beside}"
    yield Figure(part=PART, what=what, database=name, values=last, unit="s", at_most=6.0)
    yield Figure(part=PART, what=f"a fact's longest wait, {beside}", database=name, values=longest, unit="s")


def planning(name: str, fresh: Callable[[], str], ground: Ground) -> Iterator[Figure]:
    count = ground.scale.planned
    database = house.subscribed(fresh(), count)
    pairs = list(house.planned(database, ground.few))
    peaks = tuple(house.planning_peak(database) for _ in range(ground.few))
    database.close()
    what = f"planning {count:,} deliveries"
    yield Figure(
        part=PART,
        what=what,
        database=name,
        values=tuple(ours for ours, _bare in pairs),
        unit="s",
        ratios=tuple(bare / ours for ours, bare in pairs),
        of="a bare INSERT … SELECT",
    )
    yield Figure(part=PART, what=f"{what}, most memory", database=name, values=peaks, unit="MiB")


def ledger(name: str, fresh: Callable[[], str], ground: Ground) -> Iterator[Figure]:
    count = ground.scale.claimed
    took = [house.claimed(fresh, count) for _ in range(ground.few)]
    for place, what in enumerate(("claiming", "settling")):
        rates = tuple(count / pair[place] for pair in took)
        yield Figure(part=PART, what=f"{what} {count:,} deliveries", database=name, values=rates, unit="/s")


def bytes_a_mail(folder: Path) -> int:
    """How large one of our mails is on the wire."""
    port = wire.free_port()
    with mailroom(port) as room:
        house.tell(house.with_subscribers(folder, 1), port)
    return len(room.raw[0])
