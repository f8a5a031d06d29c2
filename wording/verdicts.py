"""Verdicts as people read them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.hindsight import Reviewed
from domain.review import Unapplied
from domain.routine import Condition
from domain.texts import N_
from wording import times
from wording.words import Texts, Words

VERDICTS = {
    "kept": N_("kept"),
    "late": N_("late"),
    "overdue": N_("overdue"),
    "missed": N_("missed"),
    "pending": N_("pending"),
    "deferred": N_("deferred"),
    "not-applicable": N_("not applicable"),
}
SHORT = VERDICTS | {"late": N_("done late"), "missed": N_("not done"), "not-applicable": N_("n/a")}
"""So that a table of all is no wider than a terminal."""
WHY = {
    "": "",
    "prognosis-in-force": N_("a prognosis was in force"),
    "deferral-in-force": N_("deferred by a decision"),
    "over-in-time": N_("it was over before the duty fell due"),
    "lapsed": N_("it was over before the duty was done"),
}


def word_of(word: str, texts: Texts) -> str:
    """A verdict's word, which JSON has in English, as people read it."""
    return texts.gettext(VERDICTS[word])


def why_of(code: str, texts: Texts) -> str:
    """Why a verdict is not what its times alone would say, empty where they do."""
    return texts.gettext(WHY[code])


CONDITIONS: dict[Condition, str] = {
    "incident-open": N_("an open incident"),
    "outage": N_("an outage"),
    "restored": N_("a restoration of all systems"),
    "scope-all-users": N_("an outage for all users"),
    "scope-region-wide": N_("an outage in the whole region"),
    "scope-local": N_("a local outage"),
    "clock-runs": N_("an outage in which the reserve routine's clock runs"),
    "awaiting-instruction": N_("an instruction to wait for"),
    "own-measures": N_("an outage for all users, or an instruction to act"),
    "activation-ordered": N_("an instruction to activate the reserve routine"),
    "prognosis-in-force": N_("a prognosis in force"),
    "deferral-in-force": N_("a deferral in force"),
    "reserve-routine-active": N_("an active reserve routine"),
    "reserve-routine-inactive": N_("an inactive reserve routine"),
    "paper-outstanding": N_("paper that is left"),
}


def why_never(duty: Unapplied, words: Words) -> str:
    """Why a duty never came about."""
    _ = words.gettext
    needs = [_(CONDITIONS[condition]) for condition in duty.conditions]
    if duty.facts:
        return _("never started: it starts with {facts}").format(facts=", ".join(map(words.fact, duty.facts)))
    return _("never came about: it takes {conditions}").format(conditions=_(" and ").join(needs))


def how_it_fared(line: Reviewed, words: Words, beside: datetime | None = None) -> Iterator[str]:
    """What there is to say of one line of a review: times, with their date where it is not that of `beside`, attempts,
    and why it is as it is."""
    _, verdict = words.gettext, line.verdict
    if isinstance(verdict, Unapplied):
        yield why_never(verdict, words)
        return
    if verdict.due_at:
        yield _("due {time}").format(time=times.clock(verdict.due_at, beside))
    if verdict.done_at and not verdict.duty.forbids:
        yield _("done {time}").format(time=times.clock(verdict.done_at, beside))
    if verdict.late:
        yield _("{span} late").format(span=times.span(verdict.late))
    if verdict.tried:
        yield _("tried in entry {entries}").format(entries=_listed(verdict.tried))
    if verdict.afterwards:
        yield _("done when it was over, in entry {entries}").format(entries=_listed(verdict.afterwards))
    if verdict.why:
        yield why_of(verdict.why, words)
    if known := line.known:
        yield _("by what was known {time}: {verdict}; entry {entry} changed it").format(
            time=times.clock(known.at, beside), verdict=word_of(known.word, words), entry=known.changed_by
        )


def _listed(entries: Sequence[int]) -> str:
    return ", ".join(map(str, entries))
