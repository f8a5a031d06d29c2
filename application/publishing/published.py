"""What everybody may read of an incident: what the system owner has published of it, each time in its own words.

The words are those of the mail that the public was sent: one rule says what is published, and how it is told (Q9,
SR-015, Q30). Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.audience import Subscriber
from domain.delivery import Notice
from domain.fact import Recorded
from domain.facts import OperatingInformationPublished
from domain.history import as_happened
from domain.rewriting import takes_back, untold
from domain.routine import Routine
from domain.vocabulary import Audience, Situation, System
from infrastructure.outbox.mails import IncidentFacts
from notifiers.content import Content, contents
from notifiers.published import is_for_the_public, named
from wording.words import Language, Texts


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One fact that the public is told of: a publication, or what became of one. It happened `occurred_at` and was
    recorded `at` (aware), which is when it could first be read here; `content` says it as the mail did."""

    incident: str
    entry: int
    position: int
    occurred_at: datetime
    at: datetime
    content: Content

    @property
    def text(self) -> str:
        """All of it, without form."""
        return "\n\n".join([*self.content.asked, *(event.line.value for event in self.content.happened)])


@dataclass(frozen=True, slots=True)
class InForce:
    """The publication that applies: as it now reads, since when, and what it says of the systems."""

    at: datetime
    fact: OperatingInformationPublished
    systems: tuple[System, ...]
    content: Content

    @property
    def situation(self) -> str:
        """In one word: what the reader is to know at a glance."""
        if self.fact.reserve_routine_applies:
            return "reserve-routine"
        return self.fact.situation or Situation.OTHER


@dataclass(frozen=True, slots=True)
class Published:
    """Everything that was published of one incident, oldest first, and what of it applies; `is_over` once the
    incident is closed, or turned out to be none."""

    incident: str
    publications: tuple[FeedEntry, ...]
    standing: InForce | None
    is_over: bool

    @property
    def latest(self) -> FeedEntry:
        return self.publications[-1]


def published(written: Sequence[Recorded], routine: Routine, texts: Texts, driftinfo_url: str) -> Published | None:
    """What everybody may read of the incident with these facts; None while nothing has been published of it."""
    found = tuple(_publications(written, routine, texts, driftinfo_url))
    if not found:
        return None
    facts = IncidentFacts(written, routine)
    standing = _standing(written, facts, texts, driftinfo_url)
    return Published(facts.incident.number, found, standing, not facts.incident.open)


def _publications(
    written: Sequence[Recorded], routine: Routine, texts: Texts, driftinfo_url: str
) -> Iterator[FeedEntry]:
    """Each as the mail said it that went out at once: by what was known then, so that no later fact changes it."""
    are_any = False
    for count, recorded in enumerate(written, 1):
        if not (isinstance(recorded.fact, OperatingInformationPublished) or takes_back(recorded.fact)):
            continue
        facts = IncidentFacts(written[:count], routine)
        notice = _notice(facts, recorded.entry, texts.language)
        if not is_for_the_public(notice, notice.recorded) or (notice.rewritings and not are_any):
            continue
        are_any = True
        content = contents(notice, texts.translations, recorded.recorded_at, driftinfo_url=driftinfo_url)
        at, position = recorded.recorded_at, recorded.position or 0
        yield FeedEntry(recorded.incident, recorded.entry, position, recorded.occurred_at, at, content)


def _standing(written: Sequence[Recorded], facts: IncidentFacts, texts: Texts, driftinfo_url: str) -> InForce | None:
    """The latest publication that still counts, corrected as it is by now (Q29); as of its latest correction."""
    gone = untold(written)
    counted = [
        recorded
        for recorded in as_happened(written)
        if isinstance(recorded.fact, OperatingInformationPublished) and recorded.entry not in gone
    ]
    if not counted:
        return None
    latest = counted[-1]
    fact = latest.fact
    assert isinstance(fact, OperatingInformationPublished)  # noqa: S101 - so it was chosen
    notice = _notice(facts, latest.entry, texts.language)
    content = contents(notice, texts.translations, latest.occurred_at, driftinfo_url=driftinfo_url)
    return InForce(latest.occurred_at, fact, named(fact, facts.incident, texts.of(facts.incident.routine)), content)


def _notice(facts: IncidentFacts, entry: int, language: Language) -> Notice:
    """The public's notice of this entry, to a reader of no name."""
    recorded, rewriting = facts.by_entry[entry], facts.rewriting(entry)
    return Notice(
        0,
        recorded,
        facts.incident,
        Subscriber("", "", Audience.PUBLIC, language=language),
        message_id="",
        rewritings=(rewriting,) if rewriting else (),
        earlier=facts.earlier(entry),
    )
