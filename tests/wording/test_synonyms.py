"""Facts found by what people call them."""

import pytest

from domain.facts import CATALOGUE
from domain.routine_document import builtin
from wording.synonyms import SYNONYMS, nearest
from wording.words import texts_in


@pytest.mark.parametrize(
    ("said", "wire"),
    [
        ("fax", "referral-received"),
        ("remiss", "referral-received"),
        ("störning", "disturbance-reported"),
        ("STORNING", "disturbance-reported"),
        ("samtal", "disturbance-reported"),
        ("lämna över", "desk-handed-over"),
        ("lamna over", "desk-handed-over"),
        ("beslut", "decision-made"),
        ("orsak", "cause-established"),
        ("fel post", "entry-withdrawn"),
        ("ligger nere", "outage-detected"),
        ("outage-det", "outage-detected"),
    ],
)
def test_a_fact_is_found_by_what_people_call_it(said: str, wire: str) -> None:
    words = texts_in("sv").of(builtin())
    assert wire in [fact.wire for fact in nearest(said, CATALOGUE.values(), words)][:2]


def test_nothing_is_found_by_what_nothing_is_called() -> None:
    assert nearest("xyzzy", CATALOGUE.values(), texts_in("sv").of(builtin())) == []


def test_every_fact_that_people_record_has_its_words() -> None:
    by_hand = {wire for wire, fact in CATALOGUE.items() if not fact.clocks and not fact.stream}
    assert by_hand == set(SYNONYMS)
