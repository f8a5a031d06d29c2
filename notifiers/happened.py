"""What has happened, as a notice tells it: each of its facts once, in the order in which they happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain import facts as f
from domain.delivery import Notice
from domain.fact import Recorded
from domain.vocabulary import Audience
from notifiers.asked import text_to_publish
from notifiers.published import is_for_the_public, published, what_was_published
from notifiers.subject import is_late
from wording.facts import Line, fact_lines, headline, initial
from wording.rewritings import rewritten_headline, rewritten_lines, rewritten_sentence
from wording.times import spoken
from wording.words import Words

IN_THE_HEADLINE = ("systems", "areas", "scope", "restored_by", "until", "duty", "due_at")
"""Fields that a fact told along with others says in its headline, or does not need."""
QUOTED = ("text", "links")
IN_WHAT_WAS_PUBLISHED = ("reserve_routine_applies", "situation")


@dataclass(frozen=True, slots=True)
class Event:
    """A fact in a few words: when it happened, what it was, the text that it quotes, the rest, and where it leads."""

    when: str
    said: tuple[str, ...]
    quoted: str = ""
    lines: tuple[Line, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def line(self) -> Line:
        """All of it, one under the other."""
        rest = (f"{line.label}: {line.value}" for line in self.lines)
        return Line(self.when, "\n".join([*self.said, *([self.quoted] if self.quoted else []), *rest, *self.links]))


def events(notice: Notice, words: Words, now: datetime, driftinfo_url: str) -> tuple[Event, ...]:
    """The facts of the notice, the oldest first. A link to `driftinfo_url` is the notice's own to give."""
    return _events(notice, (notice.recorded, *notice.also), words, now, driftinfo_url)


def events_before(notice: Notice, words: Words, now: datetime, driftinfo_url: str) -> tuple[Event, ...]:
    """What the public was told before, the newest first."""
    if notice.subscriber.audience is not Audience.PUBLIC:
        return ()
    own = {recorded.entry for recorded in (notice.recorded, *notice.also)}
    before = (recorded for recorded in notice.earlier if recorded.entry not in own)
    return _events(notice, before, words, now, driftinfo_url)[::-1]


def events_replaced(notice: Notice, words: Words, now: datetime, driftinfo_url: str) -> tuple[Event, ...]:
    """What was to be told and has become stale, the oldest first; to the public it is an earlier publication."""
    if notice.subscriber.audience is Audience.PUBLIC:
        return ()
    return _events(notice, notice.replaces, words, now, driftinfo_url)


def _events(
    notice: Notice, facts: Iterable[Recorded], words: Words, now: datetime, driftinfo_url: str
) -> tuple[Event, ...]:
    public = notice.subscriber.audience is Audience.PUBLIC
    told = [recorded for recorded in facts if not public or is_for_the_public(notice, recorded)]
    in_order = sorted(told, key=lambda recorded: (recorded.occurred_at, recorded.entry))
    return tuple(_event(notice, recorded, words, now, driftinfo_url) for recorded in in_order)


def _event(notice: Notice, recorded: Recorded, words: Words, now: datetime, driftinfo_url: str) -> Event:
    public, rewriting = notice.subscriber.audience is Audience.PUBLIC, notice.rewriting(recorded)
    publication = published(notice, recorded)
    said = [] if public else [_what(notice, recorded, words, now)]
    if rewriting:
        said.append(rewritten_sentence(rewriting, words, public=public))
        lines = rewritten_lines(rewriting, words, now, public=public)
    elif public:
        lines = fact_lines(recorded.fact, words, now, (*QUOTED, *IN_WHAT_WAS_PUBLISHED))
    else:
        lines = _internal(notice, recorded, words, now)
    if is_late(notice, recorded) and not recorded.fact.clocks:
        said.append(_late(recorded, words, now))
    how_it_stands_follows = not public and notice.incident.open  # and says the day
    links = publication.links if publication and not (rewriting and rewriting.after is None) else ()
    return Event(
        when=initial(spoken(recorded.occurred_at, words, now, now if how_it_stands_follows else None)),
        said=tuple(said),
        quoted=publication.text if publication else "",
        lines=lines,
        links=tuple(link for link in links if link != driftinfo_url),
    )


def _what(notice: Notice, recorded: Recorded, words: Words, now: datetime) -> str:
    """What it was, and who wrote it down."""
    _, rewriting = words.gettext, notice.rewriting(recorded)
    if rewriting:
        said = rewritten_headline(rewriting, words)
    elif isinstance(recorded.fact, f.OperatingInformationPublished):
        said = what_was_published(recorded.fact, words)
    else:
        said = headline(recorded.fact, words, now)
    if recorded.fact.clocks:
        return said
    return _("{what} ({function})").format(what=said, function=words.name(recorded.recorded_as))


def _internal(notice: Notice, recorded: Recorded, words: Words, now: datetime) -> tuple[Line, ...]:
    """The fact's fields that are said nowhere else in the mail, then the note and the deviation."""
    left_out: tuple[str, ...] = IN_THE_HEADLINE
    match recorded.fact:
        case f.OutageDetected():
            left_out = ("systems",)
        case f.OperatingInformationPublished():
            left_out = (*QUOTED, *IN_WHAT_WAS_PUBLISHED)
        case f.OperatingInformationRequested(text=text) if text == text_to_publish(notice):
            left_out = ("text",)
    lines = fact_lines(recorded.fact, words, now, left_out)
    _ = words.gettext
    beside = [
        (_("Note"), recorded.note),
        (_("Deviation"), recorded.deviation),
        (_("Written late"), recorded.late_because),
    ]
    return lines + tuple(Line(label, text) for label, text in beside if text)


def _late(recorded: Recorded, words: Words, now: datetime) -> str:
    happened = spoken(recorded.occurred_at, words, now, now)
    written = spoken(recorded.recorded_at, words, now, recorded.occurred_at)
    return words.gettext("Recorded afterwards: it happened {happened} and was recorded {recorded}.").format(
        happened=happened, recorded=written
    )
