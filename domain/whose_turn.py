"""Whose turn it is: of what is to be done, what these people can do themselves and what others are waited for.

One selection for the answer to a record, the board and the desk; `domain.acts` says how each is recorded. Pure; times
are aware and in UTC.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain import facts as f
from domain.conditions import conditions_at
from domain.fact import CATALOGUE, Fact
from domain.incident import Incident
from domain.routine import Duty, Pattern
from domain.verdict import Verdict, at_once, most_urgent
from domain.vocabulary import Function, Orders

INSTRUCTION = Pattern.model_construct(fact=f.InstructionReceived.wire, where={"orders": tuple(Orders)})
"""What somebody who awaits an instruction records in the end."""


class Turn(NamedTuple):
    """Something that is to be done, and by whom; `asked_at` is when it was asked for. Without `verdict` it is a
    publication that no duty demands.
    """

    who: Function
    verdict: Verdict | None
    asked_at: datetime | None = None


class Turns(NamedTuple):
    """What is to be done, the most urgent first and last what to refrain from: by those who look, and by others."""

    own: tuple[Turn, ...]
    others: tuple[Turn, ...]


def to_be_done(found: Sequence[Verdict], now: datetime) -> list[Verdict]:
    """Of these verdicts what is to be done, the most urgent first, each act once; last what to refrain from."""
    return [*at_once(most_urgent(found, now)), *to_refrain_from(found)]


def to_refrain_from(found: Sequence[Verdict]) -> list[Verdict]:
    """The duties to wait and take no measures that hold just now; a measure that was taken all the same ends none."""
    return [verdict for verdict in found if verdict.duty.forbids and verdict.ended_at is None]


def whose_turn(
    found: Sequence[Verdict],
    incident: Incident,
    functions: Sequence[Function],
    now: datetime,
    started_at: datetime | None = None,
) -> Turns:
    """The turns of an incident with these verdicts, for somebody who acts in these functions, above all in the first.

    A duty is theirs where they are to do it or may record what first fulfils it. What is the first function's comes
    before what is another's of theirs, and with `started_at` what began at that moment before what is older: it is what
    they have just brought about. What the first function has to do by a time is not hidden behind what it may record
    for somebody else.
    """
    asked_at, publishers = incident.publication_asked_at, recorders(f.OperatingInformationPublished, incident, now)

    def turn(verdict: Verdict) -> Turn:
        asked = any(pattern.fact == f.OperatingInformationPublished.wire for pattern in verdict.duty.done_by)
        return Turn(verdict.duty.who, verdict, asked_at if asked else None)

    waiting = to_be_done(found, now)
    foremost = functions[:1]
    ours = sorted(
        (verdict for verdict in waiting if _is_of(functions, verdict.duty, incident, now)),
        key=lambda verdict: (
            not _is_of(foremost, verdict.duty, incident, now),
            verdict.started_at != started_at,
            verdict.due_at is None or verdict.duty.who not in foremost,
        ),
    )
    own = [turn(verdict) for verdict in ours]
    others = [turn(verdict) for verdict in waiting if not _is_of(functions, verdict.duty, incident, now)]
    if asked_at and publishers and not any(turn.asked_at for turn in (*own, *others)):
        theirs = any(function in publishers for function in functions)
        (own if theirs else others).append(Turn(publishers[0], None, asked_at))
    return Turns(tuple(own), tuple(others))


def everybodys(found: Sequence[Verdict], now: datetime) -> Turns:
    """The turns of whoever looks on: nobody is waited for more than another."""
    return Turns(tuple(Turn(verdict.duty.who, verdict) for verdict in to_be_done(found, now)), ())


def ways(duty: Duty) -> tuple[Pattern, ...]:
    """The facts by which the duty comes to its end."""
    return (INSTRUCTION,) if duty.forbids else duty.done_by


def recorders(fact: type[Fact], incident: Incident, now: datetime) -> tuple[Function, ...]:
    """Who may record the fact as the incident stands: whose it is, and whoever stands in for them just now (Q25)."""
    return incident.routine.recorders(fact, conditions_at(incident, now))


def _is_of(functions: Sequence[Function], duty: Duty, incident: Incident, now: datetime) -> bool:
    may = recorders(CATALOGUE[ways(duty)[0].fact], incident, now) if ways(duty) else ()
    return duty.who in functions or any(function in may for function in functions)
