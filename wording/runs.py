"""A run of alike entries in one line: how many papers, what became of them, which entries, and when."""

from collections.abc import Iterable, Sequence

from domain.fact import Recorded
from domain.facts import ReferralReceived, ReferralSetAside
from domain.runs import Paper, spans
from wording.words import Words


def papers(run: Sequence[Recorded], words: Words) -> str:
    """`39 paper referrals entered (OT-0001 … OT-0040)`: the first and the last as they were read."""
    facts = [recorded.fact for recorded in run if isinstance(recorded.fact, Paper)]
    said = _what(facts[0], len(facts), words).format(count=len(facts))
    said = f"{said} ({facts[0].serial} … {facts[-1].serial})"
    return f"{said}, {run[0].late_because}" if run[0].late_because else said


def _what(fact: Paper, count: int, words: Words) -> str:
    if isinstance(fact, ReferralReceived):
        return words.ngettext("{count} paper referral received", "{count} paper referrals received", count)
    if isinstance(fact, ReferralSetAside):
        said = words.ngettext("{count} paper referral set aside", "{count} paper referrals set aside", count)
        return f"{said}, {words.name(fact.reason)}"
    return words.ngettext("{count} paper referral entered", "{count} paper referrals entered", count)


def numbers(entries: Iterable[int]) -> str:
    """`41–79, 81`."""
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans(entries))
