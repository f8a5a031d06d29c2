"""The clock: a deadline that passes is itself a fact, recorded once, by nobody but the worker.

It is recorded as having happened when it was due, so a worker that slept over it says by how much.
"""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from domain.fact import Recorded
from domain.facts import DeadlinePassed
from domain.history import as_happened
from domain.review import Verdict, due
from domain.routine import Routine
from domain.vocabulary import Function
from infrastructure.incident_log import NO_DIGITS, IncidentLog, Proposal

CLOCK = "clock"
"""Who recorded it: no person."""


def strike(log: IncidentLog, incident: str, routine: Routine, now: datetime) -> list[Recorded]:
    """Record every deadline of the incident that has passed by `now` and is not recorded yet.

    A deadline that a back-dated fact or a correction has moved is another deadline.
    """
    history = log.history(incident)
    known = {(r.fact.duty, r.fact.due_at) for r in history if isinstance(r.fact, DeadlinePassed)}
    struck = []
    for verdict in due(as_happened(history), routine, now):
        if verdict.due_at and verdict.due_at <= now and (verdict.duty.id, verdict.due_at) not in known:
            told = log.record(_proposal(incident, verdict, verdict.due_at))
            struck += [] if told.repeated else [told.recorded]
    return struck


def _proposal(incident: str, verdict: Verdict, due_at: datetime) -> Proposal:
    """The same deadline has the same command id, so two workers record it once."""
    command_id = uuid5(NAMESPACE_URL, f"{incident} {verdict.duty.id} {due_at.isoformat()}").hex.translate(NO_DIGITS)
    fact = DeadlinePassed(duty=verdict.duty.id, due_at=due_at)
    return Proposal(fact, Function.CLOCK, CLOCK, incident, occurred_at=due_at, command_id=command_id)
