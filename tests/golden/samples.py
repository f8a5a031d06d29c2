"""One canonical entry for each fact, every field filled, whose stored bytes stand in this folder for ever.

`python -m tests.golden.samples` writes the file of a fact that has none yet. It never writes one again.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from domain import facts as f
from domain.fact import Fact, Recorded
from domain.routine_document import builtin
from domain.vocabulary import (
    Advice,
    Area,
    Assistance,
    Audience,
    Cause,
    Channel,
    ContactOutcome,
    DeliveryDecision,
    Direction,
    Function,
    MeasureBy,
    MobileOutcome,
    Orders,
    PartnerChannel,
    PartnerMessage,
    ReferralVia,
    ReviewConclusion,
    Scope,
    ServicedeskChannel,
    SetAsideReason,
    Situation,
    SubscriberChange,
    System,
)
from infrastructure.log.codec import encode

FOLDER = Path(__file__).parent
OCCURRED = datetime(2026, 3, 2, 7, 5, tzinfo=UTC)
RECORDED = datetime(2026, 3, 2, 7, 6, 7, 89, tzinfo=UTC)
EARLIER = datetime(2026, 3, 2, 6, 40, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)

FACTS: tuple[Fact, ...] = (
    f.DisturbanceReported(
        unit="Ortopeden Lund", systems=(System.WEBSESAM,), description="vit skärm", referred_to_servicedesk=True
    ),
    f.EscalatedInternally(to="jour VO Hjälpmedel"),
    f.OutageDetected(
        scope=Scope.ALL_USERS,
        systems=(System.SESAM_S2, System.WEBSESAM),
        since=EARLIER,
        areas=(Area.VISION, Area.ORTHOPAEDIC),
        cause=Cause.NETWORK,
        summary="ingen når Sesam",
    ),
    f.ScopeReclassified(scope=Scope.REGION_WIDE, reason="hela nätet är nere"),
    f.SystemOwnerContacted(outcome=ContactOutcome.OFF_DUTY, channel="telefon"),
    f.UnitManagerContacted(outcome=ContactOutcome.NO_ANSWER, channel="mobil"),
    f.ServicedeskIncidentCreated(channel=ServicedeskChannel.RITZ, reference="INC0042"),
    f.SupplierContacted(outcome=ContactOutcome.REACHED, reference="VS-118"),
    f.CallersInformed(count=5, advice=Advice.PAPER),
    f.AssistanceGiven(kind=Assistance.TROUBLESHOOTING, description="loggar lämnade till IT"),
    f.CauseEstablished(cause=Cause.SYSTEM, description="databasen är full"),
    f.MeasureReported(by=MeasureBy.IT_SUPPLIER, description="servern startas om"),
    f.InstructionReceived(
        text="gå över till papper för akuta OT-remisser", orders=Orders.ACTIVATE, source="Region Skåne IT"
    ),
    f.MobileConnectionTried(outcome=MobileOutcome.PARTLY),
    f.OperatingInformationRequested(text="Vi når inte Sesam från kontoret i Lund."),
    f.OperatingInformationPublished(
        channels=(Channel.VARDGIVARE_SKANE, Channel.HEMVIST),
        text="Sesam ligger nere.\nReservrutinen gäller.",
        links=("https://vardgivare.example.se/reservrutin-ot",),
        reserve_routine_applies=True,
        situation=Situation.DOWN,
    ),
    f.PrognosisReceived(restored_by=LATER, source="Region Skåne IT"),
    f.PrognosisWithdrawn(reason="felet är större än man trodde"),
    f.ReserveRoutineActivated(),
    f.ActivationDeferred(reason="åter i drift om 20 minuter", until=LATER),
    f.PartnerNotified(
        message=PartnerMessage.ACTIVATION, channel=PartnerChannel.EMAIL, outcome=ContactOutcome.NO_ANSWER
    ),
    f.ReferralReceived(
        serial="OT-0017", unit="Ortopeden Lund", via=ReferralVia.POST, acute=False, area=Area.RESPIRATORY
    ),
    f.ReferralEntered(serial="OT-0017", reference="884213"),
    f.ReferralSetAside(serial="OT-0018", reason=SetAsideReason.OTHER, explanation="hör till en annan region"),
    f.ServiceRestored(systems=(System.SESAM_S2, System.VISMA_WEBSESAM)),
    f.ReserveRoutineDeactivated(),
    f.IncidentClosed(summary="Sesam åter i drift, alla remisser inmatade."),
    f.IncidentReopened(reason="två remisser kom med posten"),
    f.NoteAdded(text="Lugnt i växeln. ☎ Åse, Örjan och Élodie hälsar “hej”."),
    f.EntryCorrected(entry=3, reason="fel tid", occurred_at=OCCURRED, fields={"summary": "ingen når websesam"}),
    f.IncidentReviewed(verdict=ReviewConclusion.FOLLOWED_WITH_DEVIATIONS, findings="partnern meddelades sent"),
    f.DeadlinePassed(duty="activate-without-prognosis", due_at=LATER),
    f.DeadlineApproaching(duty="activate-without-prognosis", due_at=LATER),
    f.RoutineAdopted(
        routine="reservrutin-sesam",
        routine_version="1.1",
        valid_from=date(2026, 4, 1),
        valid_to=date(2027, 3, 31),
        document='id = "reservrutin-sesam"\n\tversion = "1.1"\n',
    ),
    f.OperatingInformationObserved(
        channel=Channel.INTRANET,
        text="Sesam ligger nere.",
        links=("https://intranat.example.se/driftinfo",),
        reserve_routine_applies=True,
    ),
    f.EntryWithdrawn(entry=7, reason="hör till förra avbrottet", moved_to="2026-0006"),
    f.IncidentVoided(reason="samma avbrott", same_as="2026-0006"),
    f.DeskHandedOver(to=Function.VO_HJALPMEDEL, open_matters="Visma ringer åter 15.30"),
    f.DecisionMade(decision="vi stannar till 18", reason="remisser kommer än", decided_by=Function.UNIT_MANAGER),
    f.DocumentNoted(reference="dnr 2026-118", title="Incidentrapport från Visma", direction=Direction.RECEIVED),
    f.LedgerSealed(deliveries="1-40 42", attempts="1-44", rows=85, digest="0123456789abcdef" * 4),
    f.StaffRegistered(person="s-00c0ffee", functions=(Function.SYSTEM_OWNER, Function.VO_HJALPMEDEL), from_before=True),
    f.StaffRemoved(person="s-00c0ffee", from_before=True),
    f.SubscriberChanged(
        subscriber="p-00c0ffee00",
        change=SubscriberChange.ADDED,
        audience=Audience.PARTNER,
        channel="email",
        systems=(System.WEBSESAM,),
        areas=(Area.ORTHOPAEDIC,),
    ),
    f.DeliveriesDecided(deliveries="1-40 42", decision=DeliveryDecision.GIVEN_UP),
)

SAMPLES: tuple[Recorded, ...] = tuple(
    Recorded(
        incident="2026-0007",
        entry=number,
        fact=fact,
        occurred_at=OCCURRED,
        recorded_at=RECORDED,
        recorded_as=builtin().recorded_by(type(fact))[0],
        recorded_by="s-00c0ffee",
        command_id=f"golden-{fact.wire}",
        note="en anteckning, “åäö”",
        deviation="ett skäl",
    )
    for number, fact in enumerate(FACTS, start=1)
)


def golden_file(recorded: Recorded) -> Path:
    return FOLDER / f"{recorded.fact.wire}.{recorded.fact.version}.json"


if __name__ == "__main__":
    for sample in SAMPLES:
        if not golden_file(sample).exists():
            golden_file(sample).write_bytes(encode(sample))
