"""Nothing that a test run has started outlives it, however it ends, also by a signal that no program can answer.

A process beside the run: its standard input is the run's to close, which the end of the run does if nothing else. Every
process of the run was told the run's folder (`tests.postgres.HOME`), and by that the warden knows them.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

PATIENCE = 10.0
"""Seconds to end by themselves, and what they have begun with them."""


def watch(told: str) -> "subprocess.Popen[bytes] | None":
    """Have a warden for the run whose processes are told this, where a process can be asked what it was told."""
    if not os.path.exists("/proc/self/environ"):  # noqa: PTH110 - it runs as a script too, and imports little
        return None
    command = [sys.executable, "-I", "-S", __file__, told]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)


def relieve(warden: "subprocess.Popen[bytes] | None") -> None:
    """The run is over: what it has left is ended now."""
    if warden is not None and warden.stdin is not None:
        warden.stdin.close()
        warden.wait()


def left_over(told: bytes) -> list[int]:
    """The processes of that run which are still there."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ:  # noqa: PTH123
                if told in environ.read() and int(pid) != os.getpid():
                    found.append(int(pid))
        except OSError:  # it has ended meanwhile, or is somebody else's
            continue
    return found


def end(told: bytes, how: signal.Signals) -> None:
    for pid in left_over(told):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            continue


def main(home: str) -> None:
    sys.stdin.read()
    told = f"={home}\0".encode()
    end(told, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while left_over(told) and time.monotonic() < until:
        time.sleep(0.05)
    # One that was being started is found at the next look, and what dies writes until it is dead.
    until = time.monotonic() + PATIENCE
    while (left_over(told) or os.path.exists(home)) and time.monotonic() < until:  # noqa: PTH110
        end(told, signal.SIGKILL)
        shutil.rmtree(home, ignore_errors=True)
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1])
