"""What a report is made from: the history in its readings, what followed from it, who was told, in which words."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from domain.audience import ChannelName
from domain.conditions import Spans
from domain.course import go_through
from domain.delivery import DeliveryState
from domain.fact import Recorded
from domain.facts import IncidentReviewed, ReferralEntered, ReferralReceived, ReferralSetAside
from domain.hindsight import Reviewed, reviewed
from domain.history import as_happened, as_it_reads, as_written, corrections, withdrawn
from domain.incident import Deviation, Incident, deviations
from domain.periods import Periods, periods
from domain.review import recorded_afterwards, verdicts
from domain.routine import Routine
from domain.runs import alike, runs
from domain.verdict import Verdict
from domain.vocabulary import Audience
from infrastructure.integrity.checkpoints import StoredCheckpoint
from infrastructure.outbox.ledger import Delivery
from wording.words import Texts, Words


@dataclass(frozen=True, slots=True)
class NoticeTold:
    """One notice for one subscriber, as the ledger has it. `at` is when its channel took it, or refused it;
    None where neither has happened. `mail` tells apart what went in one mail from what did not."""

    entry: int
    audience: Audience
    subscriber: str
    state: DeliveryState
    mail: str
    channel: ChannelName
    at: datetime | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Referral:
    """One paper referral by the number on the paper: the entries where it came, and where it was balanced."""

    serial: str
    received: Recorded | None = None
    entered: Recorded | None = None
    set_aside: Recorded | None = None


@dataclass(frozen=True)
class Report:
    """Everything that a report tells, as of `made_at` (aware)."""

    incident: Incident
    history: Sequence[Recorded]
    told: Sequence[NoticeTold]
    made_at: datetime
    texts: Texts
    checkpoint: StoredCheckpoint | None = None
    program: str = ""

    @property
    def routine(self) -> Routine:
        return self.incident.routine

    @cached_property
    def words(self) -> Words:
        """The language that it is told in, and what its routine calls things in it."""
        return self.texts.of(self.routine)

    @cached_property
    def written(self) -> list[Recorded]:
        return as_written(self.history)

    @cached_property
    def happened(self) -> list[Recorded]:
        return as_happened(self.history)

    @cached_property
    def reads(self) -> dict[int, Recorded]:
        """Each entry as it reads with its corrections; what was withdrawn as it read until then."""
        return as_it_reads(self.history)

    @cached_property
    def corrected_by(self) -> dict[int, list[int]]:
        return corrections(self.history)

    @cached_property
    def withdrawn_by(self) -> dict[int, int]:
        return withdrawn(self.history)

    @cached_property
    def verdicts(self) -> list[Verdict]:
        return verdicts(self.happened, self.routine, self.made_at)

    @cached_property
    def lines(self) -> list[Reviewed]:
        """A line for every duty, also for those that never came about."""
        return reviewed(self.history, self.routine, self.made_at)

    @cached_property
    def deviations(self) -> list[Deviation]:
        return deviations(self.incident)

    @cached_property
    def afterwards(self) -> list[Recorded]:
        return recorded_afterwards(self.written, self.routine)

    @cached_property
    def runs(self) -> list[list[Recorded]]:
        """The log as written, alike papers together; whatever deviates, or was told of, stands by itself."""
        told, late = {notice.entry for notice in self.told}, {recorded.entry for recorded in self.afterwards}

        def kind(recorded: Recorded) -> Hashable:
            common = None if self.deviates(recorded) or recorded.entry in told else alike(recorded)
            return common and (common, recorded.entry in late)

        return list(runs(self.written, kind))

    def deviates(self, recorded: Recorded) -> bool:
        """Whether the entry was corrected or taken back, or somebody or something has remarked on it."""
        entry = recorded.entry
        changed = entry in self.corrected_by or entry in self.withdrawn_by
        return changed or bool(recorded.note or recorded.deviation or self.incident.flags(entry))

    @cached_property
    def conclusions(self) -> list[Recorded]:
        return [recorded for recorded in self.happened if isinstance(recorded.fact, IncidentReviewed)]

    @cached_property
    def periods(self) -> Periods:
        return periods(self.happened, self.routine)

    @cached_property
    def spans(self) -> Spans:
        return go_through(self.happened, self.routine).spans

    @cached_property
    def referrals(self) -> list[Referral]:
        """Every referral, in the order they came."""
        came: dict[str, dict[str, Recorded]] = {}
        for recorded in self.happened:
            match recorded.fact:
                case ReferralReceived(serial=serial):
                    came.setdefault(serial, {})["received"] = recorded
                case ReferralEntered(serial=serial):
                    came.setdefault(serial, {})["entered"] = recorded
                case ReferralSetAside(serial=serial):
                    came.setdefault(serial, {})["set_aside"] = recorded
        return [Referral(serial, **steps) for serial, steps in came.items()]

    @property
    def audiences(self) -> list[Audience]:
        """Those of the routine, in its order, then any other that was told."""
        return list(dict.fromkeys([*self.routine.audiences, *(told.audience for told in self.told)]))


def told(deliveries: Sequence[Delivery]) -> list[NoticeTold]:
    """The ledger's rows without anything that could say who somebody is: replies may quote an address."""
    found = []
    for row in deliveries:
        latest = row.attempts[-1] if row.attempts else None
        refused = latest.at if latest and row.state is DeliveryState.REFUSED else None
        at = row.sent_at if row.state is DeliveryState.SENT else refused
        code = (latest.enhanced or str(latest.code or "")) if latest and refused else ""
        moment = datetime.fromisoformat(at) if at else None
        mail = row.message_id or f"#{row.id}"
        audience = Audience(row.audience)
        found.append(NoticeTold(row.entry, audience, row.subscriber, row.state, mail, row.channel, moment, code))
    return found
