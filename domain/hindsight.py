"""A review: every duty of the routine, how it fared, and what its verdict was by what was known then (Q21).

Nobody was late for what nobody knew. A duty's fate is decided when it is written down as done, or when its time has
passed; what was recorded after that and tells of before it may change the verdict, never what was known then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.course import go_through
from domain.fact import Recorded
from domain.history import as_happened, as_known, as_written, known_from, rewrites
from domain.review import Unapplied, judged, unapplied, verdicts
from domain.routine import Routine
from domain.verdict import Verdict, VerdictWord

DECIDED = ("kept", "late", "overdue", "missed")


@dataclass(frozen=True, slots=True)
class Known:
    """How the duty fared by what was known at `at`, and the entry that changed it since."""

    word: VerdictWord
    at: datetime
    changed_by: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One line of a review: how a duty fared, or that it never came about."""

    verdict: Verdict | Unapplied
    known: Known | None = None


def reviewed(history: Sequence[Recorded], routine: Routine, now: datetime) -> list[Reviewed]:
    """A line for every duty of the routine, in its order; none of an incident that was voided."""
    course = go_through((recorded for recorded in as_happened(history) if recorded.occurred_at <= now), routine)
    found = judged(course, now)
    lines = [Reviewed(verdict, known_then(verdict, history, routine, now)) for verdict in found]
    lines += [Reviewed(absent) for absent in unapplied(course, found)]
    order = [duty.id for duty in routine.duties]
    return sorted(lines, key=lambda line: order.index(line.verdict.duty.id))


def known_then(verdict: Verdict, history: Sequence[Recorded], routine: Routine, now: datetime) -> Known | None:
    """What this verdict, given on the whole history, was when it was decided; None where nothing has changed it."""
    if verdict.word in ("pending", "deferred") or verdict.duty.forbids:
        return None
    written, since = as_written(history), known_from(history)
    moments = _decided_at(verdict, since, now)
    if not moments or not any(_tells_of_before(recorded, moments[0], since) for recorded in written):
        return None
    starts = [v.started_at for v in verdicts(as_happened(history), routine, now) if v.duty.id == verdict.duty.id]
    was: tuple[VerdictWord, datetime] | None = None
    for at in moments:
        if not any(_tells_of_before(recorded, at, since) for recorded in written):
            return None
        was = _word(verdict, starts, as_known(written, at), routine, at), at
        if was[0] in DECIDED:
            break
    if was is None or was[0] == verdict.word:
        return None
    word, at = was
    if _word(verdict, starts, written, routine, at) == word:
        return None  # it stood so by all that is known now too: time has changed it, and no entry
    later = [recorded for recorded in written if _tells_of_before(recorded, at, since)]
    for recorded in later[:-1]:
        upto = [known for known in written if known.entry <= recorded.entry]
        if _word(verdict, starts, upto, routine, at) != word:
            return Known(word, at, recorded.entry)
    return Known(word, at, later[-1].entry)


def _decided_at(verdict: Verdict, since: Mapping[int, datetime], now: datetime) -> list[datetime]:
    """The moments at which the duty's fate may have been decided, in their order; `since` when is each entry known."""
    done = [at for entry, at in since.items() if entry in verdict.evidence and verdict.done_at]
    moments = [*([max(done)] if done else []), *([verdict.overdue_at] if verdict.overdue_at else [])]
    return sorted(at for at in moments if at <= now)


def _tells_of_before(recorded: Recorded, at: datetime, since: Mapping[int, datetime]) -> bool:
    """Whether it was not known yet at this moment and may change what had happened by then."""
    return since[recorded.entry] > at and (rewrites(recorded.fact) or recorded.occurred_at <= at)


def _word(
    verdict: Verdict, starts: Sequence[datetime], known: Sequence[Recorded], routine: Routine, at: datetime
) -> VerdictWord:
    """How the same duty fared at that moment by these facts; not at all where nothing had brought it about, or only
    another time of those at which it `starts`."""
    own = [v for v in verdicts(as_happened(known), routine, at) if v.duty.id == verdict.duty.id]
    nearest = min(own, default=None, key=lambda each: abs(each.started_at - verdict.started_at))
    if nearest is None or min(starts, key=lambda start: abs(start - nearest.started_at)) != verdict.started_at:
        return "not-applicable"
    return nearest.word
