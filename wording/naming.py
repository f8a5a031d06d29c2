"""What somebody means by a word: in any case, with å ä ö or without, and no more of it than tells it apart."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

K = TypeVar("K")


def folded(text: str) -> str:
    """Small letters without their marks: the a of å and ä, the o of ö."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def parts(text: str) -> list[str]:
    """The words of a text, folded; a hyphen stands for a space."""
    return [part for part in re.split(r"[\W_]+", folded(text)) if part]


def as_one_word(name: str) -> str:
    """A name as it is typed without quotes: `störning-anmäld`."""
    return "-".join(re.split(r"\s+", name.strip())).lower()


def meant(text: str, names: Mapping[K, Iterable[str]]) -> list[K]:
    """Those that are called so; else those whose name begins so, else those of whose name a word does.

    More than one where the text does not tell them apart, none where nothing is called that.
    """
    wanted = " ".join(parts(text))
    if not wanted:
        return []
    called = {key: [" ".join(parts(name)) for name in each] for key, each in names.items()}
    ways = (
        lambda name: name == wanted,
        lambda name: name.startswith(wanted),
        lambda name: f" {wanted}" in name,
    )
    found = ([key for key, each in called.items() if any(map(way, each))] for way in ways)
    return next((keys for keys in found if keys), [])
