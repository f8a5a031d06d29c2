"""The wheel in an environment that has never seen the source, and what is played there: with real processes, and a
real mail server."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from release.building import ROOT, Unfit, version
from release.manual import COMPLETIONS, PAGES

OF_THE_DEMO = ("aiosmtpd", "atpublic", "attrs")
"""What the demo's mail server brings beside what requirements.lock has: in the versions of the development lock."""
MAIL_SERVER = """
import sys
from pathlib import Path
from reservrutin.__main__ import ROOMS
sys.path.insert(0, ROOMS)
from cli.demo.story import mail_server
with mail_server(Path(sys.argv[1])) as (_mailbox, address):
    print(address, flush=True)
    sys.stdin.read()
"""
NOBODY_KNOWS_US = """
import sys
from importlib.util import find_spec
from pathlib import Path
import reservrutin
assert Path(reservrutin.__file__).is_relative_to(sys.prefix), reservrutin.__file__
assert not any(map(find_spec, ("domain", "cli", "tests", "release")))
"""
PATIENCE = 120
"""Seconds that a mail may take on a machine that does something else as well."""


class Bare:
    """An environment below a folder outside the checkout, with a home, a log and settings of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prefix = folder / "environment"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RESERVRUTIN_"))}
        self.around = kept | {"HOME": str(folder), "TMPDIR": str(folder), "XDG_CONFIG_DIRS": str(folder)}

    def ends(self, program: str, *arguments: str, code: int = 0) -> str:
        """What it answers. Raises Unfit for another exit code."""
        command = [str(self.prefix / "bin" / program), *arguments]
        ended = subprocess.run(
            command, cwd=self.folder, env=self.around, capture_output=True, encoding="utf-8", check=False
        )
        if ended.returncode != code:
            said = (ended.stdout + ended.stderr)[-3_000:]
            raise Unfit(f"{program} {' '.join(arguments)} ended with {ended.returncode}:\n{said}")
        return ended.stdout

    @contextmanager
    def runs(self, program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        command = [str(self.prefix / "bin" / program), *arguments]
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.around,
            encoding="utf-8",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            try:
                yield process
            finally:
                process.terminate()


def install(bare: Bare, wheel: Path) -> None:
    """The libraries of the lock, by their checksums, and the wheel: what docs/install.md says, and nothing else."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare.prefix)], check=True, env=bare.around)
    _pip(bare, "install", "--quiet", "--require-hashes", "--requirement", str(ROOT / "requirements.lock"))
    _pip(bare, "install", "--quiet", "--no-index", f"{wheel}[web,postgresql]")
    _pip(bare, "check")
    bare.ends("python", "-c", NOBODY_KNOWS_US)
    missing = [place for place in (*PAGES.values(), *COMPLETIONS.values()) if not _is_there(bare, place)]
    if missing:
        raise Unfit(f"The wheel does not install {', '.join(missing)}.")


def install_what_the_demo_needs(bare: Bare) -> None:
    lock = bare.folder / "demo.lock"
    lock.write_text(_pinned(OF_THE_DEMO, ROOT / "requirements-dev.lock"), encoding="utf-8")
    _pip(bare, "install", "--quiet", "--require-hashes", "--requirement", str(lock))


def _pip(bare: Bare, *arguments: str) -> None:
    """Another environment's, so that the bare one has no more in it than is listed."""
    command = [sys.executable, "-m", "pip", "--python", str(bare.prefix / "bin" / "python"), *arguments]
    ended = subprocess.run(
        command, cwd=bare.folder, env=bare.around, capture_output=True, encoding="utf-8", check=False
    )
    if ended.returncode:
        raise Unfit(f"pip {' '.join(arguments)}:\n{(ended.stdout + ended.stderr)[-3_000:]}")


def _is_there(bare: Bare, place: str) -> bool:
    return (bare.prefix / "share" / place).is_file()


def _pinned(names: tuple[str, ...], lock: Path) -> str:
    """What a lock says of these, with their hashes."""
    text = lock.read_text(encoding="utf-8")
    return "".join(re.findall(rf"^(?:{'|'.join(names)})==(?:.*\\\n)+.*\n", text, re.MULTILINE))


def play(bare: Bare) -> Iterator[str]:
    """What has been seen to work, as it is."""
    said = bare.ends("reservrutin", "--version").split()
    if said != ["reservrutin", version()]:
        raise Unfit(f"It calls itself {' '.join(said)}.")
    bare.ends("reservrutin", "demo")
    yield "the demo's day"
    mail = bare.folder / "mail"
    mail.mkdir()
    with bare.runs("python", "-c", MAIL_SERVER, str(mail)) as server:
        assert server.stdout is not None
        bare.around |= {"RESERVRUTIN_SMTP_URL": server.stdout.readline().strip(), "RESERVRUTIN_MAIL_HOLD": "0s"}
        bare.around |= {"RESERVRUTIN_DATABASE_URL": f"sqlite:///{bare.folder}/log.sqlite"}
        bare.ends("reservrutin", "subscriber", "add", "anna@example.se", "--audience", "staff")
        with bare.runs("reservrutin", "worker") as worker:
            bare.ends("reservrutin", "record", "outage-detected", "--scope", "all-users", "--system", "sesam-s2")
            _wait_for_mail(mail, worker)
            worker.send_signal(signal.SIGTERM)
            if worker.wait(PATIENCE):
                raise Unfit(f"The worker ended with {worker.returncode}.")
    yield "a worker that mails what is recorded"
    for form, name in (("html", "report.html"), ("bundle", "evidence.zip")):
        bare.ends("reservrutin", "export", "1", "--format", form, "--output", name)
        if not (bare.folder / name).stat().st_size:
            raise Unfit(f"{name} is empty.")
    bare.ends("reservrutin", "verify")
    yield "a report, an evidence bundle and verify"


def _wait_for_mail(folder: Path, worker: subprocess.Popen[str]) -> None:
    gives_up = time.monotonic() + PATIENCE
    while not list(folder.glob("*.eml")):
        if worker.poll() is not None or time.monotonic() > gives_up:
            raise Unfit(f"No mail arrived, and the worker's exit code is {worker.poll()}.")
        time.sleep(0.1)
