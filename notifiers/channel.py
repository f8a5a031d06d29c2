"""What the dispatcher knows of a channel: the one small interface of whatever tells somebody something.

A channel writes a notice as a parcel of its own kind, purely, and opens carriers, each of which takes parcel after
parcel and answers each with an `Outcome`. A new channel is a file or a folder beside this one, its name in
`domain.audience.ChannelName` and its opening in `application.channels`; nothing else learns of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from domain.audience import ChannelName
from domain.delivery import Notice, Outcome, Receipt
from domain.refusals import Unavailable


@dataclass(frozen=True, slots=True)
class ChannelLimits:
    """What a channel can't go beyond. `length` is bytes of one notice; `threads` says whether a reader's program keeps
    the notices of an incident together; `receipts` whether anything comes back about what was accepted; at most
    `carriers` are worth having at once."""

    length: int
    threads: bool
    receipts: bool
    carriers: int = 1


class Parcel(Protocol):
    """A notice as its channel carries it."""

    @property
    def delivery(self) -> int:
        """The ledger's row that it is."""


P = TypeVar("P", bound=Parcel)


class Parcels(Protocol[P]):
    """Where a carrier gets its parcels, and to whom it says how each fared."""

    async def next(self) -> P | None:
        """The next parcel, waited for; None when there will be no more."""

    def take(self) -> P | None:
        """The next parcel if there is one now."""

    def ended(self, parcel: P, outcome: Outcome) -> None:
        """This parcel has been tried."""

    def back(self, parcel: P) -> None:
        """This parcel was taken and has not been tried: the channel is slow, or not to be had for this carrier."""


class NoticeChannel(Protocol[P]):
    @property
    def name(self) -> ChannelName: ...

    @property
    def limits(self) -> ChannelLimits: ...

    def kept_address(self, address: str) -> str:
        """The address in the form in which it is kept, so that nobody is told twice.

        Raises domain.refusals.Invalid, which says in one sentence why it is none.
        """

    def write(self, notice: Notice, now: datetime, not_after: float) -> P:
        """What tells this subscriber, as of `now` (aware). Pure, and the same on every try.

        `not_after` is the moment of the event loop's clock from which it may no longer be handed over. Raises
        domain.refusals.Invalid for an address that is none, domain.refusals.NotAuthorised for what this reader may
        not be told.
        """

    async def carry(self, parcels: Parcels[P]) -> None:
        """Open a carrier, such as a connection to a server, and have it carry parcel after parcel until there are no
        more. Raises Unreachable when no other one would fare better; those it has not tried it has given back."""


class Receipts(Protocol):
    """Beside the channel, for those where something comes back afterwards about what was accepted."""

    def read(self, paths: Iterable[Path]) -> Iterator[Receipt]:
        """Everything that these files and folders report. Nothing is moved, marked or removed."""


class Unreachable(Unavailable):
    """The channel takes nothing just now. `outcome` is how everything ended that could not be handed over."""

    def __init__(self, reason: str, outcome: Outcome) -> None:
        super().__init__(reason, code=outcome.code, reply=outcome.reply)
        self.outcome = outcome
