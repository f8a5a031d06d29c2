"""The register of subscribers. Addresses live here alone, outside the log, and can be erased."""

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from domain.audience import ChannelName, Subscriber
from domain.delivery import DeliveryState, Unsent
from domain.fact import BY_THE_OWNER, By, Fact
from domain.facts import SubscriberChanged
from domain.mailbox import kept_form
from domain.personal_data import refuse_personal_data
from domain.refusals import Invalid, NotAdmitted, NotFound
from domain.suspension import Score, SuspensionPolicy, counted
from domain.texts import N_
from domain.vocabulary import Area, Audience, SubscriberChange, System, Word
from infrastructure.database.among import among
from infrastructure.database.backend import Connection as Driver
from infrastructure.database.database import Database
from infrastructure.database.erasure import leave_no_trace, strike_from_replies
from infrastructure.database.tables import facts, subscribers
from infrastructure.log.codec import written
from infrastructure.log.own_streams import append
from infrastructure.registers import pauses
from infrastructure.registers.confirmations import erase_of
from infrastructure.registers.one_each import CONCERNED, ENDS_UNSENT, PASSED_ON, WAITS, one_each

_CLEAN = {"score": 0.0, "scored_at": None, "bounced": False}


class SubscriberState(Word):
    ACTIVE = "active", N_("active")
    PAUSED = "paused", N_("paused")
    SUSPENDED = "suspended", N_("suspended: the address refuses our mail")


class Subscribers:
    """Whose hand changes it, and when, the log tells; the log's owner where nobody else is said."""

    def __init__(self, database: Database, clock: Callable[[], datetime] | None = None, by: By = BY_THE_OWNER) -> None:
        self._database = database
        self._by = by
        self._clock = clock or database.now

    def add(
        self,
        address: str,
        audience: Audience,
        systems: Iterable[System],
        areas: Iterable[Area],
        language: str,
        channel: ChannelName = ChannelName.EMAIL,
        kept_address: Callable[[str], str] = kept_form,
        change: SubscriberChange = SubscriberChange.ADDED,
    ) -> Subscriber:
        """Register an address for an audience; it is told, by this channel, of what is recorded from now on.

        `kept_address` gives the form in which the channel keeps an address. Raises Invalid for what is none,
        NotAdmitted if it already belongs to the audience.
        """
        now = self._clock()
        refuse_personal_data({"address": address}, now)
        try:
            kept = kept_address(address)
        except Invalid as error:
            raise Invalid("address", address=address) from error
        subscriber = Subscriber(
            f"p-{secrets.token_hex(5)}", kept, audience, tuple(systems), tuple(areas), language, channel
        )
        row: dict[str, Any] = {
            "id": subscriber.id,
            "address": subscriber.address,
            "audience": audience,
            "systems": list(subscriber.systems),
            "areas": list(subscriber.areas),
            "language": language,
            "channel": channel,
            "state": SubscriberState.ACTIVE,
            "added_at": now.isoformat(),
            "welcomed": False,
            "after_position": select(func.coalesce(func.max(facts.c.position), 0)).scalar_subquery(),
        }
        try:
            with self._database.engine.begin() as connection:
                connection.execute(insert(subscribers).values(**row))
                added = SubscriberChanged(
                    subscriber=subscriber.id,
                    change=change,
                    audience=audience,
                    channel=channel,
                    systems=subscriber.systems,
                    areas=subscriber.areas,
                )
                tell(self._database, connection, [added], self._by, self._clock)
        except IntegrityError as error:
            raise NotAdmitted("already-subscribed", address=subscriber.address, audience=audience) from error
        return subscriber

    def all(self) -> list[tuple[Subscriber, SubscriberState]]:
        """Everybody who is registered, the erased left out. Raises NotAuthorised for a database's role that sees no
        addresses."""
        return self._read(select(subscribers).where(subscribers.c.address.is_not(None)).order_by(subscribers.c.address))

    def pseudonyms(self) -> list[tuple[Subscriber, SubscriberState]]:
        """The same without their addresses, for such a role: those who were erased look like those who paused."""
        named = [subscribers.c[name] for name in ("id", "audience", "systems", "areas", "language", "channel", "state")]
        return self._read(select(*named, null().label("address")).order_by(subscribers.c.id))

    def with_id(self, subscriber_id: str) -> Subscriber | None:
        """Them, unless they are erased."""
        theirs = subscribers.c.id == subscriber_id, subscribers.c.address.is_not(None)
        return next((reader for reader, _state in self._read(select(subscribers).where(*theirs))), None)

    def told_at(self, address: str, audience: Audience) -> tuple[Subscriber, SubscriberState] | None:
        """Who is told as this audience at this address, given as it is kept."""
        at = subscribers.c.address == address, subscribers.c.audience == audience
        return next(iter(self._read(select(subscribers).where(*at))), None)

    def _read(self, statement: Select[Any]) -> list[tuple[Subscriber, SubscriberState]]:
        with self._database.engine.connect().execution_options(reading=True) as connection:
            return [(subscriber_of(row), SubscriberState(row.state)) for row in connection.execute(statement)]

    def pause(self, subscriber_id: str, until: datetime | None = None) -> None:
        """Tell them nothing, also not what already waits for them. With an end (aware) it is they who ask for it, which
        changes nothing for whom staff have paused, or whose address is suspended; without one it is staff."""
        self._change(subscriber_id, Unsent.PAUSED, SubscriberChange.PAUSED, until, state=SubscriberState.PAUSED)

    def resume(self, subscriber_id: str) -> None:
        """Tell them again of what is recorded from now on; whatever counted against the address is forgotten."""
        self._change(
            subscriber_id,
            None,
            SubscriberChange.RESUMED,
            state=SubscriberState.ACTIVE,
            after_position=select(func.coalesce(func.max(facts.c.position), 0)).scalar_subquery(),
            **_CLEAN,
        )

    def end_pause(self, subscriber_id: str) -> None:
        """The same, of a pause that they asked for themselves; else nothing. Raises NotFound."""
        with self._database.engine.connect().execution_options(reading=True) as connection:
            is_theirs = pauses.has_paused(connection, subscriber_id)
        if is_theirs:
            self.resume(subscriber_id)

    def choose(self, subscriber_id: str, language: str, systems: Sequence[System], areas: Sequence[Area]) -> None:
        """Tell them in this language of these systems and areas alone, from what is told next. What changes nothing is
        not told. Raises NotFound."""
        chosen: dict[str, Any] = {"language": language, "systems": list(systems), "areas": list(areas)}
        said = SubscriberChanged(
            subscriber=subscriber_id, change=SubscriberChange.CHOSE, systems=tuple(systems), areas=tuple(areas)
        )
        with self._database.engine.begin() as connection:
            row = connection.execute(select(subscribers).where(subscribers.c.id == subscriber_id)).first()
            if row is None or row.address is None:
                raise NotFound("subscriber", subscriber=subscriber_id)
            if any(row._mapping[name] != value for name, value in chosen.items()):
                connection.execute(update(subscribers).where(subscribers.c.id == subscriber_id).values(**chosen))
                tell(self._database, connection, [said], self._by, self._clock)

    def remove(self, subscriber_id: str, change: SubscriberChange = SubscriberChange.REMOVED) -> None:
        """Erase the address, everywhere. What the ledger says of deliveries keeps the pseudonym.

        The same address may still stand in the register for another audience. Raises NotFound; Unavailable where it is
        erased and others keep its old pages open.
        """
        leave_no_trace(self._database, self.nobodys([self.erase(subscriber_id, change)]))

    def erase(self, subscriber_id: str, change: SubscriberChange) -> str:
        """The same, but for what is left in the file's pages; the address. Raises NotFound."""
        erased: dict[str, Any] = {"address": None, "state": SubscriberState.PAUSED, "systems": [], "areas": []}
        whose = select(subscribers.c.address).where(subscribers.c.id == subscriber_id)
        with self._database.engine.begin() as connection:
            address: str | None = connection.execute(whose).scalar()
            if address:
                strike_from_replies(connection, subscriber_id, address)
                erase_of(connection, subscriber_id, address, self._clock())
        self._change(subscriber_id, Unsent.LEFT, change, **erased)
        return address or ""

    def nobodys(self, addresses: Iterable[str]) -> list[str]:
        """Those of them at which nobody is told any more."""
        asked = {address for address in addresses if address}
        with self._database.engine.connect().execution_options(reading=True) as connection:
            told = select(subscribers.c.address).where(among(subscribers.c.address, asked))
            return sorted(asked - set(connection.execute(told).scalars()))

    def _change(
        self,
        subscriber_id: str,
        unsent: Unsent | None,
        change: SubscriberChange,
        until: datetime | None = None,
        /,
        **values: Any,
    ) -> None:
        known = subscribers.c.id == subscriber_id, subscribers.c.address.is_not(None)
        with self._database.engine.begin() as connection:
            row = connection.execute(select(subscribers.c.state).where(*known)).first()
            if row is None:
                raise NotFound("subscriber", subscriber=subscriber_id)
            if until and row.state != SubscriberState.ACTIVE and not pauses.has_paused(connection, subscriber_id):
                return
            pauses.keep(connection, subscriber_id, until)
            if unsent:
                withdraw(self._database.backend.beneath(connection), subscriber_id, unsent, self._clock())
            elif row.state == SubscriberState.ACTIVE:
                return  # who is told already goes on being told, of what waits too
            connection.execute(update(subscribers).where(subscribers.c.id == subscriber_id).values(**values))
            if unsent is Unsent.LEFT or row.state != values["state"]:
                told = SubscriberChanged(subscriber=subscriber_id, change=change)
                tell(self._database, connection, [told], self._by, self._clock)


def tell(
    database: Database, connection: Connection, changes: Sequence[Fact], by: By, clock: Callable[[], datetime]
) -> None:
    """Tell the log of these changes in the transaction that makes them."""
    append(database, database.backend.beneath(connection), changes, by, clock)


def suspensions(subscriber_ids: Iterable[str]) -> list[Fact]:
    return [SubscriberChanged(subscriber=each, change=SubscriberChange.SUSPENDED) for each in subscriber_ids]


WITHDRAWN = f"""
UPDATE deliveries SET state = '{DeliveryState.SUPERSEDED}', reason = ?, next_try_at = NULL
WHERE subscriber = ? AND {WAITS}
"""


def withdraw(connection: Driver, subscriber_id: str, unsent: Unsent, at: datetime) -> None:
    """Send this subscriber nothing of what waits from now on (aware); what else they subscribe to, unless the address
    is to blame, tells it. What a worker has in hand it settles itself."""
    connection.execute(ENDS_UNSENT, (written(at), subscriber_id))
    first, last = connection.execute(CONCERNED, (subscriber_id,)).fetchone()
    if unsent is not Unsent.SUSPENDED:
        connection.execute(PASSED_ON, (subscriber_id,) * 3)
    connection.execute(WITHDRAWN, (unsent.value, subscriber_id))
    if first is not None:
        connection.execute(one_each(first, last))


HELD_AGAINST = "SELECT score, scored_at, bounced, state FROM subscribers WHERE id = ?"
BLAME = "UPDATE subscribers SET score = ?, scored_at = ?, bounced = ?, state = ? WHERE id = ?"
ABSOLVE = "UPDATE subscribers SET score = 0, scored_at = NULL WHERE score > 0 AND NOT bounced AND id "


def blame(
    connection: Driver,
    subscriber_id: str,
    points: float,
    at: datetime,
    policy: SuspensionPolicy,
    *,
    bounced: bool = False,
) -> bool:
    """Count a failure at `at` (aware) against the address; True if that suspends it.

    A report that came back (`bounced`) is not outweighed by the mail server's accepting the next mail: it accepts
    before it knows.
    """
    score, scored_at, had_bounced, state = connection.execute(HELD_AGAINST, (subscriber_id,)).fetchone()
    new = counted(Score(score, datetime.fromisoformat(scored_at) if scored_at else None), points, at, policy)
    suspends = new.points >= policy.threshold and state == SubscriberState.ACTIVE
    became = SubscriberState.SUSPENDED.value if suspends else state
    values = new.points, written(new.at) if new.at else None, bool(had_bounced or bounced), became
    connection.execute(BLAME, (*values, subscriber_id))
    if suspends:
        withdraw(connection, subscriber_id, Unsent.SUSPENDED, at)
    return suspends


def absolve(connection: Driver, subscriber_ids: Collection[str]) -> None:
    """The address takes mail after all: forget what the mail server itself had counted against it."""
    these, ids = connection.among(subscriber_ids)
    connection.execute(ABSOLVE + these, (ids,))


def forgive(connection: Connection, subscriber_ids: Collection[str], since: str) -> list[Fact]:
    """What has been counted against them since then (as stored) was not their fault. It is forgotten, and whoever it
    suspended is told again; what the log is to be told of it."""
    whose = among(subscribers.c.id, subscriber_ids), subscribers.c.scored_at >= since
    suspended = select(subscribers.c.id).where(*whose, subscribers.c.state == SubscriberState.SUSPENDED)
    back = sorted(connection.execute(suspended.order_by(subscribers.c.id)).scalars())
    again = case(
        (subscribers.c.state == SubscriberState.SUSPENDED, SubscriberState.ACTIVE.value), else_=subscribers.c.state
    )
    connection.execute(update(subscribers).where(*whose).values(state=again, **_CLEAN))
    return [SubscriberChanged(subscriber=each, change=SubscriberChange.RESUMED) for each in back]


def subscriber_of(row: Row[Any]) -> Subscriber:
    """A row of the register; an erased one has no address."""
    return Subscriber(
        id=row.id,
        address=row.address or "",
        audience=Audience(row.audience),
        systems=tuple(System(system) for system in row.systems),
        areas=tuple(Area(area) for area in row.areas),
        language=row.language,
        channel=ChannelName(row.channel),
    )
