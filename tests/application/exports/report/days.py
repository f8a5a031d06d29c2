"""Whole days for reports, typed at a terminal: a quiet one and a crowded one, near and far, through the night."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from domain.vocabulary import SWEDEN
from tests.terminal import DRIFTINFO, Terminal

SYSTEMS = "--system sesam-s2 --system websesam --system visma-websesam"
PUBLISHED = "operating-information-published --as system-owner --channel vardgivare-skane"
REVIEWED = "incident-reviewed --incident 2026-0001 --as compliance-reviewer"
SUBSCRIBERS = (
    ("forskrivare", "public"),
    ("lund", "public"),
    ("handlaggare", "staff"),
    ("aktiv", "partner"),
    ("systemansvarig", "duty"),
    ("granskare", "compliance"),
)


def on(terminal: Terminal, told: str) -> Terminal:
    """The terminal at this Swedish moment, told as 2026-12-07 08:05."""
    return terminal.on(datetime.fromisoformat(told).replace(tzinfo=SWEDEN))


def subscribe(terminal: Terminal) -> None:
    for name, audience in SUBSCRIBERS:
        assert terminal.types(f"subscriber add {name}@example.se --audience {audience}").code == 0


def _follow(terminal: Terminal, day: str, steps: str) -> str:
    """Record the steps, each a line of a time and a fact, and let the worker send. The incident's number."""
    for line in filter(None, map(str.strip, steps.splitlines())):
        clock, fact = line.split(" ", 1)
        fact = re.sub("@([a-z-]+)", lambda named: _entry_of(named[1], terminal), fact)
        on(terminal, clock.replace("T", " ") if "T" in clock else f"{day} {clock}").records(fact)
        if terminal.settings.mail_server:
            terminal.types("worker --once")
    return str(terminal.desk.board.newest())


def _entry_of(fact: str, terminal: Terminal) -> str:
    """The number of the newest incident's first entry of this fact."""
    history = terminal.desk.log.history(str(terminal.desk.board.newest()))
    return str(next(recorded.entry for recorded in history if recorded.fact.wire == fact))


def ordinary_day(terminal: Terminal) -> str:
    """Four hours without a prognosis, paper, a late entry, a correction, and a reviewer half a year later."""
    return _follow(
        terminal,
        "2026-12-07",
        f"""
        08:07 disturbance-reported --unit 'Ortopeden Lund' --system websesam
        08:12 outage-detected --incident 1 --scope all-users {SYSTEMS} --at 08:05
        08:14 system-owner-contacted --outcome off-duty
        08:17 unit-manager-contacted --outcome reached
        08:19 servicedesk-incident-created --channel phone-30000 --reference INC0042
        08:30 {PUBLISHED} --text 'Sesam ligger nere. Avvakta.' --link {DRIFTINFO}
        08:40 callers-informed --count 7
        09:55 supplier-contacted --outcome reached --at 08:50
        10:00 prognosis-received --restored-by 11:30 --source 'Region Skåne IT'
        11:10 prognosis-withdrawn --reason 'felet är större än man trodde'
        11:25 prognosis-received --restored-by 11:55 --source Servicedesk
        12:09 reserve-routine-activated
        12:14 partner-notified --message activation --outcome reached
        12:20 {PUBLISHED} --text 'Reservrutin gäller' --link {DRIFTINFO} --reserve-routine-applies
        12:40 referral-received --serial OT-0017 --unit 'Ortopeden Lund'
        13:05 referral-received --serial OT-0018 --via post
        13:20 referral-received --serial OT-0019 --no-acute
        14:20 service-restored {SYSTEMS}
        14:25 reserve-routine-deactivated
        14:28 partner-notified --message all-clear --outcome reached
        14:40 referral-entered --serial OT-0017 --as partner --reference 884213
        14:44 referral-entered --serial OT-0018 --as partner
        14:50 referral-set-aside --serial OT-0019 --reason not-acute
        14:55 entry-corrected --entry @callers-informed --set count=9 --occurred-at '2026-12-07 08:45' --reason fel
        15:00 incident-closed --summary 'Klart' --note 'Lugnt i växeln.'
        2027-06-03T10:00 {REVIEWED} --verdict followed-with-deviations --findings 'Leverantören skrevs in sent.'
        """,
    )


def region_wide_day(terminal: Terminal) -> str:
    """The whole region for a day and a half: a measure too early, an instruction, a deferral, a night."""
    return _follow(
        terminal,
        "2026-12-14",
        f"""
        06:40 outage-detected --scope region-wide --cause infrastructure --summary 'hela nätet är nere'
        06:55 supplier-contacted --outcome no-answer --deviation 'vi visste inte att det gällde hela regionen'
        09:30 instruction-received --text 'gå över till papper för akuta OT-remisser'
        09:45 prognosis-received --restored-by 12:00 --source 'Region Skåne IT'
        10:20 activation-deferred --reason 'åter i drift strax' --until 11:30
        11:31 reserve-routine-activated
        11:40 partner-notified --message activation --outcome no-answer
        11:58 partner-notified --message activation --outcome reached
        12:30 {PUBLISHED} --text 'Reservrutin gäller' --link {DRIFTINFO} --reserve-routine-applies
        13:00 prognosis-received --restored-by '2026-12-15 08:00' --source 'Region Skåne IT'
        14:00 referral-received --serial R-1
        15:10 referral-received --serial R-2
        19:00 referral-received --serial R-3 --via post
        2026-12-15T07:30 service-restored --system sesam-s2
        2026-12-15T09:10 service-restored --system websesam --system visma-websesam
        2026-12-15T09:30 reserve-routine-deactivated
        2026-12-15T09:40 partner-notified --message all-clear --outcome reached
        2026-12-15T10:30 referral-entered --serial R-1 --as partner
        2026-12-15T10:35 referral-entered --serial R-2 --as partner
        """,
    )


def local_day(terminal: Terminal) -> str:
    """Only Hjälpmedel Administration has lost contact."""
    return _follow(
        terminal,
        "2026-12-07",
        """
        09:00 outage-detected --scope local --system sesam-s2 --cause external --summary 'avgrävd kabel'
        09:10 mobile-connection-tried --outcome partly
        09:20 operating-information-requested --text 'Vi når inte Sesam från kontoret i Lund.'
        11:40 service-restored --system sesam-s2
        11:45 incident-closed
        """,
    )


def night_of_the_clock(terminal: Terminal) -> str:
    """The night when 02 becomes 03: the four hours are up at 05:30."""
    return _follow(
        terminal,
        "2027-03-28",
        f"""
        00:35 outage-detected --scope all-users {SYSTEMS} --at 00:30
        00:45 system-owner-contacted --outcome reached
        00:50 supplier-contacted --outcome reached
        01:10 {PUBLISHED} --text 'Sesam ligger nere.' --link {DRIFTINFO}
        03:20 prognosis-received --restored-by 05:00 --source 'Region Skåne IT'
        05:40 reserve-routine-activated
        05:44 partner-notified --message activation --outcome reached
        05:50 {PUBLISHED} --text 'Reservrutin gäller' --link {DRIFTINFO} --reserve-routine-applies
        06:10 referral-received --serial N-1
        07:15 service-restored {SYSTEMS}
        07:20 reserve-routine-deactivated
        07:25 partner-notified --message all-clear --outcome reached
        07:40 referral-entered --serial N-1 --as partner
        07:45 incident-closed
        """,
    )


def crowded_day(terminal: Terminal, referrals: int = 300) -> str:
    """Many referrals in one day; some are still left when the report is made."""
    _follow(
        terminal,
        "2026-12-07",
        f"""
        08:05 outage-detected --scope all-users {SYSTEMS}
        08:06 system-owner-contacted --outcome reached
        08:07 supplier-contacted --outcome reached
        08:20 {PUBLISHED} --text 'Sesam ligger nere.' --link {DRIFTINFO}
        12:06 reserve-routine-activated
        12:10 partner-notified --message activation --outcome reached
        """,
    )
    for place in range(referrals):
        minute = 12 * 60 + 15 + place * 200 // referrals
        clock = f"{minute // 60:02d}:{minute % 60:02d}"
        on(terminal, f"2026-12-07 {clock}").records(f"referral-received --serial OT-{place:04d} --unit 'Enhet {place}'")
    _follow(terminal, "2026-12-07", f"15:50 service-restored {SYSTEMS}")
    for place in range(referrals * 9 // 10):
        minute = 15 * 60 + 55 + place * 120 // referrals
        clock = f"{minute // 60:02d}:{minute % 60:02d}"
        on(terminal, f"2026-12-07 {clock}").records(f"referral-entered --serial OT-{place:04d} --as partner")
    return str(terminal.desk.board.newest())


def long_night(terminal: Terminal, papers: int = 40) -> str:
    """The night when 03 becomes 02, and so many papers in it: one is set aside, one is corrected, the others are
    entered in the morning."""
    _follow(
        terminal,
        "2027-10-30",
        f"""
        21:35 outage-detected --scope all-users {SYSTEMS}
        21:45 system-owner-contacted --outcome reached
        21:50 supplier-contacted --outcome reached --reference VS-118
        22:10 {PUBLISHED} --text 'Sesam ligger nere.' --link {DRIFTINFO}
        22:20 callers-informed --count 7
        2027-10-31T01:36 reserve-routine-activated
        2027-10-31T01:40 partner-notified --message activation --outcome reached
        2027-10-31T01:50 {PUBLISHED} --text 'Reservrutin gäller' --link {DRIFTINFO} --reserve-routine-applies
        """,
    )
    came = datetime(2027, 10, 30, 23, 55, tzinfo=UTC)
    for place in range(papers):
        via = "post" if place % 7 == 3 else "fax"
        terminal.on(came + place * timedelta(minutes=3)).records(
            f"referral-received --serial OT-{place + 1:04d} --unit 'Ortopeden Lund' --via {via}"
        )
    _follow(
        terminal,
        "2027-10-31",
        f"""
        05:00 service-restored {SYSTEMS}
        05:10 reserve-routine-deactivated
        05:14 partner-notified --message all-clear --outcome reached
        """,
    )
    for place in range(papers):
        entered = f"referral-entered --serial OT-{place + 1:04d}"
        set_aside = f"referral-set-aside --serial OT-{place + 1:04d} --reason not-acute"
        at = datetime(2027, 10, 31, 4, 20, tzinfo=UTC) + place * timedelta(minutes=2)
        written = terminal.on(at).records(f"{set_aside if place == 17 else entered} --as partner")
        if place == 30:
            correction = f"entry-corrected --entry {written.json['entry']} --set reference=884213 --reason glömt"
            terminal.on(at + timedelta(minutes=1)).records(f"{correction} --as partner")
    return _follow(terminal, "2027-10-31", "07:30 incident-closed --summary Klart")


def going_on(terminal: Terminal) -> str:
    """Two hours into it: the clock runs, and a prognosis is in force."""
    return _follow(
        terminal,
        "2026-12-07",
        f"""
        08:05 outage-detected --scope all-users {SYSTEMS}
        08:14 system-owner-contacted --outcome reached
        08:30 {PUBLISHED} --text 'Sesam ligger nere. Avvakta.' --link {DRIFTINFO}
        09:40 prognosis-received --restored-by 11:30 --source 'Region Skåne IT'
        10:00 service-restored --system sesam-s2
        10:05 callers-informed --count 12
        """,
    )


def first_minute(terminal: Terminal) -> str:
    """One entry, and nothing more yet."""
    return _follow(terminal, "2026-12-07", "08:05 disturbance-reported --unit 'Ortopeden Lund' --system websesam")


DAYS: dict[str, Callable[[Terminal], str]] = {
    "ordinary": ordinary_day,
    "region-wide": region_wide_day,
    "local": local_day,
    "night": night_of_the_clock,
    "crowded": crowded_day,
    "going-on": going_on,
    "first-minute": first_minute,
}
