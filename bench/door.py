"""The subscriber's door: pages and leavings a second beside a bare Starlette, and the memory of its process."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from bench.figures import Figure, Found
from bench.ground import PROGRAM, Ground, environment, timed
from domain.vocabulary import Audience
from infrastructure.database.database import Database
from infrastructure.database.making import make
from infrastructure.registers.subscribers import Subscribers
from infrastructure.registers.ways_out import make_ways_out
from tests.mailroom import free_port
from wording.door_paths import DoorPage, door_path

PART = "door"
CLIENTS = 8
"""Connections that ask at once, each again and again."""

STARTS_WITHIN = 30.0
SETTINGS = {"RESERVRUTIN_WEB_URL": "https://prenumerera.example.se"}
GOALS = {"GET /": 0.3, "POST, a reader leaves": 0.1}
"""Least shares of what a bare Starlette does: a page is made of a template, a leaving is durable."""


def measure(ground: Ground) -> Iterator[Found]:
    count = ground.scale.requests
    for name, fresh in ground.databases.items():
        make(address := fresh())
        tokens = readers(address, ground.runs * count)
        front = requested("GET", door_path(DoorPage.SUBSCRIBE, "sv"))
        with ExitStack() as stack:
            port, bare_port = free_port(), free_port()
            own = PROGRAM, "web", "--listen", f"127.0.0.1:{port}"
            door = stack.enter_context(serving(own, port, address))
            size = len(asked(port, [front]))
            bare = sys.executable, "bench/bare_pages.py", str(bare_port), str(size)
            stack.enter_context(serving(bare, bare_port, address))
            rates: dict[str, list[tuple[float, float]]] = {what: [] for what in GOALS}
            for run in range(ground.runs):
                left = tokens[run * count : (run + 1) * count]
                work = {
                    "GET /": ([requested("GET", "/")] * count, [front] * count),
                    "POST, a reader leaves": (
                        [requested("POST", "/")] * count,
                        [requested("POST", door_path(DoorPage.LEAVE, "sv", token)) for token in left],
                    ),
                }
                for what, (limit, ours) in work.items():
                    pair = count / timed(partial(load, bare_port, limit)), count / timed(partial(load, port, ours))
                    rates[what].append(pair)
                carried_out(address)
            yield from told(name, rates)
            peak = most_memory(door)
        yield Figure(part=PART, what="the door, most memory", database=name, values=(peak,), unit="MiB", at_most=40)


def told(name: str, rates: dict[str, list[tuple[float, float]]]) -> Iterator[Figure]:
    """Each rate after that of its limit."""
    for what, found in rates.items():
        limits = tuple(limit for limit, _ours in found)
        of = f"a bare Starlette, {what.split(',')[0].split()[0]}"
        yield Figure(part=PART, what=of, database=name, values=limits, unit="/s", ratios=(1.0,) * len(limits), of=of)
        yield Figure(
            part=PART,
            what=what,
            database=name,
            values=tuple(ours for _limit, ours in found),
            unit="/s",
            ratios=tuple(ours / limit for limit, ours in found),
            of=of,
            at_least=GOALS[what],
        )


def readers(address: str, count: int) -> list[str]:
    """The tokens of so many subscribers."""
    database = Database(address)
    subscribers = Subscribers(database)
    ids = [subscribers.add(f"reader-{n}@example.se", Audience.PUBLIC, [], [], "sv").id for n in range(count)]
    with database.writing() as connection:
        made = make_ways_out(connection, ids, database.now())
    database.close()
    return list(made.values())


def carried_out(address: str) -> None:
    """What waits is gone, as a worker that keeps up leaves it."""
    database = Database(address)
    database.connection().execute("DELETE FROM wishes")
    database.close()


def requested(method: str, path: str) -> bytes:
    """A request on a connection that is kept; a POST is RFC 8058's."""
    body = "List-Unsubscribe=One-Click" if method == "POST" else ""
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{form}\r\n{body}".encode()


def load(port: int, requests: Sequence[bytes]) -> None:
    """All of them answered, by several clients at once."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(partial(asked, port), [requests[n::CLIENTS] for n in range(CLIENTS)]))


def asked(port: int, requests: Sequence[bytes]) -> bytes:
    """One after the other on one connection; the last answer's body. Raises RuntimeError for an answer but 200."""
    body = b""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        for request in requests:
            connection.sendall(request)
            head, _gap, body = connection.recv(65536).partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            if not head.startswith(b"HTTP/1.1 200") or not length:
                raise RuntimeError(f"answered {head[:100]!r} to {request[:60]!r}")
            while len(body) < int(length[1]):
                body += connection.recv(65536)
    return body


@contextmanager
def serving(command: Sequence[str | Path], port: int, address: str) -> Iterator[int]:
    """A server's process for as long as this lasts, once it answers; its pid. Raises RuntimeError where it ends."""
    process = subprocess.Popen(
        command, env=environment(address) | SETTINGS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{command[1]} does not answer") from None
                time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(STARTS_WITHIN)


def most_memory(pid: int) -> float:
    """In MiB, as Linux has counted it since the process began."""
    told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    return int(told[1]) / 1024 if told else 0.0
