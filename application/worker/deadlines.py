"""The worker's look at the incidents' deadlines: so many at a time, and by a clock that can be believed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from application.desk import Desk
from application.worker.wall_clock import BELIEVED_AFTER, WallClock
from application.worker.watchers import why
from infrastructure.log.deadlines import DeadlineScan, Scanned, scan_deadlines, scan_many
from wording.sentences import is_its_own, told, unjudged

PORTION = 500
"""Incidents whose deadlines are looked through at a time: new mail comes in between."""


class Tells(Protocol):
    """Who is told of what goes wrong here, and of what goes right again."""

    def trouble(self, event: str, words: str, **what: str | int | None) -> None: ...
    def recovered(self, event: str, words: str) -> None: ...


class Deadlines:
    """Lives as long as its worker. What a round has looked through is forgotten when the next begins."""

    def __init__(self, desk: Desk, tells: Tells, count: Callable[[], float]) -> None:
        """`count` is the clock that only counts, in seconds."""
        self._desk = desk
        self._tells = tells
        self._scan = DeadlineScan(desk.database)
        self._wall_clock, self._has_leapt = WallClock(count), False
        self.begin()

    def begin(self) -> None:
        """A round begins: each incident is looked at once in it, as of the position at which the log is now."""
        self._looked_at: set[str] = set()
        self._position: int | None = None
        self._answered = True

    def look_through(self, open_now: Sequence[str]) -> bool:
        """Record the deadlines of so many incidents; True where there are more. None while the clock isn't believed.

        Only when all have been looked through is it remembered, as of the position when the round began: what came
        since is next.
        """
        if not self._is_clock_believed():
            return False
        wanted, position = self._scan.wanted(open_now, self._desk.now())
        self._position = position if self._position is None else self._position
        left = [incident for incident in wanted if incident not in self._looked_at]
        portion = left[:PORTION]
        self._looked_at.update(portion)
        together = self._look_together(portion, open_now) if portion else {}
        for incident, scanned in together.items():
            self._scan.scanned(incident, scanned)
        answered = [self._look_at(incident) for incident in portion if incident not in together]
        self._answered &= all(answered)
        if len(left) > PORTION:
            return True
        if self._answered:
            self._scan.scanned_up_to(self._position)
        return False

    def _look_together(self, portion: Sequence[str], open_now: Sequence[str]) -> dict[str, Scanned]:
        with suppress(Exception):  # whatever it is, each that is scanned alone says it
            return scan_many(self._desk.database, self._desk.log, portion, frozenset(open_now), self._desk.now())
        return {}

    def _look_at(self, incident: str) -> bool:
        """An incident whose deadlines can't be read is told, and stops neither the others' nor the mail.

        False where the log did not answer, and the incident is to be looked at again though nothing comes to it.
        """
        try:
            self._scan.scanned(incident, scan_deadlines(self._desk.log, incident, self._desk.now()))
        except Exception as error:  # the others' deadlines and the mail must not wait for this one
            words = unjudged(incident, error, self._desk.words)
            self._tells.trouble("deadlines", words, incident=incident, **why(error))
            self._scan.forget(incident)
            return is_its_own(error)
        return True

    def _is_clock_believed(self) -> bool:
        """Whether deadlines may be judged; that they may not is told once, and so is that they may again."""
        is_believed = self._wall_clock.is_believed(self._desk.now())
        words = self._desk.words
        if not is_believed and not self._has_leapt:
            minutes = int(BELIEVED_AFTER.total_seconds() // 60)
            self._tells.trouble("clock", told("clock-leapt", words, minutes=minutes))
        elif is_believed and self._has_leapt:
            self._tells.recovered("clock", told("clock-steady", words))
        self._has_leapt = not is_believed
        return is_believed
