"""What to tell whoever calls about an incident, as the routine words it and as it stands (SR-066 to SR-068, Q27)."""

from datetime import datetime

from domain.conditions import conditions_at
from domain.incident import Incident
from domain.routine import Saying


def to_be_said(incident: Incident, now: datetime) -> list[Saying]:
    """The sentences of the incident's routine whose conditions hold at `now` (aware), in its order.

    About an incident that is closed or voided there is nothing to say.
    """
    if not incident.open:
        return []
    holding = set(conditions_at(incident, now))
    return [
        saying
        for saying in incident.routine.sayings
        if holding.issuperset(saying.during) and holding.isdisjoint(saying.unless)
    ]
