"""What a face is handed: the settings, the log, the board, the clock and the words."""

from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from application.settings import Settings
from domain.refusals import NotFound, Refusal
from wording.words import Language, Texts, Words, texts_in

# A command imports what it opens: help and completion open nothing.
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from domain.course import Course
    from domain.fact import Recorded
    from domain.incident import Incident
    from domain.routine import Routine
    from infrastructure.database.database import Database
    from infrastructure.log.histories import Histories
    from infrastructure.log.incident_log import IncidentLog
    from infrastructure.read_models.board import Board
    from infrastructure.registers.staff import Staff
    from notifiers.email.settings import MailSettings


@dataclass
class Desk:
    """Opened once a command; everything in it is made when it is first needed."""

    settings: Settings
    _left_out: dict[str, None] = field(default_factory=dict, init=False, repr=False)
    """Why the answer lacks something, in the order in which it was noticed."""

    @cached_property
    def database(self) -> "Database":
        from infrastructure.database.database import Database

        return Database(self.settings.database_url)

    @property
    def has_a_log(self) -> bool:
        """Whether there is a log, or was when it was opened: one that has gone since is away, and not a quiet one.
        Raises a Refusal where what is there can't be opened."""
        try:
            return bool(self.database)
        except NotFound:
            return False

    def make_log(self) -> str | None:
        """Make the log where there is none, for a command that is to write to it; where it was made. What is there is
        left alone."""
        if self.has_a_log:
            return None
        from infrastructure.database.making import make  # the first time alone

        return self.database.place if make(self.settings.database_url) else None

    @contextmanager
    def tried_out(self) -> "Iterator[Self]":
        """This desk; where there is no log yet the same at one that is thrown away, because nothing is to be made."""
        if self.has_a_log:
            yield self
            return
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="reservrutin-") as folder:
            other = copy(self)
            other.settings = replace(self.settings, database_url=f"sqlite:///{folder}/reservrutin.sqlite")
            other.make_log()
            try:
                yield other
            finally:
                other.close()

    def leave_out(self, reason: str) -> None:
        """The answer lacks something, and whoever reads it is to be told why."""
        self._left_out[reason] = None

    def left_out(self) -> list[str]:
        """The reasons for which the answer that was just given lacks something; asked once an answer."""
        if "database" in vars(self) and (reason := self.database.left_out()):
            self.leave_out(reason)
        reasons = list(self._left_out)
        self._left_out.clear()
        return reasons

    def is_whole(self) -> bool:
        """Whether the log, if it was opened, is as this program wrote it: what else goes wrong is our own fault."""
        if "database" not in vars(self):
            return True
        from infrastructure.integrity.verifying import verify  # where something has gone wrong already

        try:
            return not verify(self.database).problems
        except Exception:  # what verifying can't get through was not written by this program as it stands
            return False

    def close(self) -> None:
        """Leave the log as whoever copies it expects: SQLite's last reader to go puts all of it into the one file."""
        if "database" in vars(self):
            self.database.close()

    @cached_property
    def log(self) -> "IncidentLog":
        from infrastructure.log.incident_log import IncidentLog

        return IncidentLog(self.database, self.clock, self.histories)

    @cached_property
    def histories(self) -> "Histories":
        from infrastructure.log.histories import Histories

        return Histories(self.database)

    def history(self, incident: str) -> "list[Recorded]":
        """The incident's facts as written. Raises NotFound for an unknown number."""
        return self.histories.history(incident)

    @property
    def routine(self) -> "Routine":
        """The routine in force now. Nothing is opened that is not there yet."""
        from domain.routine_document import builtin

        return self.histories.routines.in_force(self.now()) if self.has_a_log else builtin()

    @property
    def texts(self) -> Texts:
        """What the program says, in the language of the settings; no log is asked."""
        return texts_in(self.settings.lang)

    @property
    def words(self) -> Words:
        """The same with the names of the routine in force; of the built-in one where the log does not answer, because
        help and refusals always do. What is said of an incident is in the names of its own: `texts.of`."""
        from domain.routine_document import builtin

        try:
            return self.texts.of(self.routine)
        except Refusal:
            return self.texts.of(builtin())

    def speaking(self, language: Language) -> Self:
        """This desk in another language, with the log that this one has opened."""
        if language == self.settings.lang:
            return self
        other = copy(self)
        other.settings = replace(self.settings, lang=language)
        if self.has_a_log:
            other.database = self.database
        return other

    @property
    def versions(self) -> "list[Routine]":
        """The built-in routine and every version known to the log, which incidents may be judged by."""
        return self.histories.routines.known()

    def course(self, incident: str, at: datetime | None = None) -> "Course":
        """The incident's course, up to a moment if one is given. Raises NotFound for an unknown number."""
        return self.histories.course_at(incident, at) if at else self.histories.course(incident)

    def incident(self, history: "Sequence[Recorded]") -> "Incident":
        """The incident after these facts, given as written."""
        return self.histories.incident(history)

    @cached_property
    def board(self) -> "Board":
        from infrastructure.read_models.board import Board

        return Board(self.database)

    @cached_property
    def staff(self) -> "Staff":
        from infrastructure.registers.staff import Staff

        return Staff(self.database, self.now)

    def mail_settings(self) -> "MailSettings":
        """Who our mail comes from, and where it points."""
        from notifiers.email.settings import MailSettings

        settings = self.settings
        return MailSettings(
            sender=settings.mail_from,
            driftinfo_url=settings.driftinfo_url,
            base_url=settings.base_url,
            one_click=settings.mail_one_click,
            return_path=settings.mail_return_path,
            return_secret=settings.mail_return_secret,
        )

    @property
    def clock(self) -> "Callable[[], datetime]":
        """By which facts are recorded: the log's own, which a server reads as it appends."""
        return self.database.now

    def now(self) -> datetime:
        """By the log's clock where the log has been opened, else by this machine's."""
        return self.database.now() if "database" in vars(self) else datetime.now(UTC)

    def routine_for(self, incident: str | None, at: datetime | None = None) -> "Routine":
        """The routine that a fact is recorded by: the incident's own, or the one in force where a new one begins."""
        routines = self.histories.routines
        return routines.of_incident(incident) if incident else routines.in_force(at or self.now())
