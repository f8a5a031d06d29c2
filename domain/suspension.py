"""When an address that refuses our mail is no longer written to. Pure.

A score, as mailing lists keep it: a dead address counts 1, a full mailbox a half, at most once a day, and what is
long ago counts no more. An outage is rare, so the score is remembered from one to the next.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

DEAD, FULL = 1.0, 0.5
"""What a failure counts when the address does not exist, and when it does but takes no mail just now."""


@dataclass(frozen=True, slots=True)
class SuspensionPolicy:
    """Suspend at `threshold`; forget a score after `remembered`."""

    threshold: float = 2.0
    remembered: timedelta = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Score:
    """What has been counted against an address, and when it last was. Aware."""

    points: float = 0.0
    at: datetime | None = None


def counted(score: Score, points: float, at: datetime, policy: SuspensionPolicy) -> Score:
    """The score after one more failure, at `at` (aware). A second one within a day adds nothing, but the score is
    never less than the worst single failure."""
    if score.at is None or at - score.at > policy.remembered:
        return Score(points, at)
    if at - score.at < timedelta(days=1):
        return Score(max(score.points, points), score.at)
    return Score(score.points + points, at)
