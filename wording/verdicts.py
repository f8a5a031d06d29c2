"""Verdicts as people read them."""

from domain.texts import N_
from wording.words import Texts

VERDICTS = {
    "kept": N_("kept"),
    "late": N_("late"),
    "overdue": N_("overdue"),
    "missed": N_("missed"),
    "pending": N_("pending"),
    "deferred": N_("deferred"),
    "not-applicable": N_("not applicable"),
}
SHORT = VERDICTS | {"not-applicable": N_("n/a")}
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
