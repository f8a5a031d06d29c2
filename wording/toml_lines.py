"""Where in a TOML text each of its keys stands."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+|#[^\n]*)"
    r"|(?P<text>\"\"\"(?:\\.|[^\\])*?\"{3,5}|'''.*?'{3,5}|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*')"
    r"|(?P<mark>[\n\[\]{}=,.])"
    r"|(?P<word>[^\s\[\]{}=,.#\"']+)"
    r"|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int
    is_text: bool


def places(text: str) -> dict[Path, int]:
    """The line of every key, table and element of a text that is whole TOML; of what is nested too deep, none."""
    scan = _Scan(_tokens(text))
    with suppress(RecursionError):
        scan.document()
    return scan.found


def nearest(found: dict[Path, int], path: Sequence[str | int]) -> int:
    """The line of this place, or of the nearest part that it is in; 1 where none is known."""
    for length in range(len(path), 0, -1):
        if line := found.get(tuple(path[:length])):
            return line
    return 1


def _tokens(text: str) -> list[_Token]:
    tokens, line = [], 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            tokens.append(_Token(match[0], line, match.lastgroup == "text"))
        line += match[0].count("\n")
    return tokens


@dataclass(slots=True)
class _Scan:
    """Goes through the tokens once; what it does not understand it steps over."""

    tokens: Sequence[_Token]
    at: int = 0
    found: dict[Path, int] = field(default_factory=dict)
    _last: dict[Path, int] = field(default_factory=dict)
    """The number of the last table of each array of tables."""

    def document(self) -> None:
        table: Path = ()
        while self.at < len(self.tokens):
            if self._take("\n"):
                continue
            start = self.at
            table = self._heading() if self._is("[") else table
            if self.at == start:
                self._pair(table)
            if self.at == start:
                self.at += 1

    def _heading(self) -> Path:
        line, double = self.tokens[self.at].line, False
        self.at += 1
        if self._take("["):
            double = True
        path: Path = ()
        keys = self._keys()
        for place, key in enumerate(keys):
            path = (*path, key)
            if double and place == len(keys) - 1:
                self._last[path] = self._last.get(path, -1) + 1
            self.found.setdefault(path, line)
            if path in self._last:
                path = (*path, self._last[path])
                self.found.setdefault(path, line)
        while self._take("]"):
            pass
        return path

    def _pair(self, table: Path) -> None:
        line = self.tokens[self.at].line if self.at < len(self.tokens) else 0
        path = table
        for key in self._keys():
            path = (*path, key)
            self.found.setdefault(path, line)
        if self._take("="):
            self._value(path)

    def _value(self, path: Path) -> None:
        if self._take("["):
            number = 0
            while self.at < len(self.tokens) and not self._take("]"):
                if self._take("\n") or self._take(","):
                    continue
                self.found.setdefault((*path, number), self.tokens[self.at].line)
                start = self.at
                self._value((*path, number))
                number += 1
                self.at += self.at == start
        elif self._take("{"):
            while self.at < len(self.tokens) and not self._take("}"):
                if self._take("\n") or self._take(","):
                    continue
                start = self.at
                self._pair(path)
                self.at += self.at == start
        else:
            while self.at < len(self.tokens) and not any(map(self._is, ("\n", ",", "]", "}"))):
                self.at += 1

    def _keys(self) -> list[str]:
        """A key with its dots, without its quotation marks."""
        keys = []
        while self.at < len(self.tokens) and (self._is_key() or self._is(".")):
            token = self.tokens[self.at]
            if not self._is("."):
                keys.append(token.text[1:-1] if token.is_text else token.text)
            self.at += 1
        return keys

    def _is_key(self) -> bool:
        token = self.tokens[self.at]
        return token.is_text or token.text not in ("\n", "[", "]", "{", "}", "=", ",", ".")

    def _is(self, mark: str) -> bool:
        if self.at >= len(self.tokens):
            return False
        token = self.tokens[self.at]
        return token.text == mark and not token.is_text

    def _take(self, mark: str) -> bool:
        if self._is(mark):
            self.at += 1
            return True
        return False
