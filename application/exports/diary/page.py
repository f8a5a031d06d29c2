"""The staff diary as a page: one file that fetches nothing and runs nothing, made to be printed on A4."""

import re
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from application.exports.diary.content import NOTHING, Diary
from application.exports.report.words import unbroken
from application.templates import templates
from wording.words import Language, Words, texts_in


def page(told: Diary, words: Words) -> str:
    template = _environment(words.language).get_template("diary.html.j2")
    return template.render(language=words.language, told=told, nothing=NOTHING)


def css_string(text: str) -> Markup:
    """The text as a string of a style sheet, whatever is in it."""
    escaped = re.sub(r"[^\w .,:/+=-]", lambda found: f"\\{ord(found[0]):x} ", text)
    return Markup(f'"{escaped}"')  # noqa: S704 - escaped just here


@cache
def _environment(language: Language) -> Environment:
    """Compiled once a language."""
    return templates("application.exports.diary", texts_in(language), {"unbroken": unbroken, "css": css_string})
