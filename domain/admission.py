"""What the incident admits and what it refuses: the log never refuses the truth (Q14).

Refused are the impossible, the unauthorised, personal data, and decisions that the routine does not
allow yet unless their deviation is explained. Everything else is recorded, and flagged if it is odd.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.fact import Fact, Recorded
from domain.facts import EntryCorrected, IncidentClosed
from domain.history import as_happened, refuse_unreadable
from domain.incident import Incident, Irregularity, Kind, fold
from domain.personal_data import refuse_personal_data
from domain.refusals import Invalid, NotAdmitted, NotAuthorised
from domain.vocabulary import Function


def admit(history: Sequence[Recorded], proposed: Recorded) -> Incident:
    """The incident with the proposed fact in it.

    Raises Invalid if it lies in the future, NotAuthorised, PersonalData, or NotAdmitted with the
    reason a person can act on. `history` is the incident's own, in any order.
    """
    refuse_personal_data(proposed.texts())
    refuse_future(proposed.occurred_at, proposed.recorded_at)
    refuse_unauthorised(proposed.fact, proposed.recorded_as, history)
    refuse_unreadable(history, proposed)
    if isinstance(proposed.fact, EntryCorrected) and proposed.fact.occurred_at:
        refuse_future(proposed.fact.occurred_at, proposed.recorded_at)
    before = set(fold(as_happened(history)).irregularities) if history else set()
    incident = fold(as_happened([*history, proposed]))
    for irregularity in incident.irregularities:
        if irregularity not in before:
            _refuse(irregularity, proposed)
    if isinstance(proposed.fact, IncidentClosed) and incident.outstanding:
        raise NotAdmitted("outstanding-referrals", rule="Q17", serials=", ".join(incident.outstanding))
    return incident


def _refuse(found: Irregularity, proposed: Recorded) -> None:
    own = found.entry == proposed.entry
    changes_it = own or (isinstance(proposed.fact, EntryCorrected) and proposed.fact.entry == found.entry)
    refused = (
        found.kind is Kind.IMPOSSIBLE
        or (found.kind is Kind.UNTIMELY and changes_it)
        or (found.kind is Kind.NOT_YET and own and not proposed.deviation)
    )
    if refused:
        raise NotAdmitted(
            found.code, rule=found.rule, kind=found.kind, entry=None if own else found.entry, **dict(found.data)
        )


def refuse_future(occurred_at: datetime, now: datetime) -> None:
    """Nothing has happened that has not happened yet."""
    if occurred_at > now:
        raise Invalid("future", occurred_at=occurred_at)


def refuse_unauthorised(fact: Fact, function: Function, history: Sequence[Recorded]) -> None:
    """SR-015 and the "recorded as" column; a correction takes the authority of what it corrects."""
    if function not in fact.may_record:
        raise NotAuthorised("function", fact=fact.wire, function=function, may=fact.may_record)
    if isinstance(fact, EntryCorrected):
        target = next((recorded.fact for recorded in history if recorded.entry == fact.entry), None)
        if target is not None and function not in target.may_record:
            raise NotAuthorised("function", fact=target.wire, function=function, may=target.may_record)
