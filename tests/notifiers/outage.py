"""A bad day that the mail is about: 7 December 2026, all three systems down from 08:05."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain import facts as f
from domain.audience import Subscriber
from domain.delivery import Notice
from domain.fact import CATALOGUE, Fact, Recorded
from domain.incident import Incident, fold
from domain.review import verdicts
from domain.routine_document import builtin
from domain.vocabulary import Audience, Channel, Function, Scope, System
from notifiers.email.message import message_id
from notifiers.email.settings import MailSettings

BEGAN = datetime(2026, 12, 7, 7, 5, tzinfo=UTC)
ALL = tuple(System)
DRIFTINFO = "https://vardgivare.example.se/driftinformation"
SETTINGS = MailSettings(sender=("Reservrutin Sesam", "reservrutin@example.se"), driftinfo_url=DRIFTINFO)
INTERNAL = "Internal information – not operating information"
INTERN = "Intern information – inte driftinformation"
PUBLISHED = f.OperatingInformationPublished(
    channels=(Channel.VARDGIVARE_SKANE,),
    text="Sesam ligger nere.\nSkicka akuta OT-remisser på papper.",
    links=("https://vardgivare.example.se/reservrutin-ot",),
    reserve_routine_applies=True,
)
ONE_OF_EACH: dict[str, dict[str, Any]] = {
    "disturbance-reported": {"unit": "Ortopeden Lund", "systems": ("websesam",), "description": "vit skärm"},
    "escalated-internally": {"to": "jour VO Hjälpmedel"},
    "outage-detected": {"scope": "all-users", "systems": ALL, "cause": "network", "summary": "ingen når Sesam"},
    "scope-reclassified": {"scope": "region-wide", "reason": "hela nätet är nere"},
    "system-owner-contacted": {"outcome": "reached", "channel": "telefon"},
    "unit-manager-contacted": {"outcome": "no-answer"},
    "servicedesk-incident-created": {"channel": "ritz", "reference": "INC0042"},
    "supplier-contacted": {"outcome": "reached", "reference": "VS-118"},
    "callers-informed": {"count": 5, "advice": "wait"},
    "assistance-given": {"kind": "troubleshooting", "description": "loggar lämnade"},
    "cause-established": {"cause": "system", "description": "databasen är full"},
    "measure-reported": {"by": "it-supplier", "description": "servern startas om"},
    "instruction-received": {"text": "gå över till papper"},
    "mobile-connection-tried": {"outcome": "partly"},
    "operating-information-requested": {"text": "Vi når inte Sesam från Lund."},
    "operating-information-published": PUBLISHED.model_dump(),
    "prognosis-received": {"restored_by": BEGAN + timedelta(hours=6), "source": "Region Skåne IT"},
    "prognosis-withdrawn": {"reason": "större än man trodde"},
    "reserve-routine-activated": {},
    "activation-deferred": {"reason": "åter om 20 minuter", "until": BEGAN + timedelta(hours=5)},
    "partner-notified": {"message": "activation", "outcome": "reached"},
    "referral-received": {"serial": "OT-0017", "unit": "Ortopeden Lund"},
    "referral-entered": {"serial": "OT-0017", "reference": "884213"},
    "referral-set-aside": {"serial": "OT-0018", "reason": "duplicate"},
    "service-restored": {"systems": ALL},
    "reserve-routine-deactivated": {},
    "incident-closed": {"summary": "allt inmatat"},
    "incident-reopened": {"reason": "två remisser kom med posten"},
    "note-added": {"text": "Lugnt i växeln."},
    "entry-corrected": {"entry": 1, "reason": "fel tid", "occurred_at": BEGAN, "fields": {"scope": "local"}},
    "incident-reviewed": {"verdict": "followed", "findings": "inga"},
    "deadline-passed": {"duty": "report-to-system-owner", "due_at": BEGAN + timedelta(minutes=15)},
}


def every_fact() -> list[Fact]:
    """One of each fact in the catalogue."""
    return [CATALOGUE[wire].model_validate(fields) for wire, fields in ONE_OF_EACH.items()]


def recorded(fact: Fact, minutes: float = 0, entry: int = 1, late: float = 0, **more: Any) -> Recorded:
    """The fact, `minutes` into the outage and recorded `late` minutes afterwards."""
    at = BEGAN + timedelta(minutes=minutes)
    envelope = {"recorded_as": Function.VO_HJALPMEDEL, "recorded_by": "p1", "command_id": f"c{entry}"} | more
    return Recorded("2026-0007", entry, fact, at, at + timedelta(minutes=late), **envelope)


DETECTED = recorded(f.OutageDetected(scope=Scope.ALL_USERS, systems=ALL))


def after(*happened: Recorded) -> Incident:
    """The incident when all systems have gone down and this has happened since."""
    return fold([DETECTED, *happened], builtin())


def told(audience: Audience, what: Recorded, incident: Incident | None = None, **more: Any) -> Notice:
    """The notice that tells one subscriber of the audience of this, five seconds after it was recorded."""
    language, address = more.pop("language", "en"), more.pop("address", "anna@example.se")
    pseudonym = more.pop("subscriber", "k7q2m9x4")
    own_id = message_id(what.incident, what.entry, pseudonym, SETTINGS.domain)
    somebody = Subscriber(pseudonym, address, audience, language=language)
    happened = [DETECTED, what] if what is not DETECTED else [DETECTED]
    duties = tuple(verdicts(happened, builtin(), what.recorded_at + timedelta(seconds=5)))
    more.setdefault("verdicts", duties)
    more.setdefault("way_out", pseudonym)
    return Notice(more.pop("delivery", 1), what, incident or after(what), somebody, own_id, **more)
