"""One notice on its way to one subscriber: what it holds, the states of its delivery, how an attempt ended."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.audience import ChannelName, Subscriber
from domain.fact import Recorded
from domain.faults import Fault
from domain.incident import Incident
from domain.rewriting import Rewriting
from domain.texts import N_
from domain.verdict import Verdict
from domain.vocabulary import Audience, Word


class DeliveryState(Word):
    """The life of one delivery. "Sent" means that the mail server accepted it."""

    QUEUED = "queued", N_("queued")
    SENDING = "sending", N_("being sent")
    SENT = "sent", N_("accepted by the mail server")
    DEFERRED = "deferred", N_("will be tried again")
    AMBIGUOUS = "ambiguous", N_("unclear whether it arrived; will be tried again")
    REFUSED = "refused", N_("refused by the mail server")
    EXPIRED = "expired", N_("too old to send")
    SUPERSEDED = "superseded", N_("replaced by a newer notice")


class Unsent(Word):
    """Why a notice was not sent, where no newer one replaced it."""

    LEFT = "left", N_("not sent: the subscriber has left")
    PAUSED = "paused", N_("not sent: the subscriber has paused")
    SUSPENDED = "suspended", N_("not sent: the address is suspended")
    NOT_TOLD = "not-told", N_("not sent: the subscriber had not been told of what it is about")
    GIVEN_UP = "given-up", N_("not sent: given up by hand")
    TOLD_OTHERWISE = "told-otherwise", N_("not sent: the same address is told of it as another audience")


INTO_A_FOLDER = N_("written into the folder")
"""What is said of a notice that no mail server accepted, because it lies in a folder."""

TO_BE_TRIED = (DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS)
"""The states in which a delivery waits for a worker."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What one mail tells one subscriber: everything that it is written from.

    `recorded` is its fact; `also` are the facts just before it that wait for the same mail, oldest first, and
    `replaces` those that were to be told and have become stale. `deliveries` are the ledger's rows that it
    settles, the fact's own last. `incident` is the incident as it stands; `first` the Message-ID of the first mail
    that this subscriber has of it, "" where this is the first; `summary` that the subscriber came late and this sums up
    what is open. `dated` is when it was first tried to be told, the same on every try; None on the first. Aware.
    `manual_retry` that an operator asked for it to be sent, however old it is. `rewritings` are what those of its facts
    that take something back make of what the subscriber was told. `earlier` are the facts of the same kind as its own
    that happened before it, `verdicts` how every duty of the incident fares, `began_at` when its latest outage began.
    `way_out` is the token by which this reader leaves, "" where there is none to be had.
    """

    delivery: int
    recorded: Recorded
    incident: Incident
    subscriber: Subscriber
    message_id: str
    first: str = ""
    summary: bool = False
    also: tuple[Recorded, ...] = ()
    replaces: tuple[Recorded, ...] = ()
    deliveries: tuple[int, ...] = ()
    dated: datetime | None = None
    manual_retry: bool = False
    rewritings: tuple[Rewriting, ...] = ()
    earlier: tuple[Recorded, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    began_at: datetime | None = None
    way_out: str = ""

    def rewriting(self, recorded: Recorded) -> Rewriting | None:
        """What this fact of the notice takes back, if it does."""
        return next((rewriting for rewriting in self.rewritings if rewriting.by.entry == recorded.entry), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended. `code` and `enhanced` are the mail server's, empty where it gave none; `reply` is
    one line. `fault` says whose fault a refusal is, None where nobody's or nobody knows."""

    state: DeliveryState
    code: int | None
    reply: str
    enhanced: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the ledger writes down about one attempt, made `at`; tried again at `next_try_at`, if at all. Aware."""

    notice: Notice
    at: datetime
    outcome: Outcome
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came back about one notice that a channel had accepted. `delivery` is the ledger's row or `message_id` the
    name of the message; with neither, `action` says why nothing can be made of it.

    `action` is what became of it (RFC 3464 §2.3.3), `status` the enhanced code, "" where there is none; `diagnostic`
    one line of what was said, without addresses; `source` where it was read. `fingerprint` is the same for the same
    report, wherever it lies. `way_out` is the token of a reader who asks for no more mail, "" where they give none;
    None of everything else.
    """

    delivery: int | None
    message_id: str
    action: str
    status: str
    diagnostic: str
    source: str = ""
    fingerprint: str = field(default="", compare=False)
    way_out: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """So many subscribers of an audience, told by this channel, whose notices stand at `state`; None is all that can be
    said of one that had not been sent by the moment asked for. Taken by it from `first_at` to `last_at`; aware.
    """

    audience: Audience
    channel: ChannelName
    state: DeliveryState | None
    subscribers: int
    first_at: datetime | None = None
    last_at: datetime | None = None
