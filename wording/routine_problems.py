"""What is wrong with a routine document: on which line, and what to write instead."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from domain.fact import CATALOGUE
from domain.facts import LONGEST_DOCUMENT
from domain.personal_data import personal_number
from domain.routine_document import parse
from domain.texts import N_
from domain.vocabulary import RoutineWord
from wording import toml_lines as places
from wording.words import Texts

MENDS = {
    "missing": N_("{key} is missing: add it."),
    "extra_forbidden": N_("{key} is no key of this part: take it away, or check its spelling."),
    "duration": N_("{key} is written like “15 min”, “4 h” or “2 d”."),
    "duration-too-long": N_("{key} is at most 366 days."),
    "undeclared": N_("{word} does not stand under [{table}]: add it there, or check its spelling."),
    "no-such-fact": N_("there is no fact {fact}{near}."),
    "no-such-field": N_("{fact} has no field {field}: see reservrutin record {fact} --help."),
    "no-such-value": N_(
        "{field} of {fact} can't be {value}: see reservrutin record {fact} --help; "
        "texts stand between quotation marks, numbers, true and false do not."
    ),
    "no-plain-value": N_("{key} is a list of texts, whole numbers, true or false."),
    "clock": N_("the clock is the program's own and does nothing for a routine: take it away."),
    "owners-alone": N_("who may register staff is for the log's owner alone: take {fact} away."),
    "nobody-records": N_("nobody may record {fact}: say who under [facts.{fact}]."),
    "not-public": N_("the public is told of operating information alone: take {fact} away."),
    "placeholder": N_("{word} can't be filled in: only {known} can."),
    "never-begins": N_("the duty never begins: say with starts or during when it does."),
    "never-done": N_("the duty can't be fulfilled: say with done_by, done_when_over or forbids how it is."),
    "not-during": N_("done_when_over is one of the conditions in during: add {condition} there."),
    "second-edition": N_("{key} is a word of the second edition: write edition = 2 at the top."),
    "twice": N_("there are two duties called {duty}: give one another id."),
    "ends-before": N_("valid_to is before valid_from: change one of them."),
    "literal_error": N_("{key} is one of {expected}."),
    "enum": N_("{key} is one of {expected}."),
    "identifier": N_("{key} is written with lower-case letters a–z, digits and hyphens."),
    "too_short": N_("{key} needs at least one."),
    "string_too_short": N_("{key} is empty: write it."),
    "string_too_long": N_("{key} is too long: at most {max_length} characters."),
    "string_type": N_("{key} is a text: put it between quotation marks."),
    "string_pattern_mismatch": N_("{key} is a whole web address that starts with https://."),
    "tuple_type": N_("{key} is a list: put it between square brackets."),
    "bool_parsing": N_("{key} is true or false."),
    "bool_type": N_("{key} is true or false."),
    "date_type": N_("{key} is a date, written 2026-03-01 without quotation marks."),
    "model_type": N_("{key} is a table: put its keys between curly braces."),
    "dict_type": N_("{key} is a table: put its keys between curly braces."),
    "": N_("{key} does not fit here."),
}
"""By pydantic's name of the error, or our own: how it is mended."""


@dataclass(frozen=True, slots=True, order=True)
class RoutineProblem:
    """What is wrong on this line, and the mend. With `personal` the line holds what may never be stored."""

    line: int
    text: str
    personal: bool = False


def problems_of(text: str, texts: Texts, now: datetime) -> list[RoutineProblem]:
    """Everything that is wrong with a routine's text, its line and the mend; never a patient's number."""
    personal = sorted(set(_personal(text, texts, now)))
    return [*personal, *(p for p in _unfit(text, texts) if not personal or personal_number(p.text, now) is None)]


def doubts_about(text: str, texts: Texts) -> list[RoutineProblem]:
    """What a routine that can be used had better not say: duties that nothing ends with what they are about (Q18)."""
    found = places.places(text)
    said = texts.gettext("nothing ends the duty {duty} but the incident: say with during or ends_by what it is about.")
    return [
        RoutineProblem(places.nearest(found, ["duty", place, "id"]), said.format(duty=duty.id))
        for place, duty in enumerate(parse(text).duties)
        if not duty.ends
    ]


def _unfit(text: str, texts: Texts) -> list[RoutineProblem]:
    _ = texts.gettext
    if len(text) > LONGEST_DOCUMENT:
        said = _("the document is too long: at most {count} characters.").format(count=LONGEST_DOCUMENT)
        return [RoutineProblem(text.count("\n", 0, LONGEST_DOCUMENT) + 1, said)]
    try:
        parse(text)
    except ValidationError as error:
        found = places.places(text)
        return sorted(
            {RoutineProblem(_line(text, found, wrong), _mend(wrong, texts)) for wrong in _own(error.errors())}
        )
    except RecursionError:
        return [RoutineProblem(_deepest(text), _("this is nested deeper than any routine is: take brackets away."))]
    except ValueError as error:  # also a number of more digits than there are numbers
        at = re.search(r"at line (\d+)", str(error)) if isinstance(error, tomllib.TOMLDecodeError) else None
        line = int(at[1]) if at else _longest_number(text) or max(len(text.splitlines()), 1)
        said = _("this can't be read as TOML: check quotation marks, brackets, equals signs, and that no key is twice.")
        return [RoutineProblem(line, said)]
    return []


def _personal(text: str, texts: Texts, now: datetime) -> Iterator[RoutineProblem]:
    """Where a patient's number stands: in the text itself, or in a value that is written in another way."""
    said = texts.gettext("this seems to hold a patient's number, which never enters the log: leave it out.")
    lines = text.splitlines()
    plain = [number for number, line in enumerate(lines, 1) if personal_number(line, now)]
    if not plain and personal_number(text, now):
        plain = [
            bisect_left(
                range(len(lines)), True, key=lambda n: personal_number("\n".join(lines[: n + 1]), now) is not None
            )
            + 1
        ]
    try:
        document = {} if plain else tomllib.loads(text)
        plain += [
            places.nearest(places.places(text), path)
            for path, value in _texts(document, ())
            if personal_number(value, now)
        ]
    except (ValueError, RecursionError):
        pass  # told as what can't be read
    for line in plain:
        yield RoutineProblem(line, said, personal=True)


def _texts(value: Any, path: places.Path) -> Iterator[tuple[places.Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield (*path, key), key
            yield from _texts(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, (*path, number))


def _own(errors: Sequence[Any]) -> Iterator[Any]:
    """The faults themselves: a list is not also short of what is wrong in it."""
    for wrong in errors:
        where = wrong["loc"]
        if wrong["type"] != "too_short" or not any(e["loc"][: len(where)] == where != e["loc"] for e in errors):
            yield wrong


def _mend(wrong: Any, texts: Texts) -> str:
    _ = texts.gettext
    where = [str(part) for part in wrong["loc"] if not isinstance(part, int) and part != "[key]"]
    key = ".".join(where).removeprefix("duty.").removeprefix("reference.").removeprefix("say.") or _("the document")
    said = {"key": key, "expected": "", **{name: str(value) for name, value in wrong.get("ctx", {}).items()}}
    near = get_close_matches(said.get("fact", ""), CATALOGUE, 1)
    said["near"] = " (" + _("did you mean {near}?").format(near=near[0]) + ")" if near else ""
    kind = "identifier" if wrong["type"] == "enum" and _is_open(said["expected"]) else wrong["type"]
    said["expected"] = _any_of(re.findall(r"'([^']*)'", said["expected"]), texts)
    return _(MENDS.get(kind, MENDS[""])).format_map(said)


def _any_of(words: list[str], texts: Texts) -> str:
    """a, b or c."""
    return texts.gettext(" or ").join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _is_open(expected: str) -> bool:
    """Whether these are the built-in words of a kind that a document may add to."""
    return any(expected.startswith(f"'{next(iter(kind)).value}'") for kind in RoutineWord.__subclasses__())


def _line(text: str, found: dict[places.Path, int], wrong: Any) -> int:
    """The line of what is wrong. Where parts do not fit together, the first that names what it is about."""
    if path := [part for part in wrong["loc"] if part != "[key]"]:
        return places.nearest(found, path)
    context = wrong.get("ctx", {})
    named = str(context.get("fact", context.get("duty", "")))
    lines = enumerate(text.splitlines(), 1)
    return next((n for n, line in lines if named and re.search(rf"\b{re.escape(named)}\b", line)), 1)


def _deepest(text: str) -> int:
    """The line with the most brackets."""
    lines = text.splitlines()
    return max(range(len(lines)), key=lambda n: lines[n].count("[") + lines[n].count("{"), default=0) + 1


def _longest_number(text: str) -> int:
    """The line with a number that is too long to be one, 0 if there is none."""
    return next((n for n, line in enumerate(text.splitlines(), 1) if re.search(r"[\d_]{4000}", line)), 0)
