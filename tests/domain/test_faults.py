"""Whose fault it is that a mail was not taken, whichever way that is said."""

import pytest

from domain.faults import Fault, blamed, code_in, telling
from domain.suspension import DEAD, FULL

ADDRESS, POLICY = Fault.ADDRESS, Fault.POLICY


@pytest.mark.parametrize(
    ("said", "fault", "points"),
    [
        ("550 5.1.1 no such user", ADDRESS, DEAD),
        ("550 5.1.10 recipient not found", ADDRESS, DEAD),
        ("553 5.1.7 bad sender", POLICY, 0),
        ("550 5.1.8 bad outbound sender", POLICY, 0),
        ("550 5.2.1 disabled", ADDRESS, FULL),
        ("552 5.2.2 full", ADDRESS, FULL),
        ("452 4.2.2 full", ADDRESS, FULL),
        ("552 5.2.3 too long for this mailbox", None, 0),
        ("552 5.3.4 too large", None, 0),
        ("550 5.4.1 Recipient address rejected: Access denied", ADDRESS, DEAD),
        ("550 5.4.1 no answer from host", None, 0),
        ("550 5.7.1 not allowed", POLICY, 0),
        ("550 5.7.26 not authenticated", POLICY, 0),
        ("550 5.0.0 no", None, FULL),
        ("554 5.0.0 transaction failed", None, 0),
        ("451 4.4.1 no answer from host", None, 0),
        ("450 4.7.1 greylisted", None, 0),
    ],
)
def test_an_enhanced_code_means_the_same_at_once_and_in_a_report(said: str, fault: Fault | None, points: float) -> None:
    code, enhanced, words = said.split(maxsplit=2)
    at_once = blamed(int(code), enhanced, f"{enhanced} {words}")
    reported = blamed(code_in(said), enhanced, said)
    assert at_once == reported
    assert (at_once.fault, at_once.points) == (fault, points)


@pytest.mark.parametrize(
    ("code", "words", "fault", "points"),
    [
        (550, "no such user", None, FULL),
        (553, "mailbox name not allowed", None, FULL),
        (554, "transaction failed", None, 0),
        (552, "too many recipients", None, 0),
        (550, "sorry, no mailbox here by that name (#5.1.1)", ADDRESS, DEAD),
        (None, "the server can't write to such an address", None, 0),
    ],
)
def test_without_an_enhanced_code_the_code_says_what_can_be_known(
    code: int | None, words: str, fault: Fault | None, points: float
) -> None:
    found = blamed(code, "", words)
    assert (found.fault, found.points) == (fault, points)


@pytest.mark.parametrize(
    ("enhanced", "words", "tells"),
    [
        ("5.0.0", "550 5.1.1 <…>: user unknown", "5.1.1"),
        ("5.0.0", "550-5.7.54 unable to relay", "5.7.54"),
        ("5.0.0", "550 5.0.0 then 550 5.2.1 closed", "5.2.1"),
        ("5.7.1", "550 5.1.1 user unknown", "5.7.1"),
        ("5.0.0", "550 Exim 4.94.2 says no", "5.0.0"),
        ("5.0.0", "host 5.1.1.8 said: no", "5.0.0"),
        ("", "550 #5.1.1 user unknown", "5.1.1"),
        ("", "550 5.1.1234 what", ""),
        ("", "", ""),
    ],
)
def test_where_a_report_says_nothing_the_code_among_its_words_is_the_answer(
    enhanced: str, words: str, tells: str
) -> None:
    assert telling(enhanced, words) == tells


@pytest.mark.parametrize(
    ("code", "enhanced"), [(552, "5.2.2"), (552, "5.5.3"), (552, ""), (552, "5.0.0"), (550, "4.7.1")]
)
def test_some_of_what_is_called_permanent_passes(code: int, enhanced: str) -> None:
    assert blamed(code, enhanced, "so").passes
