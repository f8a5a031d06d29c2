"""What was told and is then corrected, withdrawn or voided, as its readers read it (Q29, Q30).

A correction says what stands and what stood; a withdrawal and a voiding what no longer counts. Those who are told only
what is published read neither reasons nor who wrote what.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from domain.fact import Recorded
from domain.facts import EntryWithdrawn, IncidentVoided, OperatingInformationPublished, OutageDetected
from domain.rewriting import Rewriting
from domain.texts import N_
from domain.vocabulary import Word
from wording.facts import Line, fact_lines, field_label, in_words, initial
from wording.times import spoken
from wording.words import Words

SHORT = 40
"""Characters of a text that still fits beside the one it replaces."""

QUOTED = ("text", "links")
"""Fields of a publication that are quoted by themselves."""


def is_published(rewriting: Rewriting) -> bool:
    """Whether the public may hear of it: what it is about is a publication, or the whole incident (Q9)."""
    return isinstance(rewriting.about.fact, OperatingInformationPublished | IncidentVoided)


def no_longer_counts(rewriting: Rewriting) -> bool:
    """Whether what people were told is to be forgotten: not so where it goes on under another number."""
    fact, by = rewriting.about.fact, rewriting.by.fact
    if isinstance(fact, IncidentVoided):
        return rewriting.after is not None and not fact.same_as
    return rewriting.after is None and not (isinstance(by, EntryWithdrawn) and by.moved_to)


def what_is_corrected(rewriting: Rewriting, words: Words, now: datetime) -> str:
    """The first value that a correction changes, as it stands and as it stood; "" where people wrote all of it."""
    if rewriting.before is None or rewriting.after is None:
        return ""
    for label, stood, stands in _changed(rewriting.before, rewriting.after, words):
        if stood != stands and not (_is_free(stood) or _is_free(stands)):
            line = _change(label, stood, stands, words, now)
            return " ".join((line.label, *line.value.splitlines()))
    return ""


def _is_free(value: Any) -> bool:
    """Whether people wrote it in their own words."""
    values = value if isinstance(value, tuple) else (value,)
    return isinstance(value, dict) or any(isinstance(each, str) and not isinstance(each, Word) for each in values)


def rewritten_headline(rewriting: Rewriting, words: Words) -> str:
    """What has become of what, in a few words; nothing that people wrote freely."""
    _, fact = words.gettext, rewriting.about.fact
    if rewriting.corrects:
        return _("Corrected: {what}").format(what=words.fact(fact.wire))
    if isinstance(fact, IncidentVoided):
        if rewriting.after is None:
            return _("Counts after all")
        same = _("The same outage as {incident}").format(incident=fact.same_as)
        return same if fact.same_as else _("Does not apply: entered by mistake")
    said = _("Stands after all: {what}") if rewriting.after else _("Withdrawn: {what}")
    return said.format(what=words.fact(fact.wire))


def rewritten_sentence(rewriting: Rewriting, words: Words, *, public: bool) -> str:
    """What that means for whoever was told."""
    _, fact = words.gettext, rewriting.about.fact
    moved_to = rewriting.by.fact.moved_to if isinstance(rewriting.by.fact, EntryWithdrawn) else None
    if isinstance(fact, IncidentVoided):
        return _(_of_the_incident(rewriting, fact)).format(incident=rewriting.by.incident, other=fact.same_as)
    if rewriting.corrects:
        return _(_PUBLISHED_CORRECTED if public else _CORRECTED)
    if rewriting.after:
        return _(_PUBLISHED_AFTER_ALL if public else _AFTER_ALL)
    if moved_to:
        return _(_PUBLISHED_ELSEWHERE if public else _ELSEWHERE).format(other=moved_to)
    return _(_PUBLISHED_WITHDRAWN if public else _WITHDRAWN)


def rewritten_lines(rewriting: Rewriting, words: Words, now: datetime, *, public: bool) -> tuple[Line, ...]:
    """What stands and what stood, or what no longer counts; and why, for whoever may read reasons."""
    before, after = rewriting.before, rewriting.after
    lines: tuple[Line, ...] = ()
    if before and after:
        lines = tuple(_changes(before, after, words, now))
    elif not isinstance(rewriting.about.fact, IncidentVoided):
        quoted = QUOTED if isinstance(rewriting.about.fact, OperatingInformationPublished) else ()
        left_out = (*quoted, "reserve_routine_applies", "situation") if public else quoted
        happened = Line(words.gettext("When"), spoken(rewriting.about.occurred_at, words, now, now))
        lines = (happened, *fact_lines(rewriting.about.fact, words, now, left_out))
    if public:
        return () if isinstance(rewriting.about.fact, IncidentVoided) else lines
    return (*lines, *_why(rewriting.by, words))


_CORRECTED = N_("You were told of this earlier. It has been corrected:")
_WITHDRAWN = N_("You were told of this earlier. It no longer counts:")
_ELSEWHERE = N_("You were told of this earlier. It belongs to outage {other}, not to this one:")
_AFTER_ALL = N_("You were told that this no longer counts. It stands after all:")
_PUBLISHED_CORRECTED = N_("What was published has been corrected. It now reads:")
_PUBLISHED_WITHDRAWN = N_("This was published and no longer applies:")
_PUBLISHED_ELSEWHERE = N_("This was published, and belongs to outage {other}, not to this one:")
_PUBLISHED_AFTER_ALL = N_("You were told that this no longer applies. It applies after all:")
_MISTAKE = N_("Outage {incident} was entered by mistake. What you were told of it does not apply.")
_SAME = N_("Outage {incident} is the same as {other}. What comes next is told under that number.")
_COUNTS_AFTER_ALL = N_("Outage {incident} counts after all, and so does what you were told of it.")


def _of_the_incident(rewriting: Rewriting, fact: IncidentVoided) -> str:
    if rewriting.after is None:
        return _COUNTS_AFTER_ALL
    return _SAME if fact.same_as else _MISTAKE


def _why(by: Recorded, words: Words) -> Iterator[Line]:
    """The reason, and what was written beside it."""
    reason = getattr(by.fact, "reason", "")
    beside = ((N_("Note"), by.note), (N_("Deviation"), by.deviation), (N_("Written late"), by.late_because))
    for label, text in ((N_("Because"), reason), *beside):
        if text:
            yield Line(words.gettext(label), text)


def _changes(before: Recorded, after: Recorded, words: Words, now: datetime) -> Iterator[Line]:
    """Each value that is another now, with the one that it was; of a publication also how it read."""
    _ = words.gettext
    if isinstance(after.fact, OperatingInformationPublished):
        for field, label in (("text", _("It read before")), ("links", _("Links before"))):
            stood = getattr(before.fact, field)
            if stood != getattr(after.fact, field):
                yield Line(label, (stood if field == "text" else "\n".join(stood)) or _("none"))
    for label, stood, stands in _changed(before, after, words):
        if stood != stands:
            yield _change(label, stood, stands, words, now)


def _changed(before: Recorded, after: Recorded, words: Words) -> Iterator[tuple[str, Any, Any]]:
    """What a correction may have changed, each with its label: as it stood, and as it stands."""
    _ = words.gettext
    left_out: tuple[str, ...] = QUOTED if isinstance(after.fact, OperatingInformationPublished) else ()
    if isinstance(before.fact, OutageDetected) and isinstance(after.fact, OutageDetected):
        left_out = ("since",)
        yield _("Down since"), before.fact.since or before.occurred_at, after.fact.since or after.occurred_at
        if before.fact.since or after.fact.since:
            yield _("Detected"), before.occurred_at, after.occurred_at
    else:
        yield _("When"), before.occurred_at, after.occurred_at
    for field in type(after.fact).model_fields:
        if field not in left_out:
            yield field_label(field, words), getattr(before.fact, field), getattr(after.fact, field)


def _change(label: str, stood: Any, stands: Any, words: Words, now: datetime) -> Line:
    _ = words.gettext
    of_the_day = stands if isinstance(stands, datetime) else now
    right = _value(stands, words, partial(spoken, words=words, now=now, beside=now))
    before = _value(stood, words, partial(spoken, words=words, now=now, beside=of_the_day))
    beside = len(before) <= SHORT and len(right) <= SHORT and "\n" not in right + before
    said = _("{now}, not {before}").format(now=right, before=before)
    return Line(label, said if beside else "\n".join((right, initial(_("not: {before}").format(before=before)))))


def _value(value: Any, words: Words, at: Callable[[datetime], str]) -> str:
    return words.gettext("nothing") if value in (None, "", ()) else in_words(value, words, at)
