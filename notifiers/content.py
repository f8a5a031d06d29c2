"""What a notice says, and to whom it says what.

First what to do now, then what has happened, then how it stands. The public reads what the system owner has published
and nothing else; everybody else reads internal information, labelled so (Q9, SR-015, SR-017).
"""

from dataclasses import dataclass
from datetime import datetime
from gettext import NullTranslations

from domain.delivery import Notice
from domain.refusals import NotAuthorised
from domain.vocabulary import Audience
from notifiers.asked import asked, text_to_publish
from notifiers.first_line import first_line
from notifiers.happened import Event, events, events_before, events_replaced
from notifiers.published import is_for_the_public
from notifiers.standing import how_it_stands
from notifiers.subject import headline_and_subject
from wording.facts import Line
from wording.times import spoken
from wording.words import Language, Words, language_for


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a notice says, in words, before a channel sets it. An empty part is left out.

    `first` is the line beside the subject in a list of mails, where what is `asked` does not say it best. `to_copy` is
    the text that the reader is asked to publish. `happened` are the notice's own facts, under the heading
    `happened_as`; `replaced` what never went out in time, and `earlier` what the public was told before.

    The channel adds where to stop it, if one can: the `stop_address`, the subject to write there, and the link; and
    `change_url`, where the reader has a page to change it on.
    """

    language: Language
    subject: str
    headline: str
    asked: tuple[str, ...]
    happened_as: str
    happened: tuple[Event, ...]
    driftinfo_url: str
    why: str
    place: str
    first: str = ""
    label: str = ""
    to_copy: str = ""
    replaced: tuple[Event, ...] = ()
    earlier: tuple[Event, ...] = ()
    standing_at: str = ""
    standing: tuple[Line, ...] = ()
    checkpoint: str = ""
    stop_address: str = ""
    stop_subject: str = ""
    stop_url: str = ""
    change_url: str = ""

    @property
    def quotes_swedish(self) -> bool:
        """Whether it quotes what people have written in another language than its own."""
        quoted = (event.quoted for event in (*self.happened, *self.replaced, *self.earlier))
        return self.language != "sv" and (bool(self.to_copy) or any(quoted))


def contents(
    notice: Notice, translations: NullTranslations, now: datetime, *, driftinfo_url: str, checkpoint: str = ""
) -> Content:
    """What this notice says, as of `now` (aware).

    `driftinfo_url` is the one place where operating information is found (SR-017, SR-067). `checkpoint`, where there is
    one, is the newest signed note of the log: whoever keeps the notice is then a witness.

    Raises domain.refusals.NotAuthorised for a public notice of anything but published operating information, or what
    has become of it.
    """
    recorded, subscriber = notice.recorded, notice.subscriber
    public = subscriber.audience is Audience.PUBLIC
    language = language_for(subscriber.language)
    words = Words(translations, language, notice.incident.routine)
    _ = words.gettext
    if public and not is_for_the_public(notice, recorded):
        raise NotAuthorised("not-for-the-public", fact=recorded.fact.wire)

    headline, subject = headline_and_subject(notice, words, now)
    standing = () if public else how_it_stands(notice, words, now)
    return Content(
        language=language,
        subject=subject,
        headline=headline,
        first=first_line(notice, words, now),
        label="" if public else _("Internal information – not operating information"),
        asked=asked(notice, words, now),
        to_copy=text_to_publish(notice),
        happened_as=_("This has been published") if public and not notice.rewritings else _("This has happened"),
        happened=events(notice, words, now, driftinfo_url),
        replaced=events_replaced(notice, words, now, driftinfo_url),
        earlier=events_before(notice, words, now, driftinfo_url),
        standing_at=_("How it stands {time}").format(time=spoken(now, words, now)) if standing else "",
        standing=standing,
        driftinfo_url=driftinfo_url,
        why=_("You receive this mail because you subscribe as: {audience}.").format(
            audience=words.name(subscriber.audience)
        ),
        place=_place(notice, words),
        checkpoint=checkpoint.rstrip("\n"),
    )


def _place(notice: Notice, words: Words) -> str:
    """Where it stands; the public, who can't read the log, is told what to refer to."""
    _, incident = words.gettext, notice.incident.number
    if notice.subscriber.audience is Audience.PUBLIC:
        return _("Case {incident}").format(incident=incident)
    return _("In the log: incident {incident}, entry {entry}.").format(incident=incident, entry=notice.recorded.entry)
