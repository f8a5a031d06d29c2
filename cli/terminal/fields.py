"""From a fact's own definition to the fields of a form, and from what was typed back to values.

Adding a fact adds its form: nothing here knows any fact by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic.fields import FieldInfo

from cli.terminal.options import kind_of
from domain.fact import Fact
from domain.facts import LIES_AHEAD
from domain.vocabulary import Word
from wording import times
from wording.facts import field_label, initial
from wording.words import Words

Kind = Literal["choice", "flag", "many", "text", "number", "time", "list"]
Typed = Mapping[str, str | tuple[str, ...]]
"""What stands in a form, by field: a text or one choice, or several choices."""

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `choices` are values and what people call them; `usual` stands there from the beginning."""

    name: str
    label: str
    help: str
    kind: Kind
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    usual: str | tuple[str, ...] = ""

    @property
    def many(self) -> bool:
        return self.kind == "many"


def fields_of(fact: type[Fact], words: Words) -> list[Field]:
    """One field of the form for each field of the fact, in the fact's own order."""
    return [_field(name, field, words) for name, field in fact.model_fields.items()]


def _field(name: str, field: FieldInfo, words: Words) -> Field:
    _ = words.gettext
    kind, many = kind_of(field)
    choices: tuple[tuple[str, str], ...] = ()
    if isinstance(kind, type) and issubclass(kind, Word):
        choices = tuple((word.value, words.name(word)) for word in words.values(kind))
    elif kind is bool:
        choices = (YES, _("yes")), (NO, _("no"))
    return Field(
        name,
        field_label(name, words),
        initial(_(str(field.description))),
        _kind(kind, bool(choices), many),
        required=field.is_required(),
        choices=choices,
        usual=() if many and choices else _usual(field),
    )


def _kind(kind: Any, has_choices: bool, many: bool) -> Kind:
    if kind is bool:
        return "flag"
    if has_choices:
        return "many" if many else "choice"
    if many:
        return "list"
    return "time" if kind is datetime else "number" if kind is int else "text"


def _usual(field: FieldInfo) -> str:
    """The value that is meant by leaving the field as it is; nothing where the routine presumes one by the moment, or
    where that is an empty list."""
    extra = field.json_schema_extra
    if field.is_required() or field.default in (None, ()) or (isinstance(extra, dict) and extra.get("presumed")):
        return ""
    if isinstance(field.default, bool):
        return YES if field.default else NO
    return str(field.default)


def as_typed_in(value: Any, field: Field, now: datetime) -> str | tuple[str, ...]:
    """A fact's value as it stands in the field."""
    if isinstance(value, bool):
        return YES if value else NO
    if field.many:
        return tuple(str(part) for part in (value if isinstance(value, tuple) else (value,)))
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, datetime):
        return times.typed(value, now)
    return "" if value is None else str(value)


def missing(fields: Sequence[Field], typed: Typed) -> Field | None:
    """The first field that needs a value and has none."""
    return next((field for field in fields if field.required and not typed.get(field.name)), None)


def values_of(fields: Sequence[Field], typed: Typed, now: datetime) -> dict[str, Any]:
    """What the fields mean, those left empty left out. Raises Invalid for a time that is none."""
    found: dict[str, Any] = {}
    for field in fields:
        said = typed.get(field.name, "")
        if not said:
            continue
        if isinstance(said, tuple):
            found[field.name] = said
        elif field.kind == "flag":
            found[field.name] = said == YES
        elif field.kind == "time":
            found[field.name] = times.parse(said, now, ahead=field.name in LIES_AHEAD)
        elif field.kind == "list":
            found[field.name] = tuple(said.split())
        else:
            found[field.name] = said
    return found
