"""The refusals of one round, kept back until it is known whether they are about their readers or about us. Pure.

A mail server that has lost its list of mailboxes calls everybody unknown; one that has blocked us says so of everybody.
Nobody can tell from one answer, but anybody can from all of a round's.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from domain.delivery import DeliveryState, Outcome
from domain.faults import FEWEST_AT_ONCE, Fault, is_about_us, telling
from notifiers.work_queue import Claimed


class Kept(NamedTuple):
    """A notice that was refused, at a moment (aware)."""

    claimed: Claimed
    outcome: Outcome
    at: datetime

    @property
    def reader(self) -> str:
        return self.claimed.notice.subscriber.id

    @property
    def said(self) -> tuple[int | None, str]:
        """What makes two refusals one and the same: not the words, in which a name or a number may stand."""
        return self.outcome.code, telling(self.outcome.enhanced, self.outcome.reply)


class Refusals:
    """Those of one round, and whom the channel has answered in it."""

    def __init__(self) -> None:
        self._readers: set[str] = set()
        self._kept: list[Kept] = []

    def keeps(self, claimed: Claimed, outcome: Outcome, at: datetime) -> bool:
        """Whether the outcome is a refusal and is kept back. What the channel never answered says nothing."""
        if outcome.code is None:
            return False
        self._readers.add(claimed.notice.subscriber.id)
        if outcome.state is DeliveryState.REFUSED:
            self._kept.append(Kept(claimed, outcome, at))
        return outcome.state is DeliveryState.REFUSED

    def judged(self) -> list[Kept]:
        """All that was kept back: refused, or deferred where most of the round's readers were refused alike."""
        alike: defaultdict[tuple[int | None, str], set[str]] = defaultdict(set)
        for kept in self._kept:
            alike[kept.said].add(kept.reader)
        asked = len(self._readers)
        about_us = {said for said, readers in alike.items() if is_about_us(len(readers), asked, FEWEST_AT_ONCE)}
        judged = [
            kept._replace(outcome=replace(kept.outcome, state=DeliveryState.DEFERRED, fault=Fault.POLICY))
            if kept.said in about_us
            else kept
            for kept in self._kept
        ]
        self._kept = []
        return judged
