"""What the public is told: what the system owner has published, and nothing that it does not say (Q9, SR-015)."""

import re
from datetime import datetime
from functools import partial

from domain import facts as f
from domain.audience import telling
from domain.delivery import Notice
from domain.fact import Recorded
from domain.incident import Incident
from domain.vocabulary import Situation, System
from wording.facts import running
from wording.rewritings import is_published, no_longer_counts, rewritten_headline
from wording.times import spoken
from wording.words import Words

Forms = tuple[list[str], tuple[System, ...]]
"""A subject in words, the fullest first and then shorter ones, and the systems that {systems} in it stands for."""


def is_for_the_public(notice: Notice, recorded: Recorded) -> bool:
    """Whether the public may be told of it: published operating information, and what has become of that (Q9, Q30)."""
    rewriting = notice.rewriting(recorded)
    return is_published(rewriting) if rewriting else isinstance(recorded.fact, f.OperatingInformationPublished)


def published(notice: Notice, recorded: Recorded) -> f.OperatingInformationPublished | None:
    """The operating information that this fact of the notice is about, if it is about any."""
    rewriting = notice.rewriting(recorded)
    fact = rewriting.about.fact if rewriting else recorded.fact
    return fact if isinstance(fact, f.OperatingInformationPublished) else None


def named(fact: f.OperatingInformationPublished, incident: Incident, words: Words) -> tuple[System, ...]:
    """The systems that the published text names and that are as it says of the whole: none where it says different
    things of several, or names none. No other system is named to the public."""
    text, found = fact.text.casefold(), []
    for system in sorted(incident.routine.systems, key=lambda system: -len(words.name(system))):
        text, count = re.subn(rf"(?<!\w){re.escape(words.name(system).casefold())}(?!\w)", " ", text)
        if count:
            found.append(system)
    down = {system in incident.down for system in found}
    agrees = down <= {fact.situation is Situation.DOWN} and set(found) <= set(incident.systems)
    return incident.in_order(tuple(found)) if agrees else ()


def what_was_published(fact: f.OperatingInformationPublished, words: Words) -> str:
    """What it says, for those who are told more than that."""
    _ = words.gettext
    said = fact.situation if fact.situation is not Situation.OTHER else None
    what = _("the reserve routine applies") if fact.reserve_routine_applies else words.name(said) if said else ""
    return _("Published: {what}").format(what=what or _("operating information"))


def public_forms(notice: Notice, words: Words, now: datetime) -> Forms:
    """What a prescriber reads in the list of mails."""
    _, at = words.gettext, partial(spoken, words=words, now=now, beside=now)
    recorded, rewriting = notice.recorded, notice.rewriting(notice.recorded)
    fact = published(notice, recorded)
    if rewriting is None and fact:
        return _of(notice, recorded, fact, words)
    if rewriting is None or fact is None:
        mistaken = rewriting and no_longer_counts(rewriting)
        said = _("Does not apply: the operating information was a mistake") if mistaken else ""
        return [said or (rewritten_headline(rewriting, words) if rewriting else "")], ()
    if rewriting.corrects and rewriting.after:
        forms, systems = _of(notice, rewriting.after, fact, words)
        return [_("Corrected: {what}").format(what=running(form).replace(": ", " – ", 1)) for form in forms], systems
    said = (
        _("Applies after all: operating information {time}")
        if rewriting.after
        else _("No longer applies: operating information {time}")
    )
    return [said.format(time=at(rewriting.about.occurred_at))], ()


def _of(notice: Notice, recorded: Recorded, fact: f.OperatingInformationPublished, words: Words) -> Forms:
    _, incident = words.gettext, notice.incident
    systems = named(fact, incident, words)
    found = telling(notice.subscriber.audience, recorded, incident.routine)
    subject = found.subject.in_(words.language) if found and found.subject else ""
    forms = [subject if systems else subject.removesuffix(": {systems}")] if subject else []
    if fact.reserve_routine_applies:
        forms.append(_("The reserve routine applies"))
    elif fact.situation is Situation.DOWN:
        forms += [_("Down: {systems}"), _("The systems are down")]
    elif fact.situation is Situation.WORKS_AGAIN:
        forms += [_("Works again: {systems}"), _("The systems work again")]
    else:
        forms.append(
            _("New operating information: {channels}").format(channels=", ".join(map(words.name, fact.channels)))
        )
    return [form for form in forms if systems or "{systems}" not in form], systems
