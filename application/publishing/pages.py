"""The pages, the feed and the JSON, as texts: they fetch nothing, run nothing and know no reader. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from jinja2 import Environment

from application.accessibility.statement import statement
from application.publishing.published import FeedEntry, InForce, Published
from application.settings import Settings
from application.templates import templates
from domain.checkpoint import parse
from domain.texts import N_
from domain.vocabulary import Situation
from wording import times
from wording.words import LANGUAGES, Language, Texts, texts_in

NEWEST_FIRST = 50
"""Publications in the feed; who has not read it for longer reads the pages."""

ACCESSIBILITY = "accessibility.html"

MADE_BY = "reservrutin"
"""What our pages call their maker, and by which they are known as ours."""


@dataclass(frozen=True, slots=True)
class Site:
    """All that can be read, in one language. `address` is what every entry's `tag:` begins with (RFC 4151),
    `checkpoint` the newest signed note, "" where there is none; `driftinfo_url` where operating information is found
    (SR-017), `subscribe_url` where one subscribes to it (SR-021), "" where nobody can by themselves."""

    texts: Texts
    incidents: Sequence[Published]
    driftinfo_url: str
    address: str
    checkpoint: str = ""
    subscribe_url: str = ""

    def tag(self, publication: FeedEntry) -> str:
        """What no other entry of any feed is called."""
        return f"{self.address}/{publication.incident}/{publication.entry}"

    @property
    def current(self) -> list[tuple[Published, InForce]]:
        """What applies now, the latest published first."""
        found = [(one, one.standing) for one in self.newest if one.standing and not one.is_over]
        return sorted(found, key=lambda one: one[1].at, reverse=True)

    @property
    def earlier(self) -> list[Published]:
        now = {one.incident for one, _standing in self.current}
        return [one for one in self.newest if one.incident not in now]

    @property
    def newest(self) -> list[Published]:
        return sorted(self.incidents, key=lambda one: one.latest.position, reverse=True)


def file_of(name: str, language: Language) -> str:
    """The page's file: `index.html`, and `index.en.html` in English."""
    stem, dot, kind = name.rpartition(".")
    return name if language == "sv" else f"{stem}.{language}{dot}{kind}"


def index(site: Site) -> str:
    """The page now: what applies, and where the rest is."""
    return _rendered("index.html.j2", site, "index.html", now=site.current, earlier=site.earlier)


def incident_page(site: Site, one: Published) -> str:
    """Everything that was published of one incident, the newest first; only what applies says what to do."""
    standing = None if one.is_over else one.standing
    return _rendered(
        "incident.html.j2",
        site,
        f"{one.incident}.html",
        one=one,
        standing=standing,
        publications=one.publications[::-1],
    )


def accessibility_page(site: Site, settings: Settings) -> str:
    """How well everybody can use these pages."""
    said = statement(settings, site.texts, site.texts.gettext(N_("Published operating information")))
    return _rendered("accessibility.html.j2", site, ACCESSIBILITY, statement=said)


def feed(site: Site) -> str:
    """Atom (RFC 4287): each publication, and whatever became of one, is an entry of its own with its own time."""
    published = [publication for one in site.incidents for publication in one.publications]
    newest = sorted(published, key=lambda publication: publication.position, reverse=True)[:NEWEST_FIRST]
    updated = max((publication.at for publication in newest), default=datetime.fromtimestamp(0, UTC))
    return _rendered("feed.atom.j2", site, "feed.atom", publications=newest, updated=updated)


def status(site: Site) -> str:
    """The same for programs: what applies now by incident, and the log's newest checkpoint."""
    checkpoint = parse(site.checkpoint)[0] if site.checkpoint else None
    document = {
        "driftinfo_url": site.driftinfo_url,
        "current": [
            {
                "incident": one.incident,
                "situation": standing.fact.situation or Situation.OTHER,
                "reserve_routine_applies": standing.fact.reserve_routine_applies,
                "systems": list(standing.systems),
                "text": standing.fact.text,
                "links": list(standing.fact.links),
                "published_at": times.iso(standing.at),
                "updated_at": times.iso(one.latest.at),
                "page": f"{one.incident}.html",
            }
            for one, standing in site.current
        ],
        "checkpoint": {"note": site.checkpoint, "size": checkpoint.size} if checkpoint else None,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _rendered(template: str, site: Site, file: str, **values: object) -> str:
    others = [(language, file_of(file, language)) for language in LANGUAGES if language != site.texts.language]
    return (
        _environment(site.texts.language)
        .get_template(template)
        .render(
            site=site,
            language=site.texts.language,
            file=file,
            others=others,
            made_by=MADE_BY,
            accessibility=ACCESSIBILITY,
            **values,
        )
    )


@cache
def _environment(language: Language) -> Environment:
    """Compiled once a language."""
    texts = texts_in(language)
    spoken, in_language = partial(_time, texts=texts), partial(file_of, language=language)
    return templates("application.publishing", texts, {"time": spoken, "iso": times.iso, "in_language": in_language})


def _time(moment: datetime, texts: Texts) -> str:
    """The whole day with its year: a page is read long after it was written."""
    return times.spoken(moment, texts, moment.replace(year=moment.year - 1, day=1))
