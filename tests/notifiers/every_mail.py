"""Every kind of mail that goes out in a few outages, for everybody who gets it; as a list of mails shows them.

`python -m tests.notifiers.every_mail` writes that list anew.
"""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import NamedTuple

from domain import facts as f
from domain.audience import Subscriber, is_told
from domain.delivery import Notice
from domain.fact import Fact, Recorded
from domain.routine_document import builtin
from domain.staleness import lead_weight
from domain.vocabulary import Audience, Channel, ContactOutcome, Function, Orders, Scope, Situation, System
from infrastructure.outbox.mails import IncidentFacts
from notifiers.email.message import message_id, render
from notifiers.subject import LONGEST
from tests.notifiers.outage import ALL, BEGAN, SETTINGS
from wording.words import catalogue

LINK = "https://vardgivare.example.se/reservrutin-ot"


class Mail(NamedTuple):
    """What it is about, in a few words, and the notice."""

    about: str
    notice: Notice

    @property
    def audience(self) -> Audience:
        return self.notice.subscriber.audience

    def written(self) -> EmailMessage:
        assert self.notice.dated
        return render(self.notice, SETTINGS, catalogue(self.notice.subscriber.language), self.notice.dated)


class Outage:
    """An outage that goes on fact by fact; `minutes` are from when the systems went down, at 08.05."""

    def __init__(self) -> None:
        self.written: list[Recorded] = []
        self.mails: list[Mail] = []

    def at(self, minutes: float, fact: Fact, *, late: float = 0, deviation: str = "", note: str = "") -> Recorded:
        moment = BEGAN + timedelta(minutes=minutes)
        recorded_as = Function.CLOCK if fact.clocks else builtin().recorded_by(type(fact))[0]
        entry = len(self.written) + 1
        written = moment + timedelta(minutes=late)
        recorded = Recorded("2026-0007", entry, fact, moment, written, recorded_as, "s-1", f"c{entry}", note, deviation)
        self.written.append(recorded)
        return recorded

    def tells(self, about: str, *together: Recorded, summary: bool = False, also_to: tuple[Audience, ...] = ()) -> None:
        """One mail about these facts to everybody who is told of any of them."""
        facts = IncidentFacts(self.written, builtin())
        for audience in Audience:
            told = [told for told in together if is_told(audience, told, builtin()) or audience in also_to]
            if not told:
                continue
            lead = max(told, key=lambda recorded: lead_weight(recorded, audience, builtin()))
            now = max(recorded.recorded_at for recorded in together) + timedelta(seconds=5)
            somebody = Subscriber("p-0123456789ab", "anna@example.se", audience)
            name = message_id(lead.incident, lead.entry, somebody.id, SETTINGS.domain)
            rewritten = [facts.rewriting(recorded.entry) for recorded in told]
            notice = Notice(
                1,
                facts.by_entry[lead.entry],
                facts.incident,
                somebody,
                name,
                summary=summary,
                also=tuple(facts.by_entry[r.entry] for r in told if r is not lead),
                dated=now,
                rewritings=tuple(each for each in rewritten if each),
                earlier=facts.earlier(lead.entry),
                verdicts=facts.verdicts(now),
                began_at=facts.began_at,
                way_out="k7q2m9x4" * 3,
            )
            self.mails.append(Mail(about, notice))


def published(text: str, situation: Situation | None = None, *, paper: bool = False) -> f.OperatingInformationPublished:
    return f.OperatingInformationPublished(
        channels=(Channel.VARDGIVARE_SKANE,),
        text=text,
        links=(LINK,) if paper else (),
        reserve_routine_applies=paper,
        situation=situation,
    )


def prognosis(hours: float) -> f.PrognosisReceived:
    return f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=hours), source="Region Skåne IT")


@cache
def outages() -> dict[str, list[Mail]]:
    """The mails of each outage, by what it was."""
    days = {"en lång dag": _a_long_day(), "regionhaveri": _a_region_wide_stop(), "misstag": _a_mistake()}
    return {name: day.mails for name, day in days.items()} | {"dubblett": _twice().mails}


def every_mail(language: str = "sv") -> list[Mail]:
    mails = [mail for told in outages().values() for mail in told]
    return mails if language == "sv" else [in_english(mail) for mail in mails]


def as_listed(language: str) -> str:
    """Every subject, with a bar where a telephone ends; beside it whom it is for and what it is about."""
    lines = [f"# {language}: {LONGEST} characters at most, on a telephone 40"]
    for outage, mails in outages().items():
        lines += ["", f"## {outage}"]
        for mail in mails:
            subject = str((mail if language == "sv" else in_english(mail)).written()["Subject"])
            lines.append(f"{mail.audience:10}  {subject[:40]:40}|{subject[40:]:20}  {mail.about}".rstrip())
    return "\n".join(lines)


HALF_AN_HOUR = timedelta(minutes=30)
NAMES = "Sesam S2, websesam och Visma websesam"


def _a_long_day() -> Outage:
    day = Outage()
    day.tells("nere", day.at(0, f.OutageDetected(scope=Scope.ALL_USERS, systems=ALL)))
    day.tells("begäran", day.at(4, f.OperatingInformationRequested(text=f"{NAMES} ligger nere. Avvakta.")))
    down = day.at(25, published(f"{NAMES} ligger nere sedan i morse. Avvakta.", Situation.DOWN))
    day.tells("publicerat: nere", down)
    day.tells("ny prenumerant", down, summary=True)
    day.at(10, f.SystemOwnerContacted(outcome=ContactOutcome.REACHED))
    day.tells("publicerat: annat", day.at(26, published("Vi felsöker.", Situation.OTHER)))
    day.tells("prognos", day.at(30, prognosis(3.5)))
    day.tells("ny prognos", day.at(60, prognosis(4)))
    day.tells("uppskjutet", day.at(70, f.ActivationDeferred(reason="snart", until=BEGAN + timedelta(hours=4.5))))
    day.tells("ingen prognos", day.at(90, f.PrognosisWithdrawn(reason="felet är större")))
    start = day.at(100, f.EntryCorrected(entry=1, occurred_at=BEGAN - timedelta(minutes=7), reason="fel klocka"))
    day.tells("rättat", start, also_to=(Audience.STAFF, Audience.DUTY))
    said = day.at(101, f.EntryCorrected(entry=3, fields={"text": f"{NAMES} ligger nere. Vänta."}, reason="fel"))
    day.tells("rättat: publicerat", said, also_to=(Audience.PUBLIC, Audience.STAFF))
    due_at = BEGAN + timedelta(minutes=233)
    day.tells("påminnelse", day.at(203, f.DeadlineApproaching(duty="activate-without-prognosis", due_at=due_at)))
    day.tells("försenat: aktivera", day.at(249, f.DeadlinePassed(duty="activate-without-prognosis", due_at=due_at)))
    day.tells(
        "försenat: leverantören", day.at(249.5, f.DeadlinePassed(duty="contact-supplier", due_at=BEGAN + HALF_AN_HOUR))
    )
    day.tells("aktiverat", day.at(250, f.ReserveRoutineActivated()))
    for duty, minutes in (("notify-partner", 265), ("publish-reserve-routine", 310)):
        missed = f.DeadlinePassed(duty=duty, due_at=BEGAN + timedelta(minutes=minutes))
        day.tells(f"försenat: {duty}", day.at(minutes + 1, missed))
    paper = day.at(312, published("Reservrutinen gäller för akuta OT-remisser.", Situation.DOWN, paper=True))
    day.tells("publicerat: reservrutin", paper)
    day.tells("ny prenumerant: reservrutin", paper, summary=True)
    for number in range(3):
        day.at(313 + number, f.ReferralReceived(serial=f"OT-001{7 + number}"))
    early = day.at(316, f.SupplierContacted(outcome=ContactOutcome.REACHED), deviation="Visma ringde själva")
    day.tells("avvikelse", early)
    day.tells("delvis igen", day.at(320, f.ServiceRestored(systems=(System.VISMA_WEBSESAM,))))
    day.tells("allt igen", day.at(340, f.ServiceRestored(systems=(System.SESAM_S2, System.WEBSESAM))))
    day.tells("publicerat: igen", day.at(345, published(f"{NAMES} fungerar igen.", Situation.WORKS_AGAIN)))
    ended = day.at(350, f.ReserveRoutineDeactivated())
    day.tells("avslutat", ended)
    for duty, minutes in (("tell-partner-all-clear", 365), ("publish-routine-ended", 410)):
        missed = f.DeadlinePassed(duty=duty, due_at=BEGAN + timedelta(minutes=minutes))
        day.tells(f"försenat: {duty}", day.at(minutes + 1, missed))
    next_day = BEGAN + timedelta(minutes=340, days=1)
    paper = day.at(1750, f.DeadlineApproaching(duty="enter-referrals", due_at=next_day))
    day.tells("påminnelse: papper", paper)
    for serial in ("OT-0017", "OT-0018"):
        day.at(1760, f.ReferralEntered(serial=serial))
    day.at(1761, f.ReferralSetAside(serial="OT-0019", reason="duplicate"))
    day.tells("stängt", day.at(1770, f.IncidentClosed(summary="allt inmatat")))
    day.tells("öppnat igen", day.at(1780, f.IncidentReopened(reason="en remiss kom med posten")))
    return day


def _a_region_wide_stop() -> Outage:
    day = Outage()
    both = day.at(0, f.OutageDetected(scope=Scope.LOCAL, systems=(System.WEBSESAM,))), day.at(2, prognosis(2))
    day.tells("nere och prognos", *both)
    day.tells("omfattning", day.at(5, f.ScopeReclassified(scope=Scope.REGION_WIDE, reason="hela nätet")))
    day.tells("instruktion: vänta", day.at(20, f.InstructionReceived(text="avvakta", orders=Orders.WAIT)))
    day.tells("instruktion: papper", day.at(40, f.InstructionReceived(text="gå över", orders=Orders.ACTIVATE), late=30))
    took = day.at(45, f.ReserveRoutineActivated()), day.at(47, prognosis(6))
    day.tells("aktiverat och prognos", *took)
    over = day.at(90, f.ServiceRestored(systems=ALL)), day.at(92, f.ReserveRoutineDeactivated())
    day.tells("igen och avslutat", *over)
    closed = day.at(120, f.IncidentClosed(), deviation="partnern ringdes två gånger")
    day.tells("stängt med avvikelse", closed)
    return day


def _a_mistake() -> Outage:
    day = Outage()
    day.at(0, f.OutageDetected(scope=Scope.ALL_USERS, systems=(System.SESAM_S2,)))
    day.at(5, published("Sesam S2 ligger nere.", Situation.DOWN))
    day.at(10, prognosis(3))
    day.tells("återtaget", day.at(12, f.EntryWithdrawn(entry=3, reason="fel")), also_to=(Audience.STAFF,))
    told = Audience.PUBLIC, Audience.STAFF
    day.tells("återtaget: publicerat", day.at(13, f.EntryWithdrawn(entry=2, reason="fel")), also_to=told)
    day.tells("gäller ändå", day.at(14, f.EntryWithdrawn(entry=5, reason="rätt")), also_to=told)
    day.tells("ogiltig", day.at(20, f.IncidentVoided(reason="övning")), also_to=(*told, Audience.DUTY))
    return day


def _twice() -> Outage:
    other = Outage()
    other.at(0, f.OutageDetected(scope=Scope.ALL_USERS, systems=(System.SESAM_S2,)))
    other.tells(
        "samma som",
        other.at(9, f.IncidentVoided(reason="två", same_as="2026-0008")),
        also_to=(Audience.PUBLIC, Audience.STAFF),
    )
    return other


def in_english(mail: Mail) -> Mail:
    """The same for somebody who reads English."""
    somebody = replace(mail.notice.subscriber, language="en")
    return mail._replace(notice=replace(mail.notice, subscriber=somebody))


LISTED = Path(__file__).with_name("list_of_mails.txt")

if __name__ == "__main__":
    LISTED.write_text("\n\n\n".join(map(as_listed, ("sv", "en"))) + "\n", encoding="utf-8")
