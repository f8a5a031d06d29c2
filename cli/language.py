"""Swedish first: the texts that people read, through gettext, with English complete."""

import gettext
import os
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).with_name("locale")
DOMAIN = "reservrutin"

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


def ngettext(one: str, many: str, count: int) -> str:
    return _spoken.ngettext(one, many, count)
