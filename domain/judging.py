"""How a duty fares, by a document of the second edition.

An occurrence of a duty lasts from the fact or the conditions that start it until it ends with what it is about (Q18).
Within it the duty is due, then overdue, and done in time, late or not at all; what is done afterwards does not fulfil
it (Q19). All times are aware and in UTC.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from domain import facts as f
from domain.conditions import Span, Spans, together
from domain.course import Course, Match, Matches
from domain.routine import Duty
from domain.verdict import Verdict, past_the_minute

DECISIONS = {"reserve-routine-active", "reserve-routine-inactive"}
DECISIVE = {f.ReserveRoutineActivated.wire, f.ReserveRoutineDeactivated.wire}


class Occurrence(NamedTuple):
    """While a duty lasts once. `following` is when the same duty starts anew, None where it does not."""

    span: Span
    following: datetime | None = None

    def ended(self, now: datetime) -> datetime | None:
        """When it ended, None while it goes on."""
        return self.span.end if self.span.end is not None and self.span.end <= now else None


def judge(duty: Duty, course: Course, spans: Spans, now: datetime) -> Iterator[Verdict]:
    """A verdict for each time that the duty came about."""
    for occurrence in occurrences(duty, course.matches[duty.id], spans):
        if duty.forbids:
            yield _refrained(duty, occurrence, course, now)
        else:
            yield _fared(duty, occurrence, course, spans, now)


def occurrences(duty: Duty, matches: Matches, spans: Spans) -> list[Occurrence]:
    """Each time that the duty lasted, in their order; never longer than the incident was open."""
    conditions = ("incident-open", *duty.during)
    found = list(_started(duty, matches, together([spans.get(condition, []) for condition in conditions])))
    following = [*(span.start for span in found[1:]), None]
    return [Occurrence(span, after) for span, after in zip(found, following, strict=False)]


def _started(duty: Duty, matches: Matches, held: list[Span]) -> Iterator[Span]:
    before: datetime | None = None
    for span in held:
        starting: list[Match] = [(span.start, 0)]
        if duty.starts:
            starting = [match for match in matches.starting if span.holds(match[0])]
            earlier = [at for at, _entry in matches.starting if at < span.start and (before is None or at >= before)]
            if earlier:
                starting = [(span.start, 0), *starting]  # it had come before this could be asked of anybody
        for match in starting if duty.each else starting[:1]:
            ends = [at for at, entry in matches.ending if (at, entry) > match and span.holds(at)]
            yield Span(match[0], ends[0] if ends else span.end)
        before = span.end


def _refrained(duty: Duty, occurrence: Occurrence, course: Course, now: datetime) -> Verdict:
    span, ended_at = occurrence.span, occurrence.ended(now)
    broken = [match for match in course.measures if span.holds(match[0])]
    if broken:
        evidence = tuple(entry for _, entry in broken)
        return Verdict(duty, "missed", span.start, done_at=broken[0][0], evidence=evidence, ended_at=ended_at)
    return Verdict(duty, "kept" if ended_at else "pending", span.start, ended_at=ended_at)


def _fared(duty: Duty, occurrence: Occurrence, course: Course, spans: Spans, now: datetime) -> Verdict:
    span, ended_at, matches = occurrence.span, occurrence.ended(now), course.matches[duty.id]
    since = _counts_from(duty, span, matches, spans)
    done_at, evidence = _done(duty, occurrence, since, matches, spans, now)
    due_at, put_off = falls_due(duty, span, course.began_at(duty, span.start), spans)
    overdue_at = due_at and past_the_minute(due_at + duty.tolerance)
    verdict = Verdict(
        duty, "kept", span.start, due_at, done_at, evidence=evidence, overdue_at=overdue_at,
        tried=() if done_at else _entries(matches.trying, since, ended_at),
    )  # fmt: skip
    if done_at is not None:
        if overdue_at is None or due_at is None or done_at < overdue_at:
            return verdict
        return verdict._replace(word="late", late=done_at - due_at)
    if ended_at is not None:
        if overdue_at is None or due_at is None or ended_at < overdue_at:
            why = put_off or ("over-in-time" if duty.within is not None else "lapsed")
            return verdict._replace(word="not-applicable", why=why, ended_at=ended_at)
        afterwards = _entries(matches.doing, ended_at, occurrence.following)[:1]
        late = ended_at - due_at
        return verdict._replace(word="missed", why="lapsed", late=late, ended_at=ended_at, afterwards=afterwards)
    if overdue_at is None or due_at is None or now < overdue_at:
        waits = put_off and due_at is not None and now < due_at
        return verdict._replace(word="deferred" if waits else "pending", why=put_off if waits else "")
    return verdict._replace(word="overdue", late=now - due_at)


def _is_decision(duty: Duty) -> bool:
    """Whether only conditions start it, and the reserve routine's own state is one of them."""
    return not duty.starts and bool(DECISIONS & set(duty.during))


def _turns_it(duty: Duty) -> bool:
    """Whether it is done by a decision about the reserve routine."""
    return any(pattern.fact in DECISIVE for pattern in duty.done_by)


def _counts_from(duty: Duty, span: Span, matches: Matches, spans: Spans) -> datetime | None:
    """Since when a fact counts as this duty's, None for as long ago as may be.

    What was done before a duty began counts where only conditions start it, or where it says so; but not from an outage
    that is over, nor what has been undone since, nor a decision about the reserve routine that has been reversed.
    """
    if duty.counts_from == "start" and (duty.starts or _is_decision(duty)):
        return span.start
    since = [over.end for over in spans.get("outage", []) if over.end and over.end <= span.start]
    since += [at for at, _entry in matches.undoing if at <= span.start]
    return max(since, default=None)


def _done(
    duty: Duty, occurrence: Occurrence, since: datetime | None, matches: Matches, spans: Spans, now: datetime
) -> tuple[datetime | None, tuple[int, ...]]:
    """When it was done, and by which entries; what is done after its end, or for the next time, is not it.

    A decision about the reserve routine of the very moment at which the duty begins has been reversed, or the duty had
    not begun.
    """
    end = occurrence.ended(now)
    doing = [
        match
        for match in matches.doing
        if (since is None or match[0] >= since)
        and not (match[0] == occurrence.span.start and _turns_it(duty))
        and (end is None or match[0] <= end)
        and (occurrence.following is None or match[0] < occurrence.following)
    ]
    if duty.done_when_over:
        inside = tuple(entry for at, entry in doing if occurrence.span.start <= at)
        over = end is not None and any(held.end == end for held in spans.get(duty.done_when_over, []))
        return (end if over and (inside or not duty.done_by) else None), inside
    return (doing[0][0], (doing[0][1],)) if doing else (None, ())


def _entries(matches: list[Match], since: datetime | None, until: datetime | None) -> tuple[int, ...]:
    return tuple(entry for at, entry in matches if (since is None or at >= since) and (until is None or at < until))


def falls_due(duty: Duty, span: Span, began_at: datetime | None, spans: Spans) -> tuple[datetime | None, str]:
    """When it falls due, and the condition of `unless` that has put it off to then, if one has.

    `began_at` is when the outage began, where it counts from that (Q21). A condition that sets in while the duty can
    still be done in time counts as if it had been there when it fell due: the tolerance is for the decision, whichever
    it is (Q20).
    """
    if duty.within is None:
        return None, ""
    at, put_off = max((began_at or span.start) + duty.within, span.start), ""
    while found := _put_off(duty, at, spans):
        put_off, at = found
    return at, put_off


def _put_off(duty: Duty, at: datetime, spans: Spans) -> tuple[str, datetime] | None:
    """What puts a duty off that would fall due then, and to when; of several the last."""
    in_time = past_the_minute(at + duty.tolerance)
    found = [
        (span.end, condition)
        for condition in duty.unless
        for span in spans.get(condition, [])
        if span.end is not None and at < span.end and span.start < in_time
    ]
    end, condition = max(found, default=(None, ""))
    return (condition, end) if end else None
