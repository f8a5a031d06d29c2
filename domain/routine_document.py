"""From the text of a routine to the routine: one that somebody brings is checked, one that has been is read.

Checking says of a stranger's document what does not fit, word by word and line by line. The built-in documents are held
to the same by a test, and an adopted one was before it entered the log: those are only read, which every command
does, in a fraction of the time.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zlib import crc32

from pydantic import AfterValidator

from domain.routine import DECLARED_IN, Part, Routine, elapsed
from domain.vocabulary import Word

BUILTIN = tuple(Path(__file__).with_name("routines") / name for name in ("sesam.toml", "sesam-1.0.toml"))
"""The built-in routine, the newest version first; earlier ones judge for ever what began under them."""


def parse(text: str) -> Routine:
    """The routine written in this TOML text, checked. Raises tomllib.TOMLDecodeError or pydantic.ValidationError."""
    document = _said(text)
    tables = {table: document.get(table) for table in DECLARED_IN.values()}
    known = {table: set(named) for table, named in tables.items() if isinstance(named, dict)}
    return Routine.model_validate(document, context=known)


def read(text: str) -> Routine:
    """The routine written in a text that has been checked, equal to what `parse` makes of it.

    Whatever is not plainly so is left to the check, which then says why.
    """
    try:
        return _read(_said(text))
    except (AttributeError, KeyError, TypeError, ValueError):
        return parse(text)


def _said(text: str) -> dict[str, Any]:
    import tomllib  # no command needs it while the built-in routine judges

    return tomllib.loads(text)


def _read(said: dict[str, Any]) -> Routine:
    routine: Routine = _part(Routine, said)
    return routine


def builtin_text(day: date | None = None) -> str:
    """The built-in document as it is written: the version in force on that day in Sweden, the newest without one."""
    return _text(_in_force(day))


def builtin(day: date | None = None) -> Routine:
    """The instruction in force: reservrutin Sesam S2, websesam and Visma websesam, the newest version or a day's."""
    return _routine(_in_force(day))


def builtin_versions() -> list[tuple[Routine, str]]:
    """Every version that is built in with its text, the newest first."""
    return [(_routine(document), _text(document)) for document in BUILTIN]


def _in_force(day: date | None) -> Path:
    """The newest that is valid on the day; the first is also that of all days before it."""
    begun = (document for document in BUILTIN[:-1] if day is None or _routine(document).valid_from <= day)
    return next(begun, BUILTIN[-1])


@cache
def _text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


@cache
def _routine(document: Path) -> Routine:
    """As it was compiled when the package was built, unless that was of another text."""
    compiled = document.with_suffix(".json")
    found = json.loads(compiled.read_bytes()) if compiled.exists() else {}
    if found.get("of") != crc32(document.read_bytes()):
        return read(_text(document))
    days = {key: date.fromisoformat(found["says"][key]) for key in ("valid_from", "valid_to") if key in found["says"]}
    return _read(found["says"] | days)


Reader = Callable[[Any], Any]
"""Makes of a value in the document what stands in the routine. Raises for a value that is not plainly of its kind."""


def _part(kind: type[Part], said: dict[str, Any]) -> Any:
    readers = _readers(kind)
    found = {}
    for key, value in said.items():
        name, reader = readers[key]
        found[name] = reader(value)
    if missing := _required(kind) - found.keys():
        raise KeyError(*missing)
    return kind.model_construct(**found)


@cache
def _readers(kind: type[Part]) -> dict[str, tuple[str, Reader]]:
    """By its key in the document, each field's name and how it is read."""
    return {
        field.alias or name: (name, _reader(field.annotation, field.metadata))
        for name, field in kind.model_fields.items()
    }


@cache
def _required(kind: type[Part]) -> frozenset[str]:
    return frozenset(name for name, field in kind.model_fields.items() if field.is_required())


def _reader(kind: Any, metadata: Sequence[Any] = ()) -> Reader:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _reader(inner[0], inner[1:])
    if origin in (Union, UnionType):
        kinds = tuple(part for part in inner if part is not type(None))
        return _reader(kinds[0], metadata) if len(kinds) == 1 else partial(_one_of, kinds)
    if origin is tuple:
        return partial(_each, _reader(inner[0]))
    if origin is dict:
        return partial(_by_key, _reader(inner[0]), _reader(inner[1]))
    if origin is Literal:
        return partial(_literally, inner)
    if issubclass(kind, Part):
        return partial(_part, kind)
    if issubclass(kind, Word):
        return partial(_word, kind)
    if kind is timedelta:
        return elapsed
    cleaned: list[Any] = [each.func for each in metadata if kind is str and isinstance(each, AfterValidator)]
    return partial(_plainly, kind, cleaned)


def _word(kind: type[Word], said: str) -> Word:
    return kind(said)


def _plainly(kind: type, cleaned: Sequence[Reader], said: Any) -> Any:
    if type(said) is not kind:
        raise TypeError(said)
    for clean in cleaned:
        said = clean(said)
    return said


def _one_of(kinds: tuple[type, ...], said: Any) -> Any:
    if type(said) not in kinds:
        raise TypeError(said)
    return said


def _literally(known: tuple[str, ...], said: Any) -> Any:
    if said not in known:
        raise ValueError(said)
    return said


def _each(reader: Reader, said: Any) -> tuple[Any, ...]:
    if type(said) is not list:
        raise TypeError(said)
    return tuple([reader(part) for part in said])


def _by_key(key: Reader, value: Reader, said: dict[Any, Any]) -> dict[Any, Any]:
    return {key(name): value(part) for name, part in said.items()}
