"""The small validated words of the field: systems, areas, functions, scopes, channels.

A word's value is its wire form and never changes once stored; its label is English and is
translated at the edge. `docs/glossary.md` rules the names. Of some words the routine document says
which there are and what people call them.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from domain.texts import N_

SWEDEN = ZoneInfo("Europe/Stockholm")
"""Where the day is lived: what people read and write without a zone is this one's."""


IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""How a word is written that a routine adds: lower-case letters, digits and hyphens."""


class Word(StrEnum):
    """A value with a label that people read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label or value
        return word


class RoutineWord(Word):
    """A word that a routine document may add to: whatever it names is one, and has its name there.

    The members are those of the built-in routine. Any other value in the form of an identifier becomes a word of its
    own, equal to every word and text of that value and no member, since anybody may ask for one; whether the routine
    knows it is `domain.admission`'s to say. So words are compared with ==, never with `is`.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return _word_of_its_own(cls, value) if isinstance(value, str) else None


W = TypeVar("W", bound=RoutineWord)


@lru_cache(maxsize=256)
def _word_of_its_own(kind: type[W], value: str) -> W | None:
    """Those of a routine are read over and over; what is only guessed at is pushed out again."""
    if not IDENTIFIER.fullmatch(value):
        return None
    word = str.__new__(kind, value)
    word._name_ = word._value_ = word.label = value
    return word


class System(RoutineWord):
    """SR-010: in the built-in routine exactly these three."""

    SESAM_S2 = "sesam-s2"
    WEBSESAM = "websesam"
    VISMA_WEBSESAM = "visma-websesam"


class Area(RoutineWord):
    """SR-012: the product areas."""

    VISION = "vision"
    HEARING = "hearing"
    MOBILITY = "mobility"
    RESPIRATORY = "respiratory"
    TENS = "tens"
    ORTHOPAEDIC = "orthopaedic"


class Function(RoutineWord):
    """Who a person acts as; one identifier a party, however the instruction spells it (Q10)."""

    HJALPMEDEL_ADMINISTRATION = "hjalpmedel-administration"
    VO_HJALPMEDEL = "vo-hjalpmedel"
    SYSTEM_OWNER = "system-owner"
    UNIT_MANAGER = "unit-manager"
    REGION_IT = "region-it"
    SERVICEDESK = "servicedesk"
    SUPPLIER = "supplier"
    PARTNER = "partner"
    PRESCRIBER = "prescriber"
    COMPLIANCE_REVIEWER = "compliance-reviewer"
    CLOCK = "clock", N_("the clock")
    LOG_OWNER = "log-owner", N_("the log's owner")


class Scope(Word):
    """Which of the instruction's three scenarios the outage is (SR-050, SR-060, SR-080)."""

    REGION_WIDE = "region-wide", N_("the whole region")
    ALL_USERS = "all-users", N_("all users")
    LOCAL = "local", N_("one unit only")


class Stream(Word):
    """Where facts stand in the log that belong to no incident."""

    ROUTINE = "routine", N_("the versions of the routine that were adopted")
    LEDGER = "ledger", N_("the seals of the ledger")
    STAFF = "staff", N_("the register of staff")
    SUBSCRIBERS = "subscribers", N_("the register of subscribers")
    DELIVERIES = "deliveries", N_("what people decided of deliveries")


class SubscriberChange(Word):
    ADDED = "added", N_("added")
    PAUSED = "paused", N_("paused")
    RESUMED = "resumed", N_("resumed")
    SUSPENDED = "suspended", N_("suspended: the address refuses our mail")
    REMOVED = "removed", N_("removed, and the address erased")
    LEFT = "left", N_("left by themselves, and the address erased")
    SUBSCRIBED = "subscribed", N_("subscribed by themselves, and confirmed the address")
    CHOSE = "chose", N_("chose by themselves what they are told of")
    MOVED = "moved", N_("moved to another address by themselves, and this one erased")


class DeliveryDecision(Word):
    RETRIED = "retried", N_("to be tried again")
    GIVEN_UP = "given-up", N_("not to be sent any more")
    REPORTED = "reported", N_("a report of them was read")


class ContactOutcome(Word):
    REACHED = "reached", N_("reached")
    NO_ANSWER = "no-answer", N_("no answer")
    OFF_DUTY = "off-duty", N_("not on duty")


class ServicedeskChannel(RoutineWord):
    """SR-064: 30 000 or Ritz."""

    PHONE = "phone-30000"
    RITZ = "ritz"


class Advice(Word):
    WAIT = "wait", N_("please wait")
    PAPER = "use-paper-referral", N_("use a paper referral")
    WORKS_AGAIN = "works-again", N_("it works again")


class Orders(Word):
    """What an instruction orders those who have awaited it to do (Q7)."""

    WAIT = "wait", N_("wait")
    ACT = "act", N_("act")
    ACTIVATE = "activate-reserve-routine", N_("activate the reserve routine")


class Assistance(Word):
    """SR-022 to SR-026."""

    TROUBLESHOOTING = "troubleshooting", N_("troubleshooting")
    REPORTING = "reporting", N_("reporting")
    INFORMATION = "information", N_("information to IT about the system")
    PRESCRIBER_OR_PATIENT = "prescriber-or-patient", N_("help to a prescriber or a patient")


class Cause(Word):
    SYSTEM = "system", N_("the system itself")
    INFRASTRUCTURE = "infrastructure", N_("infrastructure")
    NETWORK = "network", N_("network")
    EXTERNAL = "external", N_("external influence")
    OTHER = "other", N_("another cause")


class MeasureBy(Word):
    IT_SUPPLIER = "it-supplier", N_("the region's IT supplier")
    SUPPLIER = "supplier", N_("the system's supplier")


class MobileOutcome(Word):
    CONNECTED = "connected", N_("connected")
    PARTLY = "partly", N_("partly connected")
    NOT_POSSIBLE = "not-possible", N_("not possible")


class Channel(RoutineWord):
    """Where operating information is shown (SR-018 to SR-020)."""

    INTRANET = "intranet"
    VARDGIVARE_SKANE = "vardgivare-skane"
    HEMVIST = "hemvist"


class Situation(Word):
    """What operating information says of the systems, in its publisher's word."""

    DOWN = "down", N_("the systems are down")
    WORKS_AGAIN = "works-again", N_("it works again")
    OTHER = "other", N_("something else")


class PartnerMessage(Word):
    ACTIVATION = "activation", N_("systems down, handle manually until further notice")
    HEADS_UP = "heads-up", N_("heads-up")
    ALL_CLEAR = "all-clear", N_("all clear")


class PartnerChannel(Word):
    PHONE = "phone", N_("phone")
    EMAIL = "email", N_("e-mail")
    FAX = "fax", N_("fax")
    IN_PERSON = "in-person", N_("in person")


class ReferralVia(RoutineWord):
    """How paper comes (SR-091)."""

    FAX = "fax"
    POST = "post"


class SetAsideReason(Word):
    DUPLICATE = "duplicate", N_("duplicate")
    NOT_ACUTE = "not-acute", N_("not acute")
    RETURNED = "returned", N_("returned to the sender")
    UNREADABLE = "unreadable", N_("unreadable")
    OTHER = "other", N_("another reason")


class Direction(Word):
    """Which way a document went."""

    RECEIVED = "received", N_("received")
    SENT = "sent", N_("sent")
    MADE = "made", N_("made here")


class ReviewConclusion(Word):
    FOLLOWED = "followed", N_("the routine was followed")
    FOLLOWED_WITH_DEVIATIONS = "followed-with-deviations", N_("followed, with deviations")
    NOT_FOLLOWED = "not-followed", N_("the routine was not followed")


class Status(Word):
    SUSPECTED = "suspected", N_("suspected")
    ONGOING = "ongoing", N_("ongoing")
    RESTORED = "restored", N_("restored")
    CLOSED = "closed", N_("closed")
    VOIDED = "voided", N_("voided")


class Flag(Word):
    """What may not fit about a fact. The routine says by which of its rules each is refused or flagged."""

    AFTER_CLOSING = "after-closing", N_("after the incident was closed")
    MEASURE_BEFORE_INSTRUCTION = "measure-before-instruction", N_("a measure before the instruction had come")
    PAPER_WITHOUT_RESERVE_ROUTINE = "paper-without-reserve-routine", N_("paper while the reserve routine is not active")
    NOT_ACUTE = "not-acute", N_("not an acute referral of the kind the reserve routine is for")
    SYSTEM_WAS_NOT_DOWN = "system-was-not-down", N_("the system was not down")
    PROGNOSIS_ALREADY_PASSED = "prognosis-already-passed", N_("the prognosis had passed already")
    PROGNOSIS_FAR_AHEAD = "prognosis-far-ahead", N_("the prognosis is more than 14 days ahead")
    PUBLISHED_WITHOUT_LINK = "published-without-link", N_("published without a link")
    PUBLISHED_ELSEWHERE = "published-elsewhere", N_("not published where the routine says")
    NOT_THROUGH_THE_SYSTEM_OWNER = "not-through-the-system-owner", N_("not through the system owner")
    CONTRADICTS_THE_MOMENT = "contradicts-the-moment", N_("callers were told what was not so just then")
    RESERVE_ROUTINE_DOES_NOT_APPLY = "reserve-routine-does-not-apply", N_("the reserve routine did not apply")
    ALL_CLEAR_WHILE_ACTIVE = "all-clear-while-active", N_("all clear while the reserve routine is active")
    DUPLICATE_SERIAL = "duplicate-serial", N_("the same number twice")
    ALREADY_BALANCED = "already-balanced", N_("balanced twice")
    UNKNOWN_REFERRAL = "unknown-referral", N_("never received")
    SYSTEM_IS_DOWN = "system-is-down", N_("entered while the system was down")
    OUTSTANDING_REFERRALS = "outstanding-referrals", N_("closed with outstanding referrals")
    INCIDENT_IS_CLOSED = "incident-is-closed", N_("a decision about a closed incident")
    ALREADY_CLOSED = "already-closed", N_("closed twice")
    ALREADY_VOIDED = "already-voided", N_("voided twice")
    ALREADY_ACTIVE = "already-active", N_("activated twice")
    NOT_ACTIVE = "not-active", N_("deactivated while not active")
    NOT_CLOSED = "not-closed", N_("reopened while open")
    DEFERRAL_ALREADY_PASSED = "deferral-already-passed", N_("deferred to a time that had passed")
    ACTIVATION_WITHOUT_OUTAGE = "activation-without-outage", N_("activated with nothing down")
    ACTIVATION_OUT_OF_SCOPE = "activation-out-of-scope", N_("activated in an outage without the reserve routine")
    ACTIVATION_BEFORE_INSTRUCTION = "activation-before-instruction", N_("activated before an instruction")
    ACTIVATION_TOO_EARLY = "activation-too-early", N_("activated too early")
    DEFERRAL_WITHOUT_PROGNOSIS = "deferral-without-prognosis", N_("deferred without a prognosis")
    DEACTIVATION_WHILE_DOWN = "deactivation-while-down", N_("deactivated while the outage went on")
    CLOSING_WHILE_DOWN = "closing-while-down", N_("closed while the outage went on")
    CLOSING_WHILE_ACTIVE = "closing-while-active", N_("closed with the reserve routine active")


class RoutineState(Word):
    """Where the reserve routine stands."""

    INACTIVE = "inactive", N_("inactive")
    DUE = "due", N_("due")
    ACTIVE = "active", N_("active")
    ENDED = "ended", N_("ended")


class Audience(Word):
    """Who a subscriber is told as; the routine says what each is told of, and who they are."""

    PUBLIC = "public"
    STAFF = "staff"
    PARTNER = "partner"
    DUTY = "duty"
    COMPLIANCE = "compliance"
