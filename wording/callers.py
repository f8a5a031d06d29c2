"""What to tell whoever calls just now: the routine's own sentences, filled in with how it stands."""

from datetime import datetime

from domain.callers import to_be_said
from domain.incident import Incident
from wording.facts import initial
from wording.times import near
from wording.words import Words


def sentences(incident: Incident, words: Words, now: datetime, driftinfo_url: str) -> list[str]:
    """One text for each sentence, as it is read out; `driftinfo_url` is where operating information is shown when the
    latest publication has no link of its own."""
    known = _known(incident, words, now, driftinfo_url)
    texts = (saying.text.in_(words.language) for saying in to_be_said(incident, now))
    sayable = [text for text in texts if all(known[name] for name in known if f"{{{name}}}" in text)]
    return [initial(text.format_map(known)) for text in sayable]


def _known(incident: Incident, words: Words, now: datetime, driftinfo_url: str) -> dict[str, str]:
    """What a sentence may be filled in with, empty where it is not known."""
    prognosis = incident.prognosis_at(now)
    return {
        "systems": _and(words, [words.name(system) for system in incident.down or incident.systems]),
        "since": near(incident.down_since, words, now) if incident.down_since else "",
        "prognosis": near(prognosis.restored_by, words, now) if prognosis else "",
        "link": next(iter(incident.publication.links), driftinfo_url) if incident.publication else driftinfo_url,
    }


def _and(words: Words, names: list[str]) -> str:
    return words.gettext(" and ").join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
