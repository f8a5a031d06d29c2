"""One outage's whole story: what state it is in, how a fact changes it, what doesn't fit.

A history is read as it happened, fact by fact, and `go_on` is the only place where an incident's state comes from.
While it reads it notes every irregularity; `domain.admission` decides which of them refuse a fact.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple, TypeVar

from domain import facts as f
from domain.fact import Fact, Recorded
from domain.routine import Routine
from domain.vocabulary import (
    Advice,
    Area,
    ContactOutcome,
    Flag,
    Function,
    Orders,
    PartnerMessage,
    RoutineState,
    RoutineWord,
    Scope,
    Status,
    System,
)


class Kind(Enum):
    """What an irregularity does to the fact that brings it about (Q14)."""

    IMPOSSIBLE = "impossible"
    """Refused, whichever entry it shows on."""
    UNTIMELY = "untimely"
    """Refused on the fact being recorded; on an older one it is what truth has made of it, and flagged."""
    NOT_YET = "not-yet"
    """A decision the routine does not allow yet: refused unless its deviation is explained."""
    FLAGGED = "flagged"
    """Recorded and flagged."""


class Irregularity(NamedTuple):
    """Something about entry `entry` that does not fit; `rule` is what it is measured by."""

    entry: int
    code: Flag
    rule: str
    kind: Kind
    data: tuple[tuple[str, str], ...] = ()


class Deviation(NamedTuple):
    """Something about an entry that does not fit the routine, and the reason where one was given; `code` is "stated"
    where a reason was given for what fits."""

    entry: int
    code: str
    rule: str
    reason: str


class Prognosis(NamedTuple):
    """Restored by when, and since when we have been told so; times in UTC."""

    entry: int
    received_at: datetime
    restored_by: datetime
    source: str = ""


class Deferral(NamedTuple):
    entry: int
    decided_at: datetime
    until: datetime


class Publication(NamedTuple):
    """Operating information that was published, or seen to have been."""

    at: datetime
    links: tuple[str, ...]


class Keeper(NamedTuple):
    """The function that keeps the log since it was handed over, and what it was told to think of."""

    function: Function
    since: datetime
    open_matters: str = ""


class Voided(NamedTuple):
    """The whole incident was a mistake, or the same as another (Q29)."""

    entry: int
    at: datetime
    same_as: str | None = None


@dataclass(slots=True)
class Incident:
    """An incident as it stands by its routine. Built by `go_on` alone; whoever holds one reads it.

    `down_since` is when the outage that still goes on began, None while nothing is down; `clock_since` is since when a
    system that starts the reserve routine's clock is down. `instructed_at` is since when it has had other orders than
    to wait. `publication_asked_at` is when a publication was first asked for that has not come yet, in an outage that
    is not over (Q18); `publication` the latest.
    """

    number: str
    routine: Routine
    scope: Scope | None = None
    systems: tuple[System, ...] = ()
    areas: tuple[Area, ...] = ()
    began_at: datetime | None = None
    detected_at: datetime | None = None
    down_since: datetime | None = None
    clock_since: datetime | None = None
    down: tuple[System, ...] = ()
    restored_at: datetime | None = None
    closed_at: datetime | None = None
    voided: Voided | None = None
    instructed_at: datetime | None = None
    ordered_to_act: bool = False
    activation_ordered_at: datetime | None = None
    publication_asked_at: datetime | None = None
    publication: Publication | None = None
    keeper: Keeper | None = None
    owner_unreached: bool = False
    prognosis: Prognosis | None = None
    deferral: Deferral | None = None
    activated_at: datetime | None = None
    deactivated_at: datetime | None = None
    received: int = 0
    entered: int = 0
    set_aside: int = 0
    outstanding: dict[str, int] = field(default_factory=dict)
    balanced: dict[str, int] = field(default_factory=dict)
    entries: int = 0
    latest_at: datetime | None = None
    irregularities: list[Irregularity] = field(default_factory=list)
    stated: dict[int, str] = field(default_factory=dict)

    def copy(self) -> "Incident":
        """One that goes on by itself."""
        return replace(
            self,
            outstanding={**self.outstanding},
            balanced={**self.balanced},
            irregularities=[*self.irregularities],
            stated={**self.stated},
        )

    @property
    def status(self) -> Status:
        if self.voided:
            return Status.VOIDED
        if self.closed_at:
            return Status.CLOSED
        if self.detected_at is None:
            return Status.SUSPECTED
        return Status.ONGOING if self.down else Status.RESTORED

    @property
    def open(self) -> bool:
        """Whether it belongs on the board: not closed, or paper or another outage has come since; never once voided."""
        if self.voided:
            return False
        if not self.closed_at or self.outstanding:
            return True
        return self.down_since is not None and self.down_since > self.closed_at

    @property
    def active(self) -> bool:
        return self.activated_at is not None and self.deactivated_at is None

    @property
    def waits_for_instruction(self) -> bool:
        """SR-052: in a region-wide stop VO Hjälpmedel awaits the regional IT function."""
        return self.is_instructed and self.instructed_at is None and bool(self.down)

    @property
    def is_instructed(self) -> bool:
        """Whether an outage of this scope has its instruction awaited."""
        return self.scope in self.routine.instruction.scopes

    @property
    def advice(self) -> Advice:
        """What a caller is to be told (Q27)."""
        if self.detected_at and not self.down:
            return Advice.WORKS_AGAIN
        return Advice.PAPER if self.active else Advice.WAIT

    @property
    def may_act(self) -> bool:
        """Whether its measures are the users' own to take: as in a stop for all users, or ordered to act (Q7)."""
        return bool(self.down) and self.scope is not Scope.LOCAL and (not self.is_instructed or self.ordered_to_act)

    @property
    def routine_due_at(self) -> datetime | None:
        """When the reserve routine falls due (Q2, Q5), None where its clock does not run: while no system that starts
        it is down (Q26), in a scope without it, or before the instruction that is awaited. One that orders it makes it
        due at once (Q7)."""
        terms = self.routine.reserve_routine
        if self.clock_since is None or self.scope not in terms.scopes or self.waits_for_instruction:
            return None
        due_at = self.clock_since + terms.after
        if self.is_instructed and self.instructed_at:
            due_at = max(due_at, self.instructed_at)
        return min(due_at, self.activation_ordered_at) if self.activation_ordered_at else due_at

    @property
    def paper_waits_for(self) -> tuple[System, ...]:
        """Of the systems that paper is entered into those that are down; of all, where they are not affected (Q26)."""
        needed = [system for system in self.routine.reserve_routine.entered_into if system in self.systems]
        return tuple(system for system in needed or self.down if system in self.down)

    def prognosis_at(self, now: datetime) -> Prognosis | None:
        """The prognosis in force at `now`: given, not withdrawn, its time not passed (Q4)."""
        return self.prognosis if self.prognosis and self.prognosis.restored_by > now else None

    def deferred_at(self, now: datetime) -> bool:
        """Whether activation waits by a decision; it does so only while a prognosis is in force (Q1)."""
        return bool(self.deferral and self.deferral.until > now and self.prognosis_at(now))

    def routine_state(self, now: datetime) -> RoutineState:
        if self.active:
            return RoutineState.ACTIVE
        due_at = self.routine_still_due_at
        if due_at and (now > due_at or (now == due_at and not self.prognosis_at(now))) and not self.deferred_at(now):
            return RoutineState.DUE
        return RoutineState.ENDED if self.deactivated_at else RoutineState.INACTIVE

    @property
    def routine_still_due_at(self) -> datetime | None:
        """When it falls due, None once the incident is closed: then nothing is (Q18)."""
        return self.routine_due_at if self.open else None

    def in_order(self, *systems: tuple[System, ...]) -> tuple[System, ...]:
        """Each of these systems once, in the routine's order."""
        return tuple(_once(self.routine.systems, systems))

    def of_areas(self, *areas: tuple[Area, ...]) -> tuple[Area, ...]:
        """Each of these areas once, in the routine's order."""
        return tuple(_once(self.routine.areas, areas))

    def flags(self, entry: int) -> list[Irregularity]:
        """What does not fit about this entry; nothing in an incident that was voided is held against anybody."""
        return [odd for odd in self.irregularities if odd.entry == entry and not self.voided]


def fold(happened: Iterable[Recorded], routine: Routine, number: str = "") -> Incident:
    """The incident after these facts, which are given as they happened."""
    incident = Incident(number, routine)
    for recorded in happened:
        go_on(incident, recorded)
    return incident


def fold_steps(happened: Iterable[Recorded], routine: Routine) -> Iterator[Incident]:
    """The incident after each fact in turn; it is one and the same object, further along."""
    incident = Incident("", routine)
    for recorded in happened:
        go_on(incident, recorded)
        yield incident


def go_on(incident: Incident, recorded: Recorded) -> None:
    """Change the incident by the fact that happened next, and note what about it does not fit."""
    incident.number = recorded.incident
    _note_irregularities(incident, recorded)
    _evolve(incident, recorded)


def _evolve(i: Incident, recorded: Recorded) -> None:
    at = recorded.occurred_at
    i.entries = max(i.entries, recorded.entry)
    i.latest_at = at
    if i.began_at is None:
        i.began_at = at
    if recorded.deviation:
        i.stated[recorded.entry] = recorded.deviation
    match recorded.fact:
        case f.ReferralReceived(serial=serial):
            i.received += 1
            i.outstanding[serial] = recorded.entry
        case f.ReferralEntered(serial=serial):
            i.entered += 1
            i.balanced[serial] = i.outstanding.pop(serial, recorded.entry)
        case f.ReferralSetAside(serial=serial):
            i.set_aside += 1
            i.balanced[serial] = i.outstanding.pop(serial, recorded.entry)
        case f.DisturbanceReported(systems=systems):
            i.systems = i.in_order(i.systems, systems) if i.detected_at is None else i.systems
        case f.OutageDetected(scope=scope, systems=systems, areas=areas, since=since):
            began_at = min(at, since or at)
            systems = tuple(i.routine.systems) if scope is Scope.REGION_WIDE else systems
            i.systems = i.in_order(i.systems if i.detected_at else (), systems)
            i.areas = i.of_areas(i.areas if i.detected_at else (), areas or tuple(i.routine.areas))
            if i.restored_at:
                i.prognosis = i.deferral = None  # they were about the outage that is over
            i.down_since = min(began_at, i.down_since or began_at)
            if not i.down:
                i.scope = scope
                if i.detected_at:
                    i.owner_unreached = False  # it was of the outage that is over
                _await_instruction(i)
            elif i.scope is None or _WIDTH[scope] > _WIDTH[i.scope]:
                _classify(i, scope)  # only a reclassification narrows an outage that goes on
            i.down = i.in_order(i.down, systems)
            _run_clock(i, began_at)
            i.detected_at = i.detected_at or at
            i.restored_at = None
        case f.ScopeReclassified(scope=scope):
            _classify(i, scope)
            if scope is Scope.REGION_WIDE and i.down:
                i.systems = i.down = tuple(i.routine.systems)
                _run_clock(i, at)
        case f.SystemOwnerContacted(outcome=outcome):
            i.owner_unreached = outcome is not ContactOutcome.REACHED
        case f.InstructionReceived(orders=Orders.WAIT):
            _await_instruction(i)
        case f.InstructionReceived(orders=orders):
            i.instructed_at = i.instructed_at or at
            i.ordered_to_act = i.ordered_to_act or orders is Orders.ACT
            if orders is Orders.ACTIVATE:
                i.activation_ordered_at = i.activation_ordered_at or at
        case f.OperatingInformationRequested():
            i.publication_asked_at = i.publication_asked_at or at
        case f.OperatingInformationPublished(links=links) | f.OperatingInformationObserved(links=links):
            i.publication_asked_at, i.publication = None, Publication(at, links)
        case f.DeskHandedOver(to=to, open_matters=open_matters):
            i.keeper = Keeper(to, at, open_matters)
        case f.PrognosisReceived(restored_by=restored_by, source=source):
            i.prognosis = Prognosis(recorded.entry, at, restored_by, source)
        case f.PrognosisWithdrawn():
            i.prognosis = None
        case f.ActivationDeferred(until=until):
            i.deferral = Deferral(recorded.entry, at, until)
        case f.ReserveRoutineActivated():
            i.activated_at, i.deactivated_at = at, None
        case f.ReserveRoutineDeactivated():
            i.deactivated_at = at
        case f.ServiceRestored(systems=systems):
            was_down = bool(i.down)
            i.down = tuple(s for s in i.down if s not in systems)
            _run_clock(i, at)
            if was_down and not i.down:
                i.restored_at, i.down_since, i.prognosis, i.deferral = at, None, None, None
                i.publication_asked_at = None
        case f.IncidentClosed():
            i.closed_at, i.publication_asked_at = at, None
        case f.IncidentReopened():
            i.closed_at = None
        case f.IncidentVoided(same_as=same_as) if i.voided is None:
            i.voided = Voided(recorded.entry, at, same_as)
            i.down, i.down_since, i.prognosis, i.deferral, i.activated_at = (), None, None, None, None
            i.clock_since = i.publication_asked_at = None


def _run_clock(i: Incident, since: datetime) -> None:
    """The reserve routine's clock runs from when the first of its systems went down until the last is back (Q26)."""
    runs = any(system in i.down for system in i.routine.clock_systems)
    i.clock_since = min(since, i.clock_since or since) if runs else None


def _classify(i: Incident, scope: Scope) -> None:
    """How wide the outage turns out to be. What was ordered before was about one that was not the whole region's."""
    if scope is Scope.REGION_WIDE and i.scope is not scope:
        _await_instruction(i)
    i.scope = scope


def _await_instruction(i: Incident) -> None:
    i.instructed_at = i.activation_ordered_at = None
    i.ordered_to_act = False


_WIDTH = {Scope.LOCAL: 0, Scope.ALL_USERS: 1, Scope.REGION_WIDE: 2}


W = TypeVar("W", bound=RoutineWord)
Note = Callable[..., None]
"""Notes an irregularity of the fact at hand: its flag, its kind, and what a sentence about it needs."""


def _once(order: Iterable[W], some: Iterable[tuple[W, ...]]) -> Iterable[W]:
    named = [word for words in some for word in words]
    return dict.fromkeys([*(word for word in order if word in named), *named])


def _note_irregularities(i: Incident, recorded: Recorded) -> None:
    """Append everything about this fact that does not fit the incident as it stood just before it."""

    def note(code: Flag, kind: Kind, **data: str) -> None:
        rule = i.routine.rules.get(code, "")
        if not rule and code in _ONLY_BY_A_RULE:
            return
        i.irregularities.append(Irregularity(recorded.entry, code, rule, kind, tuple(sorted(data.items()))))

    fact, at, terms = recorded.fact, recorded.occurred_at, i.routine.reserve_routine
    if i.closed_at and isinstance(fact, f.IncidentClosed):
        note(Flag.ALREADY_CLOSED, Kind.IMPOSSIBLE)
    elif i.closed_at and fact.decides:
        note(Flag.INCIDENT_IS_CLOSED, Kind.UNTIMELY)
    elif i.closed_at and at > i.closed_at and not isinstance(fact, _FITS_A_CLOSED_INCIDENT):
        note(Flag.AFTER_CLOSING, Kind.FLAGGED)
    if fact.measure and i.waits_for_instruction and recorded.recorded_as in i.routine.instruction.no_measures_by:
        note(Flag.MEASURE_BEFORE_INSTRUCTION, Kind.FLAGGED)
    stand_ins = i.routine.stand_ins(type(fact))
    if stand_ins and recorded.recorded_as in stand_ins.functions:
        note(Flag.NOT_THROUGH_THE_SYSTEM_OWNER, Kind.FLAGGED)
    match fact:
        case f.ReferralReceived(serial=serial, acute=acute, area=area):
            if serial in i.outstanding or serial in i.balanced:
                note(Flag.DUPLICATE_SERIAL, Kind.IMPOSSIBLE, serial=serial)
            if not i.active:
                note(Flag.PAPER_WITHOUT_RESERVE_ROUTINE, Kind.FLAGGED)
            if not acute or area != terms.referral_area:
                note(Flag.NOT_ACUTE, Kind.FLAGGED)
        case f.ReferralEntered(serial=serial) | f.ReferralSetAside(serial=serial):
            _note_unbalanced(i, fact, serial, note)
        case f.ServiceRestored(systems=systems):
            for system in systems:
                if system not in i.down:
                    note(Flag.SYSTEM_WAS_NOT_DOWN, Kind.FLAGGED, system=system)
        case f.PrognosisReceived(restored_by=restored_by):
            if restored_by <= at:
                note(Flag.PROGNOSIS_ALREADY_PASSED, Kind.FLAGGED)
            elif restored_by - at > _FAR_AHEAD:
                note(Flag.PROGNOSIS_FAR_AHEAD, Kind.FLAGGED)
        case f.OperatingInformationPublished(reserve_routine_applies=True, channels=channels, links=links):
            if not i.active:
                note(Flag.RESERVE_ROUTINE_DOES_NOT_APPLY, Kind.NOT_YET)
            if not links:
                note(Flag.PUBLISHED_WITHOUT_LINK, Kind.FLAGGED)
            if terms.published_on not in channels:
                note(Flag.PUBLISHED_ELSEWHERE, Kind.FLAGGED)
        case f.CallersInformed(advice=advice) if advice is not i.advice:
            note(Flag.CONTRADICTS_THE_MOMENT, Kind.FLAGGED)
        case f.PartnerNotified(message=PartnerMessage.ACTIVATION) if not i.active and not _may_come_to_paper(i):
            note(Flag.RESERVE_ROUTINE_DOES_NOT_APPLY, Kind.NOT_YET)
        case f.PartnerNotified(message=PartnerMessage.ALL_CLEAR) if i.active:
            note(Flag.ALL_CLEAR_WHILE_ACTIVE, Kind.FLAGGED)
        case f.ReserveRoutineActivated():
            _note_activation(i, at, note)
        case f.ActivationDeferred(until=until):
            if not i.prognosis_at(at):
                note(Flag.DEFERRAL_WITHOUT_PROGNOSIS, Kind.NOT_YET)
            if until <= at:
                note(Flag.DEFERRAL_ALREADY_PASSED, Kind.UNTIMELY)
        case f.ReserveRoutineDeactivated():
            if not i.active:
                note(Flag.NOT_ACTIVE, Kind.IMPOSSIBLE)
            elif i.paper_waits_for:
                note(Flag.DEACTIVATION_WHILE_DOWN, Kind.NOT_YET)
        case f.IncidentClosed():
            if i.outstanding:
                note(Flag.OUTSTANDING_REFERRALS, Kind.UNTIMELY, serials=", ".join(i.outstanding))
            if i.down:
                note(Flag.CLOSING_WHILE_DOWN, Kind.NOT_YET)
            elif i.active:
                note(Flag.CLOSING_WHILE_ACTIVE, Kind.NOT_YET)
        case f.IncidentReopened():
            if not i.closed_at:
                note(Flag.NOT_CLOSED, Kind.IMPOSSIBLE)
        case f.IncidentVoided():
            if i.voided:
                note(Flag.ALREADY_VOIDED, Kind.IMPOSSIBLE)


def deviations(incident: Incident) -> list[Deviation]:
    """Everything that does not fit the routine, by entry; nothing in an incident that was voided (Q29)."""
    if incident.voided:
        return []
    flagged = [Deviation(i.entry, i.code, i.rule, incident.stated.get(i.entry, "")) for i in incident.irregularities]
    entries = {deviation.entry for deviation in flagged}
    stated = [Deviation(entry, "stated", "", why) for entry, why in incident.stated.items() if entry not in entries]
    return sorted([*flagged, *stated], key=lambda deviation: deviation.entry)


_FAR_AHEAD = timedelta(days=14)
"""A prognosis further ahead is more likely a slip of the pen."""

_ONLY_BY_A_RULE = (
    Flag.NOT_THROUGH_THE_SYSTEM_OWNER,
    Flag.CONTRADICTS_THE_MOMENT,
    Flag.RESERVE_ROUTINE_DOES_NOT_APPLY,
)
"""Held against nobody by a routine that has no rule for it, as none of the first edition has."""

_FITS_A_CLOSED_INCIDENT: tuple[type[Fact], ...] = (
    f.IncidentReopened,
    f.IncidentReviewed,
    f.IncidentVoided,
    f.EntryCorrected,
    f.EntryWithdrawn,
    f.DocumentNoted,
    f.NoteAdded,
    f.DeadlineApproaching,
    f.DeadlinePassed,
)


def _note_unbalanced(i: Incident, fact: Fact, serial: str, note: Note) -> None:
    """SR-092, Q16: a referral is balanced once, after it came, and entered only into a running system."""
    if serial in i.balanced:
        note(Flag.ALREADY_BALANCED, Kind.IMPOSSIBLE, serial=serial)
    elif serial not in i.outstanding:
        note(Flag.UNKNOWN_REFERRAL, Kind.IMPOSSIBLE, serial=serial)
    if isinstance(fact, f.ReferralEntered) and i.paper_waits_for:
        note(Flag.SYSTEM_IS_DOWN, Kind.UNTIMELY, system=i.paper_waits_for[0])


def _may_come_to_paper(i: Incident) -> bool:
    """Whether the outage is of those that the reserve routine is for: then the partner may be told ahead of it (Q8)."""
    return i.clock_since is not None and i.scope in i.routine.reserve_routine.scopes


def _note_activation(i: Incident, at: datetime, note: Note) -> None:
    """SR-069, SR-090, Q1, Q7: from four hours on always allowed, before that a deviation."""
    terms = i.routine.reserve_routine
    if i.active:
        note(Flag.ALREADY_ACTIVE, Kind.IMPOSSIBLE)
    elif i.down_since is None:
        note(Flag.ACTIVATION_WITHOUT_OUTAGE, Kind.NOT_YET)
    elif i.clock_since is None or not _may_come_to_paper(i):
        note(Flag.ACTIVATION_OUT_OF_SCOPE, Kind.NOT_YET)
    elif i.waits_for_instruction:
        note(Flag.ACTIVATION_BEFORE_INSTRUCTION, Kind.NOT_YET)
    elif at < (allowed := i.clock_since + terms.after) and not i.activation_ordered_at:
        note(Flag.ACTIVATION_TOO_EARLY, Kind.NOT_YET, allowed_at=allowed.isoformat())
