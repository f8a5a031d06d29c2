"""The register of subscribers. Addresses live here alone, outside the log, and can be erased."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from domain.audience import Subscriber
from domain.mailbox import kept_form
from domain.personal_data import refuse_personal_data
from domain.refusals import Invalid, NotAdmitted, NotFound
from domain.vocabulary import N_, Area, Audience, System, Word
from infrastructure.database import Database
from infrastructure.tables import facts, subscribers


class SubscriberState(Word):
    ACTIVE = "active", N_("active")
    PAUSED = "paused", N_("paused")


class Subscribers:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, address: str, audience: Audience, systems: Iterable[System], areas: Iterable[Area], language: str
    ) -> Subscriber:
        """Register an address for an audience; it is told of what is recorded from now on.

        Raises Invalid for what is no mail address, NotAdmitted if it already belongs to the audience.
        """
        refuse_personal_data({"address": address})
        subscriber = Subscriber(
            f"p-{secrets.token_hex(5)}", _mailbox(address), audience, tuple(systems), tuple(areas), language
        )
        row: dict[str, Any] = {
            "id": subscriber.id,
            "address": subscriber.address,
            "audience": audience,
            "systems": list(subscriber.systems),
            "areas": list(subscriber.areas),
            "language": language,
            "state": SubscriberState.ACTIVE,
            "added_at": datetime.now(UTC).isoformat(),
            "welcomed": False,
            "after_position": select(func.coalesce(func.max(facts.c.position), 0)).scalar_subquery(),
        }
        try:
            with self._database.engine.begin() as connection:
                connection.execute(insert(subscribers).values(**row))
        except IntegrityError as error:
            raise NotAdmitted("already-subscribed", address=subscriber.address, audience=audience) from error
        return subscriber

    def all(self) -> list[tuple[Subscriber, SubscriberState]]:
        """Everybody who is registered, the erased left out."""
        statement = select(subscribers).where(subscribers.c.address.is_not(None)).order_by(subscribers.c.address)
        with self._database.engine.connect().execution_options(reading=True) as connection:
            return [(subscriber_of(row), SubscriberState(row.state)) for row in connection.execute(statement)]

    def set_state(self, subscriber_id: str, state: SubscriberState) -> None:
        self._change(subscriber_id, state=state)

    def remove(self, subscriber_id: str) -> None:
        """Erase the address. What the ledger says of deliveries keeps the pseudonym."""
        self._change(subscriber_id, address=None, state=SubscriberState.PAUSED, systems=[], areas=[])

    def _change(self, subscriber_id: str, **values: Any) -> None:
        known = subscribers.c.id == subscriber_id, subscribers.c.address.is_not(None)
        with self._database.engine.begin() as connection:
            if connection.execute(update(subscribers).where(*known).values(**values)).rowcount == 0:
                raise NotFound("subscriber", subscriber=subscriber_id)


def subscriber_of(row: Row[Any]) -> Subscriber:
    """A row of the register; an erased one has no address."""
    return Subscriber(
        id=row.id,
        address=row.address or "",
        audience=Audience(row.audience),
        systems=tuple(System(system) for system in row.systems),
        areas=tuple(Area(area) for area in row.areas),
        language=row.language,
    )


def _mailbox(address: str) -> str:
    """The address as it is kept, in one form so that nobody is told twice. Raises Invalid."""
    try:
        return kept_form(address)
    except Invalid as error:
        raise Invalid("address", address=address) from error
