"""The routine: an instruction as a document that the program reads.

A routine names the systems and the parties it is about. It says who may record what, who is told of what,
when the reserve routine applies, and lists the duties: who does what, started by which facts or while which
conditions hold, within how long, done by what, and the clause that says so. `domain.review` holds a
history against it, `domain.admission` and `domain.incident` read its terms.
"""

import re
from collections.abc import Container
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from domain.durations import duration
from domain.fact import CATALOGUE, LONGEST_TEXT, Fact, Link, plain
from domain.facts import (
    DeliveriesDecided,
    OperatingInformationPublished,
    StaffRegistered,
    StaffRemoved,
    SubscriberChanged,
)
from domain.vocabulary import (
    Area,
    Audience,
    Channel,
    Flag,
    Function,
    ReferralVia,
    RoutineWord,
    Scope,
    ServicedeskChannel,
    System,
    Word,
)

Condition = Literal[
    "incident-open",
    "outage",
    "restored",
    "scope-all-users",
    "scope-region-wide",
    "scope-local",
    "clock-runs",
    "awaiting-instruction",
    "own-measures",
    "activation-ordered",
    "prognosis-in-force",
    "deferral-in-force",
    "reserve-routine-active",
    "reserve-routine-inactive",
    "paper-outstanding",
    "system-owner-unreached",
]
"""What can hold for a while; `domain.conditions` says when each does."""

DECLARED_IN: dict[type[RoutineWord], str] = {
    System: "systems",
    Area: "areas",
    Function: "functions",
    Channel: "channels",
    ServicedeskChannel: "servicedesk",
    ReferralVia: "paper_channels",
}
"""The tables of a document that name its words."""


def elapsed(text: object) -> object:
    """Elapsed time as a document writes it. Raises PydanticCustomError for anything else."""
    if not isinstance(text, str):
        raise PydanticCustomError("duration", "a duration is written 15 min, 4 h or 2 d")
    try:
        return duration(text)
    except OverflowError:
        raise PydanticCustomError("duration-too-long", "at most 366 days") from None
    except ValueError:
        raise PydanticCustomError("duration", "a duration is written 15 min, 4 h or 2 d") from None


def _day(value: object) -> object:
    """A date alone: a moment, or a number that counts seconds, would be read as a day that nobody wrote."""
    if type(value) is not date:
        raise PydanticCustomError("date_type", "a date")
    return value


def _named(text: str) -> str:
    said = plain(text)
    if not said:
        raise PydanticCustomError("string_too_short", "empty")
    if len(said) > LONGEST_TEXT:
        raise PydanticCustomError("string_too_long", "too long", {"max_length": LONGEST_TEXT})
    return said


def _plain_value(value: object) -> object:
    if not isinstance(value, str | bool | int):
        raise PydanticCustomError("no-plain-value", "a text, a whole number, true or false")
    return value


def _acts(function: Function) -> Function:
    """The clock is the program's own: no document gives it a duty, nor takes its own from it."""
    if function == Function.CLOCK:
        raise PydanticCustomError("clock", "the clock is the program's own")
    return function


def _declared(word: RoutineWord, info: ValidationInfo) -> RoutineWord:
    """A word must stand in the document's own table."""
    if isinstance(word, Function):
        _acts(word)
    known = (info.context or {}).get(DECLARED_IN[type(word)])
    if known is not None and word not in known:
        raise PydanticCustomError(
            "undeclared", "{word} does not stand under {table}", {"word": word.value, "table": DECLARED_IN[type(word)]}
        )
    return word


Duration = Annotated[timedelta, BeforeValidator(elapsed)]
"""Elapsed time, written "15 min", "4 h" or "2 d"; at most 366 days."""

Day = Annotated[date, BeforeValidator(_day)]
Value = Annotated[str | bool | int, PlainValidator(_plain_value)]
"""What a field of a fact may be."""

Known = AfterValidator(_declared)
Functions = tuple[Annotated[Function, Known], ...]
Text = Annotated[str, StringConstraints(min_length=1)]
Named = Annotated[str, AfterValidator(_named)]
"""A text that also stands beside the document in the log, as it is stored there."""
Rules = Annotated[tuple[Text, ...], Field(min_length=1)]


class Part(BaseModel):
    """A table of a document. How it is checked is worked out when one is: `domain.routine_document`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Wording(Part):
    """A text in both languages."""

    sv: Text
    en: Text

    def in_(self, language: str) -> str:
        return self.en if language == "en" else self.sv


class Pattern(Part):
    """A fact by its wire name, with the values its fields may have; "*" is any value at all."""

    fact: str
    where: dict[str, Annotated[tuple[Value, ...], Field(min_length=1)]] = {}

    @model_validator(mode="after")
    def _can_be_met(self, info: ValidationInfo) -> "Pattern":
        """A slip of the pen would else read as a duty that is missed every time."""
        known = known_fact(self.fact)
        for name, wanted in self.where.items():
            if name not in known.model_fields:
                raise PydanticCustomError(
                    "no-such-field", "{fact} has no field {field}", {"fact": self.fact, "field": name}
                )
            for value in wanted:
                if value != "*" and not _may_be(known, name, value, info):
                    raise PydanticCustomError(
                        "no-such-value",
                        "{field} of {fact} can't be {value}",
                        {"fact": self.fact, "field": name, "value": str(value)},
                    )
        return self

    def matches(self, fact: Fact) -> bool:
        return fact.wire == self.fact and all(
            _holds(getattr(fact, name), wanted) for name, wanted in self.where.items()
        )


def _named_in(facts: Container[str], wire: str) -> None:
    """A fact that nobody may record would be waited for in vain."""
    if wire not in facts and not known_fact(wire).clocks:
        raise PydanticCustomError("nobody-records", "nobody records {fact}", {"fact": wire})


def known_fact(wire: str) -> type[Fact]:
    if wire not in CATALOGUE:
        raise PydanticCustomError("no-such-fact", "there is no fact {fact}", {"fact": wire})
    return CATALOGUE[wire]


def _may_be(fact: type[Fact], name: str, value: str | bool | int, info: ValidationInfo) -> bool:
    """Whether the field can ever hold exactly this: "true" is no flag, "5" no count."""
    annotation: Any = fact.model_fields[name].annotation
    field = fact.model_fields[name]
    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[annotation, *field.metadata] if field.metadata else annotation)
    for candidate in (value, (value,)):
        try:
            found = adapter.validate_python(candidate)
        except ValidationError:
            continue
        if _holds(found, (value,)):
            for word in found if isinstance(found, tuple) else (found,):
                if isinstance(word, RoutineWord):
                    _declared(word, info)
            return True
    return False


def _holds(value: Any, wanted: tuple[str | bool | int, ...]) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return any(v == w and isinstance(v, bool) is isinstance(w, bool) for v in values for w in wanted) or (
        "*" in wanted and any(values)
    )


class SystemTerms(Part):
    """One system: its name, and the one function that owns it (SR-014)."""

    name: Wording
    owner: Annotated[Function, Known]


class StandIns(Part):
    """Who may record a fact in the stead of whose it is, while a condition holds; it is flagged (Q25)."""

    functions: Annotated[Functions, Field(min_length=1)]
    during: Condition


class Authority(Part):
    """Who may record a fact (SR-015 and the like), by which rules, and what it is called where not as usual."""

    recorded_by: Annotated[Functions, Field(min_length=1)]
    stand_ins: StandIns | None = None
    rules: tuple[str, ...] = ()
    name: Wording | None = None


class Telling(Pattern):
    """A fact that an audience is told of, and what the notice then asks of its readers.


    `subject` heads the notice in place of the program's own words; `says` are its sentences, and `after_paper` those
    that are added where it has been published that the reserve routine applies. With `if_told_during` only whoever has
    been told of something since that condition began to hold: that it is over is for those who know that it began.
    """

    subject: Wording | None = None
    says: tuple[Wording, ...] = ()
    after_paper: tuple[Wording, ...] = ()
    if_told_during: Condition | None = None

    @model_validator(mode="after")
    def _says_what_can_be_filled_in(self) -> "Telling":
        for wording in (*self.says, *self.after_paper, *([self.subject] if self.subject else [])):
            _refuse_unfillable(wording, {"{systems}"})
        return self


class Saying(Part):
    """A sentence for whoever calls, said while all of `during` hold and none of `unless`.

    `{systems}` becomes what is down, or was; `{since}` when it went down, `{prognosis}` when it is expected back, and
    `{link}` what the latest publication pointed to, else the operating information. A sentence is left out where what
    would fill it in is not known.
    """

    rules: Rules
    during: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    text: Wording

    @model_validator(mode="after")
    def _says_what_can_be_filled_in(self) -> "Saying":
        _refuse_unfillable(self.text, {"{systems}", "{since}", "{prognosis}", "{link}"})
        return self


def _refuse_unfillable(wording: Wording, known: set[str]) -> None:
    unknown = set(re.findall(r"{.*?}", wording.sv + wording.en)) - known
    if unknown:
        raise PydanticCustomError(
            "placeholder", "{word} can't be filled in", {"word": min(unknown), "known": ", ".join(sorted(known))}
        )


class AudienceTerms(Part):
    """Who a subscriber is told as: which functions they are, and what they are told of.

    With `deviations` they are told of every fact that was recorded with one.
    """

    name: Wording
    functions: Functions = ()
    told_of: tuple[Telling, ...] = ()
    deviations: bool = False


class ReserveRoutineTerms(Part):
    """When the reserve routine applies, where it is published, and what paper it is about.

    `after` is elapsed time since the first of `systems` went down, of all where none is named (Q26); `entered_into` are
    the systems that must run before a paper referral can have been entered, where they are among those affected.
    """

    after: Duration
    systems: tuple[Annotated[System, Known], ...] = ()
    scopes: tuple[Scope, ...]
    published_on: Annotated[Channel, Known]
    referral_area: Annotated[Area, Known]
    entered_into: tuple[Annotated[System, Known], ...] = ()


class InstructionTerms(Part):
    """In which scopes an instruction is awaited, and who takes no measures until it has come (SR-052, SR-053)."""

    scopes: tuple[Scope, ...] = ()
    no_measures_by: Functions = ()


class Reference(Part):
    """A document that the routine refers to. Without `url` its address is still to be found out."""

    id: str
    rules: Rules
    text: Wording
    url: Link | None = None


class Duty(Part):
    """One thing that somebody shall do, or refrain from, and the clause behind it; `short` is how a mail's subject says
    it.

    It starts with a fact of `starts`, or when all of `during` hold; it ends when `during` no longer
    holds, with a fact of `ends_by`, and with the incident. It is done by a fact of `done_by`, or when
    `done_when_over`, one of `during`, no longer holds; with `counts_from` the outage, also by one that came before it
    started, unless one of `undone_by` has come in between. `tried_by` are attempts, which are shown and fulfil nothing.
    It falls due `within` its start (or `since` the outage began, or the reserve routine's clock where that runs
    `during` it), not while a condition of `unless` holds. Whoever is to do it is reminded `remind_before` it is due,
    where it has longer than that.
    """

    id: str
    rules: Rules
    who: Annotated[Function, Known]
    text: Wording
    short: Wording | None = None
    quote: Wording
    reading: Wording | None = None
    starts: tuple[Pattern, ...] = ()
    each: bool = False
    during: tuple[Condition, ...] = ()
    done_by: tuple[Pattern, ...] = ()
    done_when_over: Condition | None = None
    ends_by: tuple[Pattern, ...] = ()
    counts_from: Literal["start", "outage"] = "start"
    undone_by: tuple[Pattern, ...] = ()
    tried_by: tuple[Pattern, ...] = ()
    forbids: tuple[Literal["measure"], ...] = ()
    within: Duration | None = None
    since: Literal["start", "outage"] = "start"
    unless: tuple[Condition, ...] = ()
    tolerance: Duration = timedelta(0)
    remind_before: Duration | None = None
    local: bool = False

    @model_validator(mode="after")
    def _begins_somehow(self) -> "Duty":
        if not self.starts and not self.during:
            raise PydanticCustomError("never-begins", "it needs starts or during")
        if not (self.done_by or self.done_when_over or self.forbids):
            raise PydanticCustomError("never-done", "it needs done_by, done_when_over or forbids")
        if self.done_when_over and self.done_when_over not in self.during:
            raise PydanticCustomError("not-during", "{condition} is not in during", {"condition": self.done_when_over})
        return self

    @property
    def ends(self) -> bool:
        """Whether anything but the incident ends it (Q18)."""
        return bool(self.during or self.ends_by)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Every fact that it looks for."""
        return (*self.starts, *self.done_by, *self.ends_by, *self.undone_by, *self.tried_by)


OWNERS_ALONE: tuple[type[Fact], ...] = (StaffRegistered, StaffRemoved)
"""What no routine gives to a function: whoever could register staff could act as anybody."""

OF_THE_DESK: tuple[type[Fact], ...] = (SubscriberChanged, DeliveriesDecided)
"""What a routine gives to the desk unless it says to whom: the documents of before could not say it."""

SECOND_EDITION = ("ends_by", "counts_from", "undone_by", "tried_by")
"""What a duty of the first edition can't say."""
OF_THE_SECOND: tuple[Condition, ...] = ("incident-open", "own-measures", "activation-ordered", "system-owner-unreached")


class Routine(Part):
    """One version of one instruction; `valid_to` is open-ended where it is None (SR-002).

    `edition` is that of the words it is written in: by the second a duty ends with what it is about and with the
    incident, and is judged as `domain.judging` says; by the first as `domain.first_edition` does. `help_desk` is the
    function that whoever is at the keyboard acts in unless another is named. `rules` are those by which a fact is
    refused or flagged, by the flag's code. A fact that happened longer than `recorded_within` before it was recorded is
    told and listed as recorded afterwards.
    """

    id: Named
    version: Named
    edition: Literal[1, 2] = 1
    title: Wording
    owner: Text
    valid_from: Day
    valid_to: Day | None = None
    help_desk: Annotated[Function, Known]
    remind_before: Duration = timedelta(minutes=30)
    recorded_within: Duration = timedelta(minutes=15)
    systems: Annotated[dict[System, SystemTerms], Field(min_length=1)]
    areas: Annotated[dict[Area, Wording], Field(min_length=1)]
    functions: Annotated[dict[Annotated[Function, AfterValidator(_acts)], Wording], Field(min_length=1)]
    channels: Annotated[dict[Channel, Wording], Field(min_length=1)]
    servicedesk: dict[ServicedeskChannel, Wording] = {}
    paper_channels: Annotated[dict[ReferralVia, Wording], Field(min_length=1)]
    scopes: dict[Scope, Wording] = {}
    instruction: InstructionTerms = Field(default_factory=InstructionTerms)
    reserve_routine: ReserveRoutineTerms
    rules: dict[Flag, str] = {}
    facts: dict[str, Authority]
    audiences: dict[Audience, AudienceTerms]
    references: tuple[Reference, ...] = Field(default=(), alias="reference")
    sayings: tuple[Saying, ...] = Field(default=(), alias="say")
    duties: tuple[Duty, ...] = Field(alias="duty")

    @model_validator(mode="after")
    def _fits_together(self) -> "Routine":
        for wire in self.facts:
            if known_fact(wire) in OWNERS_ALONE:
                raise PydanticCustomError("owners-alone", "{fact} is the log's owner's alone", {"fact": wire})
        _named_in(self.facts, "routine-adopted")
        for pattern in (pattern for duty in self.duties for pattern in duty.patterns):
            _named_in(self.facts, pattern.fact)
        for audience, terms in self.audiences.items():
            for telling in terms.told_of:
                _named_in(self.facts, telling.fact)
                if audience is Audience.PUBLIC and telling.fact != OperatingInformationPublished.wire:
                    raise PydanticCustomError(
                        "not-public", "the public can't be told of {fact}", {"fact": telling.fact}
                    )
            if audience is Audience.PUBLIC and terms.deviations:
                raise PydanticCustomError("not-public", "the public can't be told of {fact}", {"fact": "deviations"})
        for duty in self.duties if self.edition == 1 else ():
            words = duty.model_fields_set & set(SECOND_EDITION) | {*duty.during, *duty.unless} & set(OF_THE_SECOND)
            if words:
                raise PydanticCustomError("second-edition", "{key} needs edition = 2", {"key": min(words)})
        if self.edition == 1 and self.reserve_routine.systems:
            raise PydanticCustomError("second-edition", "{key} needs edition = 2", {"key": "reserve_routine.systems"})
        if self.edition == 1 and any(authority.stand_ins for authority in self.facts.values()):
            raise PydanticCustomError("second-edition", "{key} needs edition = 2", {"key": "stand_ins"})
        ids = [duty.id for duty in self.duties]
        twice = next((id_ for id_ in ids if ids.count(id_) > 1), None)
        if twice:
            raise PydanticCustomError("twice", "there are two duties {duty}", {"duty": twice})
        if self.valid_to and self.valid_to < self.valid_from:
            raise PydanticCustomError("ends-before", "valid_to is before valid_from")
        return self

    def recorded_by(self, fact: type[Fact]) -> tuple[Function, ...]:
        """Who may record it; nobody where the routine does not know the fact, the clock what is the clock's, the log's
        owner who is of the staff."""
        if fact.clocks:
            return (Function.CLOCK,)
        if fact in OWNERS_ALONE:
            return (Function.LOG_OWNER,)
        if fact.wire in self.facts:
            return self.facts[fact.wire].recorded_by
        return self._desk if fact in OF_THE_DESK else ()

    @property
    def _desk(self) -> tuple[Function, ...]:
        """The help desk, and whoever is told as staff."""
        staff = self.audiences[Audience.STAFF].functions if Audience.STAFF in self.audiences else ()
        return tuple(dict.fromkeys((self.help_desk, *staff)))

    def stand_ins(self, fact: type[Fact]) -> StandIns | None:
        """Who may record it in the stead of whose it is."""
        return self.facts[fact.wire].stand_ins if fact.wire in self.facts else None

    def recorders(self, fact: type[Fact], held: Container[Condition]) -> tuple[Function, ...]:
        """Who may record it while these conditions hold: whose it is, and whoever stands in for them then (Q25)."""
        stand_ins = self.stand_ins(fact)
        return self.recorded_by(fact) + (stand_ins.functions if stand_ins and stand_ins.during in held else ())

    def rules_of(self, fact: type[Fact]) -> tuple[str, ...]:
        return self.facts[fact.wire].rules if fact.wire in self.facts else ()

    @property
    def clock_systems(self) -> tuple[System, ...]:
        """The systems that start the reserve routine's clock."""
        return self.reserve_routine.systems or tuple(self.systems)

    def words(self, kind: type[RoutineWord]) -> tuple[RoutineWord, ...]:
        """Which words of this kind the routine knows, in its own order."""
        return tuple(getattr(self, DECLARED_IN[kind]))

    def name(self, word: Word, language: str) -> str | None:
        """What people call it, None where the routine has no name of its own for it."""
        if isinstance(word, Audience):
            return self.audiences[word].name.in_(language) if word in self.audiences else None
        table: dict[Any, Any] = self.scopes if isinstance(word, Scope) else {}
        if isinstance(word, RoutineWord):
            table = getattr(self, DECLARED_IN[type(word)])
        named = table.get(word)
        wording = named.name if isinstance(named, SystemTerms) else named
        return wording.in_(language) if wording else None

    def fact_name(self, wire: str, language: str) -> str | None:
        """What people call the fact, None where the usual name will do."""
        named = self.facts[wire].name if wire in self.facts else None
        return named.in_(language) if named else None

    def duty(self, duty: str) -> Duty | None:
        return next((known for known in self.duties if known.id == duty), None)

    def reminder(self, duty: Duty) -> timedelta:
        """How long before it is due whoever is to do it is reminded."""
        return self.remind_before if duty.remind_before is None else duty.remind_before
