"""The staff diary as a page: one file that fetches nothing and runs nothing, made to be printed on A4."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from application.exports.diary.content import NOTHING, Diary
from application.exports.report.words import unbroken
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
    texts = texts_in(language)
    environment = Environment(
        loader=PackageLoader("application.exports.diary"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"unbroken": unbroken, "css": css_string}
    environment.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by i18n
    return environment
