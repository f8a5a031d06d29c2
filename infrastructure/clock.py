"""The clock: a deadline that passes is itself a fact, recorded once, by nobody but the worker.

It is recorded as having happened when it was due, so a worker that slept over it says by how much. Some time
before it whoever is to act is reminded, once a deadline, unless it has passed already.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from domain.fact import Recorded
from domain.facts import DeadlineApproaching, DeadlinePassed
from domain.history import as_happened
from domain.review import Verdict, reminded_at, verdicts
from domain.routine import Routine
from domain.vocabulary import Function
from infrastructure.incident_log import NO_DIGITS, IncidentLog, Proposal

CLOCK = "clock"
"""Who recorded it: no person."""


def strike(log: IncidentLog, incident: str, now: datetime) -> list[Recorded]:
    """Record every deadline of the incident that has passed by `now` or is near, and is not recorded yet.

    A deadline that a back-dated fact or a correction has moved is another deadline.
    """
    history = log.history(incident)
    struck = []
    for fact, occurred_at in _struck(history, log.routines.of(history), now):
        told = log.record(_proposal(incident, fact, occurred_at))
        struck += [] if told.repeated else [told.recorded]
    return struck


def _struck(
    history: Sequence[Recorded], routine: Routine, now: datetime
) -> Iterator[tuple[DeadlineApproaching | DeadlinePassed, datetime]]:
    known = {(r.fact.wire, r.fact.duty, r.fact.due_at) for r in history if isinstance(r.fact, CLOCKS)}
    for verdict in verdicts(as_happened(history), routine, now):
        if verdict.due_at is None or not (verdict.to_do or verdict.word == "deferred"):
            continue
        near = _is_near(verdict, routine, now)
        kind = DeadlinePassed if verdict.due_at <= now else DeadlineApproaching if near else None
        if kind and (kind.wire, verdict.duty.id, verdict.due_at) not in known:
            yield kind(duty=verdict.duty.id, due_at=verdict.due_at), min(verdict.due_at, now)


def _is_near(verdict: Verdict, routine: Routine, now: datetime) -> bool:
    at = reminded_at(verdict, routine)
    return at is not None and at <= now


CLOCKS = (DeadlineApproaching, DeadlinePassed)


def _proposal(incident: str, fact: DeadlineApproaching | DeadlinePassed, occurred_at: datetime) -> Proposal:
    """The same deadline has the same command id, so two workers record it once."""
    reminds = f" {fact.wire}" if isinstance(fact, DeadlineApproaching) else ""
    named = f"{incident} {fact.duty} {fact.due_at.isoformat()}{reminds}"
    command_id = uuid5(NAMESPACE_URL, named).hex.translate(NO_DIGITS)
    return Proposal(fact, Function.CLOCK, CLOCK, incident, occurred_at=occurred_at, command_id=command_id)
