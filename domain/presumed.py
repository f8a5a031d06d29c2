"""What goes without saying: the fields of a fact that the routine, or the moment, fills in where nobody has."""

from typing import Any

from domain.fact import PRESUMED, Fact
from domain.incident import Incident
from domain.vocabulary import Scope, Situation


def completed(fact: Fact, incident: Incident) -> Fact:
    """The fact with what is taken for granted in an incident that stood so when it happened.

    A region-wide outage means every system (SR-051), an outage every area, a referral the area of the
    reserve routine and the first of its ways to come. What callers are told follows the moment (Q27), and so does what
    operating information says of the systems.
    """
    routine = incident.routine
    presumed: dict[str, Any] = {}
    for name, field in type(fact).model_fields.items():
        if field.json_schema_extra == PRESUMED and name not in fact.model_fields_set:
            presumed[name] = {
                "areas": tuple(routine.areas),
                "area": routine.reserve_routine.referral_area,
                "via": next(iter(routine.paper_channels)),
                "advice": incident.advice,
                "situation": situation(incident),
            }[name]
    if getattr(fact, "scope", None) is Scope.REGION_WIDE and "systems" in type(fact).model_fields:
        presumed["systems"] = tuple(routine.systems)
    return fact.model_copy(update=presumed) if presumed else fact


def situation(incident: Incident) -> Situation:
    """What there is to say of the systems as the incident stands."""
    if incident.down:
        return Situation.DOWN
    return Situation.WORKS_AGAIN if incident.detected_at else Situation.OTHER
