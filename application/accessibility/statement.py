"""The accessibility statement: the same on every page of ours that everybody may read.

What only the region knows is a setting, and what is not set is said to be unknown: the pages are never called better
than somebody has found them to be. What Digg asks of a statement is here: whose pages, how far they meet the law, each
fault, when and how it was found, where to report more, and where to complain.
"""

from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from application.settings import Settings
from application.templates import templates
from domain.texts import N_
from wording.words import Language, Texts, texts_in

COMPLAIN = "https://www.digg.se/tdosanmalan"
"""Where Digg, which supervises the law, takes what is wrong with a page or its statement."""

MEETS = {
    "fully": N_("The pages fully comply with the Act on the accessibility of digital public services."),
    "partly": N_("The pages partly comply with the Act on the accessibility of digital public services."),
    "not": N_("The pages do not comply with the Act on the accessibility of digital public services."),
}


def statement(settings: Settings, texts: Texts, pages: str) -> Markup:
    """What stands under the heading of the page, in sections; `pages` is what the pages that it is about are called."""
    assessed = settings.accessibility_assessed
    return Markup(  # noqa: S704 - made by a template that escapes
        _environment(texts.language)
        .get_template("statement.html.j2")
        .render(
            pages=pages,
            organisation=settings.organisation,
            contact=settings.accessibility_contact,
            assessed=assessed,
            meets=assessed and texts.gettext(MEETS[assessed.meets]),
            faults=settings.accessibility_faults,
            translated=texts.language != "sv",
            complain=COMPLAIN,
        )
    )


@cache
def _environment(language: Language) -> Environment:
    """Compiled once a language."""
    return templates("application.accessibility", texts_in(language), {})
