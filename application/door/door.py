"""What a reader can do at the door: ask what their link leads to, and leave a wish that a worker carries out.

A wish is durable before it is answered for. To leave is in force at once: no claim takes mail for somebody who has
asked for no more of it. Nothing here tells whether an address is known (docs/decisions/0032).
"""

from application.desk import Desk
from domain.choices import Choices, may_subscribe, refuse_pause
from domain.mailbox import kept_form
from domain.personal_data import refuse_personal_data
from domain.refusals import Invalid
from infrastructure.registers import wishes
from infrastructure.registers.tokens import hash_of
from infrastructure.registers.wishes import LeadsTo, Way, Wish, WishKind


class Door:
    """Each thread's calls go over a connection of its own. Every method raises Unavailable where the log is away, and
    those that take a `network` (where the wish comes from, as a text) Unavailable("too-many-wishes")."""

    def __init__(self, desk: Desk) -> None:
        self._database, self._now = desk.database, desk.now
        self._domains = desk.settings.subscribe_domains

    def way(self, token: str) -> Way | None:
        """What a link leads to; None where it was never given, has died or is past its time."""
        found = wishes.way(self._database, hash_of(token))
        return found if found and (found.until is None or self._now() < found.until) else None

    def subscribe(self, address: str, choices: Choices, network: str) -> None:
        """Ask for the news that everybody may have. Raises Invalid for what is no address, or one at a domain that may
        not subscribe, PersonalData for one that holds a patient's number."""
        self._add(Wish(WishKind.SUBSCRIBE, self._now(), None, self._kept(address), choices), network)

    def confirm(self, token: str) -> bool:
        """The letter has reached its reader; as often as it is said. False where the link leads to no letter."""
        return self._asked(token, LeadsTo.CONFIRMATION, WishKind.CONFIRM)

    def choose(self, token: str, choices: Choices, network: str) -> bool:
        """Be told of this from now on. Raises Invalid for a pause that is no pause. False where nobody is led to."""
        refuse_pause(choices.paused_until, self._now())
        found = self._reader(token)
        if found is None:
            return False
        self._add(Wish(WishKind.CHOOSE, self._now(), hash_of(token), None, choices), network)
        return True

    def move(self, token: str, address: str, network: str) -> bool:
        """Be told at another address, once that has confirmed it. Raises as `subscribe` does."""
        kept, found = self._kept(address), self._reader(token)
        if found is None:
            return False
        self._add(Wish(WishKind.MOVE, self._now(), hash_of(token), kept, found.choices), network)
        return True

    def leave(self, token: str) -> bool:
        """No more mail, from now on; True the second time as well. False where the link never led to anybody."""
        return self._asked(token, LeadsTo.READER, WishKind.LEAVE)

    def _asked(self, token: str, leads_to: LeadsTo, kind: WishKind) -> bool:
        """Whether the link leads there; what is not done yet is asked for."""
        found = self.way(token)
        if found is None or found.leads_to is not leads_to:
            return False
        if not found.over:
            self._add(Wish(kind, self._now(), hash_of(token)))
        return True

    def _reader(self, token: str) -> Way | None:
        found = self.way(token)
        return found if found and found.leads_to is LeadsTo.READER and not found.over else None

    def _kept(self, address: str) -> str:
        refuse_personal_data({"address": address}, self._now())
        kept = kept_form(address)
        if not may_subscribe(kept, self._domains):
            raise Invalid("subscribe-domain", domains=", ".join(self._domains))
        return kept

    def _add(self, wish: Wish, network: str | None = None) -> None:
        wishes.add(self._database, wish, network)
