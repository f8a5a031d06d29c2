"""The program in a real pseudo-terminal, and the same log read by a program."""

import fcntl
import json
import os
import pty
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Screen:
    """A real pseudo-terminal of 24 rows and 80 columns with the program in it, or with a shell that finds it."""

    def __init__(self, folder: Path, line: str, shell: Sequence[str] = (), size: tuple[int, int] = (24, 80)) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("RESERVRUTIN_")}
        kept = {k: v for k, v in kept.items() if k not in ("COLUMNS", "LINES")}
        kept |= {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "NO_COLOR": "1", "TERM": "xterm"}
        mine, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        kept["PATH"] = f"{Path(sys.executable).parent}:{kept['PATH']}"
        program = shell or [str(Path(sys.executable).with_name("reservrutin")), *shlex.split(line)]
        self._keys, self.shown, self._seen = mine, "", 0
        self._process = subprocess.Popen(program, env=kept, stdin=its, stdout=its, stderr=its, close_fds=True)
        os.close(its)

    def until(self, text: str) -> None:
        """Wait until the text is shown below what was waited for before."""
        while (place := self.shown.find(text, self._seen)) < 0:
            assert select.select([self._keys], [], [], 60)[0], self.shown
            self.shown += os.read(self._keys, 4096).decode()
        self._seen = place + len(text)

    def shows_after(self, keys: str, *texts: str) -> None:
        """Type, and wait until all of these are shown, in any order."""
        start = len(self.shown)
        self.types(keys)
        while not all(text in self.shown[start:] for text in texts):
            assert select.select([self._keys], [], [], 60)[0], self.shown[start:]
            self.shown += os.read(self._keys, 4096).decode(errors="replace")
        self._seen = len(self.shown)

    def types(self, keys: str) -> None:
        os.write(self._keys, keys.encode())

    def interrupts(self) -> None:
        """As Ctrl-C does, which reaches every program of the terminal that holds it."""
        self._process.send_signal(signal.SIGINT)

    def ends_after_all(self) -> int:
        """Read until the program has gone. Its exit code."""
        try:
            while more := os.read(self._keys, 4096):
                self.shown += more.decode()
        except OSError:  # nobody holds the other end any more
            pass
        return self.ends()

    def ends(self) -> int:
        code = self._process.wait(60)
        os.close(self._keys)
        return code


def plainly(folder: Path, line: str) -> Any:
    screen_free = {k: v for k, v in os.environ.items() if not k.startswith("RESERVRUTIN_")}
    screen_free |= {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    program = [str(Path(sys.executable).with_name("reservrutin")), *shlex.split(line), "--json"]
    return json.loads(subprocess.run(program, env=screen_free, check=True, capture_output=True, text=True).stdout)
