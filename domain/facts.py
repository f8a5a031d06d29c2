"""Every fact, in the order of a bad day.

WARNING: wire names, versions and field names are stored for ever. Never rename one: add a version,
and keep its golden file in `tests/golden/`.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, PositiveInt, model_validator

from domain.fact import CATALOGUE as CATALOGUE
from domain.fact import Fact, Instant, Link, Number, Required, Serial, StaffPseudonym, SubscriberPseudonym, Text, said
from domain.texts import N_
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
    Stream,
    SubscriberChange,
    System,
)

LONGEST_DOCUMENT = 200_000
"""Characters of a routine document."""

LIES_AHEAD = ("restored_by", "until")
"""The moments of a fact that are still to come when they are said."""

Systems = tuple[System, ...]
Areas = tuple[Area, ...]
Numbers = Annotated[str, Field(pattern=r"^([0-9]{1,18}(-[0-9]{1,18})?( [0-9]{1,18}(-[0-9]{1,18})?)*)?$")]
"""Numbers of rows, each run of them by its ends: "1-40 42 44-57"."""

WHICH_SYSTEM = N_("the system")
WHICH_AREA = N_("the product area (default: all of them)")
HOW_IT_WENT = N_("how it went")
WHICH_PAPERS = N_("the number on the paper")


class DisturbanceReported(
    Fact,
    wire="disturbance-reported",
    label=N_("disturbance reported"),
    meaning=N_("Somebody says that something is wrong. Opens a suspected incident if none is open."),
    example='--unit "Ortopeden Lund" --system websesam',
):
    unit: Required = said(N_("the unit that reported, never a person"))
    systems: Systems = said(WHICH_SYSTEM, ())
    description: Text = said(N_("what they experience"), "")
    referred_to_servicedesk: bool = said(N_("whether they were asked to call Servicedesk as well"), False)


class EscalatedInternally(
    Fact,
    wire="escalated-internally",
    label=N_("escalated internally"),
    meaning=N_("The report was passed on to those who deal with it."),
    example='--to "jour VO Hjälpmedel"',
):
    to: Required = said(N_("the function or desk that took it, never a person"))


class OutageDetected(
    Fact,
    wire="outage-detected",
    label=N_("outage detected"),
    meaning=N_(
        "The systems can't be reached. Opens a new incident, or confirms the suspected one that --incident names; "
        "--scope region-wide always means every system."
    ),
    example="--scope all-users --system sesam-s2 --system websesam",
    version=2,
):
    """Its moment is when the outage was detected; `since` is when it began, if that was earlier (Q21)."""

    scope: Scope = said(N_("who is cut off"))
    systems: Systems = said(WHICH_SYSTEM, ())
    since: Instant | None = said(N_("when it began, if that was before it was detected: 07:40, -20m …"), None)
    areas: Areas = said(WHICH_AREA, (), presumed=True)
    cause: Cause | None = said(N_("the cause, where it is known"), None)
    summary: Text = said(N_("one line about it"), "")

    @model_validator(mode="before")
    @classmethod
    def _which_systems(cls, data: Any) -> Any:
        """Somebody has to say it, but where none is presumed reachable (SR-051): then the routine knows them all."""
        if isinstance(data, dict) and data.get("scope") != Scope.REGION_WIDE and not data.get("systems"):
            return {k: v for k, v in data.items() if k != "systems"} | {"systems": None}
        return data


class ScopeReclassified(
    Fact,
    wire="scope-reclassified",
    label=N_("scope reclassified"),
    meaning=N_("It turned out to be another kind of outage; the duties follow the new scope."),
    example='--scope region-wide --reason "hela nätet är nere"',
):
    scope: Scope = said(N_("who is cut off"))
    reason: Required = said(N_("what changed the picture"))


class SystemOwnerContacted(
    Fact,
    wire="system-owner-contacted",
    label=N_("system owner contacted"),
    meaning=N_("The outage was reported to the system owner, or an attempt was made."),
    example="--outcome reached --channel phone",
    measure=True,
):
    outcome: ContactOutcome = said(HOW_IT_WENT)
    channel: Text = said(N_("by phone, mail …"), "")


class UnitManagerContacted(
    Fact,
    wire="unit-manager-contacted",
    label=N_("unit manager contacted"),
    meaning=N_("The system owner's unit manager was contacted, because the system owner could not be reached."),
    example="--outcome reached",
    measure=True,
):
    outcome: ContactOutcome = said(HOW_IT_WENT)
    channel: Text = said(N_("by phone, mail …"), "")


class ServicedeskIncidentCreated(
    Fact,
    wire="servicedesk-incident-created",
    label=N_("Servicedesk incident created"),
    meaning=N_("An incident was created with Servicedesk."),
    example="--channel ritz --reference INC0042",
    measure=True,
):
    channel: ServicedeskChannel = said(N_("how it was reported"))
    reference: Text = said(N_("Servicedesk's case number"), "")


class SupplierContacted(
    Fact,
    wire="supplier-contacted",
    label=N_("supplier contacted"),
    meaning=N_("The system's supplier was contacted."),
    example="--outcome reached --reference VS-118",
    measure=True,
):
    outcome: ContactOutcome = said(HOW_IT_WENT)
    reference: Text = said(N_("the supplier's case number"), "")


class CallersInformed(
    Fact,
    wire="callers-informed",
    label=N_("callers informed"),
    meaning=N_("Callers were told of the outage, referred to operating information and advised. Only how many."),
    example="--count 5 --advice wait",
    version=2,
):
    count: Annotated[int, Field(ge=1, le=9999)] = said(N_("how many callers"), 1)
    advice: Advice = said(N_("what they were told (default: what the moment calls for)"), Advice.WAIT, presumed=True)


class AssistanceGiven(
    Fact,
    wire="assistance-given",
    label=N_("assistance given"),
    meaning=N_("Somebody was helped: IT with troubleshooting, reporting or information, or a prescriber or patient."),
    example='--kind troubleshooting --description "loggar lämnade till IT"',
    measure=True,
):
    kind: Assistance = said(N_("with what"))
    description: Text = said(N_("what was done, without names of patients"), "")


class CauseEstablished(
    Fact,
    wire="cause-established",
    label=N_("cause established"),
    meaning=N_("It is known what the outage is due to."),
    example='--cause system --description "databasen är full"',
):
    cause: Cause = said(N_("the cause"))
    description: Text = said(N_("in a few words"), "")


class MeasureReported(
    Fact,
    wire="measure-reported",
    label=N_("measure reported"),
    meaning=N_("The IT supplier or the system's supplier has done something to restore the service."),
    example='--by it-supplier --description "servern startas om"',
):
    by: MeasureBy = said(N_("who took the measure"))
    description: Text = said(N_("what was done"), "")


class InstructionReceived(
    Fact,
    wire="instruction-received",
    label=N_("instruction received"),
    meaning=N_("Those who are awaited have said what is to be done."),
    example='--text "avvakta tills vidare" --orders wait --source "Region Skåne IT"',
    version=2,
):
    text: Required = said(N_("the instruction"))
    orders: Orders = said(N_("what it orders"), Orders.ACT)
    source: Text = said(N_("who said so"), "")


class MobileConnectionTried(
    Fact,
    wire="mobile-connection-tried",
    label=N_("mobile connection tried"),
    meaning=N_("Those who were cut off tried to connect through service mobiles."),
    example="--outcome connected",
    measure=True,
):
    outcome: MobileOutcome = said(HOW_IT_WENT)


class OperatingInformationRequested(
    Fact,
    wire="operating-information-requested",
    label=N_("operating information requested"),
    meaning=N_("The system owner was asked to publish operating information."),
    example='--text "Vi når inte Sesam från kontoret i Lund."',
    measure=True,
):
    text: Required = said(N_("the text that is asked for"))


class OperatingInformationPublished(
    Fact,
    wire="operating-information-published",
    label=N_("operating information published"),
    meaning=N_("The system owner published operating information. Only this reaches the public by mail."),
    example='--as system-owner --channel vardgivare-skane --text "Sesam ligger nere. Avvakta."',
    version=2,
):
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = said(N_("where it was shown"))
    text: Required = said(N_("the published text"))
    links: tuple[Link, ...] = said(N_("a link in the text"), ())
    reserve_routine_applies: bool = said(N_("whether it says that the reserve routine applies"), False)
    situation: Situation | None = said(
        N_("what it says of the systems (default: what the moment says)"), None, presumed=True
    )


class OperatingInformationObserved(
    Fact,
    wire="operating-information-observed",
    label=N_("operating information observed"),
    meaning=N_("Somebody saw that operating information has been published. Nobody is told of it by mail."),
    example='--channel vardgivare-skane --text "Sesam ligger nere. Avvakta."',
):
    channel: Channel = said(N_("where it was seen"))
    text: Required = said(N_("what it said"))
    links: tuple[Link, ...] = said(N_("a link in the text"), ())
    reserve_routine_applies: bool = said(N_("whether it says that the reserve routine applies"), False)


class PrognosisReceived(
    Fact,
    wire="prognosis-received",
    label=N_("prognosis received"),
    meaning=N_("Somebody who knows has said when the service will be back. A text without a time is no prognosis."),
    example='--restored-by 14:30 --source "Region Skåne IT"',
):
    restored_by: Instant = said(N_("when the service is expected back: 14:30, +2h …"))
    source: Text = said(N_("who said so"), "")


class PrognosisWithdrawn(
    Fact,
    wire="prognosis-withdrawn",
    label=N_("prognosis withdrawn"),
    meaning=N_("The prognosis no longer holds and there is no new one."),
    example='--reason "felet är större än man trodde"',
):
    reason: Required = said(N_("why it no longer holds"))


class ReserveRoutineActivated(
    Fact,
    wire="reserve-routine-activated",
    label=N_("reserve routine activated"),
    meaning=N_("The reserve routine is in force: paper referrals by fax or post."),
    decides=True,
):
    pass


class ActivationDeferred(
    Fact,
    wire="activation-deferred",
    label=N_("activation deferred"),
    meaning=N_("While a prognosis is in force, activation waits by a decision with its reason."),
    example='--reason "åter i drift om 20 minuter" --until 13:00',
    decides=True,
):
    reason: Required = said(N_("why it can wait"))
    until: Instant = said(N_("until when: 13:00, +30m …"))


class PartnerNotified(
    Fact,
    wire="partner-notified",
    label=N_("partner notified"),
    meaning=N_(
        "The partner who handles the paper was told. The message activation says three things: the systems are down, "
        "referrals are handled manually, until further notice."
    ),
    example="--message activation --channel phone --outcome reached",
    measure=True,
):
    message: PartnerMessage = said(N_("what was said"))
    channel: PartnerChannel = said(N_("how"), PartnerChannel.PHONE)
    outcome: ContactOutcome = said(HOW_IT_WENT)


class ReferralReceived(
    Fact,
    wire="referral-received",
    label=N_("referral received"),
    meaning=N_("A paper referral has arrived at the partner. Only its serial number, never its content."),
    example='--serial OT-0017 --via fax --unit "Ortopeden Lund"',
):
    serial: Serial = said(WHICH_PAPERS, each=True)
    unit: Text = said(N_("the unit that sent it"), "")
    via: ReferralVia = said(N_("how it came"), ReferralVia.FAX, presumed=True)
    acute: bool = said(N_("whether it is acute"), True)
    area: Area = said(N_("its product area"), Area.ORTHOPAEDIC, presumed=True)


class ReferralEntered(
    Fact,
    wire="referral-entered",
    label=N_("referral entered"),
    meaning=N_("A paper referral was entered by hand in the system, which is running again."),
    example="--as partner --serial OT-0017 --reference 884213",
):
    serial: Serial = said(WHICH_PAPERS, each=True)
    reference: Text = said(N_("its number in the system"), "")


class ReferralSetAside(
    Fact,
    wire="referral-set-aside",
    label=N_("referral set aside"),
    meaning=N_("A paper referral will not be entered, and why."),
    example="--serial OT-0018 --reason duplicate",
):
    serial: Serial = said(N_("the number on the paper"))
    reason: SetAsideReason = said(N_("why it is not entered"))
    explanation: Text = said(N_("more about why; needed for another reason"), "")

    @model_validator(mode="before")
    @classmethod
    def _another_reason_says_which(cls, data: Any) -> Any:
        # An explanation that is none makes the field itself what is wrong, and a form's cursor goes there.
        if isinstance(data, dict) and data.get("reason") == SetAsideReason.OTHER and not data.get("explanation"):
            return {**data, "explanation": None}
        return data


class ServiceRestored(
    Fact,
    wire="service-restored",
    label=N_("service restored"),
    meaning=N_("A system can be reached again; the outage is over when every affected system can."),
    example="--system sesam-s2 --system websesam",
):
    systems: Annotated[Systems, Field(min_length=1)] = said(WHICH_SYSTEM)


class ReserveRoutineDeactivated(
    Fact,
    wire="reserve-routine-deactivated",
    label=N_("reserve routine deactivated"),
    meaning=N_("The reserve routine no longer applies; the partner is to be told."),
    decides=True,
):
    pass


class IncidentClosed(
    Fact,
    wire="incident-closed",
    label=N_("incident closed"),
    meaning=N_("The incident is over and every paper referral is entered or set aside."),
    example='--summary "Sesam åter i drift, alla remisser inmatade."',
    decides=True,
):
    summary: Text = said(N_("how it ended"), "")


class IncidentReopened(
    Fact,
    wire="incident-reopened",
    label=N_("incident reopened"),
    meaning=N_("A closed incident goes on."),
    example='--as vo-hjalpmedel --reason "två remisser kom med posten"',
):
    reason: Required = said(N_("why it goes on"))


class NoteAdded(
    Fact,
    wire="note-added",
    label=N_("note added"),
    meaning=N_("Something worth remembering, without names or numbers of patients."),
    example='--text "Lugnt i växeln."',
):
    text: Required = said(N_("the note"))


class EntryCorrected(
    Fact,
    wire="entry-corrected",
    label=N_("entry corrected"),
    meaning=N_("An earlier entry was wrong. It stays readable beside its correction."),
    example='--entry 3 --occurred-at 08:05 --reason "fel tid"',
):
    entry: PositiveInt = said(N_("the entry that was wrong"))
    reason: Required = said(N_("why it is corrected"))
    occurred_at: Instant | None = said(N_("when it really happened"), None)
    fields: dict[str, Any] = said(N_("a field's right value: FIELD=VALUE"), {}, option="set")

    @model_validator(mode="after")
    def _corrects_something(self) -> "EntryCorrected":
        if self.occurred_at is None and not self.fields:
            raise ValueError(N_("A correction needs --occurred-at or --set."))
        return self


class EntryWithdrawn(
    Fact,
    wire="entry-withdrawn",
    label=N_("entry withdrawn"),
    meaning=N_("An earlier entry never happened, or belongs to another incident. It stays readable, struck through."),
    example='--entry 3 --reason "fel system"',
):
    entry: PositiveInt = said(N_("the entry that never happened"))
    reason: Required = said(N_("why it is withdrawn"))
    moved_to: Number | None = said(N_("the incident that it belongs to, where it is written as well"), None)


class IncidentVoided(
    Fact,
    wire="incident-voided",
    label=N_("incident voided"),
    meaning=N_("The whole incident was a mistake, or the same as another: nothing in it is due, nothing is judged."),
    example='--reason "övning"',
):
    reason: Required = said(N_("why it is voided"))
    same_as: Number | None = said(N_("the incident that it is the same as"), None)


class DeskHandedOver(
    Fact,
    wire="desk-handed-over",
    label=N_("desk handed over"),
    meaning=N_("Somebody else keeps the log from now on."),
    example='--to vo-hjalpmedel --open-matters "Visma ringer åter 15.30"',
):
    to: Function = said(N_("the function that keeps the log from now on"))
    open_matters: Text = said(N_("what the next in turn needs to know"), "")


class DecisionMade(
    Fact,
    wire="decision-made",
    label=N_("decision made"),
    meaning=N_("Somebody has decided something, and why. Whoever writes it down need not be who decided."),
    example='--decision "vi stannar till 18" --reason "remisser kommer än" --decided-by vo-hjalpmedel',
):
    decision: Required = said(N_("what was decided"))
    reason: Required = said(N_("why"))
    decided_by: Function = said(N_("the function that decided"))


class DocumentNoted(
    Fact,
    wire="document-noted",
    label=N_("document noted"),
    meaning=N_("A document outside the log that belongs to the incident, by its reference alone."),
    example='--reference "dnr 2026-118" --title "Incidentrapport från Visma" --direction received',
):
    reference: Required = said(N_("where it is found: its number or its place"))
    title: Required = said(N_("what it is, without names of patients"))
    direction: Direction = said(N_("which way it went"))


class IncidentReviewed(
    Fact,
    wire="incident-reviewed",
    label=N_("incident reviewed"),
    meaning=N_("The compliance reviewer's conclusion."),
    example="--as compliance-reviewer --verdict followed",
):
    verdict: ReviewConclusion = said(N_("the conclusion"))
    findings: Text = said(N_("what was found"), "")


class DeadlineApproaching(
    Fact,
    wire="deadline-approaching",
    label=N_("deadline approaching"),
    meaning=N_("A duty's time runs out soon. Recorded by the clock itself, and told to whoever is to do it."),
    clocks=True,
):
    duty: Required = said(N_("the duty"))
    due_at: Instant = said(N_("when it is due"))


class DeadlinePassed(
    Fact,
    wire="deadline-passed",
    label=N_("deadline passed"),
    meaning=N_("A duty's time ran out. Recorded by the clock itself."),
    clocks=True,
):
    duty: Required = said(N_("the duty"))
    due_at: Instant = said(N_("when it was due"))


class RoutineAdopted(
    Fact,
    wire="routine-adopted",
    label=N_("routine adopted"),
    meaning=N_("A version of the routine, whole. Incidents that begin once it is valid are judged by it, for ever."),
    stream=Stream.ROUTINE,
):
    """Belongs to no incident, but to the log itself (SR-002)."""

    routine: Required = said(N_("the routine"))
    routine_version: Required = said(N_("its version"))
    valid_from: date = said(N_("the first day of its validity, in Sweden"))
    valid_to: date | None = said(N_("the last day of its validity"), None)
    document: Annotated[str, Field(min_length=1, max_length=LONGEST_DOCUMENT)] = said(N_("the document itself"))

    @property
    def named(self) -> tuple[str, str]:
        """Which version of which routine it is."""
        return self.routine, self.routine_version


class LedgerSealed(
    Fact,
    wire="ledger-sealed",
    label=N_("ledger sealed"),
    meaning=N_("Which rows the ledger of mail had got by then, and their digest. Recorded by the clock itself."),
    clocks=True,
    stream=Stream.LEDGER,
):
    """Belongs to the log itself, so that the next mail bears witness of the mail before it."""

    deliveries: Numbers = said(N_("the numbers of the deliveries that were planned since the last seal"))
    attempts: Numbers = said(N_("the numbers of the attempts that were made since the last seal"))
    rows: int = said(N_("how many rows these are"))
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = said(N_("the SHA-256 of these rows"))


class StaffRegistered(
    Fact,
    wire="staff-registered",
    label=N_("staff registered"),
    meaning=N_("Somebody may record, in these functions and no others from now on."),
    stream=Stream.STAFF,
):
    """Of the log itself, so that who could do what at any moment is proved like everything else."""

    person: StaffPseudonym = said(N_("who, by pseudonym"))
    functions: tuple[Function, ...] = said(N_("the functions that they may act in"))
    from_before: bool = said(N_("whether it stood in the register before the log kept it"), False)


class StaffRemoved(
    Fact,
    wire="staff-removed",
    label=N_("staff removed"),
    meaning=N_("Somebody may no longer record; their login is erased."),
    stream=Stream.STAFF,
):
    person: StaffPseudonym = said(N_("who, by pseudonym"))
    from_before: bool = said(N_("whether it stood in the register before the log kept it"), False)


class SubscriberChanged(
    Fact,
    wire="subscriber-changed",
    label=N_("subscriber changed"),
    meaning=N_("Who is told, or of what, has changed: by the register's keeper, by the clock or by the reader."),
    stream=Stream.SUBSCRIBERS,
):
    """By whose hand; the address stands in the register alone, and can be erased."""

    subscriber: SubscriberPseudonym = said(N_("which subscriber, by pseudonym"))
    change: SubscriberChange = said(N_("what was changed"))
    audience: Audience | None = said(N_("as whom they are told, where they are new"), None)
    channel: Text = said(N_("by which channel, where they are new"), "")
    systems: Systems = said(N_("of these systems alone"), ())
    areas: Areas = said(N_("of these product areas alone"), ())


class DeliveriesDecided(
    Fact,
    wire="deliveries-decided",
    label=N_("deliveries decided by hand"),
    meaning=N_("Somebody decided what becomes of mail: that it is tried again, or is sent no more."),
    stream=Stream.DELIVERIES,
):
    deliveries: Numbers = said(N_("the numbers of the deliveries"))
    decision: DeliveryDecision = said(N_("what is to become of them"))


OPENERS: tuple[type[Fact], ...] = (DisturbanceReported, OutageDetected)
"""The only facts that an incident can begin with."""
