"""The small validated words of the field: systems, areas, functions, scopes, channels.

A word's value is its wire form and never changes once stored; its label is English and is
translated at the edge. `docs/glossary.md` rules the names.
"""

from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")
"""Where the day is lived: what people read and write without a zone is this one's."""


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name for "translate this later"
    """Mark an English text for translation where it is declared; it is translated where it is shown."""
    return text


class Word(StrEnum):
    """A value with a label that people read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label
        return word


class System(Word):
    """SR-010: exactly these three."""

    SESAM_S2 = "sesam-s2", N_("Sesam S2")
    WEBSESAM = "websesam", N_("websesam")
    VISMA_WEBSESAM = "visma-websesam", N_("Visma websesam")


class Area(Word):
    """SR-012: the product areas."""

    VISION = "vision", N_("vision")
    HEARING = "hearing", N_("hearing")
    MOBILITY = "mobility", N_("mobility aids")
    RESPIRATORY = "respiratory", N_("breathing aids")
    TENS = "tens", N_("TENS")
    ORTHOPAEDIC = "orthopaedic", N_("orthopaedic aids")


class Function(Word):
    """Who a person acts as; one identifier a party, however the instruction spells it (Q10)."""

    HJALPMEDEL_ADMINISTRATION = "hjalpmedel-administration", N_("Hjälpmedel Administration")
    VO_HJALPMEDEL = "vo-hjalpmedel", N_("VO Hjälpmedel")
    SYSTEM_OWNER = "system-owner", N_("the system owner")
    UNIT_MANAGER = "unit-manager", N_("the system owner's unit manager")
    REGION_IT = "region-it", N_("Region Skåne IT")
    SERVICEDESK = "servicedesk", N_("Servicedesk")
    SUPPLIER = "supplier", N_("the supplier (Visma)")
    PARTNER = "partner", N_("Aktiv ortopedteknik")
    PRESCRIBER = "prescriber", N_("the prescriber")
    COMPLIANCE_REVIEWER = "compliance-reviewer", N_("the compliance reviewer")
    CLOCK = "clock", N_("the clock")


class Scope(Word):
    """Which of the instruction's three scenarios the outage is (SR-050, SR-060, SR-080)."""

    REGION_WIDE = "region-wide", N_("the whole region")
    ALL_USERS = "all-users", N_("all users")
    LOCAL = "local", N_("Hjälpmedel Administration only")


class ContactOutcome(Word):
    REACHED = "reached", N_("reached")
    NO_ANSWER = "no-answer", N_("no answer")
    OFF_DUTY = "off-duty", N_("not on duty")


class ServicedeskChannel(Word):
    """SR-064: 30 000 or Ritz."""

    PHONE = "phone-30000", N_("phone 30 000")
    RITZ = "ritz", N_("Ritz")


class Advice(Word):
    WAIT = "wait", N_("please wait")
    PAPER = "use-paper-referral", N_("use a paper referral")


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
    SUPPLIER = "supplier", N_("the supplier (Visma)")


class MobileOutcome(Word):
    CONNECTED = "connected", N_("connected")
    PARTLY = "partly", N_("partly connected")
    NOT_POSSIBLE = "not-possible", N_("not possible")


class Channel(Word):
    """Where operating information is shown (SR-018 to SR-020)."""

    INTRANET = "intranet", N_("the intranet's start page")
    VARDGIVARE_SKANE = "vardgivare-skane", N_("Vårdgivare Skåne")
    HEMVIST = "hemvist", N_("every Hemvist")


class PartnerMessage(Word):
    ACTIVATION = "activation", N_("systems down, handle manually until further notice")
    HEADS_UP = "heads-up", N_("heads-up")
    ALL_CLEAR = "all-clear", N_("all clear")


class PartnerChannel(Word):
    PHONE = "phone", N_("phone")
    EMAIL = "email", N_("e-mail")
    FAX = "fax", N_("fax")
    IN_PERSON = "in-person", N_("in person")


class ReferralVia(Word):
    FAX = "fax", N_("fax")
    POST = "post", N_("post")


class SetAsideReason(Word):
    DUPLICATE = "duplicate", N_("duplicate")
    NOT_ACUTE = "not-acute", N_("not acute")
    RETURNED = "returned", N_("returned to the sender")
    UNREADABLE = "unreadable", N_("unreadable")
    OTHER = "other", N_("another reason")


class ReviewConclusion(Word):
    FOLLOWED = "followed", N_("the routine was followed")
    FOLLOWED_WITH_DEVIATIONS = "followed-with-deviations", N_("followed, with deviations")
    NOT_FOLLOWED = "not-followed", N_("the routine was not followed")


class Status(Word):
    SUSPECTED = "suspected", N_("suspected")
    ONGOING = "ongoing", N_("ongoing")
    RESTORED = "restored", N_("restored")
    CLOSED = "closed", N_("closed")


class RoutineState(Word):
    """Where the reserve routine for acute OT referrals stands."""

    INACTIVE = "inactive", N_("inactive")
    DUE = "due", N_("due")
    ACTIVE = "active", N_("active")
    ENDED = "ended", N_("ended")


class Audience(Word):
    PUBLIC = "public", N_("prescribers and ordering units")
    STAFF = "staff", N_("VO Hjälpmedel and Hjälpmedel Administration")
    PARTNER = "partner", N_("Aktiv ortopedteknik")
    DUTY = "duty", N_("the system owner and stand-ins")
    COMPLIANCE = "compliance", N_("compliance reviewers")
