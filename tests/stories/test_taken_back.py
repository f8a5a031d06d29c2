"""Whoever was told of what is then corrected, withdrawn or voided is told so, once, in the thread (Q29, Q30)."""

import re
from email.message import EmailMessage

import pytest

from tests.mailroom import Mailroom, text
from tests.terminal import Terminal

PUBLISHED = (
    "operating-information-published --as system-owner --channel vardgivare-skane"
    ' --text "Sesam ligger nere." --link https://vardgivare.example.se/sesam'
)
EVERYBODY = ("forskrivare", "handlaggare", "aktiv", "systemansvarig", "granskare")


@pytest.fixture
def down(desk: Terminal) -> Terminal:
    """Sesam S2 has been down since 08:05, and whoever is told of that has been told."""
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    return worker_at(desk, "08:06")


def worker_at(desk: Terminal, clock: str) -> Terminal:
    """The worker's round at this time."""
    assert desk.at(clock).types("worker --once").code == 0
    return desk


def mails_by(mails: Mailroom, *names: str) -> dict[str, int]:
    return {name: len(mails.to(name)) for name in names}


def newest(mails: Mailroom, name: str) -> EmailMessage:
    """The newest mail, once its two parts have been seen to say the same and no line to be wider than 72 columns."""
    mail = mails.to(name)[-1]
    page = text(mail, "html")
    for line in re.split(r"\r?\n-- \r?\n", text(mail))[0].splitlines():
        assert len(line) <= 72
        last = line.rpartition("  ")[2].strip(" -=")
        assert last in page
    return mail


def said(mails: Mailroom, name: str) -> str:
    return " ".join(text(newest(mails, name)).split())


def test_q30_a_correction_says_what_stands_and_what_stood_in_the_thread_and_once(
    down: Terminal, mails: Mailroom
) -> None:
    down.types("subscriber add english@example.se --audience staff --language en")
    down.at("08:07").types("worker --once")
    down.at("08:08").records('entry-corrected --entry 1 --occurred-at 07:58 --reason "fel klocka"')
    worker_at(down, "08:09")
    mail = newest(mails, "handlaggare")
    assert mail["Subject"] == "[1] Rättat: nere sedan 07.58, inte 08.05"
    assert mail["In-Reply-To"] == mails.to("handlaggare")[0]["Message-ID"]
    words = said(mails, "handlaggare")
    assert "Du har fått besked om det här tidigare. Nu är det rättat:" in words
    assert "Nere sedan: 07.58, inte 08.05" in words
    assert "Skäl: fel klocka" in words
    assert "Down since: 07:58, not 08:05" in said(mails, "english"), "told by the summary"
    before = mails_by(mails, *EVERYBODY)
    assert before == {"forskrivare": 0, "handlaggare": 2, "aktiv": 0, "systemansvarig": 2, "granskare": 0}
    worker_at(down, "08:10")
    assert mails_by(mails, *EVERYBODY) == before, "once"


def test_q30_a_value_is_said_in_words_and_not_as_it_was_typed(down: Terminal, mails: Mailroom) -> None:
    down.at("08:07").records("entry-corrected --entry 1 --set scope=local --set system=websesam --reason fel")
    worker_at(down, "08:08")
    words = said(mails, "handlaggare")
    assert "Omfattning: bara Hjälpmedel Administration, inte alla användare" in words
    assert "System: websesam, inte Sesam S2" in words


def test_q30_a_withdrawal_says_what_no_longer_counts_and_why(down: Terminal, mails: Mailroom) -> None:
    down.at("08:10").records("prognosis-received --restored-by 11:00 --source Visma")
    worker_at(down, "08:11")
    down.at("08:12").records('entry-withdrawn --entry 2 --reason "fel händelse"')
    worker_at(down, "08:13")
    mail = newest(mails, "handlaggare")
    assert mail["Subject"] == "[1] Återtaget: prognos mottagen"
    words = said(mails, "handlaggare")
    assert "Det gäller inte längre: När: 08.10 Väntas fungera igen: 11.00 Källa: Visma" in words
    assert "Skäl: fel händelse" in words
    assert "Prognos ingen" in words, "how it stands now"
    assert mails_by(mails, *EVERYBODY) == {
        "forskrivare": 0, "handlaggare": 3, "aktiv": 0, "systemansvarig": 1, "granskare": 0
    }, "whoever was not told of the prognosis is not told that it no longer counts"  # fmt: skip


def test_a_withdrawn_activation_asks_nothing_more_of_anybody_and_those_who_were_told_are_told(
    down: Terminal, mails: Mailroom
) -> None:
    activated = down.at("12:10").records("reserve-routine-activated").json["entry"]
    worker_at(down, "12:11")
    assert "Akuta OT-remisser hanteras manuellt" in said(mails, "aktiv")
    down.at("12:12").records(f'entry-withdrawn --entry {activated} --reason "fel knapp"')
    worker_at(down, "12:13")
    for name in ("aktiv", "handlaggare", "systemansvarig"):
        assert "Återtaget: reservrutin aktiverad" in str(newest(mails, name)["Subject"])
        words = said(mails, name)
        assert "Det gäller inte längre: När: 12.10" in words
        for asked in ("hanteras manuellt", "ska nu meddelas", "Publicera nu"):
            assert asked not in words
    assert down.types("due 1 --json").code == 0


def test_q29_what_belongs_to_another_incident_is_said_to(down: Terminal, mails: Mailroom) -> None:
    down.at("08:09").records("outage-detected --scope local --system websesam")
    down.at("08:10").records("prognosis-received --incident 1 --restored-by 11:00 --source Visma")
    worker_at(down, "08:11")
    down.at("08:12").records('entry-withdrawn --incident 1 --entry 2 --moved-to 2026-0002 --reason "fel händelse"')
    worker_at(down, "08:13")
    both = mails.to("handlaggare")[-2:]
    assert sorted(str(mail["Subject"]).split("] ")[0] for mail in both) == [
        "[1",
        "[2",
    ]
    words = " ".join(text(both[0]).split())
    assert "Det hör till driftstörning 2026-0002, inte till den här:" in words


def test_q30_the_public_hears_what_became_of_a_publication_and_nothing_internal(
    down: Terminal, mails: Mailroom
) -> None:
    down.at("08:10").records(PUBLISHED)
    worker_at(down, "08:11")
    text_now = '"text=Sesam och websesam ligger nere."'
    down.at("08:12").records(
        f"entry-corrected --as system-owner --entry 2 --set {text_now} --reason hemligt --note internt"
    )
    worker_at(down, "08:13")
    mail = newest(mails, "forskrivare")
    assert mail["Subject"] == "Rättat: ligger nere, avvakta"
    assert mail["In-Reply-To"] == mails.to("forskrivare")[0]["Message-ID"]
    words = said(mails, "forskrivare")
    assert "Det som publicerades har rättats. Så här lyder det nu: Sesam och websesam ligger nere." in words
    assert "Tidigare stod det: Sesam ligger nere." in words
    down.at("08:14").records("entry-withdrawn --as system-owner --entry 2 --reason hemligt --note internt")
    worker_at(down, "08:15")
    words = said(mails, "forskrivare")
    assert "Det här publicerades men gäller inte längre: Sesam och websesam ligger nere." in words
    assert "https://vardgivare.example.se/sesam" not in words, "it leads where nothing is any more"
    for mail in mails.to("forskrivare"):
        for part in ("plain", "html"):
            for internal in ("hemligt", "internt", "Intern", "Läget", "registrerat", "systemansvarig"):
                assert internal not in text(mail, part)
    assert mails_by(mails, "forskrivare", "handlaggare") == {"forskrivare": 3, "handlaggare": 4}
    assert "Skäl: hemligt" in said(mails, "handlaggare"), "staff may read reasons"


@pytest.mark.parametrize(
    ("option", "sentence", "subject"),
    [
        (
            "",
            "Driftstörning 2026-0001 lades in av misstag. Det du har fått besked om gäller inte.",
            "Gäller inte: ",
        ),
        (
            "--same-as 2026-0002",
            "Driftstörning 2026-0001 är samma som 2026-0002. Fortsättningen kommer under det numret.",
            "Samma driftstörning som 2026-0002",
        ),
    ],
)
def test_q30_whoever_was_told_anything_of_a_voided_incident_is_told(
    down: Terminal, mails: Mailroom, option: str, sentence: str, subject: str
) -> None:
    down.at("08:07").records("outage-detected --scope local --system websesam")
    down.at("08:10").records(f"{PUBLISHED} --incident 1")
    worker_at(down, "08:11")
    down.at("08:12").records("prognosis-received --incident 1 --restored-by 11:00")
    down.at("08:13").records(f"incident-voided --incident 1 {option} --reason övning")
    worker_at(down, "08:14")
    for name, is_internal in (("forskrivare", False), ("handlaggare", True), ("systemansvarig", True)):
        mail = newest(mails, name)
        assert str(mail["Subject"]).removeprefix("[1] ").startswith(subject)
        words = said(mails, name)
        assert sentence in words
        assert ("Skäl: övning" in words) is is_internal
        assert "11:00" not in words, "what waited when it was voided is not told"
    assert mails_by(mails, "aktiv", "granskare") == {"aktiv": 0, "granskare": 0}
    sent = len(mails.mails)
    worker_at(down, "08:40")
    assert (
        len(
            [
                mail
                for mail in mails.mails[sent:]
                if "Ärende 2026-0001" in text(mail) or "händelse 2026-0001" in text(mail)
            ]
        )
        == 0
    ), "once, and no more of it"


def test_q30_whoever_had_not_been_told_hears_what_is_right_and_of_no_correction(
    desk: Terminal, mails: Mailroom
) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:06").records("prognosis-received --restored-by 11:00")
    desk.at("08:07").records("entry-corrected --entry 1 --occurred-at 07:58 --reason fel")
    desk.at("08:08").records("entry-withdrawn --entry 2 --reason fel")
    worker_at(desk, "08:09")
    [mail] = mails.to("handlaggare")
    words = " ".join(text(mail).split())
    assert "Nere sedan 07.58" in words
    for taken_back in ("Rättat", "Återtaget", "11:00", "ersätter"):
        assert taken_back not in words


def test_q30_a_correction_that_is_withdrawn_is_told_as_what_stands_again(down: Terminal, mails: Mailroom) -> None:
    down.at("08:07").records("entry-corrected --entry 1 --occurred-at 07:58 --reason fel")
    worker_at(down, "08:08")
    down.at("08:09").records('entry-withdrawn --entry 2 --reason "08:05 var rätt"')
    worker_at(down, "08:10")
    assert "Nere sedan: 08.05, inte 07.58" in said(mails, "handlaggare")


def test_q30_a_withdrawal_that_is_withdrawn_is_told_to_whoever_heard_it(down: Terminal, mails: Mailroom) -> None:
    down.at("08:07").records("prognosis-received --restored-by 11:00")
    worker_at(down, "08:08")
    down.at("08:09").records("entry-withdrawn --entry 2 --reason fel")
    worker_at(down, "08:10")
    down.at("08:11").records("entry-withdrawn --entry 3 --reason ångrat")
    worker_at(down, "08:12")
    assert newest(mails, "handlaggare")["Subject"].endswith("Gäller ändå: prognos mottagen")
    assert "Väntas fungera igen: 11.00" in said(mails, "handlaggare")


def test_q30_a_restoration_does_not_hide_the_correction_of_what_was_told(down: Terminal, mails: Mailroom) -> None:
    down.at("08:10").records("entry-corrected --entry 1 --occurred-at 07:58 --reason fel")
    down.at("08:11").records("service-restored --system sesam-s2")
    worker_at(down, "08:12")
    words = said(mails, "handlaggare")
    assert newest(mails, "handlaggare")["Subject"] == "[1] Allt fungerar igen: Sesam S2"
    assert "Rättat: avbrott upptäckt" in words
    assert "Nere sedan: 07.58, inte 08.05" in words


def test_q29_a_late_subscriber_is_not_shown_a_publication_that_was_withdrawn(down: Terminal, mails: Mailroom) -> None:
    down.at("08:09").records(PUBLISHED)
    down.at("08:10").records(PUBLISHED.replace("Sesam ligger nere.", "Allt ligger nere."))
    worker_at(down, "08:11")
    down.at("08:12").types("subscriber add annan@example.se --audience public")
    down.at("08:13").records("entry-withdrawn --as system-owner --entry 3 --reason fel")
    down.at("08:14").types("subscriber add tredje@example.se --audience public")
    worker_at(down, "08:15")
    for name in ("annan", "tredje"):
        [mail] = mails.to(name)
        assert "Sesam ligger nere." in text(mail)
        assert "Allt ligger nere." not in text(mail)
    assert len(mails.to("forskrivare")) == 2
    down.at("08:16").types("subscriber add sist@example.se --audience public")
    down.at("08:17").records("entry-withdrawn --as system-owner --entry 2 --reason fel")
    worker_at(down, "08:18")
    assert mails.to("sist") == []
