"""What a fact says, field by field, in people's words."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from domain.vocabulary import Word
from domain.words import FIELDS
from wording import times
from wording.words import _, name, routine, spoken

if TYPE_CHECKING:
    from domain.fact import Fact


def fields_of(fact: "Fact", now: datetime, reads: "Fact | None" = None) -> str:
    """A fact's fields on one line; what was not said is left out. `reads` is the entry that a correction corrects."""
    return "; ".join(f"{label}: {value}" if value else label for label, value in said_of(fact, now, reads))


def said_of(fact: "Fact", now: datetime, reads: "Fact | None" = None) -> list[tuple[str, str]]:
    """The same as pairs of label and value; the value is empty where the label says it all."""
    said = []
    for field in type(fact).model_fields:
        value = getattr(fact, field)
        if value in (None, "", (), {}) or value is False or (field == "areas" and set(value) == set(routine().areas)):
            continue
        if field == "duty" and (duty := routine().duty(value)):
            value = duty.text.in_(spoken())
        if isinstance(value, dict) and reads is not None:
            value = {corrected: getattr(reads, corrected) for corrected in value}
        said.append((_(FIELDS[field]), "" if value is True else shown(value, now)))
    return said


def shown(value: Any, now: datetime) -> str:
    """A field's value in people's words."""
    if isinstance(value, Word):
        return name(value)
    if isinstance(value, datetime):
        return times.clock(value, now)
    if isinstance(value, tuple | list):
        return ", ".join(shown(part, now) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{_(FIELDS[field])} {shown(part, now)}" for field, part in value.items())
    return str(value)
