"""`routine`: the instruction as a document, readable and checked."""

import re
import tomllib
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from cli import times
from cli.command import Command, Group, answer
from cli.language import _, ngettext, spoken
from cli.options import Written
from cli.render import wrapped
from domain.refusals import Invalid
from domain.routine import Duty, Routine, builtin, parse

FINDINGS = 6


def read(path: str) -> str:
    """A routine's text. Raises Invalid if there is no such file."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Invalid("settings-file", path=path, problem=str(error)) from error


def draft(path: str) -> Routine:
    """The routine in this file. Raises Invalid with the first thing that is wrong and its line."""
    text = read(path)
    problems = problems_of(text)
    if problems:
        line, problem = problems[0]
        raise Invalid("routine", path=path, line=line, problem=problem)
    return parse(text)


def problems_of(text: str) -> list[tuple[int, str]]:
    """Everything that is wrong with a routine's text, each with its line."""
    try:
        parse(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        return [(int(found[1]) if found else len(text.splitlines()), str(error))]
    except ValidationError as error:
        return sorted((_line(text, wrong["loc"]), _problem(wrong["loc"], wrong["msg"])) for wrong in error.errors())
    return []


def _line(text: str, where: tuple[int | str, ...]) -> int:
    """The line that this place of the document stands on, or the nearest one that does."""
    lines = text.splitlines()
    start, stop = 0, len(lines)
    path = list(where)
    if path[:1] == ["duty"] and len(path) > 1:
        heads = [number for number, line in enumerate(lines) if line.strip() == "[[duty]]"]
        place = int(path[1])
        start, stop = heads[place], heads[place + 1] if place + 1 < len(heads) else stop
        path = path[2:]
    key = str(path[0]) if path else ""
    inside = (number for number in range(start, stop) if re.match(rf"\s*{re.escape(key)}\b", lines[number]))
    return next(inside, start) + 1


def _problem(where: tuple[int | str, ...], said: str) -> str:
    place = ".".join(str(part) for part in where if not isinstance(part, int)).removeprefix("duty.")
    return f"{place}: {said.removeprefix('Value error, ')}"


def _show() -> None:
    routine = builtin()
    dates = _("valid from {start}").format(start=routine.valid_from)
    head = [
        click.style(routine.title.in_(spoken()), bold=True),
        f"{routine.id} {routine.version}, {dates}, {routine.owner}",
    ]
    answer(document(routine), "\n\n".join(["\n".join(head), *(_duty(duty) for duty in routine.duties)]))


def document(routine: Routine) -> dict[str, Any]:
    """The routine as JSON."""
    return routine.model_dump(mode="json", by_alias=True)


def _duty(duty: Duty) -> str:
    within = ""
    if duty.within is not None:
        within = ", " + _("within {span}").format(span=times.span(duty.within)) + (_(" (local)") if duty.local else "")
    out = [
        wrapped(f"{click.style(duty.text.in_(spoken()), bold=True)} ({', '.join(duty.rules)})", 0),
        wrapped(f"{_(duty.who.label)}{within}", 2),
        wrapped(f"”{duty.quote.in_(spoken())}”", 2),
    ]
    if duty.reading:
        out.append(wrapped(duty.reading.in_(spoken()), 2))
    return "\n".join(out)


def _validate(file: str) -> int:
    found = problems_of(read(file))
    documents = [{"line": line, "problem": problem} for line, problem in found]
    if not found:
        answer({"ok": True, "problems": []}, _("{file} is a routine that can be used.").format(file=file))
        return 0
    counted = ngettext("{count} thing to mend in {file}:", "{count} things to mend in {file}:", len(found))
    lines = [counted.format(count=len(found), file=file)]
    lines += [wrapped(_("line {line}: {problem}").format(line=line, problem=problem), 2) for line, problem in found]
    answer({"ok": False, "problems": documents}, "\n".join(lines))
    return FINDINGS


routine = Group(
    "routine",
    [
        Command("show", _show, help=_("The routine in force, duty by duty, with its clauses.")),
        Command(
            "validate",
            _validate,
            help=_("Check a routine document: what is wrong, and on which line. Ends with 6 if something is."),
            examples="reservrutin routine validate laboratory.toml",
            params=[click.Argument(["file"], metavar=_("FILE"), type=Written())],
        ),
    ],
    help=_("The instruction as a document that the program reads."),
    examples="reservrutin routine show\nreservrutin routine validate laboratory.toml",
)
