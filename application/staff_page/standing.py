"""How incidents stand, for whoever looks: the same lines that `board`, `show` and `say` have, not yet drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from application import authority
from application.board_notes import broken_note, clock_note, mail_notes
from application.desk import Desk
from domain.incident import Incident
from domain.verdict import Verdict
from domain.whose_turn import whose_turn
from infrastructure.log.pulse import clock_off
from infrastructure.outbox.figures import waiting
from infrastructure.registers.staff import Person
from wording.callers import sentences
from wording.facts import about
from wording.marked import Phrase
from wording.sentences import is_its_own, told, unjudged
from wording.standing import Row, rows, turn_rows
from wording.words import Words

ALL = 1_000
"""A page has room for everything that is to be done."""

LATEST = 20
"""Deviations beside how an incident stands, where it stands alone."""

NEWEST = 100
"""Incidents on the page that lists them; an older one is asked for by its number."""


@dataclass(frozen=True, slots=True)
class StandingSeen:
    """One incident at a moment. `callers` is what to tell callers, `rows` are labels with what stands beside each."""

    incident: Incident
    words: Words
    callers: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Phrase]]]

    @property
    def about(self) -> str:
        return about(self.incident, self.words)


@dataclass(frozen=True, slots=True)
class Overview:
    """Several incidents at one moment (aware), those that could not be judged in a sentence each, and what else there
    is to say."""

    at: datetime
    incidents: Sequence[StandingSeen]
    unread: Sequence[str]
    notes: Sequence[str]


def standing(
    desk: Desk,
    person: Person | None,
    incident: Incident,
    found: Sequence[Verdict],
    now: datetime,
    deviations: int = LATEST,
) -> StandingSeen:
    """The incident with these verdicts, as this person sees it, with so many `deviations` at most."""
    words = desk.texts.of(incident.routine)
    functions = authority.functions(person, desk.settings.role, incident.routine)
    turns = whose_turn(found, incident, functions, now)
    lines = [*rows(incident, words, now, most=deviations), *turn_rows(turns, words, now, most=ALL)]
    return StandingSeen(incident, words, sentences(incident, words, now, desk.settings.driftinfo_url), _grouped(lines))


def _grouped(lines: Sequence[Row]) -> list[tuple[str, list[Phrase]]]:
    """What stands beside the same label together; without one a line goes on under that of the one above."""
    grouped: list[tuple[str, list[Phrase]]] = []
    for label, phrase in lines:
        if label and (not grouped or grouped[-1][0] != label):
            grouped.append((label, []))
        grouped[-1][1].append(phrase)
    return grouped


def open_incidents(desk: Desk, person: Person | None) -> Overview:
    """Every open incident, and what stands below the board: a clock that is off, mail that waits."""

    def seen(number: str) -> StandingSeen:
        course = desk.course(number)
        return standing(desk, person, course.incident, desk.histories.verdicts(course, now), now, deviations=3)

    now = desk.now()
    found, unread = _each(desk, desk.board.open_incidents(), seen)
    broken, off = desk.board.broken, clock_off(desk.database, now)
    notes = [
        *([clock_note(off, desk.words)] if off else []),
        *([broken_note(broken, desk.words)] if broken else []),
        *mail_notes(waiting(desk.database), desk.texts, now),
        *left_out(desk),
    ]
    return Overview(now, found, unread, notes)


def all_incidents(desk: Desk) -> Overview:
    """The newest incidents, the newest first, with no more than what each is about."""

    def seen(number: str) -> StandingSeen:
        incident = desk.course(number).incident
        return StandingSeen(incident, desk.texts.of(incident.routine), (), ())

    found, unread = _each(desk, desk.board.all_incidents()[: -NEWEST - 1 : -1], seen)
    return Overview(desk.now(), found, unread, left_out(desk))


def left_out(desk: Desk) -> list[str]:
    """Why what was just read may lack something."""
    return [told(reason, desk.words) for reason in desk.left_out()]


def _each(
    desk: Desk, numbers: Sequence[str], seen: Callable[[str], StandingSeen]
) -> tuple[list[StandingSeen], list[str]]:
    found: list[StandingSeen] = []
    unread: list[str] = []
    for number in numbers:
        try:
            found.append(seen(number))
        except Exception as error:  # whatever is wrong with this one, the others are shown
            if not is_its_own(error):
                raise
            unread.append(unjudged(number, error, desk.words))
    return found, unread
