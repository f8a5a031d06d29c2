"""What was typed and is not written yet, kept while the desk is away: a terminal that goes takes nothing with it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from application.settings import folder
from domain.personal_data import personal_number

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
    """The file, in the person's own folder."""
    return Path(folder("data")) / "desk-drafts.json"


def keep(path: Path, drafts: Drafts) -> None:
    """Write them for their person alone; nothing is left where there are none. What looks like a personnummer is left
    out: it is kept nowhere."""
    if not drafts:
        path.unlink(missing_ok=True)
        return
    kept = {
        "forms": {key: _harmless(values) for key, values in drafts.forms.items()},
        "open": drafts.open,
        "papers": [paper for paper in drafts.papers if _harmless(paper["typed"]) == paper["typed"]],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def kept(path: Path) -> Drafts:
    """What was kept; nothing where the file is not there or is not ours to read."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        said = json.loads(path.read_text(encoding="utf-8"))
        forms = {key: _values(values) for key, values in said["forms"].items()}
        papers = [{**paper, "typed": _values(paper["typed"])} for paper in said["papers"]]
        return Drafts(forms, said["open"], papers)
    return Drafts()


def _values(said: Mapping[str, Any]) -> Values:
    return {name: tuple(value) if isinstance(value, list) else str(value) for name, value in said.items()}


def _harmless(values: Values) -> Values:
    return {name: value for name, value in values.items() if not personal_number(str(value))}
