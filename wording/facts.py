"""Facts, fields and moments in the reader's words.

Everything is English until `words` translates it; labels declared in the domain are translated here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from gettext import NullTranslations
from typing import Any

from domain import facts as f
from domain.fact import Fact
from domain.routine import Routine
from domain.vocabulary import SWEDEN, Word
from domain.words import FIELDS


@dataclass(frozen=True, slots=True)
class Line:
    """A label and what it says; the value may have several lines."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language, and what the incident's routine calls things in it."""

    translations: NullTranslations
    routine: Routine
    language: str

    def gettext(self, text: str) -> str:
        return self.translations.gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.translations.ngettext(one, many, count)

    def name(self, word: Word) -> str:
        """What people call it: as the routine does, else the program's own label."""
        return self.routine.name(word, self.language) or self.gettext(word.label)

    def duty(self, duty: str) -> str:
        """The duty in the routine's own words, or its id if this version of the routine has no such duty."""
        found = self.routine.duty(duty)
        return found.text.in_(self.language) if found else duty


def stamp(moment: datetime) -> str:
    """An aware moment as people in Skåne read it, with its zone: 2026-03-02 08:05 CET."""
    return moment.astimezone(SWEDEN).strftime("%Y-%m-%d %H:%M %Z")


def initial(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(words: Words, values: Iterable[Word]) -> str:
    """The labels of these words, in their order."""
    return ", ".join(words.name(value) for value in values)


def fact_lines(fact: Fact, words: Words, leave_out: Iterable[str] = ()) -> tuple[Line, ...]:
    """The fact's fields as a labelled list, the empty ones and `leave_out` left out."""
    lines = []
    for name in type(fact).model_fields:
        value = getattr(fact, name)
        if name in leave_out or value is None or value == "" or value == () or value == {}:
            continue
        said = words.duty(value) if name == "duty" else _in_words(value, words)
        lines.append(Line(words.gettext(FIELDS[name]), said))
    return tuple(lines)


def headline(fact: Fact, words: Words) -> str:
    """What happened, with the datum that matters most. Holds nothing that people wrote freely."""
    label = initial(words.routine.fact_name(fact.wire, words.language) or words.gettext(fact.label))
    datum = _key_datum(fact, words)
    return f"{label}: {datum}" if datum else label


def _key_datum(fact: Fact, words: Words) -> str:
    match fact:
        case f.OutageDetected(systems=systems) | f.ServiceRestored(systems=systems):
            return listed(words, systems)
        case f.ScopeReclassified(scope=scope):
            return words.name(scope)
        case f.PrognosisReceived(restored_by=moment) | f.ActivationDeferred(until=moment):
            return stamp(moment)
        case f.DeadlinePassed(duty=duty) | f.DeadlineApproaching(duty=duty) if words.routine.duty(duty):
            return words.duty(duty)
        case _:
            return ""


def _in_words(value: Any, words: Words) -> str:
    _ = words.gettext
    match value:
        case bool():
            return _("yes") if value else _("no")
        case Word():
            return words.name(value)
        case datetime():
            return stamp(value)
        case tuple() if value and set(value) == set(words.routine.areas):
            return _("all of them")
        case tuple() | list():
            return ", ".join(_in_words(part, words) for part in value)
        case dict():
            return "\n".join(
                f"{_(FIELDS[name]) if name in FIELDS else name}: {_in_words(part, words)}"
                for name, part in value.items()
            )
        case _:
            return str(value)
