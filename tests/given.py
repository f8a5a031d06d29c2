"""Given, when, then in the domain's words: one incident's day, told the way people tell it.

    day.at("08:05").records(outage())
    day.at("11:59:59").proposes(ReserveRoutineActivated()).refused(NotAdmitted, "activation-too-early")
    assert day.verdict("contact-supplier", at="09:00").word == "missed"

Times are Europe/Stockholm, on 7 December 2026 unless they carry their own date and zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from domain import facts as f
from domain.admission import admit
from domain.fact import UNREGISTERED, By, Fact, Recorded
from domain.history import as_happened
from domain.incident import Incident, fold
from domain.presumed import completed
from domain.refusals import Refusal
from domain.review import verdicts
from domain.routine import Routine
from domain.routine_document import builtin
from domain.verdict import Verdict, most_urgent
from domain.vocabulary import Channel, ContactOutcome, Function, Scope, System

STOCKHOLM = ZoneInfo("Europe/Stockholm")
THE_DAY = date(2026, 12, 7)
NUMBER = "2026-0007"
ALL_THREE = tuple(System)
ADMINISTRATION = Function.HJALPMEDEL_ADMINISTRATION
VO = Function.VO_HJALPMEDEL
OWNER = Function.SYSTEM_OWNER
PARTNER = Function.PARTNER
LOG_OWNER = By(Function.LOG_OWNER, UNREGISTERED)
"""Who keeps the registers in a test where nobody in particular does."""
LINK = "https://vardgivare.example.se/reservrutin-ot"


def moment(told: str) -> datetime:
    """ "08:05" and "08:05:01" are the day's, "2027-03-28T00:30+01:00" speaks for itself; in UTC."""
    if "T" in told:
        return datetime.fromisoformat(told).astimezone(UTC)
    return datetime.combine(THE_DAY, time.fromisoformat(told), STOCKHOLM).astimezone(UTC)


def outage(scope: Scope = Scope.ALL_USERS, systems: Sequence[System] = ALL_THREE) -> f.OutageDetected:
    return f.OutageDetected(scope=scope, systems=tuple(systems))


def restored(*systems: System) -> f.ServiceRestored:
    """These systems run again; all three if none is named."""
    return f.ServiceRestored(systems=systems or ALL_THREE)


def prognosis(told: str) -> f.PrognosisReceived:
    return f.PrognosisReceived(restored_by=moment(told), source="Region Skåne IT")


def deferred(told: str) -> f.ActivationDeferred:
    return f.ActivationDeferred(reason="åter i drift strax", until=moment(told))


def owner_contacted(outcome: ContactOutcome = ContactOutcome.REACHED) -> f.SystemOwnerContacted:
    return f.SystemOwnerContacted(outcome=outcome, channel="telefon")


def published(*links: str, routine: bool = False, channel: Channel = Channel.VARDGIVARE_SKANE) -> Fact:
    return f.OperatingInformationPublished(
        channels=(channel,), text="Sesam ligger nere. Avvakta.", links=links, reserve_routine_applies=routine
    )


def taken_for_granted(fact: Fact) -> Fact:
    """The fact with what the built-in routine fills in where nobody has said otherwise."""
    return completed(fact, Incident("", builtin()))


def correction(entry: int, occurred_at: str | None = None, **fields: object) -> f.EntryCorrected:
    when = moment(occurred_at) if occurred_at else None
    return f.EntryCorrected(entry=entry, reason="det blev fel", occurred_at=when, fields=fields)


ACTIVATED, DEACTIVATED, CLOSED = f.ReserveRoutineActivated(), f.ReserveRoutineDeactivated(), f.IncidentClosed()
REOPENED = f.IncidentReopened(reason="två remisser kom med posten")
INSTRUCTED = f.InstructionReceived(text="gå över till papper för akuta OT-remisser")


@dataclass
class Day:
    """One incident, and everything recorded of it so far."""

    number: str = NUMBER
    facts: list[Recorded] = field(default_factory=list)
    routine: Routine = field(default_factory=builtin)

    def at(self, told: str, *, written: str = "") -> "Moment":
        """When it happened; `written` is when it was recorded, where that was later."""
        return Moment(self, moment(told), moment(written or told))

    @property
    def happened(self) -> list[Recorded]:
        return as_happened(self.facts)

    @property
    def incident(self) -> Incident:
        return fold(self.happened, self.routine)

    def flags(self, recorded: Recorded) -> list[str]:
        """The codes of everything odd about this entry, as the whole history now reads."""
        return [irregularity.code for irregularity in self.incident.flags(recorded.entry)]

    def verdicts(self, duty: str, at: str) -> list[Verdict]:
        return [v for v in verdicts(self.happened, self.routine, moment(at)) if v.duty.id == duty]

    def verdict(self, duty: str, at: str) -> Verdict:
        """The one verdict on this duty."""
        [only] = self.verdicts(duty, at)
        return only

    def due(self, at: str) -> list[str]:
        """What somebody has to do, the most urgent first."""
        return [
            verdict.duty.id for verdict in most_urgent(verdicts(self.happened, self.routine, moment(at)), moment(at))
        ]


@dataclass
class Moment:
    day: Day
    occurred_at: datetime
    recorded_at: datetime

    def proposes(self, fact: Fact, as_: Function | None = None, *, deviation: str = "", note: str = "") -> "Proposed":
        """Somebody in the first function that may record it, unless another is named, proposes the fact."""
        entry = max((recorded.entry for recorded in self.day.facts), default=0) + 1
        return Proposed(
            self.day,
            Recorded(
                incident=self.day.number,
                entry=entry,
                fact=fact,
                occurred_at=self.occurred_at,
                recorded_at=self.recorded_at,
                recorded_as=as_ or self.day.routine.recorded_by(type(fact))[0],
                recorded_by="s-00c0ffee",
                command_id=f"command {entry}",
                note=note,
                deviation=deviation,
            ),
        )

    def records(self, fact: Fact, as_: Function | None = None, *, deviation: str = "", note: str = "") -> Recorded:
        return self.proposes(fact, as_, deviation=deviation, note=note).admitted()


@dataclass
class Proposed:
    day: Day
    recorded: Recorded

    def admitted(self) -> Recorded:
        admit(self.day.facts, self.recorded, self.day.routine)
        self.day.facts.append(self.recorded)
        return self.recorded

    def refused(self, kind: type[Refusal], reason: str) -> Refusal:
        """Refused for exactly this reason, and the day is as it was."""
        before = list(self.day.facts)
        with pytest.raises(kind) as refusal:
            admit(self.day.facts, self.recorded, self.day.routine)
        assert refusal.value.reason == reason
        assert self.day.facts == before
        return refusal.value
