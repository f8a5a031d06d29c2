"""What the eventsourcing library asks for, handed out of our own: how a fact is stored, and where."""

from typing import Any, cast

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    StoredEvent,
    TrackingRecorder,
)
from eventsourcing.utils import Environment

from domain.fact import Recorded
from infrastructure.log.codec import decode, encode, places, topic
from infrastructure.log.fact_store import FactStore, StoredFact


def to_be_stored(recorded: Recorded) -> StoredFact:
    stored = encode(recorded)
    return StoredFact(
        originator_id=recorded.incident,
        originator_version=recorded.entry,
        topic=topic(recorded),
        state=stored,
        command_id=recorded.command_id,
        places=places(recorded, stored),
    )


class FactMapper(Mapper[str]):
    """Between a recorded fact and its stored bytes, in place of the library's own JSON."""

    def __init__(self) -> None:
        pass

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        return to_be_stored(cast("Recorded", domain_event))

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        return cast("DomainEventProtocol[str]", decode(stored_event.state, getattr(stored_event, "id", None)))


class Factory(InfrastructureFactory[TrackingRecorder]):
    """Hands the library our own store; what it can't hand out is not used."""

    def __init__(self, store: FactStore) -> None:
        super().__init__(Environment("IncidentLog", {}))
        self._store = store

    def application_recorder(self) -> ApplicationRecorder:
        return self._store

    def aggregate_recorder(self, purpose: str = "events") -> ApplicationRecorder:
        return self._store

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> Any:
        raise NotImplementedError("projections track their own position: infrastructure.read_models.catch_up")

    def process_recorder(self) -> Any:
        raise NotImplementedError("projections track their own position: infrastructure.read_models.catch_up")
