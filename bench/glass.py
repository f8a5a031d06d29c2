"""A real pseudo-terminal with somebody at it: keys go in, and what stands on the screen is read off it."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

ESCAPE = re.compile(r"\x1b(?:\[([0-9;?<=>$]*)([@-~])|[PX^_].*?\x1b\\|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()].|[=>78cDEHM])")
UNFINISHED = re.compile(r"\x1b\[\?2026h(?:(?!\x1b\[\?2026l).)*$|\x1b[^@-~]*$|\x1b\[[0-9;?<=>$]*$", re.DOTALL)
"""A picture that is begun and not whole, or a control that is cut off: neither is shown yet."""
ASKED, ANSWER = "\x1b[?2026$p", b"\x1b[?2026;2$y"
"""Whether this terminal shows a picture first when it is whole (synchronized output), and that it does."""
LONGEST = 30.0
"""Seconds after which what was waited for will not come."""


class NotSeen(Exception):
    """What a key was to bring did not come; the message holds the screen."""


class Glass:
    """The letters that stand on a screen. Knows what Textual writes: where the cursor goes, letters, new lines."""

    def __init__(self, columns: int, rows: int) -> None:
        self._rows, self._columns = rows, columns
        self._cells = [[" "] * columns for _row in range(rows)]
        self._row = self._column = 0
        self._rest = ""

    @property
    def lines(self) -> list[str]:
        return ["".join(row) for row in self._cells]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.lines).split())

    def show(self, written: str) -> None:
        written = self._rest + written
        cut = UNFINISHED.search(written)
        self._rest = written[cut.start() :] if cut else ""
        written = written[: cut.start()] if cut else written
        at = 0
        while at < len(written):
            if found := ESCAPE.match(written, at):
                self._control(found[1] or "", found[2] or "")
                at = found.end()
            else:
                self._letter(written[at])
                at += 1

    def _control(self, given: str, what: str) -> None:
        numbers = [int(number) for number in given.split(";") if number.isdigit()]
        if what == "H":
            row, column = (*numbers, 1, 1)[:2]
            self._row, self._column = row - 1, column - 1
        elif what == "J":
            self._blank(self._row + 1 if given in ("", "0") else 0)
        elif what == "K":
            self._cells[self._row][self._column :] = [" "] * (self._columns - self._column)
        elif what == "C":
            self._column += (*numbers, 1)[0]

    def _blank(self, first: int) -> None:
        for row in range(first, self._rows):
            self._cells[row] = [" "] * self._columns

    def _letter(self, letter: str) -> None:
        if letter == "\r":
            self._column = 0
        elif letter == "\n":
            self._row += 1
        elif letter >= " " and self._row < self._rows and self._column < self._columns:
            self._cells[self._row][self._column] = letter
            self._column += 1


class Keyboard:
    """A program at a terminal of its own, and the keys that are pressed there."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, columns: int = 80, rows: int = 24
    ) -> None:
        self.glass, self.written, self.keys = Glass(columns, rows), "", 0
        self._decoded, self._asked = codecs.getincrementaldecoder("utf-8")("replace"), False
        self._process, self._terminal = pty.fork()
        if not self._process:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs this in the background has it ignored
            with suppress(OSError):
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execve(command[0], [*command], {**environment, "TERM": "xterm-256color"})  # noqa: S606 - no shell is wanted
            os._exit(127)
        os.set_inheritable(self._terminal, False)  # or the next program would hold this terminal too

    @property
    def pid(self) -> int:
        return self._process

    def press(self, keys: str, expected: str) -> float:
        """Press keys and wait for what they bring. Returns how many seconds it took; raises NotSeen."""
        self.keys += 1 if keys.startswith("\x1b") else len(keys)
        os.write(self._terminal, keys.encode())
        return self.wait(expected)

    def type_unseen(self, keys: str) -> None:
        """Press keys and look at nothing of what they bring."""
        os.write(self._terminal, keys.encode())

    def wait(self, expected: str) -> float:
        began = time.perf_counter()
        while expected not in self.glass.text:
            if not self._read(LONGEST - (time.perf_counter() - began)):
                raise NotSeen(f"{expected!r} is not on the screen:\n" + "\n".join(self.glass.lines))
        return time.perf_counter() - began

    def rest(self, seconds: float) -> None:
        """Let the screen be for so long, and forget what was written on it: in hours that is much."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self._read(left):
            self.written = ""

    def _read(self, seconds: float) -> bool:
        ready, _writable, _odd = select.select([self._terminal], [], [], max(seconds, 0))
        if not ready:
            return False
        try:
            read = os.read(self._terminal, 65536)
        except OSError:  # it has ended
            return False
        self.written += (some := self._decoded.decode(read))
        if not self._asked and ASKED in self.written:
            self._asked = True
            os.write(self._terminal, ANSWER)
        self.glass.show(some)
        return bool(read)

    def let_go(self) -> None:
        """The terminal goes away."""
        os.close(self._terminal)

    def hang_up(self) -> int:
        """The terminal goes away. Returns how the program ended."""
        self.let_go()
        return os.waitpid(self._process, 0)[1]

    def ended(self) -> int:
        """The exit code of a program that ends by itself. Raises NotSeen where it does not."""
        began = time.perf_counter()
        while self._read(5):
            if time.perf_counter() - began > LONGEST:
                raise NotSeen("the program goes on:\n" + "\n".join(self.glass.lines))
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Have the program end, and read what it still says."""
        with suppress(ProcessLookupError):
            os.kill(self._process, how)
        while self._read(5):
            pass
        os.close(self._terminal)
        os.waitpid(self._process, 0)
