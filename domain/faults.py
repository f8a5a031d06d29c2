"""Whose fault it is that a mail was not taken, and what that costs the reader: one table. Pure.

The mail server says it by a code (RFC 5321 §4.2), and most often by an enhanced code (RFC 3463), at once or later in a
report (RFC 3464). What it says means the same whichever way it comes. Why each row is as it is:
docs/decisions/0016.
"""

import re
from typing import NamedTuple

from domain.suspension import DEAD, FULL
from domain.texts import N_
from domain.vocabulary import Word


class Fault(Word):
    """Whose fault it is that a mail was not accepted (RFC 3463)."""

    ADDRESS = "address", N_("the address")
    POLICY = "policy", N_("the mail server's policy")


class Blame(NamedTuple):
    """Whose fault a refusal is, None where nobody's or nobody knows; what it counts against the address
    (domain.suspension); whether it is worth another try although it is called permanent."""

    fault: Fault | None = None
    points: float = 0.0
    passes: bool = False


NOBODY, PASSES, POLICY = Blame(), Blame(passes=True), Blame(Fault.POLICY)
DEAD_ADDRESS, TAKES_NONE_NOW = Blame(Fault.ADDRESS, DEAD), Blame(Fault.ADDRESS, FULL)

_TABLE = (
    # enhanced code, code, words: the first row that fits
    (r"5\.1\.[78]", "", "", POLICY),  # of 5.1.x these are about our sender
    (r"5\.1\.\d+", "", "", DEAD_ADDRESS),
    (r"[45]\.2\.2", "", "", Blame(Fault.ADDRESS, FULL, passes=True)),  # the mailbox is full
    (r"5\.2\.3", "", "", NOBODY),  # this one mail is too long for it
    (r"5\.2\.\d+", "", "", TAKES_NONE_NOW),  # it is closed
    (r"5\.4\.1", "", "recipient address rejected", DEAD_ADDRESS),  # Exchange Online's word for nobody of that name
    (r"5\.5\.3", "", "", PASSES),  # too many recipients
    (r"5\.7\.\d+", "", "", POLICY),
    (r"4\.\d+\.\d+", "", "", PASSES),
    # Without an enhanced code, or with one that says nothing:
    (r"(5\.0\.\d+)?", "552", "", PASSES),  # too many recipients, again (RFC 5321 §4.5.3.1.10)
    (r"(5\.0\.\d+)?", "550|551|553", "", Blame(None, FULL)),  # a mailbox, but for which reason nobody knows
    (r"5\.0\.\d+", "None", "", Blame(None, FULL)),
)
"""Whatever fits no row is nobody's fault: the network, a mail too large, a server that is out of order."""

_CODE = re.compile(r"(?<![\d.])[45]\d\d(?![\d.])")
_WITHIN = re.compile(r"(?:^|#|(?<![\d.])[245]\d\d[ -]\(?#?)([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
"""Where in a sentence an enhanced code stands: first, after the code or a #. Elsewhere it may be a version number."""

_SAYS_NOTHING = re.compile(r"([245]\.0\.\d+)?")


def blamed(code: int | None, enhanced: str, words: str) -> Blame:
    """Whose fault a refusal is, by its code, its enhanced code ("" where there is none) and what was said."""
    enhanced, said = telling(enhanced, words), words.casefold()
    fitting = (
        blame
        for by_enhanced, by_code, of_words, blame in _TABLE
        if re.fullmatch(by_enhanced, enhanced)
        and (not by_code or re.fullmatch(by_code, str(code)))
        and of_words in said
    )
    return next(fitting, NOBODY)


def telling(enhanced: str, words: str) -> str:
    """The enhanced code that says the most: where there is none, or 5.0.0, the first one among the words that does."""
    if not _SAYS_NOTHING.fullmatch(enhanced):
        return enhanced
    return next((found for found in _WITHIN.findall(words) if not _SAYS_NOTHING.fullmatch(found)), enhanced)


def code_in(words: str) -> int | None:
    """The code that stands first in what was said, if one does."""
    match = _CODE.search(words)
    return int(match[0]) if match else None


FEWEST_AT_ONCE, FEWEST_REPORTED = 3, 5
"""How many readers it takes at least. Two who have left may be all that a small audience has; three answers of one
server, seconds apart, have one cause. Reports are written over hours, by servers that have each looked their own reader
up."""


def is_about_us(alike: int, readers: int, fewest: int) -> bool:
    """Whether so many, of so many readers of the same round, being given one and the same refusal is our fault or the
    mail server's, whatever its code says: more than half of them, and the fewest that it takes."""
    return alike >= fewest and 2 * alike > readers
