"""What people say of a fact, beside what it is called; and finding it by that, in any case, with å ä ö or without."""

from collections.abc import Iterable, Sequence

from domain.fact import Fact
from domain.texts import N_
from wording.naming import as_one_word, folded, meant, parts
from wording.words import Words

SYNONYMS = {
    "disturbance-reported": N_("call, caller, complaint, trouble, can't log in, slow"),
    "escalated-internally": N_("passed on, escalate"),
    "outage-detected": N_("down, does not work, breakdown, stop, can't be reached, cable, full-scale"),
    "scope-reclassified": N_("bigger, smaller, whole region"),
    "system-owner-contacted": N_("called, reached, owner"),
    "unit-manager-contacted": N_("boss, manager, called"),
    "servicedesk-incident-created": N_("case, ticket, 30000, 30 000, Ritz, IT"),
    "supplier-contacted": N_("Visma, called"),
    "callers-informed": N_("call, caller, telephone, told"),
    "assistance-given": N_("help, troubleshooting, patient, prescriber"),
    "cause-established": N_("why, reason, fault"),
    "measure-reported": N_("fixed, restarted, action"),
    "instruction-received": N_("orders, IT says"),
    "mobile-connection-tried": N_("mobile, telephone, hotspot"),
    "operating-information-requested": N_("publish, driftinfo, ask"),
    "operating-information-published": N_("publish, driftinfo, intranet, Vårdgivare Skåne"),
    "operating-information-observed": N_("published, seen, driftinfo"),
    "prognosis-received": N_("when, back, time"),
    "prognosis-withdrawn": N_("no prognosis, longer than thought"),
    "reserve-routine-activated": N_("start, paper, reserve"),
    "activation-deferred": N_("wait, postpone"),
    "partner-notified": N_("Aktiv ortopedteknik, told, heads-up, all clear"),
    "referral-received": N_("fax, post, paper, referral"),
    "referral-entered": N_("fax, paper, typed in, registered"),
    "referral-set-aside": N_("fax, paper, duplicate, unreadable, returned, wrong number"),
    "service-restored": N_("works, back, up again, solved"),
    "reserve-routine-deactivated": N_("end, stop, paper, reserve"),
    "incident-closed": N_("finished, over, end"),
    "incident-reopened": N_("open again, again"),
    "note-added": N_("write, comment, remember, other"),
    "entry-corrected": N_("wrong, mistake, wrong time, wrong number, change"),
    "entry-withdrawn": N_("wrong entry, never happened, undo, delete"),
    "incident-voided": N_("exercise, mistake, same incident, twice"),
    "desk-handed-over": N_("hand over, shift, takes over"),
    "decision-made": N_("decide, decision"),
    "document-noted": N_("document, attachment, letter, mail"),
    "incident-reviewed": N_("review, conclusion"),
}
"""By the fact's wire name; translated whole, in the words of the language's own speakers."""


def meant_facts(text: str, facts: Sequence[type[Fact]], spoken: Iterable[Words]) -> list[type[Fact]]:
    """The facts that somebody means who writes this, in any of the languages that are spoken: by name, else by what
    people say."""
    languages = list(spoken)
    names = {fact: [fact.wire, *(words.fact(fact.wire) for words in languages)] for fact in facts}
    return meant(text, names) or meant(text, {fact: _said(fact, languages) for fact in facts})


def nearly(text: str, facts: Sequence[type[Fact]], spoken: Iterable[Words]) -> list[type[Fact]]:
    """The facts whose names are spelled nearly so, the nearest first."""
    from difflib import get_close_matches  # for whoever has mistyped

    names = {as_one_word(words.fact(fact.wire)): fact for words in spoken for fact in facts}
    names |= {fact.wire: fact for fact in facts}
    typed = {folded(name): fact for name, fact in names.items()}
    begun = {name.split("-")[0]: fact for name, fact in reversed(typed.items())}
    close = get_close_matches(folded(as_one_word(text)), begun | typed)
    return list(dict.fromkeys((begun | typed)[name] for name in close))


def _said(fact: type[Fact], languages: Iterable[Words]) -> list[str]:
    return [way for words in languages for way in words.gettext(SYNONYMS.get(fact.wire, "")).split(",")]


def nearest(text: str, facts: Iterable[type[Fact]], words: Words) -> list[type[Fact]]:
    """The facts that every word of the text begins a word of, those first that are called so; all of them for no
    text. Their order is kept where they are as near."""
    wanted = parts(text)
    scored = [(score, fact) for fact in facts if (score := _distance(wanted, fact, words)) is not None]
    return [fact for _score, fact in sorted(scored, key=lambda found: found[0])]


def _distance(wanted: list[str], fact: type[Fact], words: Words) -> int | None:
    """How many steps from its name the furthest word was found; None where one is not found at all."""
    said = words.gettext(SYNONYMS.get(fact.wire, ""))
    ways = [parts(way) for way in (f"{words.fact(fact.wire)} {fact.wire}", said, words.gettext(fact.meaning))]
    furthest = 0
    for word in wanted:
        found = [step for step, way in enumerate(ways) if any(part.startswith(word) for part in way)]
        if not found:
            return None
        furthest = max(furthest, found[0])
    return furthest
