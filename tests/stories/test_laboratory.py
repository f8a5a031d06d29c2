"""A laboratory at another hospital adopts its own document: other systems, people, hours and rules, and no code."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path
from shlex import quote

import pytest

from domain.vocabulary import SWEDEN
from tests.conftest import on_sqlite
from tests.mailroom import Mailroom, text
from tests.terminal import DAY, Terminal

DOCUMENT = Path(__file__).parents[2] / "docs" / "examples" / "laboratory.toml"
FORM = "https://vardwebben.ekholma.example/labb/pappersremiss"
OUTAGE = "outage-detected --scope all-users --system labb-lims --system svarsportalen"
PUBLISHED = "operating-information-published --as lims-administrator --channel care-web"
SESAM = re.compile(
    r"sesam|hjälpmedel|hjalpmedel|aktiv ?ortoped|ortoped|vårdgivare|vardgivare|hemvist|ritz|30 000|visma|skåne|skane"
    r"|förskriv|prescrib|\bOT\b|\bSR-\d|\bQ\d",
    re.IGNORECASE,
)
"""What only the built-in routine speaks of."""


class Laboratory(Terminal):
    """A terminal at the laboratory: every command is a process of its own, and the mail is the hospital's."""

    def __init__(self, folder: Path, mails: Mailroom, url: str) -> None:
        super().__init__(folder, smtp_url=mails.url, url=url)
        self.settings = replace(
            self.settings,
            mail_from=("Reservrutin LabbLIMS", "reservrutin@ekholma.example"),
            driftinfo_url="https://vardwebben.ekholma.example/driftinformation",
        )
        self.desk.settings = self.settings

    def as_the_laboratory(self, line: str) -> str:
        """What a command answers, which says nothing of Sesam."""
        reply = self.types(line)
        assert reply.code in (0, 6), reply.err
        assert not SESAM.search(reply.out), reply.out
        return reply.out

    def duties(self, incident: str = "") -> set[str]:
        return {duty["duty"] for duty in self.types(f"due {incident} --json").json}

    def works(self, clock: str) -> None:
        assert self.at(clock).types("worker --once").code == 0


@pytest.fixture
def log(tmp_path: Path, url: str, mails: Mailroom) -> Iterator[Laboratory]:
    """A log that nobody has adopted a routine in."""
    opened = Laboratory(tmp_path, mails, url)
    opened.at("06:00")
    yield opened
    opened.close()


@pytest.fixture
def lab(log: Laboratory) -> Laboratory:
    """The laboratory with its routine adopted at seven in the morning, and a subscriber of every kind."""
    log.at("07:00").types(f"routine adopt {quote(str(DOCUMENT))} --as vo-hjalpmedel")
    for name, audience in (
        ("kliniken", "public"),
        ("koordinator", "staff"),
        ("blod", "partner"),
        ("lims", "duty"),
        ("kvalitet", "compliance"),
    ):
        assert log.types(f"subscriber add {name}@ekholma.example --audience {audience}").code == 0
    assert log.types("subscriber add blood@ekholma.example --audience partner --language en").code == 0
    return log


def read(mails: Mailroom, name: str, place: int = -1) -> str:
    return " ".join(text(mails.to(name)[place]).split())


def nobody_reads_of_sesam(mails: Mailroom) -> None:
    for mail in mails.mails:
        worded = [(key, value) for key, value in mail.items() if key != "Thread-Index"]  # nobody reads what chance drew
        heads = "\n".join(f"{key}: {make_header(decode_header(str(value)))}" for key, value in worded)
        for said in (heads, text(mail), text(mail, "html")):
            own_words = re.sub("[a-z2-7]{26}", "", said)  # the code by which a reader leaves may spell anything
            assert not SESAM.search(own_words), said


def test_the_document_is_checked_and_adopted_once_by_whoever_the_routine_before_it_allows(log: Laboratory) -> None:
    file = quote(str(DOCUMENT))
    assert log.types(f"routine validate {file}").code == 0
    assert log.types(f"routine adopt {file}").code == 4, "the help desk does not adopt routines"
    adopted = log.types(f"routine adopt {file} --as vo-hjalpmedel")
    assert (adopted.code, "reservrutin-labblims 1.0" in adopted.out) == (0, True)
    facts = log.facts()
    assert log.types(f"routine adopt {file} --as lab-manager").code == 0
    assert log.facts() == facts, "adopting it again adds nothing"
    assert log.types(f"routine adopt {file} --as vo-hjalpmedel").code == 2, "that party is unknown to the laboratory"
    shown = log.types("routine show")
    assert "Efter en timmes avbrott ska blodgrupp och korstest" in " ".join(shown.out.split())
    assert log.types("routine show --toml").out.rstrip("\n") == DOCUMENT.read_text(encoding="utf-8").rstrip("\n")


def test_an_outage_at_the_laboratory_from_the_first_call_to_the_review(lab: Laboratory, mails: Mailroom) -> None:
    # A ward calls. Then it is an outage, and the laboratory's own duties begin, whoever answers the telephone.
    lab.at("08:00").records("disturbance-reported --unit 'Avdelning 12' --system svarsportalen")
    assert lab.duties() == {"tell-administrator"}
    opened = lab.at("08:10").records(f"{OUTAGE} --incident 1 --at 08:05").json
    assert opened["status"]["reserve_routine"]["due_at"] == "2026-12-07T08:05:00Z", "after one hour, not four"
    assert lab.duties() == {"tell-administrator", "open-case", "call-doctor", "publish", "activate"}
    lab.as_the_laboratory("due")
    lab.at("08:12").records("servicedesk-incident-created --channel duty-phone --reference INC77")
    lab.at("08:14").records("unit-manager-contacted --outcome no-answer")
    assert "call-doctor" in lab.duties(), "a doctor who did not answer has not been told"
    lab.at("08:16").records("unit-manager-contacted --outcome reached")
    lab.at("08:18").records("system-owner-contacted --outcome reached")
    lab.at("08:20").records(f"{PUBLISHED} --text 'LabbLIMS och Svarsportalen ligger nere.'")
    assert lab.duties() == {"activate"}

    # A cause starts a duty of its own, and each prognosis asks for a publication.
    lab.at("08:25").records("cause-established --as it-on-call --cause system")
    lab.at("08:30").records("prognosis-received --as it-on-call --restored-by 09:30")
    assert lab.duties() == {"activate", "call-supplier", "publish-prognosis"}
    lab.at("08:33").records("supplier-contacted --as lims-administrator --outcome reached")
    lab.at("08:35").records(f"{PUBLISHED} --text 'Beräknas vara i drift 09.30.' --channel ward-screens")
    assert lab.duties() == {"activate"}
    board = lab.as_the_laboratory("board")
    assert "LabbLIMS" in board
    assert "09:05" in board
    lab.works("08:36")
    assert "Förvarning: LabbLIMS, Svarsportalen ligger nere." in read(mails, "blod", 0)
    assert "Heads-up: LabbLIMS, Svarsportalen are down." in read(mails, "blood", 0)

    # A quarter of an hour before the deadline those who are to act are reminded, and nobody else.
    told = {name: len(mails.to(name)) for name in ("kliniken", "koordinator", "blod", "lims", "kvalitet")}
    lab.works("08:49:59")
    assert {name: len(mails.to(name)) for name in told} == told
    lab.works("08:50")
    assert {name: len(mails.to(name)) - count for name, count in told.items() if len(mails.to(name)) > count} == {
        "koordinator": 1
    }
    assert "gå över till pappersremisser för blodgrupp och" in mails.subjects("koordinator")[-1]
    assert lab.at("08:55").types("record reserve-routine-activated").code == 5, "an hour has not passed"
    lab.works("09:06")
    struck = [entry for entry in lab.types("log --json").json if entry["fact"] == "deadline-passed"]
    assert struck == [], "ten minutes to decide in are the laboratory's own tolerance"

    # Paper, by the laboratory's decision and in its words.
    assert lab.at("09:08").records("reserve-routine-activated --as lab-manager").flags == []
    assert "på fax 0100-555 02" in " ".join(lab.as_the_laboratory("say").split())
    assert lab.duties() == {"tell-transfusion-centre", "publish-form", "advise-callers"}
    lab.at("09:10").records("partner-notified --message activation --outcome reached")
    lab.at("09:12").records(f"{PUBLISHED} --text 'Pappersremiss gäller.' --link {FORM} --reserve-routine-applies")
    lab.at("09:15").records("callers-informed --count 3 --advice use-paper-referral")
    lab.works("09:16")
    assert "Blodgrupp och korstest beställs på pappersremiss: med bud eller per fax." in read(mails, "blod")
    assert "Märk varje rör för hand" in read(mails, "kliniken")
    newest = " ".join(text(mails.to("koordinator")[-1]).split())
    assert newest.startswith("Gör så här nu: Inget just nu."), "the transfusion centre has been phoned since"
    for clock, serial in (("09:30", "B-101"), ("09:40", "B-102"), ("09:50", "B-103")):
        received = lab.at(clock).records(f"referral-received --as transfusion-centre --serial {serial}")
        assert received.flags == [], "paper for blood group unless somebody says otherwise"
    odd = lab.at("09:55").records("referral-received --as transfusion-centre --serial K-1 --area clinical-chemistry")
    assert odd.flags == ["not-acute"]

    # It is entered once LabbLIMS runs, although the portal is still down (entered_into).
    refused = lab.at("10:00").types("record referral-entered --as transfusion-centre --serial B-101")
    assert (refused.code, "LabbLIMS" in refused.err, "LR-15" in refused.err) == (5, True, True)
    lab.at("10:10").records("service-restored --as it-on-call --system labb-lims")
    lab.at("10:12").records("referral-entered --as transfusion-centre --serial B-101 --reference 5501")
    lab.at("10:20").records("service-restored --as it-on-call --system svarsportalen")
    assert lab.duties() == {"deactivate", "enter-requisitions"}
    lab.at("10:25").records("reserve-routine-deactivated --as lab-manager")
    lab.at("10:45").records("partner-notified --message all-clear --outcome reached")
    lab.works("10:46")
    assert "Beställningarna kommer åter genom Provtagning." in read(mails, "blod")
    assert "B-102, B-103, K-1" in read(mails, "blod")
    lab.at("11:00").records("referral-entered --as transfusion-centre --serial B-102")
    lab.at("11:05").records("referral-set-aside --as transfusion-centre --serial K-1 --reason not-acute")
    refused = lab.at("11:10").types("record incident-closed")
    assert (refused.code, "B-103" in refused.err) == (5, True)
    lab.at("11:15").records("referral-entered --as transfusion-centre --serial B-103")
    closed = lab.at("11:20").records("incident-closed --summary 'Klart.'").json["status"]
    assert closed["referrals"] == {"received": 4, "entered": 3, "set_aside": 1, "outstanding": []}
    assert [(d["code"], d["rule"]) for d in closed["deviations"]] == [("not-acute", "LR-08")]

    # The review cites the laboratory's rules: late activation is within its tolerance, the all clear was late.
    reviewed = lab.at("12:00").types("review 1 --json")
    assert reviewed.code == 6
    found = {verdict["duty"]: verdict for verdict in reviewed.json["verdicts"]}
    assert {rule for verdict in found.values() for rule in verdict["rules"]} <= {f"LR-{n:02d}" for n in range(1, 19)}
    words = {duty: (verdict["rule"], verdict["verdict"]) for duty, verdict in found.items()}
    assert {duty for duty, (_rule, word) in words.items() if word == "not-applicable"} == {
        "repair-network",
        "await-decision",
        "help-cut-off-unit",
    }, "each of the laboratory's rules has its line"
    words = {duty: fared for duty, fared in words.items() if fared[1] != "not-applicable"}
    assert words.pop("all-clear") == ("LR-14", "late")
    assert found["all-clear"]["late_seconds"] == 5 * 60
    assert words == {
        "open-case": ("LR-01", "kept"),
        "call-doctor": ("LR-02", "kept"),
        "tell-administrator": ("LR-03", "kept"),
        "call-supplier": ("LR-04", "kept"),
        "publish": ("LR-06", "kept"),
        "publish-prognosis": ("LR-07", "kept"),
        "activate": ("LR-08", "kept"),
        "tell-transfusion-centre": ("LR-09", "kept"),
        "publish-form": ("LR-10", "kept"),
        "advise-callers": ("LR-11", "kept"),
        "deactivate": ("LR-13", "kept"),
        "enter-requisitions": ("LR-15", "kept"),
    }
    assert reviewed.json["routine"] == {"id": "reservrutin-labblims", "version": "1.0"}
    lab.records("incident-reviewed --incident 1 --as quality-coordinator --verdict followed")

    # From the first mail to the last line nobody at the laboratory reads a word of Sesam.
    lab.works("12:05")
    nobody_reads_of_sesam(mails)
    for line in (
        "show 1",
        "log 1",
        "review 1",
        "review 1 --lang en",
        "review --all",
        "deliveries 1",
        "subscriber list",
        "replay 1 --as-of 09:20",
    ):
        lab.as_the_laboratory(line)


def test_a_forgotten_requisition_is_reminded_of_two_hours_before_the_shift_ends(
    lab: Laboratory, mails: Mailroom
) -> None:
    lab.at("08:00").records(OUTAGE)
    lab.at("09:00").records("reserve-routine-activated")
    lab.at("09:30").records("referral-received --as transfusion-centre --serial B-7")
    lab.at("10:00").records("service-restored --as it-on-call --system labb-lims --system svarsportalen")
    lab.works("15:59")
    told = len(mails.to("blod"))
    lab.works("16:00")
    assert len(mails.to("blod")) == told + 1
    assert "mata in pappersremisserna i LabbLIMS" in mails.subjects("blod")[-1]
    nobody_reads_of_sesam(mails)


def test_q26_the_portal_alone_starts_no_paper_and_the_hour_runs_from_when_the_laboratorys_system_is_down(
    lab: Laboratory,
) -> None:
    lab.at("08:00").records("outage-detected --scope all-users --system svarsportalen")
    assert lab.at("09:15").types("show --json").json["reserve_routine"]["due_at"] is None
    refused = lab.types("record reserve-routine-activated --as lab-manager")
    assert refused.code != 0
    assert "Reservrutinen gäller inte vid ett sådant här avbrott (LR-16)" in " ".join(refused.err.split())
    lab.at("09:30").records("outage-detected --incident 1 --scope all-users --system labb-lims")
    assert lab.types("show --json").json["reserve_routine"]["due_at"] == "2026-12-07T09:30:00Z"
    [due] = [each for each in lab.types("due --json").json if each["duty"] == "activate"]
    assert due["due_at"] == "2026-12-07T09:30:00Z"


def test_when_the_whole_region_is_down_the_administrator_touches_nothing_before_the_decision(lab: Laboratory) -> None:
    opened = lab.at("08:00").records("outage-detected --scope region-wide").json["status"]
    assert opened["systems"] == ["labb-lims", "svarsportalen", "provtagning"]
    assert "activate" not in lab.duties()
    coordinators = lab.at("08:10").records("unit-manager-contacted --outcome reached")
    assert coordinators.flags == [], "others do as always"
    touched = lab.at("08:15").records("assistance-given --as lims-administrator --kind troubleshooting")
    assert touched.flags == ["measure-before-instruction"]
    assert "LR-12" in lab.types("record reserve-routine-activated").err
    lab.at("08:40").records("instruction-received --text 'LabbLIMS startas om.' --as lab-manager")
    assert "activate" in lab.duties()
    verdict = {v["duty"]: v["verdict"] for v in lab.types("review 1 --json").json["verdicts"]}
    assert verdict["await-decision"] == "missed"


@on_sqlite
@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("outage-detected --scope all-users --system sesam-s2", 2, "labb-lims, svarsportalen, provtagning"),
        (f"{OUTAGE} --area orthopaedic", 2, "clinical-chemistry, blood-group, microbiology, point-of-care"),
        (f"{PUBLISHED} --incident 1 --channel vardgivare-skane --text Nere", 2, "care-web, ward-screens"),
        ("servicedesk-incident-created --incident 1 --channel ritz", 2, "duty-phone, case-portal"),
        ("note-added --incident 1 --as vo-hjalpmedel --text Hej", 2, "lab-coordinator, lab-manager"),
        ("mobile-connection-tried --incident 1 --outcome connected", 4, "reservrutin-labblims"),
        ("activation-deferred --incident 1 --reason snart --until +1h", 4, "reservrutin-labblims"),
        ("operating-information-published --incident 1 --channel care-web --text Nere", 4, "LIMS-förvaltaren"),
    ],
)
def test_what_belongs_to_another_routine_is_refused_with_a_sentence_that_says_what_there_is(
    lab: Laboratory, line: str, code: int, says: str
) -> None:
    lab.at("08:00").records(OUTAGE)
    facts = lab.facts()
    refused = lab.at("08:05").types(f"record {line}")
    assert refused.code == code, refused.err
    assert says in refused.err
    assert len(refused.err.strip().splitlines()) == 1
    assert lab.facts() == facts


def test_the_laboratory_tries_its_next_version_on_what_has_been_and_adopts_it_itself(
    lab: Laboratory, tmp_path: Path
) -> None:
    lab.at("08:00").records(OUTAGE)
    lab.at("08:15").records("unit-manager-contacted --outcome reached")
    draft = tmp_path / "draft.toml"
    written = lab.types("routine show --toml").out.replace('version = "1.0"', 'version = "1.1"')
    draft.write_text(written.replace('within = "20 min"\ntolerance = "5 min"', 'within = "10 min"'), encoding="utf-8")
    tried = lab.at("08:16").types(f"review 1 --routine {quote(str(draft))} --json").json["changes"]
    assert [(change["duty"], change["was"], change["becomes"]) for change in tried] == [
        ("call-doctor", ["kept"], ["late"])
    ]
    assert lab.types(f"routine adopt {quote(str(draft))}").code == 4, "the coordinator adopts no routines"
    assert lab.types(f"routine adopt {quote(str(draft))} --as lab-manager").code == 0

    lab.at("09:00").records(f"{OUTAGE} --incident new")
    lab.at("09:15").records("unit-manager-contacted --outcome reached --incident 2")
    found = {row["incident"]: (row["routine"]["version"], row["late"]) for row in lab.types("review --all --json").json}
    assert found == {"2026-0001": ("1.0", 0), "2026-0002": ("1.1", 1)}


def test_an_incident_that_began_before_the_adoption_stays_with_its_own_routine_for_ever(log: Laboratory) -> None:
    log.at("06:10").records("outage-detected --scope all-users --system sesam-s2")
    log.at("06:20").records("supplier-contacted --outcome reached")
    before = log.at("06:59").types("review 1 --json").json
    assert log.at("07:00").types(f"routine adopt {quote(str(DOCUMENT))} --as vo-hjalpmedel").code == 0

    # Nothing that was judged changes, and what follows is the old routine's too: its words, its parties, its hours.
    after = log.at("07:01").types("review 1 --json").json
    assert [(v["duty"], v["verdict"]) for v in after["verdicts"]] == [
        (v["duty"], v["verdict"]) for v in before["verdicts"]
    ]
    assert after["routine"]["id"] == "reservrutin-sesam"
    due = log.types("due 1 --json").json
    assert {rule[:3] for duty in due for rule in duty["rules"]} == {"SR-"}
    assert log.types("show 1 --json").json["reserve_routine"]["due_at"] == "2026-12-07T09:10:00Z", "its four hours"
    assert "Sesam S2" in log.types("show 1").out

    # The next one is the laboratory's, and each is reviewed by its own.
    log.at("08:00").records(OUTAGE)
    assert log.types("show 2 --json").json["reserve_routine"]["due_at"] == "2026-12-07T08:00:00Z"
    half_a_year = datetime(2027, 6, 9, 8, 0, tzinfo=SWEDEN)
    assert half_a_year - DAY > timedelta(days=180)
    for number, prefix in (("1", "SR-"), ("2", "LR-")):
        verdicts = log.on(half_a_year).types(f"review 2026-000{number} --json").json["verdicts"]
        assert {rule[:3] for verdict in verdicts for rule in verdict["rules"]} - {"loc"} == {prefix}
    by_routine = {row["incident"]: row["routine"]["id"] for row in log.types("review --all --json").json}
    assert by_routine == {"2026-0001": "reservrutin-sesam", "2026-0002": "reservrutin-labblims"}


def test_what_began_in_the_very_minute_of_the_adoption_but_was_written_before_it_is_not_the_laboratorys(
    log: Laboratory,
) -> None:
    log.at("07:00").records("outage-detected --scope all-users --system sesam-s2")
    assert log.types(f"routine adopt {quote(str(DOCUMENT))} --as vo-hjalpmedel").code == 0
    assert log.types("review 1 --json").json["routine"]["id"] == "reservrutin-sesam"


def test_an_outage_of_a_time_before_the_adoption_can_not_be_made_the_laboratorys_by_writing_it_down_later(
    log: Laboratory,
) -> None:
    log.at("07:00").types(f"routine adopt {quote(str(DOCUMENT))} --as vo-hjalpmedel")
    facts = log.facts()
    assert log.at("08:00").types(f"record {OUTAGE} --at 06:30").code != 0, "the routine of that time knows no LabbLIMS"
    assert log.facts() == facts


def test_what_is_written_down_later_of_a_time_before_the_adoption_is_judged_by_the_routine_of_that_time(
    log: Laboratory,
) -> None:
    log.at("07:00").types(f"routine adopt {quote(str(DOCUMENT))} --as vo-hjalpmedel")
    refused = log.at("08:00").types(f"record {OUTAGE} --at 06:30")
    assert refused.code == 2
    assert "sesam-s2, websesam, visma-websesam" in refused.err
