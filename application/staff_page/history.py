"""An incident's replay as staff ask for it: up to a moment by either of the two clocks, in either order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from application.desk import Desk
from application.replaying import Replayed, replayed
from application.staff_page.standing import StandingSeen, left_out, standing
from domain.history import as_happened
from domain.refusals import Invalid
from domain.replay import Step
from domain.review import verdicts
from domain.runs import runs
from domain.vocabulary import SWEDEN
from infrastructure.registers.staff import Person
from wording import times
from wording.limits import heading
from wording.marked import Phrase
from wording.runs import numbers
from wording.sentences import sentence
from wording.steps import Account, Row


@dataclass(frozen=True, slots=True)
class ReplayAsked:
    """What was typed: what had happened by `at`, as far as it was known at `known`; `by_writing` is the other order."""

    at: str = ""
    known: str = ""
    by_writing: bool = False

    @property
    def query(self) -> str:
        """The same as the form sends it."""
        typed = {"at": self.at, "known": self.known, "written": "yes" if self.by_writing else ""}
        return urlencode({name: value for name, value in typed.items() if value})


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A step, or alike papers in one with each of them in `folded`. `day` is said where it is not that of the step
    above."""

    day: date | None
    numbers: str
    headline: Phrase
    rows: Sequence[Row]
    folded: Sequence["StepSeen"] = ()


@dataclass(frozen=True, slots=True)
class ReplaySeen:
    """`wrong` says by field what is wrong with what was typed, and then there are no steps. `stood` is how the incident
    stood at `moment`, where a part of its history was asked for."""

    asked: ReplayAsked
    wrong: dict[str, str]
    heading: str = ""
    hidden: str = ""
    steps: Sequence[StepSeen] = ()
    stood: StandingSeen | None = None
    moment: datetime | None = None
    notes: Sequence[str] = ()


def replay_seen(desk: Desk, person: Person | None, number: str, asked: ReplayAsked) -> ReplaySeen:
    """The history as it was asked for. Raises NotFound for an unknown number."""
    wrong: dict[str, str] = {}
    as_of, known_at = _moment(desk, asked.at, "at", wrong), _moment(desk, asked.known, "known", wrong)
    if asked.by_writing and as_of:
        wrong["at"] = desk.texts.gettext("In the order of writing only the second time counts: leave this one empty.")
    found = replayed(desk, number, None if wrong else as_of, None if wrong else known_at)
    if wrong:
        return ReplaySeen(asked, wrong)
    title = heading(found.limits, desk.texts, by_writing=asked.by_writing)
    steps, stood = _steps(desk, person, found, by_writing=asked.by_writing)
    stood = stood if found.limits else None
    return ReplaySeen(asked, {}, title, found.hidden, steps, stood, found.moment, left_out(desk))


def _moment(desk: Desk, typed: str, field: str, wrong: dict[str, str]) -> datetime | None:
    try:
        return times.parse(typed, desk.now()) if typed.strip() else None
    except Invalid as refused:
        wrong[field] = sentence(refused, desk.words)
        return None


def _steps(
    desk: Desk, person: Person | None, found: Replayed, *, by_writing: bool
) -> tuple[list[StepSeen], StandingSeen | None]:
    walked = list(found.steps(by_writing=by_writing))
    if not walked:
        return [], None
    incident, judged = walked[-1][1], verdicts(as_happened(found.known), found.routine, found.moment)
    steps = list(_told([step for step, _incident in walked], found.account))
    return steps, standing(desk, person, incident, judged, found.moment)


def _told(steps: Sequence[Step], account: Account) -> Iterator[StepSeen]:
    above = None
    for run in runs(steps, account.alike):
        day = run[0].at.astimezone(SWEDEN).date()
        new, above = (None if day == above else day), day
        each = [StepSeen(None, str(s.recorded.entry), account.headline(s), list(account.rows(s))) for s in run]
        if len(run) == 1:
            yield StepSeen(new, each[0].numbers, each[0].headline, each[0].rows)
        else:
            entries = numbers(step.recorded.entry for step in run)
            yield StepSeen(new, entries, account.headline_of_run(run), list(account.rows_of_run(run)), each)
