"""Which fact is told to whom: the default policy, as data (Q9, SR-015, SR-017)."""

from dataclasses import dataclass
from types import MappingProxyType

from domain import facts as f
from domain.fact import Fact, Recorded
from domain.incident import Incident
from domain.vocabulary import Area, Audience, System

TOLD_OF: MappingProxyType[Audience, tuple[type[Fact], ...]] = MappingProxyType({
    Audience.PUBLIC: (f.OperatingInformationPublished,),
    Audience.STAFF: (
        f.OutageDetected,
        f.ScopeReclassified,
        f.PrognosisReceived,
        f.PrognosisWithdrawn,
        f.InstructionReceived,
        f.OperatingInformationPublished,
        f.ReserveRoutineActivated,
        f.ActivationDeferred,
        f.ReserveRoutineDeactivated,
        f.ServiceRestored,
        f.IncidentClosed,
        f.IncidentReopened,
        f.DeadlinePassed,
    ),
    Audience.PARTNER: (
        f.ReserveRoutineActivated,
        f.ReserveRoutineDeactivated,
        f.ServiceRestored,
        f.OperatingInformationPublished,
    ),
    Audience.DUTY: (
        f.OutageDetected,
        f.OperatingInformationRequested,
        f.ReserveRoutineActivated,
        f.DeadlinePassed,
    ),
    Audience.COMPLIANCE: (f.IncidentClosed, f.IncidentReopened),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who is told. `id` is a pseudonym; the address lives outside the log and can be erased.

    Empty filters mean everything of the audience.
    """

    id: str
    address: str
    audience: Audience
    systems: tuple[System, ...] = ()
    areas: tuple[Area, ...] = ()
    language: str = "sv"


def is_told(audience: Audience, recorded: Recorded) -> bool:
    """Whether this audience is told of this fact at all."""
    if audience is Audience.COMPLIANCE and recorded.deviation:
        return True
    if not isinstance(recorded.fact, TOLD_OF[audience]):
        return False
    if audience is Audience.PARTNER and isinstance(recorded.fact, f.OperatingInformationPublished):
        return recorded.fact.reserve_routine_applies
    return True


def concerns(subscriber: Subscriber, incident: Incident) -> bool:
    """Whether the incident touches the systems and the areas that the subscriber asked for."""
    by_system = not subscriber.systems or not incident.systems or bool(set(subscriber.systems) & set(incident.systems))
    by_area = not subscriber.areas or not incident.areas or bool(set(subscriber.areas) & set(incident.areas))
    return by_system and by_area
