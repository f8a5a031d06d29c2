"""The routine: an instruction as a document that the program reads.

A routine lists duties: who does what, started by which facts or while which conditions hold, within how
long, done by what, and the clause that says so. `domain.review` holds a history against it.
"""

import re
import tomllib
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

import domain.facts  # noqa: F401 - fills the catalogue
from domain.fact import CATALOGUE, Fact
from domain.vocabulary import Function

Condition = Literal[
    "outage",
    "restored",
    "scope-all-users",
    "scope-region-wide",
    "scope-local",
    "four-hours-apply",
    "awaiting-instruction",
    "prognosis-in-force",
    "deferral-in-force",
    "reserve-routine-active",
    "reserve-routine-inactive",
    "paper-outstanding",
]
"""What can hold for a while; `domain.review` says when each does."""

_UNITS = {"min": "minutes", "h": "hours", "d": "days"}


def _duration(text: object) -> object:
    found = re.fullmatch(r"(\d+) (min|h|d)", text) if isinstance(text, str) else None
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else text


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""Elapsed time, written "15 min", "4 h" or "2 d"."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wording(_Part):
    """A text in both languages."""

    sv: str
    en: str

    def in_(self, language: str) -> str:
        return self.en if language == "en" else self.sv


class Pattern(_Part):
    """A fact by its wire name, with the values its fields may have; "*" is any value at all."""

    fact: str
    where: dict[str, tuple[str | bool, ...]] = {}

    @model_validator(mode="after")
    def _can_be_met(self) -> "Pattern":
        """A slip of the pen would else read as a duty that is missed every time."""
        known = CATALOGUE.get(self.fact)
        if known is None:
            raise ValueError(f"there is no fact {self.fact}")
        for name, wanted in self.where.items():
            if name not in known.model_fields:
                raise ValueError(f"{self.fact} has no field {name}")
            for value in wanted:
                if value != "*" and not _may_be(known, name, value):
                    raise ValueError(f"{name} of {self.fact} can't be {value}")
        return self

    def matches(self, fact: Fact) -> bool:
        return fact.wire == self.fact and all(
            _holds(getattr(fact, name), wanted) for name, wanted in self.where.items()
        )


def _may_be(fact: type[Fact], name: str, value: str | bool) -> bool:
    annotation: Any = fact.model_fields[name].annotation
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    for candidate in (value, (value,)):
        try:
            adapter.validate_python(candidate)
        except ValidationError:
            continue
        return True
    return False


def _holds(value: Any, wanted: tuple[str | bool, ...]) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return any(v in wanted for v in values) or ("*" in wanted and any(values))


class Duty(_Part):
    """One thing that somebody shall do, or refrain from, and the clause behind it.

    It starts with a fact of `starts`, or when all of `during` hold; it ends when `during` no longer
    holds. It is done by a fact of `done_by`, or when `done_when_over` no longer holds. It falls due
    `within` its start (or the outage's, `since`), not while a condition of `unless` holds.
    """

    id: str
    rules: tuple[str, ...]
    who: Function
    text: Wording
    quote: Wording
    reading: Wording | None = None
    starts: tuple[Pattern, ...] = ()
    each: bool = False
    during: tuple[Condition, ...] = ()
    done_by: tuple[Pattern, ...] = ()
    done_when_over: Condition | None = None
    forbids: tuple[Literal["measure"], ...] = ()
    within: Duration | None = None
    since: Literal["start", "outage"] = "start"
    unless: tuple[Condition, ...] = ()
    tolerance: Duration = timedelta(0)
    local: bool = False


class Routine(_Part):
    """One version of one instruction; `valid_to` is open-ended where it is None (SR-002)."""

    id: str
    version: str
    title: Wording
    owner: str
    valid_from: date
    valid_to: date | None = None
    duties: tuple[Duty, ...] = Field(alias="duty")


def parse(text: str) -> Routine:
    """The routine written in this TOML text. Raises tomllib.TOMLDecodeError or pydantic.ValidationError."""
    return Routine.model_validate(tomllib.loads(text))


@cache
def builtin() -> Routine:
    """The instruction in force: reservrutin Sesam S2, websesam and Visma websesam, version 1.0."""
    return parse(files("domain").joinpath("routines/sesam.toml").read_text(encoding="utf-8"))
