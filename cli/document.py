"""What is wrong with a routine document: on which line, and what to write instead."""

import re
import tomllib
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from cli.language import _
from domain.fact import CATALOGUE
from domain.routine import parse
from domain.vocabulary import N_, RoutineWord

MENDS = {
    "missing": N_("{key} is missing: add it."),
    "extra_forbidden": N_("{key} is no key of this part: take it away, or check its spelling."),
    "duration": N_("{key} is written like “15 min”, “4 h” or “2 d”."),
    "undeclared": N_("{word} does not stand under [{table}]: add it there, or check its spelling."),
    "no-such-fact": N_("there is no fact {fact}{near}."),
    "no-such-field": N_("{fact} has no field {field}: see reservrutin record {fact} --help."),
    "no-such-value": N_("{field} of {fact} can't be {value}: see reservrutin record {fact} --help."),
    "nobody-records": N_("nobody may record {fact}: say who under [facts.{fact}]."),
    "not-public": N_("the public is told of operating information alone: take {fact} away."),
    "placeholder": N_("{word} can't be filled in: only {systems} can."),
    "never-begins": N_("the duty never begins: say with starts or during when it does."),
    "twice": N_("there are two duties called {duty}: give one another id."),
    "ends-before": N_("valid_to is before valid_from: change one of them."),
    "literal_error": N_("{key} is one of {expected}."),
    "enum": N_("{key} is one of {expected}."),
    "identifier": N_("{key} is written with lower-case letters a–z, digits and hyphens."),
    "too_short": N_("{key} needs at least one."),
    "string_too_short": N_("{key} is empty: write it."),
    "string_type": N_("{key} is a text: put it between quotation marks."),
    "string_pattern_mismatch": N_("{key} is a whole web address that starts with https://."),
    "tuple_type": N_("{key} is a list: put it between square brackets."),
    "bool_parsing": N_("{key} is true or false."),
    "bool_type": N_("{key} is true or false."),
    "date_type": N_("{key} is a date, written 2026-03-01 without quotation marks."),
    "date_parsing": N_("{key} is a date, written 2026-03-01 without quotation marks."),
    "date_from_datetime_parsing": N_("{key} is a date, written 2026-03-01 without quotation marks."),
    "model_type": N_("{key} is a table: put its keys between curly braces."),
    "dict_type": N_("{key} is a table: put its keys between curly braces."),
}
"""By pydantic's name of the error, or our own: how it is mended."""


def problems_of(text: str) -> list[tuple[int, str]]:
    """Everything that is wrong with a routine's text, each with its line and the mend."""
    try:
        parse(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        problem = _("this can't be read as TOML ({problem}): check quotation marks, brackets and equals signs.")
        return [(int(found[1]) if found else len(text.splitlines()), problem.format(problem=str(error)))]
    except ValidationError as error:
        return sorted({(_line(text, wrong["loc"]) or _names(text, wrong), _mend(wrong)) for wrong in error.errors()})
    return []


def _mend(wrong: Any) -> str:
    where = [str(part) for part in wrong["loc"] if not isinstance(part, int) and part != "[key]"]
    key = ".".join(where).removeprefix("duty.").removeprefix("reference.") or "the document"
    said = {"key": key, "expected": "", **{name: str(value) for name, value in wrong.get("ctx", {}).items()}}
    near = get_close_matches(said.get("fact", ""), CATALOGUE, 1)
    said["near"] = " (" + _("did you mean {near}?").format(near=near[0]) + ")" if near else ""
    kind = "identifier" if wrong["type"] == "enum" and _is_open(said["expected"]) else wrong["type"]
    mend = _(MENDS.get(kind, N_("{key} does not fit here.")))
    return mend.format_map(said | {"systems": "{systems}"})


def _is_open(expected: str) -> bool:
    """Whether these are the built-in words of a kind that a document may add to."""
    return any(expected.startswith(f"'{next(iter(kind)).value}'") for kind in RoutineWord.__subclasses__())


def _names(text: str, wrong: Any) -> int:
    """Where the parts do not fit together: the first line that names the fact or the duty it is about."""
    context = wrong.get("ctx", {})
    named = str(context.get("fact", context.get("duty", "")))
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if named and re.search(rf"\b{re.escape(named)}\b", line)), 1)


def _line(text: str, where: tuple[int | str, ...]) -> int:
    """The line that this place of the document stands on, or the nearest one that does; 0 for the whole of it."""
    if not where:
        return 0
    lines = text.splitlines()
    start, stop = 0, len(lines)
    path = [part for part in where if part != "[key]"]
    if path and path[0] in ("duty", "reference") and len(path) > 1:
        start, stop = _table(lines, lambda line: line.strip() == f"[[{path[0]}]]", int(path[1]))
        path = path[2:]
    else:
        for depth in (2, 1):
            head = ".".join(map(str, path[:depth]))
            heads = [n for n, line in enumerate(lines) if line.strip() == f"[{head}]"]
            if heads and len(path) > depth - 1:
                start, stop = _table(lines, lambda line, head=head: line.strip() == f"[{head}]", 0)
                path = path[depth:]
                break
    for key in reversed([part for part in path if isinstance(part, str)]):
        for number in range(start, stop):
            if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]", lines[number]):
                return number + 1
    return start + 1


def _table(lines: list[str], is_head: Any, place: int) -> tuple[int, int]:
    """From the heading of a table to the next one."""
    heads = [number for number, line in enumerate(lines) if is_head(line)]
    start = heads[place]
    following = (n for n in range(start + 1, len(lines)) if lines[n].lstrip().startswith("["))
    return start, next(following, len(lines))
