"""A word is taken in any case, with å ä ö or without, and no more of it is needed than tells it apart."""

import pytest

from domain.facts import CATALOGUE
from domain.routine_document import builtin
from wording.naming import meant
from wording.synonyms import meant_facts, nearly
from wording.words import texts_in

NAMES = {
    "reached": ["reached", "fick kontakt"],
    "no-answer": ["no-answer", "svarar inte"],
    "off-duty": ["off-duty", "inte i tjänst"],
    "off": ["off", "av"],
}
WORDS = texts_in("sv").of(builtin())
FACTS = [fact for fact in CATALOGUE.values() if not fact.clocks]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("svarar-inte", ["no-answer"]),
        ("SVARAR INTE", ["no-answer"]),
        ("inte i tjanst", ["off-duty"]),
        ("fick", ["reached"]),
        ("tjänst", ["off-duty"]),
        ("inte", ["off-duty"]),
        ("off", ["off"]),
        ("of", ["off-duty", "off"]),
        ("xyz", []),
        ("–", []),
    ],
)
def test_a_value_is_meant_by_its_name_its_beginning_or_a_word_of_it(said: str, found: list[str]) -> None:
    assert meant(said, NAMES) == found


@pytest.mark.parametrize(
    ("said", "wires"),
    [
        ("störning anmäld", ["disturbance-reported"]),
        ("STORNING-ANMALD", ["disturbance-reported"]),
        ("stör", ["disturbance-reported"]),
        ("disturbance reported", ["disturbance-reported"]),
        ("OUTAGE_DETECTED", ["outage-detected"]),
        ("prognos mott", ["prognosis-received"]),
        ("visma", ["supplier-contacted"]),
        ("nere", ["outage-detected"]),
        ("remiss", ["referral-received", "referral-entered", "referral-set-aside"]),
        ("xyzzy", []),
    ],
)
def test_a_fact_is_meant_by_its_name_in_either_language_else_by_what_people_say(said: str, wires: list[str]) -> None:
    assert [fact.wire for fact in meant_facts(said, FACTS, WORDS.in_every_language())] == wires


def test_a_fact_that_is_spelled_nearly_so_is_found() -> None:
    assert [fact.wire for fact in nearly("strning", FACTS, WORDS.in_every_language())] == ["disturbance-reported"]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.wire)
def test_every_fact_is_meant_by_its_whole_name_alone(fact: type) -> None:
    wire = next(wire for wire, known in CATALOGUE.items() if known is fact)
    for words in WORDS.in_every_language():
        assert meant_facts(words.fact(wire), FACTS, WORDS.in_every_language()) == [fact]
