"""A form of the door as somebody sees it: what there is to choose from, what they have filled in and what is wrong with
it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from starlette.exceptions import HTTPException

from domain.choices import LONGEST_PAUSE, Choices
from domain.refusals import Invalid, PersonalData, Refusal
from domain.texts import N_
from domain.vocabulary import SWEDEN, Area, System, Word
from web.forms import SentForm
from wording.words import LANGUAGES, Words

FAULTS = {
    "mail-address": N_("Write an e-mail address, like name@example.se."),
    "personal-data": N_("The address seems to hold a personal identity number. Write another address."),
    "subscribe-domain": N_("Write an address at {domains}: no others can subscribe."),
    "pause-until": N_("Write a day between {first} and {last}, or leave the field empty."),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields as they stand; `faults` says by a field's name what would be right."""

    language: str
    address: str = ""
    systems: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    paused_until: str = ""
    faults: dict[str, str] = field(default_factory=dict)

    def choices(self) -> Choices:
        """What is asked for. Raises Invalid("pause-until") for what is no day."""
        return Choices(
            self.language, tuple(map(System, self.systems)), tuple(map(Area, self.areas)), _morning(self.paused_until)
        )


def as_chosen(choices: Choices) -> Filled:
    """The fields of what applies now."""
    until = choices.paused_until
    return Filled(
        choices.language,
        systems=choices.systems,
        areas=choices.areas,
        paused_until=until.astimezone(SWEDEN).date().isoformat() if until else "",
    )


def as_sent(form: SentForm, offered: "Offer") -> Filled:
    """Raises HTTPException (400) for a choice that was not offered: no form of ours sends it."""
    found = Filled(
        form.text("language"),
        form.text("address"),
        tuple(form.texts("system")),
        tuple(form.texts("area")),
        form.text("paused_until"),
    )
    if (
        found.language not in LANGUAGES
        or not {value for value, _name in offered.systems}.issuperset(found.systems)
        or not {value for value, _name in offered.areas}.issuperset(found.areas)
    ):
        raise HTTPException(400)
    return found


@dataclass(frozen=True, slots=True)
class Offer:
    """Each system and area that can be chosen, as it is sent and as people call it, and the days of a pause."""

    systems: Sequence[tuple[str, str]]
    areas: Sequence[tuple[str, str]]
    first: str
    last: str


def offer(words: Words, now: datetime, chosen: Choices | None = None) -> Offer:
    """What the routine knows, and whatever else has been `chosen` before: a choice is never lost by being shown."""
    today = now.astimezone(SWEDEN).date()
    return Offer(
        _named(words, words.values(System), chosen.systems if chosen else ()),
        _named(words, words.values(Area), chosen.areas if chosen else ()),
        (today + timedelta(days=1)).isoformat(),
        (today + LONGEST_PAUSE).isoformat(),
    )


def refused(filled: Filled, refusal: Refusal, offered: Offer, words: Words) -> Filled:
    """The same form with what is wrong. Raises the refusal again where it is about none of its fields."""
    reason = "personal-data" if isinstance(refusal, PersonalData) else refusal.reason
    if reason not in FAULTS or not isinstance(refusal, Invalid | PersonalData):
        raise refusal
    right = words.gettext(FAULTS[reason]).format(first=offered.first, last=offered.last, **refusal.data)
    return replace(filled, faults={"paused_until" if reason == "pause-until" else "address": right})


def _named(words: Words, known: Iterable[Word], chosen: Iterable[Word]) -> list[tuple[str, str]]:
    found = dict.fromkeys([*known, *chosen])
    return [(word.value, words.name(word)) for word in found]


def _morning(day: str) -> datetime | None:
    """When the day begins in Sweden; None where none is said."""
    if not day:
        return None
    try:
        morning = datetime.combine(datetime.strptime(day, "%Y-%m-%d").date(), time(), SWEDEN)  # noqa: DTZ007 - a day alone
        return morning.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the first day of all has no moment in UTC
        raise Invalid("pause-until") from error
