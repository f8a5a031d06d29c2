"""Swedish first: the texts that people read, through gettext, with English complete.

A language is a value and so is what a routine calls things in it: whoever speaks is handed one, and nothing is
remembered here of what was spoken last. What is declared in English is translated where it is shown.
"""

import os.path
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from typing import TYPE_CHECKING, Literal

from wording.catalogue import Catalogue

# A help text needs no routine, and no routine's words.
if TYPE_CHECKING:
    from domain.routine import Routine
    from domain.vocabulary import Word

LOCALES = os.path.join(os.path.dirname(__file__), "locale")
DOMAIN = "reservrutin"
Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = ("sv", "en")


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts in this language. The code's own texts are the English ones."""
    if language == "en":
        return NullTranslations()
    with open(f"{LOCALES}/{language}/LC_MESSAGES/{DOMAIN}.mo", "rb") as compiled:
        return Catalogue(compiled.read())


@dataclass(frozen=True, slots=True)
class Texts:
    """What the program itself says in one language, sv or en. It has no name for anything that a routine names."""

    translations: NullTranslations
    language: Language

    def gettext(self, text: str) -> str:
        return self.translations.gettext(text) if text else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.translations.ngettext(one, many, count)

    def of(self, routine: "Routine") -> "Words":
        """The same language, with the names of this routine."""
        return Words(self.translations, self.language, routine)


@dataclass(frozen=True, slots=True)
class Words(Texts):
    """The texts of one language, and what a routine calls things in it."""

    routine: "Routine"

    def name(self, word: "Word") -> str:
        """What people call it: as the routine does, else the program's own label."""
        return self.routine.name(word, self.language) or self.gettext(word.label)

    def values(self, kind: "type[Word]") -> "tuple[Word, ...]":
        """The words of a kind: those that the routine knows, else all that there are."""
        from domain.vocabulary import RoutineWord

        return tuple(self.routine.words(kind)) if issubclass(kind, RoutineWord) else tuple(kind)

    def in_every_language(self) -> "list[Words]":
        """The same routine's names in each language, for what may be typed in any."""
        return [texts_in(language).of(self.routine) for language in LANGUAGES]

    def fact(self, wire: str) -> str:
        """What people call the fact: as the routine does, else by its own label."""
        from domain.facts import CATALOGUE  # not on the way to a help text

        label = CATALOGUE[wire].label if wire in CATALOGUE else wire
        return self.routine.fact_name(wire, self.language) or self.gettext(label)

    def duty(self, duty: str) -> str:
        """The duty in the routine's own words, or its id if this version of the routine has no such duty."""
        found = self.routine.duty(duty)
        return found.text.in_(self.language) if found else duty


def language_for(chosen: str) -> Language:
    """In which language we speak to somebody who has chosen this one: in Swedish, where it is none of ours."""
    return "en" if chosen == "en" else "sv"


def texts_in(language: Language) -> Texts:
    """What the program says in this language."""
    return Texts(catalogue(language), language)
