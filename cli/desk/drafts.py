"""What was typed and is not written yet, kept from key to key: a terminal or a desk that goes takes nothing with it."""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from application.settings import folder
from cli.desk.file_lock import lock
from domain.personal_data import fields_with_numbers

Values = dict[str, str | tuple[str, ...]]


@dataclass
class Drafts:
    """By a sheet's key what was typed in its form, and the key of the one that was open. `papers` were entered with
    Enter and wait for the log: their sheet's fact, incident, values and command id."""

    forms: dict[str, Values] = field(default_factory=dict)
    open: str = ""
    papers: list[dict[str, Any]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.forms or self.papers)


def usual_place() -> Path:
    """The folder for drafts in the person's own data folder; where nobody has one, a place where nothing is kept."""
    return Path(folder("data") or os.devnull) / "desk"


class DraftFile:
    """The file of one desk at one log, for its person alone. It is locked for as long as its desk lives, which is how
    the next desk knows what one that has gone has left; two at once each have their own."""

    def __init__(self, place: Path, log: str, now: Callable[[], datetime]) -> None:
        """`log` is its address. What was typed for one log is never written to another."""
        self._place = place
        self._now = now
        self._of_log = sha256(log.rpartition("@")[2].encode()).hexdigest()[:12]
        self._path = place / f"{self._of_log}-{secrets.token_hex(4)}.json"
        self._file: FileIO | None = None
        self._kept = b""

    def take_up(self) -> Drafts:
        """What desks that have gone have left; from here on it is this desk's. Where it can't be kept here their files
        stay for the next."""
        found = Drafts()
        with ExitStack() as locked:
            left = [path for path in sorted(self._place.glob(f"{self._of_log}-*.json")) if path != self._path]
            gone = {path: file for path in left if (file := _locked(path, locked))}
            for file in gone.values():
                drafts = _read(file.readline())
                found.forms |= drafts.forms
                found.open = drafts.open or found.open
                found.papers += drafts.papers
            if taken := self.keep(found):
                for path, file in gone.items():
                    file.truncate(0)
                    _remove(path)
        for path in gone if taken else ():
            _remove(path)  # once it is closed, where Windows has it
        return found

    def keep(self, drafts: Drafts) -> bool:
        """Write them, should they have changed. What looks like a patient's number is left out: it is kept nowhere.
        Where there is no room for them they still stand on the screen, and it is False."""
        line = _written(drafts, self._now()) if drafts else b""
        if line == self._kept:
            return True
        with suppress(OSError):
            file = self._opened()
            file.seek(0)
            if file.write(line) == len(line):  # the first line is whole whenever we are killed
                file.truncate()
                self._kept = line
        return line == self._kept

    def close(self) -> None:
        """The desk ends. Nothing is left where there is nothing to keep."""
        if self._file is not None:
            self._file.close()
            self._file = None
            if not self._kept:
                _remove(self._path)

    def _opened(self) -> FileIO:
        """The file, locked. Between its making and its lock another desk may have taken it for that of one that has
        gone, and removed it."""
        while self._file is None:
            self._place.mkdir(parents=True, exist_ok=True)
            file = FileIO(self._path, "x+", opener=_for_its_owner)
            lock(file, wait=True)
            if self._path.exists():
                self._file = file
            else:
                file.close()
        return self._file


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _locked(path: Path, until: ExitStack) -> FileIO | None:
    """The file of a desk that has gone; None while its desk lives."""
    with suppress(OSError):
        file = until.enter_context(FileIO(path, "r+"))
        lock(file, wait=False)
        return file
    return None


def _remove(path: Path) -> None:
    with suppress(OSError):  # Windows removes no file that is open
        path.unlink(missing_ok=True)


def _written(drafts: Drafts, now: datetime) -> bytes:
    kept = {
        "forms": {key: _harmless(values, now) for key, values in drafts.forms.items()},
        "open": drafts.open,
        "papers": [paper for paper in drafts.papers if _harmless(paper["typed"], now) == paper["typed"]],
    }
    return json.dumps(kept, ensure_ascii=False).encode() + b"\n"


def _read(line: bytes) -> Drafts:
    """Nothing where it is not as we write it."""
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        said = from_json(line)
        forms = {key: _values(values) for key, values in said["forms"].items()}
        papers = [{**paper, "typed": _values(paper["typed"])} for paper in said["papers"]]
        return Drafts(forms, said["open"], papers)
    return Drafts()


def _values(said: Mapping[str, Any]) -> Values:
    return {name: tuple(value) if isinstance(value, list) else str(value) for name, value in said.items()}


def _harmless(values: Values, now: datetime) -> Values:
    numbers = fields_with_numbers({name: str(value) for name, value in values.items()}, now)
    left_out = {name for found in numbers for name in found}
    return {name: value for name, value in values.items() if name not in left_out}
