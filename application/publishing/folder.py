"""The folder: every page of what was published, so that any web server can serve it when all else is down.

Each file is written beside its place and then moved there, so that nobody reads half of it; one that says what it said
is left alone. Nothing is removed: what was published has been published.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from application.desk import Desk
from application.publishing.pages import (
    ACCESSIBILITY,
    MADE_BY,
    Site,
    accessibility_page,
    feed,
    file_of,
    incident_page,
    index,
    status,
)
from application.publishing.published import Published, published
from domain.refusals import Invalid
from infrastructure.integrity.checkpoints import covering, newest, problem_of
from infrastructure.log.publications import began_at, newest_position, published_incidents
from infrastructure.log.tree import log_id
from wording.door_paths import DoorPage, door_path
from wording.words import LANGUAGES, Language, texts_in

OURS = f'<meta name="generator" content="{MADE_BY}">'

FOR_EVERYBODY = 0o644
"""A web server is another user than we are."""


class PublicFolder:
    """Keeps a folder up to the log. What has once been read is remembered, and only what is new is read again."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.path = folder
        self._desk = desk
        self._seen: tuple[int, str] | None = None
        """The newest position and the newest checkpoint that the folder is up to."""
        self._incidents: dict[tuple[Language, str], Published] = {}

    def bring_up(self) -> list[str]:
        """Write what has changed; the names of the files that were written.

        Raises Invalid where the folder can't be written to, or holds an index page that is somebody else's.
        """
        connection = self._desk.database.connection()
        position, kept = newest_position(connection), newest(self._desk.database)
        seen = position, kept.note if kept else ""
        if seen == self._seen and (self.path / "index.html").exists():
            return []
        known = {incident for _language, incident in self._incidents}
        changed = published_incidents(connection, self._seen[0] if self._seen else 0, position, known)
        for incident in changed:
            self._read(incident)
        self._refuse_others_page()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            written = [name for name, text in self._files(changed) if _replaced(self.path / name, text)]
        except OSError as error:
            raise Invalid("publish-folder", path=str(self.path), problem=error.strerror) from error
        self._seen = seen
        return written

    def _read(self, incident: str) -> None:
        history = self._desk.history(incident)
        routine = self._desk.histories.routines.of(history)
        for language in LANGUAGES:
            found = published(history, routine, texts_in(language), self._desk.settings.driftinfo_url)
            if found:
                self._incidents[language, incident] = found

    def _files(self, changed: list[str]) -> Iterator[tuple[str, str]]:
        """Whatever may be new, the pages that others lead to first."""
        site_of = {language: self._site(language) for language in LANGUAGES}
        for language, site in site_of.items():
            for one in site.incidents:
                if one.incident in changed:
                    own = replace(site, checkpoint=self._covering(one))
                    yield file_of(f"{one.incident}.html", language), incident_page(own, one)
        for language, site in site_of.items():
            yield file_of(ACCESSIBILITY, language), accessibility_page(site, self._desk.settings)
            yield file_of("feed.atom", language), feed(site)
            yield file_of("index.html", language), index(site)
        yield "status.json", status(site_of["sv"])

    def _site(self, language: Language) -> Site:
        connection, settings = self._desk.database.connection(), self._desk.settings
        kept, began = newest(self._desk.database), began_at(connection)
        year = began.year if began else self._desk.now().year
        return Site(
            texts_in(language),
            [one for (spoken, _incident), one in self._incidents.items() if spoken == language],
            settings.driftinfo_url,
            f"tag:{self._desk.mail_settings().domain},{year}:{log_id(connection)[:16] or 'log'}",
            kept.note if kept and problem_of(kept, []) is None else "",
            settings.web_url and settings.web_url + door_path(DoorPage.SUBSCRIBE, language),
        )

    def _covering(self, one: Published) -> str:
        """The first checkpoint that covers all of the page: it stays the same for as long as the page does."""
        kept = covering(self._desk.database, one.latest.position)
        return kept.note if kept and problem_of(kept, []) is None else ""

    def _refuse_others_page(self) -> None:
        page = self.path / "index.html"
        with suppress(OSError):
            if OURS not in page.read_text(encoding="utf-8", errors="replace"):
                raise Invalid("publish-others-page", path=str(page))


def _replaced(path: Path, text: str) -> bool:
    """Whether the file said something else and now says this; whole, also after a power failure. Raises OSError."""
    new = text.encode()
    with suppress(FileNotFoundError):
        if path.read_bytes() == new:
            return False
    file = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115 - closed below
    beside = Path(file.name)
    try:
        with file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(FOR_EVERYBODY)
        beside.replace(path)  # closed: Windows moves no file that is open
    except BaseException:
        beside.unlink()
        raise
    return True
