"""What a fact is, and the envelope it is recorded in.

A fact is something that happened, written once and never changed (U-1). Each class carries its own
wire name and version; the command line's options, its help and its checks are read from the same class. Who may
record it, and by which rules, stands in the routine document.
"""

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo

from domain.texts import N_
from domain.vocabulary import Function

LONGEST_TEXT = 2000
"""Characters of a free text."""


def plain(text: str) -> str:
    """One normal form, no invisible or control characters but the line break."""
    if text.replace("\n", "").isprintable() and unicodedata.is_normalized("NFC", text):
        return text.strip()  # so it is already, as nearly every text is
    kept = (c for c in unicodedata.normalize("NFC", text) if c == "\n" or unicodedata.category(c)[0] != "C")
    return "".join(kept).strip()


Text = Annotated[str, AfterValidator(plain), StringConstraints(max_length=LONGEST_TEXT)]
"""A free text of people's own words; never a name or number of a patient."""

Required = Annotated[str, AfterValidator(plain), Field(min_length=1, max_length=LONGEST_TEXT)]
"""A free text that must say something."""

Serial = Annotated[
    str,
    AfterValidator(lambda text: unicodedata.normalize("NFKC", text).strip().upper()),
    Field(pattern=r"^[A-Za-zÅÄÖåäö0-9\uFF01-\uFF5E][\w\uFF01-\uFF5E./-]{0,39}$"),
]
"""The running number written on a paper referral, never a personnummer; upper case when stored."""

Number = Annotated[str, Field(pattern=r"^\d{4}-\d{4}$")]
"""An incident's number."""

SubscriberPseudonym = Annotated[str, Field(pattern=r"^p-[0-9a-z]{1,32}$")]
"""A subscriber by their pseudonym; the address stands in the register alone."""

StaffPseudonym = Annotated[str, Field(pattern=r"^s-[0-9a-z]{1,32}$")]
"""Somebody of the staff by their pseudonym; the login stands in the register alone."""

Link = Annotated[str, AfterValidator(plain), Field(pattern=r"^https?://[^\s<>\"']+$", max_length=500)]


EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)
"""What is said to be before or after these is a slip of the pen; the ends of the calendar no clock of ours can show."""

AS_STORED = {"stored": True}
"""The context in which a fact is read from the log: it was taken once, by the rules of then, and is refused no more."""


def within_bounds(moment: datetime) -> datetime:
    """The moment in UTC, or the bound that it lies beyond."""
    return min(max(moment, EARLIEST), LATEST).astimezone(UTC)


def _in_utc(moment: datetime, info: ValidationInfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(N_("A moment needs its time zone."))
    if info.context is not AS_STORED and moment != within_bounds(moment):
        raise ValueError(N_("A moment lies in a year from 2000 to 2199."))
    return within_bounds(moment)


Instant = Annotated[datetime, AfterValidator(_in_utc)]
"""An aware moment from EARLIEST to LATEST, kept in UTC and shown in Europe/Stockholm with its zone."""


class Fact(BaseModel):
    """One thing that happened. Subclasses are the catalogue in `domain.facts`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    if TYPE_CHECKING:  # pydantic goes through what is annotated in a class for each class made of it
        wire: ClassVar[str]
        version: ClassVar[int]
        label: ClassVar[str]
        meaning: ClassVar[str]
        example: ClassVar[str]
        decides: ClassVar[bool]
        """A decision may come too early, and is then refused unless its deviation is explained (Q14)."""
        measure: ClassVar[bool]
        """A measure, which those who await an instruction refrain from (SR-053)."""
        clocks: ClassVar[bool]
        """Recorded by the clock and by nobody else."""
        stream: ClassVar[str]
        """The stream of its own that it stands in, where it belongs to no incident but to the log itself."""

    def __init_subclass__(
        cls,
        *,
        wire: str = "",
        version: int = 1,
        label: str = "",
        meaning: str = "",
        example: str = "",
        decides: bool = False,
        measure: bool = False,
        clocks: bool = False,
        stream: str = "",
    ) -> None:
        super().__init_subclass__()
        cls.wire, cls.version, cls.label, cls.meaning = wire, version, label, meaning
        cls.example, cls.decides, cls.measure, cls.clocks = example, decides, measure, clocks
        cls.stream = str(stream)
        CATALOGUE[wire] = cls

    def texts(self) -> dict[str, str]:
        """Every text a person wrote, by field, corrected values included."""
        found: dict[str, str] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            parts = value if isinstance(value, tuple) else value.values() if isinstance(value, dict) else (value,)
            said = [str(part) for part in parts if type(part) in (str, list, tuple)]
            if said:
                found[name] = "\n".join(said)
        return found


CATALOGUE: dict[str, type[Fact]] = {}
"""Every fact by its wire name, in the order of a bad day."""


PRESUMED: dict[str, Any] = {"presumed": True}
EACH: dict[str, Any] = {"each": True}


def said(description: str, default: Any = ..., option: str = "", *, presumed: bool = False, each: bool = False) -> Any:
    """A field with the words of its option's help; `option` where the option is not the field's name.

    What is `presumed` has its value from the routine where nobody has said it. Of what is repeated with `each` there is
    a fact for each.
    """
    extra = (PRESUMED if presumed else {}) | (EACH if each else {}) | ({"option": option} if option else {})
    return Field(default=default, description=description, json_schema_extra=extra or None)


BESIDE = ("note", "deviation", "late_because")
"""What may be written beside any fact; it is stored where something was."""


class By(NamedTuple):
    """Whose hand it is: the function acted in, and who, by pseudonym."""

    function: Function
    person: str


UNREGISTERED = "unregistered"
"""Who recorded a fact without being registered: while nobody was, or as the log's owner."""

BY_THE_OWNER, BY_THE_CLOCK = By(Function.LOG_OWNER, UNREGISTERED), By(Function.CLOCK, Function.CLOCK.value)
"""Whoever owns the log, and the program by itself."""


class Recorded(NamedTuple):
    """A fact in the log, with who recorded it and when. Times are aware and in UTC.

    `late_because` is why it was written so long after it happened, which nobody has to say. `position` is its place in
    the whole log, and None while it is only proposed.
    """

    incident: str
    entry: int
    fact: Fact
    occurred_at: datetime
    recorded_at: datetime
    recorded_as: Function
    recorded_by: str
    command_id: str
    note: str = ""
    deviation: str = ""
    late_because: str = ""
    position: int | None = None

    @property
    def happens_now(self) -> bool:
        """Whether nobody has said when it happened: it is proposed as it happens."""
        return self.occurred_at == self.recorded_at

    def at_its_turn(self, now: datetime) -> Self:
        """The fact as it is written at this moment (aware), a little later than it was proposed; what happens now
        happened no later than that."""
        happened_at = min(self.occurred_at, now) if self.happens_now else self.occurred_at
        return self._replace(recorded_at=now, occurred_at=happened_at)

    def texts(self) -> dict[str, str]:
        """Every free text that would be written, by field."""
        return self.fact.texts() | {name: text for name in (*BESIDE, "command_id") if (text := getattr(self, name))}
