"""Where nothing can be written every command that reads does its work, and says what it can't show."""

import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.glass import Keyboard
from bench.ground import PROGRAM
from cli.terminal.exit_codes import FINDINGS
from cli.terminal.login import login_at_the_keyboard
from domain.refusals import NotAuthorised
from infrastructure.database.database import Database
from infrastructure.database.grants import READER
from infrastructure.database.roles import set_up
from infrastructure.database.sqlite import SqliteFile
from infrastructure.database.sqlite_checksums import ChecksummingConnection
from tests import postgres
from tests.every_reader import READERS, Answer, answers
from tests.given import outage
from tests.infrastructure.told import tell
from tests.infrastructure.work import opens
from tests.postgres import Server, own_server

ROOT = Path(__file__).parents[2]
NEWEST = "2026-0003"
"""An incident that no board has seen yet."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log whose newest incident is on no board, as whoever wrote it last has left it."""
    folder = tmp_path_factory.mktemp("log")
    told = tell(folder)
    told.records(outage())
    told.database.close()
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "here"))


KILLED = """
import os, sys
from tests.given import moment
from tests.infrastructure.work import opens
print(opens(sys.argv[1], moment("10:00")), flush=True)
os._exit(0)
"""


def left_by_one_who_was_killed(folder: Path) -> str:
    """The newest facts stand in the write-ahead log beside the file; the number of the incident that they open."""
    killed = [sys.executable, "-c", KILLED, url_in(folder)]
    done = subprocess.run(killed, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    assert (folder / "log.sqlite-wal").stat().st_size > 0
    return done.stdout.strip()


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'log.sqlite'}"


World = Callable[..., dict[str, Answer]]


def in_a_world(folder: Path, world: str, inside: str, commands: tuple[str, ...]) -> dict[str, Answer]:
    """What these commands answer in a world of its own, which the shell's words make of the folder `$1`."""
    as_root = [] if os.getuid() == 0 else ["--map-root-user"]
    asked = shlex.join([sys.executable, "-m", "tests.every_reader", f"sqlite:///{inside}/log.sqlite", *commands])
    readers = f"{world} && exec {asked}"
    done = subprocess.run(
        ["unshare", *as_root, "--mount", "sh", "-c", readers, "sh", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"a run without mounts of its own is no run (unshare --mount): {done.stderr}"
    return {command: Answer(*given) for command, given in json.loads(done.stdout).items()}


SETPRIV = shutil.which("setpriv") or "setpriv"
NO_MORE_THAN_OTHERS = [SETPRIV, "--bounding-set", "-dac_override,-dac_read_search"] if os.getuid() == 0 else []


def closed(folder: Path, mode: int = 0o444) -> None:
    for path in folder.iterdir():
        path.chmod(mode)
    folder.chmod(0o555)


def as_one_who_may_only_read(folder: Path, *commands: str, mode: int = 0o444) -> dict[str, Answer]:
    """Whoever runs the tests owns the file, and as root may do anything: that right is taken away."""
    closed(folder, mode)
    done = subprocess.run(
        [*NO_MORE_THAN_OTHERS, sys.executable, "-m", "tests.every_reader", url_in(folder), *commands],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    return {command: Answer(*given) for command, given in json.loads(done.stdout).items()}


FULL = (
    "mkdir $1/full && mount -t tmpfs -o size=2m tmpfs $1/full && cp $1/log.sqlite* $1/full && "
    "{ cat /dev/zero > $1/full/rest; true; } 2>/dev/null"
)
READ_ONLY = "mount --bind $1 $1 && mount -o remount,ro,bind $1"
WORLDS: dict[str, World] = {
    "a full disk": lambda folder, *commands: in_a_world(folder, FULL, f"{folder}/full", commands),
    "a read-only mount": lambda folder, *commands: in_a_world(folder, READ_ONLY, f"{folder}", commands),
    "a file that may only be read": as_one_who_may_only_read,
}


NO_KEY = "Loggens nyckel finns inte till hands här"
"""What whoever exports a bundle without the key is told, wherever that is."""


def all_there(given: dict[str, Answer], missing: str = "") -> None:
    """Each command did its work, and said what it can't show in one sentence at most."""
    for command, answered in given.items():
        assert answered.code == 0 or (command, answered.code) == ("review 2026-0001", FINDINGS), (command, answered)
        said = [line for line in answered.err.splitlines() if " som " not in line or "noteringar" not in line]
        said = [line for line in said if not line.startswith(NO_KEY)]
        assert said == ([missing] if missing else []), (command, answered.err)
    assert NEWEST in given["board"].out


@pytest.mark.parametrize("world", WORLDS)
def test_every_reading_command_works_where_nothing_can_be_written(folder: Path, world: str) -> None:
    given = WORLDS[world](folder)
    assert set(given) == set(READERS)
    all_there(given)


def asked(world: str) -> tuple[str, ...]:
    """Every command where the file may only be read; elsewhere some, for how it is opened is the same for all."""
    return () if world == "a file that may only be read" else ("board", "log 2026-0001", "verify")


@pytest.mark.parametrize("world", WORLDS)
def test_what_a_killed_writer_left_beside_the_file_is_shown(folder: Path, world: str) -> None:
    number = left_by_one_who_was_killed(folder)
    given = WORLDS[world](folder, *asked(world))
    all_there(given)
    assert number in given["board"].out, "which stands in the write-ahead log alone"


MAY_BE_MISSING = "Det som skrevs sist kan saknas: det står i en fil bredvid loggen som inte går att läsa härifrån."


@pytest.mark.parametrize("world", WORLDS)
def test_where_it_cannot_be_read_it_is_said_that_the_newest_may_be_missing(folder: Path, world: str) -> None:
    left_by_one_who_was_killed(folder)
    (folder / "log.sqlite-shm").unlink()
    all_there(WORLDS[world](folder, *asked(world)), MAY_BE_MISSING)


@pytest.mark.parametrize("screen", ["board --watch", "desk"])
def test_a_screen_says_it_too(folder: Path, tmp_path: Path, screen: str) -> None:
    by_hand(folder, f"UPDATE staff SET login = '{login_at_the_keyboard()}'")
    left_by_one_who_was_killed(folder)
    (folder / "log.sqlite-shm").unlink()
    closed(folder)
    own = {"RESERVRUTIN_DATABASE_URL": url_in(folder), "XDG_STATE_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    keyboard = Keyboard([*NO_MORE_THAN_OTHERS, str(PROGRAM), *screen.split()], {**os.environ, **own})
    keyboard.wait("Det som skrevs sist kan saknas")
    keyboard.end(signal.SIGKILL)
    folder.chmod(0o755)


WRITERS = ("record outage-detected --scope all-users --system sesam-s2", "subscriber add b@example.se --audience staff")
TOLD = {
    "a full disk": (75, "Gör plats och skriv samma sak igen."),
    "a read-only mount": (4, "Loggen går bara att läsa här"),
    "a file that may only be read": (4, "Loggen går bara att läsa här"),
}


@pytest.mark.parametrize("world", WORLDS)
def test_whoever_writes_there_is_told_whose_it_is_to_mend(folder: Path, world: str) -> None:
    by_hand(folder, f"UPDATE staff SET login = '{login_at_the_keyboard()}'")
    code, words = TOLD[world]
    for command, told in WORLDS[world](folder, *WRITERS).items():
        assert told.code == code, (command, told)
        assert words in told.err, (command, told)


def by_hand(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "log.sqlite")) as file, file:
        file.execute(statement)


def test_a_log_that_may_not_be_read_is_its_owners_to_open(folder: Path) -> None:
    for command, told in as_one_who_may_only_read(folder, "board", *WRITERS, mode=0o000).items():
        assert told.code == 4, (command, told)
        assert "be den som äger den om rätt att läsa den" in told.err, (command, told)


def test_no_log_is_begun_where_there_is_no_room_for_it(folder: Path) -> None:
    world = f"{FULL} && rm $1/full/log.sqlite"
    told = in_a_world(
        folder, f"{world} && {{ cat /dev/zero > $1/full/more; true; }} 2>/dev/null", f"{folder}/full", WRITERS
    )
    for command, answered in told.items():
        assert answered.code == 75, (command, answered)
        assert "Gör plats" in answered.err, (command, answered)


def test_who_reads_on_sees_what_is_written_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A board on the wall that could not share the file with a writer when it was opened."""

    def no_sharing(self: SqliteFile, how: str) -> ChecksummingConnection:
        if how == "mode=rw":
            raise NotAuthorised("log-read-only", path="", problem="")
        return usual(self, how)

    usual = SqliteFile._connected
    reading = Database(url_in(folder))
    with monkeypatch.context() as patched:
        patched.setattr(SqliteFile, "_connected", no_sharing)
        frozen = Database(url_in(folder))
        before = frozen.connection().execute("SELECT count(*) FROM facts").fetchone()[0]
    opens(url_in(folder))
    assert frozen.connection().execute("SELECT count(*) FROM facts").fetchone() == (before + 1,)
    frozen.close()
    reading.close()


@pytest.fixture(scope="module")
def primary() -> Iterator[Server]:
    with own_server("-c wal_level=replica -c max_wal_senders=3 -c hot_standby=on") as started:
        set_up(started.url)
        told = tell(Path(tempfile.mkdtemp(dir=started.home.parent)), started.url)
        told.records(outage())
        told.database.close()
        yield started


@pytest.fixture
def standby(primary: Server, tmp_path: Path) -> Iterator[Server]:
    """A real hot standby of it."""
    second = Server(primary.home.parent / "standby", primary.options)
    second.home.mkdir(mode=0o755)
    if second.user:
        shutil.chown(second.home, second.user)
    dsn = "postgresql://" + primary.url.removeprefix(postgres.PROTOCOL)
    primary.run("pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-D", str(second.data), "-d", dsn)
    second.start()
    yield second
    second.stop()


def test_every_reading_command_works_on_a_standby(standby: Server) -> None:
    given = answers(standby.url)
    all_there(given, "Läst från en reservserver, som kan sakna det som skrevs sist.")


def test_every_reading_command_works_where_transactions_only_read(primary: Server) -> None:
    all_there(answers(f"{primary.url}?options=-c%20default_transaction_read_only%3Don"))


HIDDEN = {
    "board": "vad som är ditt",
    "show 2026-0001": "vad som är ditt",
    "log 2026-0001": "vad som är ditt",
    "staff list": "utelämnade",
    "subscriber list": "utelämnade",
}


def test_every_reading_command_works_for_a_role_that_may_only_read_and_says_what_it_hides(primary: Server) -> None:
    given = answers(primary.url.replace("//postgres@", f"//{READER}@"))
    assert {command for command, answered in given.items() if answered.code} <= {"review 2026-0001"}
    for command, answered in given.items():
        said = [line for line in answered.err.strip().splitlines() if not line.startswith(NO_KEY)]
        assert len(said) <= 1, (command, said)
        if command in HIDDEN:
            assert HIDDEN[command] in answered.err, (command, answered)
    assert NEWEST in given["board"].out
    assert "anna" not in given["staff list"].out
    assert "p-" in given["subscriber list"].out
