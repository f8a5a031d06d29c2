"""How others append the same facts: `python bench/stores.py NAME URL SECONDS ROUNDS` prints a line a round.

A line is the bare driver's facts a second and the peer's, measured one after the other. Imports none of our code, so
that it also runs in an environment that has the peers and nothing of ours. `python bench/stores.py NAME URL` appends
one fact and ends.
"""

import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import uuid4

SQLITE = "sqlite:///"
TABLE = "(position {key}, incident TEXT, entry INTEGER, fact TEXT, bytes {bytes}, command_id TEXT UNIQUE, \
UNIQUE (incident, entry))"
SQLITE_TABLE = f"CREATE TABLE IF NOT EXISTS bare {TABLE.format(key='INTEGER PRIMARY KEY', bytes='BLOB')}"
POSTGRES_TABLE = f"CREATE TABLE IF NOT EXISTS bare {TABLE.format(key='SERIAL PRIMARY KEY', bytes='BYTEA')}"
BARE = "INSERT INTO bare (incident, entry, fact, bytes, command_id) VALUES (?, ?, ?, ?, ?)"
STATE = b'{"command_id":"%s","data":{"text":"Lugnt i vaxeln."},"entry":1,"fact":"note-added","version":1}'.ljust(330)
"""About as long as one of our facts."""

Append = Callable[[str, int, str, bytes, str], object]


def make_table(url: str) -> None:
    """The bare driver's own table, unless it is there."""
    if url.startswith(SQLITE):
        with closing(sqlite3.connect(url.removeprefix(SQLITE))) as bare:
            bare.execute("PRAGMA journal_mode=WAL")
            bare.execute(SQLITE_TABLE)
        return
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as line:
        line.execute(POSTGRES_TABLE)


def raw(url: str) -> Append:
    """Appends one row with the bare driver, durably; on PostgreSQL with a lock, so that writers take turns."""
    make_table(url)
    if url.startswith(SQLITE):
        bare = sqlite3.connect(url.removeprefix(SQLITE), timeout=30, isolation_level=None)
        bare.execute("PRAGMA synchronous=FULL")
        return lambda *row: bare.execute(BARE, row)
    import psycopg

    line = psycopg.connect(url.replace("+psycopg", ""), autocommit=True, prepare_threshold=3)
    statement = BARE.replace("?", "%s")

    def append(*row: Any) -> None:
        line.execute("BEGIN; SELECT pg_advisory_xact_lock(1)")
        line.execute(statement, row)
        line.commit()

    return append


def eventsourcing_own(url: str) -> Append:
    """The eventsourcing library's own module for this database."""
    if url.startswith(SQLITE):
        file = url.removeprefix(SQLITE)
        return _recorder(
            {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": file, "SQLITE_LOCK_TIMEOUT": "30"}
        )
    from psycopg.conninfo import conninfo_to_dict

    told = conninfo_to_dict(url.replace("+psycopg", ""))
    named = {f"POSTGRES_{name.upper()}": str(told.get(name, "")) for name in ("dbname", "host", "port", "user")}
    password = {"POSTGRES_PASSWORD": str(told.get("password", "")) or "none"}
    return _recorder({"PERSISTENCE_MODULE": "eventsourcing.postgres"} | named | password)


def eventsourcing_sqlalchemy(url: str) -> Append:
    """The same library on SQLAlchemy, durable as we are."""
    return _recorder({"PERSISTENCE_MODULE": "eventsourcing_sqlalchemy", "SQLALCHEMY_URL": url})


def _recorder(settings: dict[str, str]) -> Append:
    from eventsourcing.persistence import InfrastructureFactory, StoredEvent
    from eventsourcing.utils import Environment

    factory = InfrastructureFactory.construct(Environment("peer", settings))
    recorder = factory.application_recorder()
    own = uuid4()
    return lambda _incident, entry, fact, state, _id: recorder.insert_events([StoredEvent(own, entry, fact, state)])


def rate(append: Append, seconds: float, first: int) -> tuple[float, int]:
    """Facts a second for so many seconds, and the entry that comes next."""
    writer, entry, began = f"writer-{first}", first, time.perf_counter()
    while (now := time.perf_counter()) - began < seconds:
        append(writer, entry, "note-added:1", STATE, uuid4().hex)
        entry += 1
    return (entry - first) / (now - began), entry


PEERS: dict[str, tuple[str, Callable[[str], Append]]] = {
    "own": ("eventsourcing, its own module", eventsourcing_own),
    "sqlalchemy": ("eventsourcing-sqlalchemy", eventsourcing_sqlalchemy),
    "raw": ("sqlite3 and json, bare", raw),
}


def main() -> None:
    name, url, *more = sys.argv[1:]
    if not more:
        PEERS[name][1](url)(uuid4().hex, 1, "note-added:1", STATE, uuid4().hex)
        return
    seconds, rounds = float(more[0]), int(more[1])
    bare_url = url.replace(".sqlite", "-bare.sqlite") if url.startswith(SQLITE) else url
    bare, peer, entries = raw(bare_url), PEERS[name][1](url), 1
    for _ in range(rounds):
        limit, _next = rate(bare, seconds, entries)
        found, entries = rate(peer, seconds, entries)
        print(limit, found)


if __name__ == "__main__":
    main()
