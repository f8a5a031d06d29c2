"""One look at what runs: at a process as Linux sees it, at a log as its database does. Leaves nothing open."""

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

from bench.drift import CONNECTIONS, FILES, MEMORY, QUEUE, THREADS, WAL
from infrastructure.database.backend import SQLITE
from infrastructure.database.database import Database

WAITING = "SELECT count(*) FROM deliveries WHERE next_try_at IS NOT NULL"
WAL_OF_THE_SERVER = "SELECT sum(size) FROM pg_ls_waldir()"
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
MIB = 1 << 20


def process(pid: int, url: str) -> dict[str, float]:
    """What this process holds, and how many of its files or sockets are connections to this log. Raises
    ProcessLookupError where it has ended."""
    memory, threads = _status(pid, "VmRSS") / 1024, _status(pid, "Threads")
    opened = list(_opened(pid))
    ours = {str(Path(url.removeprefix(SQLITE)))} if url.startswith(SQLITE) else _sockets_to(urlsplit(url).port or 5432)
    return {
        MEMORY: memory,
        FILES: len(opened),
        CONNECTIONS: sum(name in ours for name in opened),
        THREADS: threads,
    }


def log(url: str) -> dict[str, float]:
    """How long the log's queue is and how large its WAL. A server also has connections, and their processes' own
    memory, which is this machine's to tell."""
    database = Database(url, upgrading=False)
    with closing(database):
        connection = database.connection()
        found: dict[str, float] = {QUEUE: connection.execute(WAITING).fetchone()[0]}
        if url.startswith(SQLITE):
            beside = Path(f"{database.path}-wal")
            return found | {WAL: beside.stat().st_size / MIB if beside.exists() else 0.0}
        pids = [pid for (pid,) in connection.execute(BACKENDS).fetchall()]
        size = float(connection.execute(WAL_OF_THE_SERVER).fetchone()[0])
    own = 0.0
    for pid in pids:
        with suppress(ProcessLookupError):  # ended since
            own += _status(pid, "RssAnon") / 1024
    return found | {WAL: size / MIB, CONNECTIONS: len(pids), MEMORY: own}


def _status(pid: int, name: str) -> int:
    """A figure of a living process. Raises ProcessLookupError."""
    told = Path(f"/proc/{pid}/status")
    found = re.search(rf"^{name}:\s+(\d+)", told.read_text(), re.MULTILINE) if told.exists() else None
    if not found:
        raise ProcessLookupError(f"process {pid} has ended")
    return int(found[1])


def _opened(pid: int) -> Iterator[str]:
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since
            yield str(file.readlink())


def _sockets_to(port: int) -> set[str]:
    """The sockets of this machine whose other end is this port, by the names that open files have."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {f"socket:[{fields[9]}]" for fields in lines if int(fields[2].rpartition(":")[2], 16) == port}
