"""Nobody reaches Sesam, and everything else works: the instruction's main scenario, from the first call."""

import pytest

from infrastructure.log import incident_log
from tests.mailroom import Mailroom, port_of_nobody, text
from tests.rows import everything
from tests.terminal import DRIFTINFO, Terminal

SYSTEMS = "--system sesam-s2 --system websesam --system visma-websesam"
PUBLISHED = "operating-information-published --as system-owner --channel vardgivare-skane"


def duties(desk: Terminal) -> set[str]:
    return {duty["duty"] for duty in desk.types("due --json").json}


def test_an_outage_from_the_first_phone_call_to_the_last_paper_referral(desk: Terminal, mails: Mailroom) -> None:
    # A prescriber calls: suspected. More call: it is an outage, and the clock runs from when it began.
    desk.at("08:05").records("disturbance-reported --unit 'Ortopeden Lund' --system websesam")
    assert desk.types("board --json").json[0]["status"] == "suspected"
    desk.at("08:08").records("escalated-internally --to 'jour VO Hjälpmedel'")
    opened = desk.at("08:12").records(f"outage-detected --incident 1 --scope all-users {SYSTEMS} --at 08:05").json
    assert opened["status"]["status"] == "ongoing"
    assert opened["status"]["reserve_routine"]["due_at"] == "2026-12-07T11:05:00Z"

    # The system owner is off duty: then both the unit manager and Servicedesk, and the supplier in any case.
    assert duties(desk) >= {"report-to-system-owner", "contact-supplier"}
    desk.at("08:14").records("system-owner-contacted --outcome off-duty")
    assert duties(desk) >= {"contact-unit-manager", "create-servicedesk-incident", "contact-supplier"}
    desk.at("08:17").records("unit-manager-contacted --outcome reached")
    desk.at("08:19").records("servicedesk-incident-created --channel phone-30000 --reference INC0042")
    desk.at("08:22").records("supplier-contacted --outcome reached")
    assert not duties(desk) & {"contact-unit-manager", "create-servicedesk-incident", "contact-supplier"}
    desk.at("08:30").records(f"{PUBLISHED} --text 'Sesam ligger nere. Avvakta.' --link {DRIFTINFO}")
    desk.types("worker --once")
    desk.at("08:40").records("callers-informed --count 7")

    # A prognosis at 10:00 runs out at 11:30. At 12:05 there is none, and the reserve routine is due.
    desk.at("10:00").records("prognosis-received --restored-by 11:30 --source 'Region Skåne IT'")
    assert desk.at("11:00").status()["prognosis"] == {"restored_by": "2026-12-07T10:30:00Z"}
    assert desk.at("11:31").status()["prognosis"] is None
    assert desk.at("12:04:59").status()["reserve_routine"]["state"] == "inactive"
    assert desk.types("record reserve-routine-activated").code == 5
    assert desk.at("12:05").status()["reserve_routine"]["state"] == "due"
    activated = desk.at("12:07").records("reserve-routine-activated")
    assert activated.flags == []
    assert duties(desk) == {"notify-partner", "publish-reserve-routine", "inform-callers-of-paper"}
    desk.at("12:08").records("callers-informed --count 2 --advice use-paper-referral")
    assert duties(desk) == {"notify-partner", "publish-reserve-routine"}
    desk.at("12:10").records("partner-notified --message activation --outcome reached")
    desk.at("12:15").records(f"{PUBLISHED} --text 'Reservrutin gäller' --reserve-routine-applies")
    desk.types("worker --once")
    assert duties(desk) == {"publish-reserve-routine"}, "a publication without a link does not do (SR-098)"
    desk.at("12:16").records(f"{PUBLISHED} --text 'Reservrutin gäller' --link {DRIFTINFO} --reserve-routine-applies")
    assert duties(desk) == set()

    desk.types("worker --once")

    # Paper by fax; none can have been entered while the system is down, and nothing closes while paper is left.
    for clock, serial in (("12:40", "OT-1"), ("13:00", "OT-2"), ("13:20", "OT-3")):
        assert desk.at(clock).records(f"referral-received --serial {serial} --via fax").flags == []
    assert desk.at("13:30").types("record referral-entered --serial OT-1 --as partner").code == 5
    assert desk.types("record referral-received --serial ot-1").code == 5
    desk.at("14:00").records("service-restored --system sesam-s2 --system websesam")
    assert desk.status()["status"] == "ongoing"
    assert desk.types("record referral-entered --serial OT-1 --as partner").code == 5
    desk.at("14:20").records("service-restored --system visma-websesam")
    assert desk.status()["status"] == "restored"
    desk.types("worker --once")
    desk.at("14:25").records("reserve-routine-deactivated")
    assert "tell-partner-all-clear" in duties(desk)
    desk.at("14:28").records("partner-notified --message all-clear --outcome reached")
    desk.at("14:40").records("referral-entered --serial OT-1 --as partner --reference 884213")
    desk.at("14:42").records("referral-entered --serial OT-2 --as partner")
    refused = desk.at("14:45").types("record incident-closed")
    assert refused.code == 5
    assert "OT-3" in refused.err
    desk.at("14:50").records("referral-set-aside --serial OT-3 --reason duplicate")
    closed = desk.at("15:00").records("incident-closed --summary 'Klart'").json["status"]
    assert closed["referrals"] == {"received": 3, "entered": 2, "set_aside": 1, "outstanding": []}
    assert closed["status"] == "closed"
    assert desk.types("board --json").json == []

    # Half a year later: what is flagged is the publication without a link, and nothing else.
    assert [deviation["code"] for deviation in closed["deviations"]] == ["published-without-link"]

    # The worker has sent it all. Prescribers got what the system owner published, and nothing else (Q9).
    assert desk.at("15:01").types("worker --once").code == 0
    assert len(mails.to("forskrivare")) == 3
    for mail in mails.to("forskrivare"):
        assert DRIFTINFO in text(mail)
        assert "OT-1" not in text(mail)
        assert "Intern information" not in text(mail)
    for name in ("handlaggare", "aktiv", "systemansvarig", "granskare"):
        assert mails.to(name), name
        for mail in mails.to(name):
            assert "Intern information – inte driftinformation" in text(mail)
            assert "Intern information – inte driftinformation" in text(mail, "html")
            assert DRIFTINFO in text(mail)
    assert len(mails.to("granskare")) == 1
    restored = [mail for mail in mails.to("aktiv") if "Allt fungerar igen" in mail["Subject"]]
    assert restored

    # Run again, run by another: nobody is told twice.
    sent = len(mails.mails)
    assert desk.types("worker --once").code == 0
    assert len(mails.mails) == sent
    became = {(d["fact"], d["state"], d["replaced_by"]) for d in desk.types("deliveries 1 --json").json}
    assert {(fact, by) for fact, state, by in became if state != "sent"} == {
        ("prognosis-received", None),
        ("service-restored", 20),
        ("reserve-routine-deactivated", 26),
    }


def test_one_flat_thread_an_incident_for_each_subscriber(desk: Terminal, mails: Mailroom) -> None:
    desk.at("08:05").records(f"outage-detected --scope all-users {SYSTEMS}")
    desk.types("worker --once")
    desk.at("08:10").records("prognosis-received --restored-by 10:00")
    desk.types("worker --once")
    desk.at("08:15").records("prognosis-withdrawn --reason fel")
    desk.types("worker --once")
    first, second, third = mails.to("handlaggare")
    root = first["References"].split()[0]
    assert first["In-Reply-To"] == root
    for later in (second, third):
        assert later["In-Reply-To"] == first["Message-ID"]
        assert later["References"].split() == [root, first["Message-ID"]]
    assert {str(mail["Subject"]).split("]")[0] for mail in (first, second, third)} == {"[1"}
    assert mails.to("systemansvarig")[0]["References"].split()[0] == root


def test_a_back_dated_fact_is_never_told_as_if_it_were_new(desk: Terminal, mails: Mailroom) -> None:
    desk.at("08:05").records(f"outage-detected --scope all-users {SYSTEMS}")
    desk.at("10:59").types("worker --once")
    desk.at("11:00").records("prognosis-received --restored-by 12:00 --at 09:00")
    desk.types("worker --once")
    told = next(text(mail) for mail in mails.to("handlaggare") if "Väntas fungera igen" in mail["Subject"])
    assert "09.00  Prognos mottagen: 12.00" in told
    assert "Efterregistrerad: inträffade 09.00, registrerades 11.00." in " ".join(told.split())


def test_when_the_mail_server_is_away_facts_are_recorded_and_the_board_says_that_mail_waits(
    desk: Terminal, mails: Mailroom
) -> None:
    from dataclasses import replace

    from notifiers.email.mail_server import MailServer, Tls

    there = desk.desk.settings
    desk.desk.settings = replace(there, mail_server=MailServer("127.0.0.1", port_of_nobody(), Tls.NONE))
    assert desk.at("08:05").types(f"record outage-detected --scope all-users {SYSTEMS}").code == 0
    assert "är reservrutin worker igång?" in desk.types("board").out
    assert desk.types("worker --once").code == 0
    assert "2 mejl väntar" in desk.at("08:06").types("board").out
    assert mails.mails == []
    desk.desk.settings = there
    assert desk.at("08:19").types("worker --once").code == 0
    assert "väntar" not in desk.types("board").out
    assert len(mails.mails) == 2


def test_a_late_subscriber_gets_one_summary_of_what_is_open(desk: Terminal, mails: Mailroom) -> None:
    desk.at("08:05").records(f"outage-detected --scope all-users {SYSTEMS}")
    desk.at("08:10").records("prognosis-received --restored-by 10:00")
    desk.types("worker --once")
    desk.at("08:12").types("subscriber add sen@example.se --audience staff --language en")
    desk.types("worker --once")
    desk.at("08:15").types("worker --once")
    [summary] = mails.to("sen")
    assert summary["Content-Language"] == "en"
    assert "You have just subscribed" in text(summary)


def test_who_has_left_is_told_nothing_more_and_the_address_is_gone(desk: Terminal, mails: Mailroom) -> None:
    subscribers = desk.types("subscriber list --json").json
    who = next(s["subscriber"] for s in subscribers if s["address"].startswith("handlaggare"))
    desk.at("08:05").records(f"outage-detected --scope all-users {SYSTEMS}")
    desk.types("worker --once")
    desk.at("08:10").records("prognosis-received --restored-by 10:00")
    assert desk.types(f"subscriber remove {who}").code == 0
    desk.types("worker --once")
    assert len(mails.to("handlaggare")) == 1
    dump = everything(desk.desk.database)
    assert "handlaggare@" not in dump
    assert who in dump


def test_a_worker_asleep_over_the_deadline_says_so_once_and_by_how_much(desk: Terminal, mails: Mailroom) -> None:
    desk.at("08:05").records(f"outage-detected --scope all-users {SYSTEMS}")
    for clock, done in (
        ("08:06", "system-owner-contacted --outcome reached"),
        ("08:07", "supplier-contacted --outcome reached"),
        ("08:08", f"{PUBLISHED} --text Nere"),
    ):
        desk.at(clock).records(done)
    desk.types("worker --once")
    told = len(mails.mails)
    for _ in range(2):
        assert desk.at("12:40").types("worker --once").code == 0
    struck = [entry for entry in desk.types("log --json").json if entry["fact"] == "deadline-passed"]
    assert {entry["data"]["duty"] for entry in struck} == {"activate-without-prognosis", "activate-after-four-hours"}
    assert {entry["occurred_at"] for entry in struck} == {"2026-12-07T11:21:00Z"}
    assert {entry["recorded_at"] for entry in struck} == {"2026-12-07T11:40:00Z"}
    assert {entry["recorded_as"] for entry in struck} == {"clock"}
    assert len(mails.mails) == told + 2, "staff and those on duty, of both at once"
    late = text(mails.to("systemansvarig")[-1])
    assert str(mails.to("systemansvarig")[-1]["Subject"]).endswith("VO Hjälpmedel är sen: aktivera reservrutinen")
    assert "Försenat: Aktivera reservrutinen" in late
    assert "Läget måndag 7 december kl. 12.40" in " ".join(late.split())
    assert "skulle ha aktiverats 12.05" in late


def test_a_mail_that_the_server_refuses_stands_on_the_board(desk: Terminal, mails: Mailroom) -> None:
    mails.refuses = "handlaggare@example.se"
    desk.at("08:05").records(f"outage-detected --scope all-users {SYSTEMS}")
    desk.types("worker --once")
    assert "1 mejl avvisades" in desk.types("board").out
    [refused] = [d for d in desk.types("deliveries --json").json if d["state"] == "refused"]
    assert refused["attempts"][0]["code"] == 550
    assert "handlaggare" not in refused["attempts"][0]["reply"]
    assert len(mails.to("systemansvarig")) == 1


def test_an_incident_that_cannot_be_read_stops_neither_the_clock_of_the_others_nor_the_mail(
    desk: Terminal, mails: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incident_log, "TRIES", 3)  # of the clock's, for an entry that is taken for ever
    desk.at("08:05").records(f"outage-detected --scope all-users {SYSTEMS}")
    desk.records("outage-detected --scope local --system websesam")
    desk.types("board")
    connection = desk.desk.database.connection()
    [stored] = connection.execute("SELECT bytes FROM facts WHERE incident = '2026-0001'").fetchone()
    newer = stored.replace(b'"version":1', b'"version":9')
    connection.execute(
        "INSERT INTO facts (incident, entry, fact, bytes) VALUES ('2026-0001', 2, 'note-added:9', ?)", (newer,)
    )
    told = desk.at("09:00").types("worker --once")
    assert told.code == 0
    assert "2026-0001" in told.err
    assert [mail for mail in mails.to("handlaggare") if mail["Subject"].startswith("[2] ")]
    assert "deadline-passed" in {entry["fact"] for entry in desk.types("log 2 --json").json}
