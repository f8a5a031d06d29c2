"""What a notice says, and to whom it says what.

The public reads what the system owner has published and nothing else; everybody else reads internal
information, labelled so (Q9, SR-015, SR-017).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from gettext import NullTranslations

from domain import facts as f
from domain.audience import telling
from domain.delivery import Notice
from domain.fact import Recorded
from domain.incident import Incident
from domain.refusals import NotAuthorised
from domain.routine import Wording
from domain.vocabulary import Audience, Situation
from notifiers.standing import how_it_stands
from wording.facts import Line, fact_lines, headline, initial, listed
from wording.rewritings import is_published, rewritten_headline, rewritten_lines, rewritten_sentence
from wording.times import spoken
from wording.words import Language, Words

IN_THE_HEADLINE = ("systems", "areas", "scope", "restored_by", "until", "duty", "due_at")
"""Fields that a fact told in passing says in its headline, or does not need."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier fact in a few words: when it happened, what it was, and where it leads to."""

    when: str
    said: str
    links: tuple[str, ...] = ()

    @property
    def line(self) -> Line:
        return Line(self.when, "\n".join((self.said, *self.links)))


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a notice says, in words, before a channel sets it. An empty part is left out.

    The channel adds where to stop it, if one can: the `stop_address`, the subject to write there, and the link.
    """

    language: str
    subject: str
    headline: str
    when: str
    driftinfo_url: str
    why: str
    place: str
    stop_address: str = ""
    stop_subject: str = ""
    stop_url: str = ""
    label: str = ""
    lead: str = ""
    late: str = ""
    also: tuple[Earlier, ...] = ()
    replaces: tuple[Earlier, ...] = ()
    points: tuple[str, ...] = ()
    said: str = ""
    lines: tuple[Line, ...] = ()
    links: tuple[str, ...] = ()
    standing_at: str = ""
    standing: tuple[Line, ...] = ()
    checkpoint: str = ""


def contents(
    notice: Notice, translations: NullTranslations, now: datetime, *, driftinfo_url: str, checkpoint: str = ""
) -> Content:
    """What this notice says, as of `now` (aware).

    `driftinfo_url` is the one place where operating information is found (SR-017, SR-067). `checkpoint`, where there is
    one, is the newest signed note of the log: whoever keeps the notice is then a witness.

    Raises domain.refusals.NotAuthorised for a public notice of anything but published operating information, or what
    has become of it.
    """
    recorded, subscriber, public = notice.recorded, notice.subscriber, notice.subscriber.audience is Audience.PUBLIC
    fact, rewriting = recorded.fact, notice.rewriting(recorded)
    language: Language = "en" if subscriber.language == "en" else "sv"
    words = Words(translations, language, notice.incident.routine)
    _ = words.gettext
    if public and not _is_public(notice, recorded):
        raise NotAuthorised("not-for-the-public", fact=fact.wire)

    happened = spoken(recorded.occurred_at, words, now, now)
    written = spoken(recorded.recorded_at, words, now, recorded.occurred_at)
    quoted = rewriting.about.fact if rewriting else fact
    published = quoted if isinstance(quoted, f.OperatingInformationPublished) else None
    return Content(
        language=language,
        subject=_subject(notice, words, now),
        headline=_headline(notice, recorded, words, now),
        when=_when(notice, words, now),
        label="" if public else _("Internal information – not operating information"),
        lead=_lead(notice, words),
        late=_("Recorded afterwards: it happened {happened} and was recorded {recorded}.").format(
            happened=happened, recorded=written
        )
        if _is_late(notice)
        else "",
        also=_earlier(notice, notice.also, words, now),
        replaces=_earlier(notice, notice.replaces, words, now),
        points=_points(notice, words),
        said=published.text if published else "",
        lines=_lines(notice, words, now),
        links=published.links if published and not (rewriting and rewriting.after is None) else (),
        standing_at="" if public else _("How it stands {time}").format(time=spoken(now, words, now)),
        standing=() if public else how_it_stands(notice, words, now),
        driftinfo_url=driftinfo_url,
        why=_("You receive this mail because you subscribe as: {audience}.").format(
            audience=words.name(subscriber.audience)
        ),
        place=_place(notice, words),
        checkpoint=checkpoint.rstrip("\n"),
    )


def _subject(notice: Notice, words: Words, now: datetime) -> str:
    """The incident's stable prefix, then what happened; never a word that people wrote freely. The public is told of
    nothing but what was published."""
    _ = words.gettext
    public = notice.subscriber.audience is Audience.PUBLIC
    what = _headline(notice, notice.recorded, words, now) if public else _what_happened(notice, words, now)
    prefix = _("[Outage {incident}]").format(incident=notice.incident.number)
    late = _is_late(notice) and not (notice.summary or notice.recorded.fact.clocks)
    return f"{prefix} {what}" + (" (" + _("recorded afterwards") + ")" if late else "")


def _what_happened(notice: Notice, words: Words, now: datetime) -> str:
    """The headline, with the systems that it is about."""
    _ = words.gettext
    incident, fact, said = notice.incident, notice.recorded.fact, _headline(notice, notice.recorded, words, now)
    affected = f" – {listed(words, incident.systems)}" if incident.systems else ""
    if notice.summary:
        return _("How it stands: {status}").format(status=words.name(incident.status)) + affected
    if notice.rewriting(notice.recorded):
        return said + affected
    if isinstance(fact, f.OperatingInformationPublished):
        return f"{said}: " + _("the reserve routine applies") if fact.reserve_routine_applies else said
    return said if ":" in said else said + affected


def _is_public(notice: Notice, recorded: Recorded) -> bool:
    """Whether the public may be told of it: published operating information, and what has become of that (Q9, Q30)."""
    rewriting = notice.rewriting(recorded)
    return is_published(rewriting) if rewriting else isinstance(recorded.fact, f.OperatingInformationPublished)


def _headline(notice: Notice, recorded: Recorded, words: Words, now: datetime) -> str:
    rewriting = notice.rewriting(recorded)
    if rewriting:
        return rewritten_headline(rewriting, words)
    if notice.subscriber.audience is Audience.PUBLIC and isinstance(recorded.fact, f.OperatingInformationPublished):
        return _published_headline(recorded.fact, words, now)
    return headline(recorded.fact, words, now)


def _published_headline(fact: f.OperatingInformationPublished, words: Words, now: datetime) -> str:
    """What was published, for those who are told of nothing else: in its publisher's own words for the situation."""
    _ = words.gettext
    if fact.reserve_routine_applies:
        return _("The reserve routine applies")
    said = {Situation.DOWN: _("The systems are down"), Situation.WORKS_AGAIN: _("The systems work again")}
    return said[fact.situation] if fact.situation in said else headline(fact, words, now)


def _when(notice: Notice, words: Words, now: datetime) -> str:
    _ = words.gettext
    recorded = notice.recorded
    happened = spoken(recorded.occurred_at, words, now)
    if recorded.fact.clocks:
        reminds = isinstance(recorded.fact, f.DeadlineApproaching)
        said = _("{time}, automatic reminder") if reminds else _("{time}, automatic notice")
        return initial(said.format(time=happened))
    if notice.subscriber.audience is not Audience.PUBLIC:
        said = _("{time}, recorded by {function}").format(time=happened, function=words.name(recorded.recorded_as))
        return initial(said)
    return initial(happened) if notice.rewriting(recorded) else _("Published {time}").format(time=happened)


def _place(notice: Notice, words: Words) -> str:
    """Where it stands; the public, who can't read the log, is told what to refer to."""
    _, incident = words.gettext, notice.incident.number
    if notice.subscriber.audience is Audience.PUBLIC:
        return _("Case {incident}").format(incident=incident)
    return _("In the log: incident {incident}, entry {entry}.").format(incident=incident, entry=notice.recorded.entry)


def _is_late(notice: Notice) -> bool:
    """Such a fact is told as recorded afterwards, never as if it were new."""
    return notice.recorded.recorded_at - notice.recorded.occurred_at > notice.incident.routine.recorded_within


def _lead(notice: Notice, words: Words) -> str:
    _ = words.gettext
    public = notice.subscriber.audience is Audience.PUBLIC
    if rewriting := notice.rewriting(notice.recorded):
        return rewritten_sentence(rewriting, words, public=public)
    if not notice.summary:
        return ""
    if public:
        return _("You have just subscribed. This is the operating information that was published most recently.")
    return _("You have just subscribed. This is how the open incident stands, and the latest about it.")


def _lines(notice: Notice, words: Words, now: datetime) -> tuple[Line, ...]:
    """The fact's fields, then the note and the deviation; for the public only where it was published."""
    _ = words.gettext
    recorded, fact = notice.recorded, notice.recorded.fact
    public = notice.subscriber.audience is Audience.PUBLIC
    if rewriting := notice.rewriting(recorded):
        return rewritten_lines(rewriting, words, now, public=public)
    if public:
        return fact_lines(fact, words, now, leave_out=("text", "links", "reserve_routine_applies"))
    published = isinstance(fact, f.OperatingInformationPublished)
    return _all_lines(recorded, words, now, leave_out=("text", "links") if published else ())


def _all_lines(recorded: Recorded, words: Words, now: datetime, leave_out: Iterable[str]) -> tuple[Line, ...]:
    lines = fact_lines(recorded.fact, words, now, leave_out)
    beside = ((words.gettext("Note"), recorded.note), (words.gettext("Deviation"), recorded.deviation))
    return lines + tuple(Line(label, text) for label, text in beside if text)


def _earlier(notice: Notice, facts: tuple[Recorded, ...], words: Words, now: datetime) -> tuple[Earlier, ...]:
    """When each of these happened and what it was, oldest first; of a publication also what it said.

    The public is shown published operating information alone, whatever else waited along with it.
    """
    public = notice.subscriber.audience is Audience.PUBLIC
    return tuple(
        _in_passing(notice, recorded, words, now, public=public)
        for recorded in facts
        if not public or _is_public(notice, recorded)
    )


def _in_passing(notice: Notice, recorded: Recorded, words: Words, now: datetime, *, public: bool) -> Earlier:
    when = initial(spoken(recorded.occurred_at, words, now, notice.recorded.occurred_at))
    what = _headline(notice, recorded, words, now)
    links: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    said = [what]
    rewriting = notice.rewriting(recorded)
    if rewriting:
        if not rewriting.corrects:  # that the headline says
            said.append(rewritten_sentence(rewriting, words, public=public))
        lines = rewritten_lines(rewriting, words, now, public=public)
    match rewriting.about.fact if rewriting else recorded.fact:
        case f.OperatingInformationPublished(text=text) as published:
            said.append(text)
            links = published.links if not rewriting or rewriting.after else ()
        case _ if not rewriting:
            lines = _all_lines(recorded, words, now, IN_THE_HEADLINE)
    return Earlier(when, "\n".join([*said, *(f"{line.label}: {line.value}" for line in lines)]), links)


def _points(notice: Notice, words: Words) -> tuple[str, ...]:
    """What the routine asks of this reader by each fact in the mail, and the paper that waits for the partner
    (SR-092, SR-094 to SR-098)."""
    incident, audience = notice.incident, notice.subscriber.audience
    facts = [notice.recorded, *notice.also]
    says = [wording for recorded in facts for wording in _says(notice, recorded)]
    systems = listed(words, incident.down or incident.systems)
    asked = tuple(dict.fromkeys(wording.in_(words.language).replace("{systems}", systems) for wording in says))
    over = any(isinstance(recorded.fact, f.ServiceRestored | f.ReserveRoutineDeactivated) for recorded in facts)
    return asked + _to_enter(incident, words) if audience is Audience.PARTNER and over else asked


def _says(notice: Notice, recorded: Recorded) -> tuple[Wording, ...]:
    """What the routine asks; by a correction only where another thing is asked once it is corrected."""
    audience, routine, rewriting = notice.subscriber.audience, notice.incident.routine, notice.rewriting(recorded)
    stands, stood = (rewriting.after, rewriting.before) if rewriting else (recorded, None)
    asks = telling(audience, stands, routine) if stands else None
    asked = telling(audience, stood, routine) if stood else None
    return asks.says if asks and asks is not asked else ()


def _to_enter(incident: Incident, words: Words) -> tuple[str, ...]:
    """SR-092: the referrals to enter by hand, once the system is running again."""
    _ = words.gettext
    if not incident.outstanding:
        return (_("No paper referral waits to be entered."),)
    count = len(incident.outstanding)
    waiting = words.ngettext(
        "{count} paper referral is to be entered by hand: {serials}.",
        "{count} paper referrals are to be entered by hand: {serials}.",
        count,
    ).format(count=count, serials=", ".join(incident.outstanding))
    if not incident.down:
        return (waiting,)
    return (
        waiting,
        _("Still down: {systems}. Referrals are entered only in a system that is running again.").format(
            systems=listed(words, incident.down)
        ),
    )
