"""Every setting as it is in force: its text, where that comes from, and nothing that is secret."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from application.setting_forms import SETTINGS
from application.setting_values import place_of
from application.settings import Settings

HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting's text, "" where there is none, and its place: a variable, a file and line, or none for the default."""

    name: str
    text: str
    place: dict[str, Any]


def effective(settings: Settings) -> Iterator[Effective]:
    """Every setting, in the order of the documentation."""
    for name, setting in SETTINGS.items():
        default = settings.database_url if name == "database_url" else setting.default
        given = settings.given.get(name)
        text = given.text if given else default
        yield Effective(name, _hidden(text) if setting.is_secret else text, place_of(name, given) if given else {})


def _hidden(text: str) -> str:
    """A secret that is no address is hidden whole, of an address its password alone."""
    if "://" not in text:
        return HIDDEN if text else ""
    without_user = re.sub(r"(?<=://)([^:/?#@]*):.*@", rf"\1:{HIDDEN}@", text)
    return re.sub(r"([?&][a-z_]*password=)[^&]*", rf"\1{HIDDEN}", without_user, flags=re.IGNORECASE)
