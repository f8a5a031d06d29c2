"""A history held against a document of the first edition, judged for ever as it was then (SR-002).

Nothing here changes: `domain.judging` is where duties are judged by the second edition. All times are aware and in UTC.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from domain.conditions import Span, Spans, together
from domain.course import Course, Match, Matches
from domain.routine import Duty
from domain.verdict import Verdict, past_the_minute


def judge(duty: Duty, course: Course, spans: Spans, now: datetime) -> Iterator[Verdict]:
    spans = joined(spans)
    matches = course.matches[duty.id]
    starts = list(_starts(duty, matches, spans))
    for place, span in enumerate(starts):
        following = starts[place + 1].start if place + 1 < len(starts) else None
        if duty.forbids:
            yield _abstained(duty, span, course.measures)
        else:
            not_before = _counts_from(duty, span, spans, first=place == 0)
            yield _fared(duty, span, not_before, following, matches.doing, spans, now)


def joined(spans: Spans) -> Spans:
    """What ended and began again at one moment was one stretch of time."""
    found: Spans = {}
    for condition, held in spans.items():
        stretches = found.setdefault(condition, [])
        for span in held:
            goes_on = stretches and stretches[-1].end == span.start
            stretches.append(Span(stretches.pop().start if goes_on else span.start, span.end))
    return found


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
        evidence = tuple(entry for _, entry in broken)
        return Verdict(duty, "missed", span.start, done_at=broken[0][0], evidence=evidence, ended_at=span.end)
    return Verdict(duty, "pending" if span.end is None else "kept", span.start, ended_at=span.end)


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
    due_at, put_off = falls_due(duty, span, spans)
    overdue_at = due_at and past_the_minute(due_at + duty.tolerance)
    verdict = Verdict(duty, "kept", span.start, due_at, done_at, evidence=evidence, overdue_at=overdue_at)
    if done_at is not None:
        late = done_at - due_at if due_at and done_at > due_at else timedelta(0)
        return verdict._replace(word="late", late=late) if late > duty.tolerance else verdict
    if span.end is not None and (due_at is None or span.end <= due_at + duty.tolerance):
        return verdict._replace(word="not-applicable", why=put_off or ("over-in-time" if duty.within else "lapsed"))
    if put_off and due_at and now < due_at:
        return verdict._replace(word="deferred", why=put_off)
    if due_at is None or now <= due_at + duty.tolerance:
        return verdict._replace(word="pending")
    until = min(now, span.end) if span.end else now
    return verdict._replace(word="missed", late=until - due_at, why="lapsed" if span.end else "")


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


def falls_due(duty: Duty, span: Span, spans: Spans) -> tuple[datetime | None, str]:
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
