"""A history held against the routine: what is due, what was kept, late or missed, and by what evidence.

Everything is computed from the history as it happened, so a back-dated fact or a correction moves
deadlines too, also into the past. All times are aware and in UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from domain.conditions import Span, Spans, conditions_at, together
from domain.course import Course, Match, Matches, go_through
from domain.fact import Recorded
from domain.incident import Incident
from domain.routine import Duty, Routine

VerdictWord = Literal["kept", "late", "missed", "pending", "deferred", "not-applicable"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one duty fared. `late` is by how much; `why` says why a duty did not apply or waits."""

    duty: Duty
    word: VerdictWord
    started_at: datetime
    due_at: datetime | None = None
    done_at: datetime | None = None
    late: timedelta = timedelta(0)
    evidence: tuple[int, ...] = ()
    why: str = ""

    def passed(self, now: datetime) -> bool:
        """Whether its deadline has passed by `now` and had not been met by then, whatever was done since."""
        if self.due_at is None or self.due_at > now or self.word == "not-applicable":
            return False
        return self.done_at is None or self.done_at > self.due_at

    @property
    def to_do(self) -> bool:
        """Whether somebody still has it to do; a lapsed one no longer is."""
        return (
            self.word in ("pending", "missed")
            and self.done_at is None
            and self.why != "lapsed"
            and not self.duty.forbids
        )


def verdicts(happened: Sequence[Recorded], routine: Routine, now: datetime) -> list[Verdict]:
    """A verdict for every duty of the routine that this history, given as it happened, brought about."""
    return judged(go_through((recorded for recorded in happened if recorded.occurred_at <= now), routine), now)


def judged(course: Course, now: datetime) -> list[Verdict]:
    """A verdict for every duty of its routine that this course brought about; nothing in it happened after `now`."""
    spans = course.spans
    return [verdict for duty in course.routine.duties for verdict in _judge(duty, course, spans, now)]


def most_urgent(found: Sequence[Verdict], now: datetime) -> list[Verdict]:
    """Of these verdicts the duties that somebody still has to do, the most urgent first."""
    to_do = [verdict for verdict in found if verdict.to_do]
    return sorted(to_do, key=lambda verdict: (verdict.due_at is None, verdict.due_at or now))


def at_once(to_do: Sequence[Verdict]) -> list[Verdict]:
    """The duties that one and the same act of the same people fulfils told once, by the first of them."""
    acts: list[object] = []
    told = []
    for verdict in to_do:
        if act_of(verdict.duty) not in acts:
            told.append(verdict)
        acts.append(act_of(verdict.duty))
    return told


def act_of(duty: Duty) -> object:
    """What fulfils the duty, and whose it is: equal for duties that one and the same act fulfils."""
    return (duty.who, duty.done_by, duty.done_when_over) if duty.done_by else duty.id


def recorded_afterwards(written: Sequence[Recorded], routine: Routine) -> list[Recorded]:
    """What people wrote down longer after it happened than the routine takes for at once, by entry.

    The clock is no person, and says itself how late it is.
    """
    return [
        recorded
        for recorded in sorted(written, key=lambda recorded: recorded.entry)
        if not recorded.fact.clocks and recorded.recorded_at - recorded.occurred_at > routine.recorded_within
    ]


def reminded_at(verdict: Verdict, routine: Routine) -> datetime | None:
    """When whoever is to do it is reminded; never of what gives no more time than the reminder would."""
    before = routine.reminder(verdict.duty)
    if verdict.due_at is None or not before or verdict.due_at - verdict.started_at <= before:
        return None
    return verdict.due_at - before


def due_as_known(verdict: Verdict, spans: Spans, incident: Incident, at: datetime) -> datetime | None:
    """When the verdict's duty was due by what had happened up to `at`, where `incident` stood so.

    `spans` may know of more: a prognosis that came later does not put off what was due before it.
    """
    ahead = conditions_at(incident, at)
    known: Spans = {
        condition: [
            span if span.end is not None and span.end <= at else Span(span.start, ahead[condition])
            for span in spans.get(condition, [])
            if span.start <= at and (condition in ahead or (span.end is not None and span.end <= at))
        ]
        for condition in ("outage", *verdict.duty.unless)
    }
    return _due_at(verdict.duty, Span(verdict.started_at), known)[0]


def _judge(duty: Duty, course: Course, spans: Spans, now: datetime) -> Iterator[Verdict]:
    matches = course.matches[duty.id]
    starts = list(_starts(duty, matches, spans))
    for place, span in enumerate(starts):
        following = starts[place + 1].start if place + 1 < len(starts) else None
        if duty.forbids:
            yield _abstained(duty, span, course.measures)
        else:
            not_before = _counts_from(duty, span, spans, first=place == 0)
            yield _fared(duty, span, not_before, following, matches.doing, spans, now)


def _counts_from(duty: Duty, span: Span, spans: Spans, *, first: bool) -> datetime | None:
    """Since when a fact counts as this duty's, None for as long ago as may be.

    What was done before a duty began counts for its first span, but not from an outage that is over, nor a
    decision about the reserve routine that has been reversed since.
    """
    decided = {"reserve-routine-active", "reserve-routine-inactive"} & set(duty.during)
    if not first or duty.starts or decided:
        return span.start
    return max((over.end for over in spans.get("outage", []) if over.end and over.end <= span.start), default=None)


def _starts(duty: Duty, matches: Matches, spans: Spans) -> Iterator[Span]:
    while_ = together([spans.get(condition, []) for condition in duty.during])
    if not duty.starts:
        yield from while_
        return
    starting = [at for at, _ in matches.starting]
    if not duty.during:
        yield from [Span(at) for at in starting][: None if duty.each else 1]
    for place, span in enumerate(while_):
        inside = [at for at in starting if span.holds(at)]
        if place == 0 and not inside and any(at < span.start for at in starting):
            inside = [span.start]  # it had happened while the outage was only suspected
        yield from [Span(at, span.end) for at in inside][: None if duty.each else 1]


def _abstained(duty: Duty, span: Span, measures: Sequence[Match]) -> Verdict:
    broken = [match for match in measures if span.holds(match[0])]
    if broken:
        return Verdict(duty, "missed", span.start, done_at=broken[0][0], evidence=tuple(entry for _, entry in broken))
    return Verdict(duty, "pending" if span.end is None else "kept", span.start)


def _fared(
    duty: Duty,
    span: Span,
    not_before: datetime | None,
    following: datetime | None,
    doing: Sequence[Match],
    spans: Spans,
    now: datetime,
) -> Verdict:
    done_at, evidence = _done(duty, span, not_before, following, doing, spans)
    due_at, put_off = _due_at(duty, span, spans)
    verdict = Verdict(duty, "kept", span.start, due_at, done_at, evidence=evidence)
    if done_at is not None:
        late = done_at - due_at if due_at and done_at > due_at else timedelta(0)
        return replace(verdict, word="late", late=late) if late > duty.tolerance else verdict
    if span.end is not None and (due_at is None or span.end <= due_at + duty.tolerance):
        return replace(verdict, word="not-applicable", why=put_off or ("over-in-time" if duty.within else "lapsed"))
    if put_off and due_at and now < due_at:
        return replace(verdict, word="deferred", why=put_off)
    if due_at is None or now <= due_at + duty.tolerance:
        return replace(verdict, word="pending")
    until = min(now, span.end) if span.end else now
    return replace(verdict, word="missed", late=until - due_at, why="lapsed" if span.end else "")


def _done(
    duty: Duty,
    span: Span,
    not_before: datetime | None,
    following: datetime | None,
    doing: Sequence[Match],
    spans: Spans,
) -> tuple[datetime | None, tuple[int, ...]]:
    doing = [
        match
        for match in doing
        if (not_before is None or match[0] >= not_before) and (following is None or match[0] < following)
    ]
    if duty.done_when_over:
        inside = [entry for at, entry in doing if span.start <= at and (span.end is None or at <= span.end)]
        over = any(held.end == span.end for held in spans.get(duty.done_when_over, []))
        over = over and (bool(inside) or not duty.done_by)
        return (span.end if over else None), tuple(inside)
    return (doing[0][0], (doing[0][1],)) if doing else (None, ())


def _due_at(duty: Duty, span: Span, spans: Spans) -> tuple[datetime | None, str]:
    """When it falls due, and the condition of `unless` that has put it off to then, if one has."""
    if duty.within is None:
        return None, ""
    start = span.start
    if duty.since == "outage":
        start = next((outage.start for outage in spans.get("outage", []) if outage.holds(span.start)), span.start)
    at, put_off = max(start + duty.within, span.start), ""
    while found := next(((c, s.end) for c in duty.unless for s in spans.get(c, []) if s.end and s.holds(at)), None):
        put_off, at = found
    return at, put_off
