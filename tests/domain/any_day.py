"""Days of any kind, as long as they are legal.

A day is told fact by fact through `admit`, back-dated and corrected at will; what is refused is simply not recorded.
What stays true of every one of them is for a test to say, in an invariant or when the day is over.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from domain import facts as f
from domain.admission import admit
from domain.fact import Fact, Recorded
from domain.history import as_happened
from domain.incident import Incident, fold
from domain.refusals import Refusal
from domain.routine_document import builtin
from domain.vocabulary import (
    Area,
    Cause,
    ContactOutcome,
    MeasureBy,
    PartnerMessage,
    Scope,
    ServicedeskChannel,
    SetAsideReason,
    System,
)
from tests.given import ACTIVATED, CLOSED, DEACTIVATED, INSTRUCTED, LINK, REOPENED, moment, outage, published

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)

SERIALS = st.sampled_from(["OT-1", "OT-2", "OT-3"])
SYSTEMS = st.sets(st.sampled_from(System), min_size=1).map(lambda some: tuple(sorted(some)))
SCOPES = st.sampled_from([Scope.ALL_USERS, Scope.ALL_USERS, Scope.REGION_WIDE, Scope.LOCAL])
AGO = st.sampled_from([0, 0, 0, 0, 1, 10, 45, 150])
"""Minutes ago that it happened; mostly just now."""
BEGAN = st.sampled_from([0, 100, 200, 235, 260])
"""Minutes ago that the first sign was."""
AHEAD = st.sampled_from([240, 120, 30, 10, -30])
"""Minutes from now that a prognosis or a deferral lasts."""
DEVIATION = st.sampled_from(["", "", "ingen gick att nå"])

OUTAGES = st.builds(outage, SCOPES, SYSTEMS)
RESTORATIONS = st.builds(lambda systems: f.ServiceRestored(systems=systems), SYSTEMS | st.just(tuple(System)))
SCOPES_ANEW = st.builds(lambda scope: f.ScopeReclassified(scope=scope, reason="bilden klarnar"), SCOPES)
PAPER = st.one_of(
    st.builds(
        lambda serial, acute, area: f.ReferralReceived(serial=serial, acute=acute, area=area),
        SERIALS,
        st.booleans(),
        st.sampled_from([Area.ORTHOPAEDIC, Area.VISION]),
    ),
    st.builds(lambda serial: f.ReferralEntered(serial=serial), SERIALS),
    st.builds(lambda serial: f.ReferralSetAside(serial=serial, reason=SetAsideReason.RETURNED), SERIALS),
)
WORD: tuple[Fact, ...] = (
    *(f.SystemOwnerContacted(outcome=outcome) for outcome in ContactOutcome),
    f.UnitManagerContacted(outcome=ContactOutcome.REACHED),
    f.ServicedeskIncidentCreated(channel=ServicedeskChannel.RITZ),
    f.SupplierContacted(outcome=ContactOutcome.REACHED),
    *(f.PartnerNotified(message=message, outcome="reached") for message in PartnerMessage),
    INSTRUCTED,
    INSTRUCTED,
    f.PrognosisWithdrawn(reason="ingen vet"),
    published(LINK, routine=True),
    f.CauseEstablished(cause=Cause.SYSTEM),
    f.MeasureReported(by=MeasureBy.SUPPLIER),
)


class AnyDay(RuleBasedStateMachine):
    """One incident. No two facts occur at one moment, so that the order of events is never in doubt."""

    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.now = moment("08:00")
        self.facts: list[Recorded] = []
        self.answers: list[Incident] = []
        self.happened: list[Recorded] = []
        self.incident = Incident("", builtin())

    def tell(self, fact: Fact, ago: int = 0, deviation: str = "") -> None:
        """Somebody who may record the fact does so, unless the incident refuses it."""
        self.now += SECOND
        proposed = Recorded(
            incident="2026-0007",
            entry=len(self.facts) + 1,
            fact=fact,
            occurred_at=self.free(self.now - ago * MINUTE),
            recorded_at=self.now,
            recorded_as=self.function(fact),
            recorded_by="s-00c0ffee",
            command_id=f"command {len(self.facts) + 1}",
            deviation=deviation,
        )
        answer = self.answer_to(proposed)
        if not isinstance(answer, Incident):
            self.reached[f"refused: {answer[0]}"] += 1
            return
        self.facts.append(proposed)
        self.answers.append(answer)
        self.happened = as_happened(self.facts)
        self.incident = fold(self.happened, builtin())
        self.reached[fact.wire] += 1

    def answer_to(self, proposed: Recorded) -> Incident | tuple[str, Any]:
        return answered(lambda: admit(self.facts, proposed, builtin()))

    def free(self, wanted: datetime) -> datetime:
        """That moment, or the latest before it at which nothing has ever been said to occur."""
        taken = {recorded.occurred_at for recorded in self.facts}
        taken |= {r.fact.occurred_at for r in self.facts if isinstance(r.fact, f.EntryCorrected) and r.fact.occurred_at}
        while wanted in taken:
            wanted -= SECOND
        return wanted

    def function(self, fact: Fact) -> Any:
        if isinstance(fact, f.EntryCorrected):
            return builtin().recorded_by(type(self.facts[fact.entry - 1].fact))[0]
        return builtin().recorded_by(type(fact))[0]

    @initialize(scope=SCOPES, only_suspected=st.sampled_from([False, False, False, True]), ago=BEGAN)
    def something_is_wrong(self, scope: Scope, only_suspected: bool, ago: int) -> None:
        self.tell(f.DisturbanceReported(unit="Ortopeden Lund") if only_suspected else outage(scope), ago)

    @rule(minutes=st.sampled_from([1, 14, 30, 90, 240]))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(fact=OUTAGES | RESTORATIONS | SCOPES_ANEW, ago=AGO)
    def the_systems_change(self, fact: Fact, ago: int) -> None:
        self.tell(fact, ago)

    @rule(ahead=AHEAD, ago=AGO)
    def a_prognosis_is_given(self, ahead: int, ago: int) -> None:
        self.tell(f.PrognosisReceived(restored_by=self.now + ahead * MINUTE), ago)

    @rule(ahead=AHEAD, ago=AGO, deviation=DEVIATION)
    def activation_is_put_off(self, ahead: int, ago: int, deviation: str) -> None:
        self.tell(f.ActivationDeferred(reason="strax", until=self.now + ahead * MINUTE), ago, deviation)

    @rule(fact=st.sampled_from([ACTIVATED, ACTIVATED, DEACTIVATED]), ago=AGO, deviation=DEVIATION)
    def the_reserve_routine_is_decided_on(self, fact: Fact, ago: int, deviation: str) -> None:
        self.tell(fact, ago, deviation)

    @rule(fact=PAPER, ago=AGO)
    def paper_comes_and_goes(self, fact: Fact, ago: int) -> None:
        self.tell(fact, ago)

    @precondition(lambda self: len(self.facts) > 8)
    @rule(fact=st.sampled_from([CLOSED, REOPENED]), ago=AGO, deviation=DEVIATION)
    def it_is_closed_or_reopened(self, fact: Fact, ago: int, deviation: str) -> None:
        self.tell(fact, ago, deviation)

    @rule(fact=st.sampled_from(WORD), ago=AGO)
    def word_goes_round(self, fact: Fact, ago: int) -> None:
        self.tell(fact, ago)

    @rule(place=st.integers(0, 40), ago=AGO)
    def a_time_was_wrong(self, place: int, ago: int) -> None:
        if self.facts:
            happened_at = self.free(self.now - ago * MINUTE - SECOND)
            entry = place % len(self.facts) + 1
            self.tell(f.EntryCorrected(entry=entry, reason="fel tid", occurred_at=happened_at))

    @rule(place=st.integers(0, 40), scope=SCOPES, systems=SYSTEMS, serial=SERIALS, ahead=AHEAD)
    def a_field_was_wrong(self, place: int, scope: Scope, systems: tuple[System, ...], serial: str, ahead: int) -> None:
        right = {
            "systems": list(systems),
            "scope": scope.value,
            "serial": serial,
            "restored_by": (self.now + ahead * MINUTE).isoformat(),
            "until": (self.now + ahead * MINUTE).isoformat(),
        }
        wrong = [r for r in self.facts if set(right) & set(type(r.fact).model_fields)]
        if wrong:
            target = wrong[place % len(wrong)]
            fields = {name: right[name] for name in right if name in type(target.fact).model_fields}
            self.tell(f.EntryCorrected(entry=target.entry, reason="fel uppgift", fields=fields))


def answered(admitting: Callable[[], Incident]) -> Incident | tuple[str, Any]:
    """The incident with the fact in it, or why it was refused."""
    try:
        return admitting()
    except Refusal as refusal:
        return refusal.reason, refusal.data
