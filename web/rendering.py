"""How a page is written: from its template, in one language."""

from functools import cache, partial

from jinja2 import Environment
from markupsafe import Markup

from application.templates import templates
from web.answers import style
from wording import times
from wording.words import Language, texts_in


def rendered(template: str, language: Language, **values: object) -> str:
    return _environment(language).get_template(template).render(language=language, style=Markup(style()), **values)  # noqa: S704 - our own file


@cache
def _environment(language: Language) -> Environment:
    """Compiled once a language."""
    texts = texts_in(language)
    return templates("web", texts, {"day": partial(times.day_of, words=texts)})
