"""How a page is written: from a template of its own package, in one language, and whatever people wrote is escaped."""

from collections.abc import Callable
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from wording.words import Texts


def templates(package: str, texts: Texts, filters: dict[str, Callable[..., Any]], *beside: str) -> Environment:
    """The package's templates, which say nothing of what they are not told: a name that is missing is an error. What is
    not found among them is looked for in the packages `beside`."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in (package, *beside)]),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= filters
    environment.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by i18n
    return environment
