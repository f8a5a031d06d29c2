"""What people read in Swedish is what a colleague in a region would say: the words that stand for one thing alone."""

import re
from gettext import GNUTranslations
from pathlib import Path

import pytest

from wording.words import LOCALES, catalogue

COMPILED = Path(LOCALES) / "sv" / "LC_MESSAGES" / "reservrutin.mo"

TRANSLATED = {
    "Outcome": "Resultat",
    "reached": "fick kontakt",
    "no answer": "svarar inte",
    "Expected back": "Väntas fungera igen",
    "who is cut off": "vilka som inte kommer in",
    "all clear": "besked att reservrutinen är avslutad",
    "late": "för sent",
    "missed": "inte gjord",
    "a deviation of its own": "avvikelse med angivet skäl",
    "Right values": "Rättat till",
    "it was over before the duty fell due": "avbrottet var över innan det behövde göras",
    "closed": "stängd",
    "ended": "avslutad",
    " (local)": " (lokalt)",
}
GONE = (
    r"\bnådd\b",
    "utestäng",
    "klartecken",
    r"\butslag\b",
    r"\bmissad",
    "ejlserver",
    r"[Uu]ppgift(en|er|erna)?\b",
    "flaggat",
)
SYNONYMS = {"called, reached, owner", "boss, manager, called", "Aktiv ortopedteknik, told, heads-up, all clear"}
"""What people may type is more than what they read."""


def messages() -> dict[str, str]:
    with COMPILED.open("rb") as compiled:
        found: dict[object, str] = vars(GNUTranslations(compiled))["_catalog"]
    return {str(english): swedish for english, swedish in found.items()}


@pytest.mark.parametrize(("english", "swedish"), TRANSLATED.items())
def test_a_thing_has_the_word_that_a_region_has_for_it(english: str, swedish: str) -> None:
    assert catalogue("sv").gettext(english) == swedish


@pytest.mark.parametrize("word", GONE)
def test_no_sentence_says_what_nobody_would(word: str) -> None:
    said = {english: swedish for english, swedish in messages().items() if english not in SYNONYMS}
    assert {english: swedish for english, swedish in said.items() if re.search(word, swedish)} == {}
