"""Swedish first: the texts that people read, through gettext, with English complete."""

import gettext
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.routine import Routine
    from domain.vocabulary import Word

LOCALES = Path(__file__).with_name("locale")
DOMAIN = "reservrutin"

_routine: "Routine | None" = None
_spoken = gettext.NullTranslations()
_language = "en"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The texts in this language. The code's own texts are the English ones."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALES, [language])


def speak(language: str) -> None:
    """From here on people are spoken to in this language, by the command-line library too."""
    global _spoken, _language
    _spoken, _language = catalogue(language), language
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, str(LOCALES))
    gettext.textdomain(DOMAIN)


def spoken() -> str:
    """The language that is spoken: sv or en."""
    return _language


def _(text: str) -> str:
    """The text in the language that is spoken."""
    return _spoken.gettext(text) if text else ""


def speak_of(routine: "Routine") -> None:
    """From here on systems, parties and places are called what this routine calls them."""
    global _routine
    _routine = routine


def name(word: "Word") -> str:
    """What people call it: as the routine does, else the program's own label."""
    return (_routine and _routine.name(word, _language)) or _(word.label)


def routine() -> "Routine":
    """The routine whose names are spoken."""
    from domain.routine_document import builtin

    return _routine or builtin()


def fact_name(wire: str, label: str) -> str:
    """What people call the fact: as the routine does, else by its own label."""
    return (_routine and _routine.fact_name(wire, _language)) or _(label)


def ngettext(one: str, many: str, count: int) -> str:
    return _spoken.ngettext(one, many, count)
