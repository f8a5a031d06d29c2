"""A program that does what a desk does, from which everything is taken that Windows does not have. What Windows does
otherwise is otherwise here too: no open file is moved or removed, no file has a colon in its name, there is no `/dev`,
a loop answers no signal, a text file says in which letters it is written, and a file's time zones are a package's.

Called with a folder and the commands of a desk, a line each; it prints what they answered.
"""

import asyncio
import contextlib
import ctypes
import functools
import importlib
import io
import json
import os
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess  # noqa: F401 - made for Linux before it is none
import sys
import tempfile  # noqa: F401 - the same
import threading
import time
import types
import warnings
from pathlib import Path
from typing import Any

GONE = {
    os: "getuid geteuid getgid getegid getgroups getpwuid fork forkpty pread pwrite fchown chown lchown mkfifo mknod "
    "setsid getpgid killpg nice getloadavg wait3 wait4 statvfs fdatasync sync ttyname openpty O_CLOEXEC O_DIRECTORY "
    "O_NOFOLLOW O_NONBLOCK",
    select: "poll epoll",
    signal: "SIGHUP SIGUSR1 SIGUSR2 SIGALRM SIGQUIT SIGPIPE SIGCHLD SIGTSTP SIGWINCH alarm setitimer pause sigwait "
    "pthread_sigmask",
    socket: "AF_UNIX SO_REUSEPORT",
    time: "clock_gettime CLOCK_BOOTTIME CLOCK_MONOTONIC tzset",
}
NO_MODULES = ("fcntl", "pwd", "grp", "termios", "tty", "pty", "resource", "syslog", "readline", "curses")
LIBRARIES = (
    "asyncio",
    "click",
    "rich.console",
    "textual.app",
    "textual.pilot",
    "platformdirs",
    "sqlalchemy",
    "alembic",
)
"""Loaded while this still is Linux: what they do on Windows is theirs to try."""
OURS = r"(domain|wording|infrastructure|notifiers|application|cli|web)\b"
SIGBREAK = 40
"""One that Linux has no use for, and ends a program by."""

NOTE = ("n", *"anteckning", "enter")
FORBIDDEN = re.compile(r'[<>:"|?*]|[. ]$')


class ThisIsWindows(Exception):
    """Nothing catches it."""


def take_away() -> None:
    fcntl = importlib.import_module("fcntl")
    for name in LIBRARIES:
        importlib.import_module(name)
    free = shutil.disk_usage("/")
    shutil.disk_usage = lambda _path: free  # type: ignore[assignment]  # Windows has its own, and the next
    socket.socketpair = functools.partial(socket.socketpair, socket.AF_UNIX)
    for module, names in GONE.items():
        for name in names.split():
            with contextlib.suppress(AttributeError):
                delattr(module, name)
    sys.modules.update(dict.fromkeys(NO_MODULES))  # type: ignore[arg-type]  # as the import system has it
    asyncio.SelectorEventLoop.add_signal_handler = _not_there  # type: ignore[assignment, method-assign]
    asyncio.SelectorEventLoop.add_reader = _not_there  # type: ignore[assignment, method-assign]
    asyncio.SelectorEventLoop.add_writer = _not_there  # type: ignore[assignment, method-assign]
    sys.modules["msvcrt"] = _msvcrt(fcntl)
    ctypes.windll = types.SimpleNamespace(secur32=types.SimpleNamespace(GetUserNameExW=_name))  # type: ignore[attr-defined, unused-ignore]
    signal.SIGBREAK = SIGBREAK  # type: ignore[attr-defined, unused-ignore]
    sys.platform = "win32"
    sys.addaudithook(_as_windows_has_files)
    warnings.filterwarnings("error", category=EncodingWarning, module=OURS)


def _not_there(*_arguments: Any) -> None:
    raise NotImplementedError


def _msvcrt(fcntl: Any) -> types.ModuleType:
    made = types.ModuleType("msvcrt")

    def locking(file: int, how: int, _octets: int) -> None:
        assert os.lseek(file, 0, os.SEEK_CUR) > 1 << 20, "what is locked can't be read"
        fcntl.flock(file, fcntl.LOCK_EX if how else fcntl.LOCK_EX | fcntl.LOCK_NB)

    vars(made).update(locking=locking, LK_LOCK=1, LK_NBLCK=0)
    return made


def _name(form: int, name: Any, _room: Any) -> bool:
    name.value = "SKANE\\Anna.Åberg"
    return form == 2


def _as_windows_has_files(event: str, about: tuple[Any, ...]) -> None:
    """What the interpreter asks of the system passes by here."""
    if event in ("os.rename", "os.remove"):
        paths = [os.path.realpath(os.fsdecode(path)) for path in about[: 2 if event == "os.rename" else 1]]
        held = set(_open_files()) & set(paths)
        if held:
            raise PermissionError(13, "it is open", str(held))
    elif event == "open" and isinstance(about[0], (str, bytes, os.PathLike)):
        path = os.fsdecode(about[0])
        if FORBIDDEN.search(Path(path).name) or (path.startswith(("/dev/", "/proc/")) and path != os.devnull):
            raise ThisIsWindows(path)


def _open_files() -> list[str]:
    found = []
    for file in range(256):
        with contextlib.suppress(OSError):  # none, or another thread has closed it just now
            found.append(os.readlink(f"/proc/self/fd/{file}"))  # noqa: PTH115 - quicker, of so many
    return found


def types_(line: str) -> tuple[int, str, str]:
    from cli.app import run

    if line == "worker":  # until its console is closed
        threading.Timer(1.5, os.kill, (os.getpid(), SIGBREAK)).start()
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(shlex.split(line))
    return code, out.getvalue(), err.getvalue()


async def at_the_desk(folder: Path, *keys: str, closed: bool = False) -> str:
    """What the screen shows after these keys; where its console is `closed`, the program ends of it."""
    from application.desk import Desk
    from application.settings import load
    from cli.desk.app import DeskScreen
    from cli.desk.drafts import DraftFile
    from cli.desk.sight import look
    from cli.terminal.login import login_at_the_keyboard

    desk, login = Desk(load()), login_at_the_keyboard()
    drafts = DraftFile(folder / "drafts", desk.settings.database_url, desk.now)
    screen = DeskScreen(desk, login, look(desk, login), drafts)
    async with screen.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause(0.3)
        if closed:
            signal.raise_signal(SIGBREAK)
            await asyncio.sleep(60)
        strips = screen.screen._compositor.render_strips()
        return "\n".join("".join(part.text for part in strip) for strip in strips)


def main() -> None:
    folder, *lines = sys.argv[1:]
    take_away()
    answered = [types_(line) for line in lines]
    shown = [asyncio.run(at_the_desk(Path(folder), *keys)) for keys in ((*NOTE, *"lugnt"), ())]
    print(json.dumps({"answered": answered, "shown": shown}), flush=True)  # noqa: T201
    asyncio.run(at_the_desk(Path(folder), "end", "space", *"igen", closed=True))


if __name__ == "__main__":
    main()
