"""Standard error of a worker whose log is JSON: what anybody else writes there becomes an object too."""

import io
import re
from collections.abc import Callable

NAMED = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit))\b")
"""The kind of error or warning that a traceback, a library or the interpreter names."""


class OnlyJson(io.TextIOBase):
    """Text that `say` is told of line by line: what kind of error it names, None where it names none, and never its
    words, which may be anybody's. A traceback's own lines, which stand indented, are not told."""

    def __init__(self, say: Callable[[str | None], None]) -> None:
        self._say = say
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(type(text).__name__)  # as every stream of text does
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            if line.strip() and not line.startswith((" ", "Traceback (most recent")):
                named = NAMED.search(line)
                self._say(named[1] if named else None)
        return len(text)
