"""What became of each mail, what may be done about one, and the reports that come back."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from application.worker.round import Round
from domain.audience import ChannelName
from tests.mailroom import Mailroom, mailroom
from tests.terminal import DAY, Terminal

OUTAGE = "outage-detected --scope all-users --system sesam-s2"


@pytest.fixture
def mails() -> Iterator[Mailroom]:
    with mailroom() as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path, url: str, mails: Mailroom) -> Iterator[Terminal]:
    opened = Terminal(tmp_path, smtp_url=mails.url, url=url).at("08:00")
    assert opened.types("subscriber add anna@example.se --audience staff").code == 0
    yield opened
    opened.close()


def deliveries(desk: Terminal, more: str = "") -> Any:
    return desk.types(f"deliveries 1 --json {more}").json


REPORT = """\
From: MAILER-DAEMON@mx.example.se
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Tyv=E4rr.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.se

Final-Recipient: rfc822; x@example.se
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {words}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: x

--b--
"""


def report(message_id: str, action: str = "failed", status: str = "5.1.1", words: str = "no such user") -> bytes:
    """What a mail server far away sends back (RFC 3464)."""
    return REPORT.format(message_id=message_id, action=action, status=status, words=words).encode()


def test_a_refused_mail_is_shown_with_its_codes_tried_again_and_given_up(desk: Terminal, mails: Mailroom) -> None:
    mails.refuses = "anna@example.se"
    desk.records(OUTAGE)
    desk.types("worker --once")
    [refused] = deliveries(desk, "--state refused")
    assert deliveries(desk, "--state sent") == []
    [attempt] = refused["attempts"]
    assert (attempt["state"], attempt["code"]) == ("refused", 550)
    assert "no such user" in " ".join(desk.types("deliveries").out.split())

    mails.refuses = ""
    assert desk.types(f"deliveries --retry {refused['id']}").out == f"Leverans {refused['id']} försöks igen genast.\n"
    desk.types("worker --once")
    [sent] = deliveries(desk, "--state sent")
    assert [a["state"] for a in sent["attempts"]] == ["refused", "queued", "sent"]
    assert len(mails.to("anna")) == 1
    again = desk.types(f"deliveries --give-up {sent['id']}")
    assert (again.code, "redan tagits emot" in again.err) == (5, True)
    assert desk.types("deliveries --retry 99").code == 3
    assert desk.types("deliveries --retry 1 --give-up 1").code == 2


@pytest.fixture
def refused(desk: Terminal, mails: Mailroom) -> list[Any]:
    """Anna's and Berit's deliveries of two incidents: hers refused as a matter of policy, Berit's for the address."""
    desk.types("subscriber add berit@example.se --audience staff")
    for system in ("sesam-s2", "websesam"):
        desk.records(f"outage-detected --incident new --scope all-users --system {system}")
        mails.refuses_each = {"anna@example.se": "550 5.7.1 not you", "berit@example.se": "550 5.1.1 nobody"}
        desk.types("worker --once")
    mails.refuses_each = {}
    return [*deliveries(desk), *desk.types("deliveries 2 --json").json]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("--retry 1", [1]),
        ("--retry 1 --retry 4", [1, 4]),
        ("--retry refused", [1, 2, 3, 4]),
        ("--försök-igen avvisat", [1, 2, 3, 4]),
        ("--retry policy", [1, 3]),
        ("--forsok-igen regler", [1, 3]),
        ("--försök-igen adressen", [2, 4]),
        ("--retry policy --retry address", [1, 2, 3, 4]),
        ("--retry 2026-0002", [3, 4]),
        ("--retry 2026-0002 --retry adressen", [4]),
        ("2 --retry adressen", [4]),
        ("2 --retry 3", [3]),
        ("--state avvisat --retry regler", [1, 3]),
    ],
)
def test_a_retry_takes_ids_a_state_an_incident_or_whose_fault_it_was(
    desk: Terminal, mails: Mailroom, refused: list[Any], line: str, meant: list[int]
) -> None:
    assert [(row["id"], row["fault"]) for row in refused] == [
        (1, "policy"),
        (2, "address"),
        (3, "policy"),
        (4, "address"),
    ]
    reply = desk.types(f"deliveries {line} --json")
    assert (reply.code, sorted(reply.json["retried"])) == (0, meant), reply.err
    assert desk.types("worker --once --json").json["sent"] == len(meant)
    states = {row["id"]: row["state"] for row in (*deliveries(desk), *desk.types("deliveries 2 --json").json)}
    assert [id_ for id_, state in states.items() if state == "sent"] == meant


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("--retry 1 --retry 99", 3, "Det finns ingen leverans 99"),
        ("2 --retry 1", 3, "Leverans 1 finns inte bland"),
        ("--retry queued", 3, "Inget av det du angav väntar eller har avvisats"),
        ("--state sent --retry 2026-0001", 3, "Inget av det du angav väntar"),
        ("--retry sent", 2, "skriv en leverans id, en händelse med årtal"),
        ("2 --give-up 1", 2, "ensamt"),
    ],
)
def test_what_a_retry_can_not_mean_changes_nothing_and_is_said(
    desk: Terminal, refused: list[Any], line: str, code: int, words: str
) -> None:
    reply = desk.types(f"deliveries {line}")
    assert (reply.code, words in " ".join(reply.err.split())) == (code, True), reply.err
    assert {row["state"] for row in deliveries(desk)} == {"refused"}


def test_who_wants_no_mail_is_left_out_of_a_retry_of_many_and_counted(desk: Terminal, refused: list[Any]) -> None:
    [berit] = {row["subscriber"] for row in refused if row["fault"] == "address"}
    desk.types(f"subscriber pause {berit}")
    assert " ".join(desk.types("deliveries --retry refused").out.split()) == (
        "2 leveranser försöks igen, efter det som brådskar. 2 gör det inte: mottagarna tar inte emot mejl just nu."
    )
    assert desk.types("worker --once --json").json["sent"] == 2
    assert desk.types("deliveries --retry 2").code == 5


def test_what_a_reader_has_is_not_sent_again_by_a_retry_of_many(
    desk: Terminal, mails: Mailroom, refused: list[Any]
) -> None:
    desk.types("deliveries --retry policy")
    assert desk.types("worker --once --json").json["sent"] == 2
    assert desk.types("deliveries --retry 2026-0001 --json").json["retried"] == [2]
    assert desk.types("worker --once --json").json["sent"] == 1
    assert len(mails.to("anna")) == 2, "one of each incident"
    assert desk.types("deliveries --retry sent").code == 2


def test_news_goes_before_what_many_are_told_again(desk: Terminal, mails: Mailroom, refused: list[Any]) -> None:
    desk.types("deliveries --retry 2026-0001")
    desk.records("prognosis-received --restored-by 11:00 --incident 2")
    desk.types("worker --once")
    assert [str(mail["Subject"]).split()[0] for mail in mails.mails] == ["[2]", "[2]", "[1]", "[1]"]


def test_what_waits_can_be_given_up_and_says_so(desk: Terminal, mails: Mailroom) -> None:
    desk.records(OUTAGE)
    desk.desk.settings = replace(desk.settings, mail_server=None)
    desk.types("worker --once")
    [waiting] = deliveries(desk, "--state queued")
    assert desk.types(f"deliveries --give-up {waiting['id']}").code == 0
    assert "inte skickat: uppgivet för" in " ".join(desk.types("deliveries").out.split())
    assert deliveries(desk)[0]["reason"] == "given-up"


def test_a_replaced_notice_says_by_which(desk: Terminal, mails: Mailroom) -> None:
    desk.records(OUTAGE)
    desk.types("worker --once")
    desk.records("prognosis-received --restored-by 11:00")
    desk.records("prognosis-received --restored-by 12:00")
    desk.types("worker --once")
    assert "ersatt av post 3" in desk.types("deliveries").out
    assert [(d["entry"], d["state"], d["replaced_by"]) for d in deliveries(desk)] == [
        (1, "sent", None),
        (2, "superseded", 3),
        (3, "sent", None),
    ]
    assert len(mails.to("anna")) == 2


def test_once_staff_is_registered_nobody_else_acts_on_a_delivery_or_reads_reports(
    desk: Terminal, mails: Mailroom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk.records(OUTAGE)
    desk.types("worker --once")
    desk.types("staff add nagon-annan --role vo-hjalpmedel")
    monkeypatch.setattr("infrastructure.database.database.Database.is_own", lambda _database: False)
    for act in ("deliveries --retry 1", "deliveries --give-up 1", f"bounces read {tmp_path}"):
        assert desk.types(act).code == 4, act
    assert desk.types("deliveries 1").code == 0, "reading is free"


def test_a_report_that_comes_back_refuses_the_mail_once_and_a_second_day_suspends(
    desk: Terminal, mails: Mailroom, tmp_path: Path
) -> None:
    folder = tmp_path / "Maildir"
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    desk.records(OUTAGE)
    desk.types("worker --once")
    [sent] = deliveries(desk)
    (folder / "new" / "1").write_bytes(report(sent["message_id"]))
    (folder / "new" / "2").write_bytes(report("<nagot.annat@example.com>"))
    (folder / "new" / "3").write_bytes(b"Subject: semester\n\nborta\n")
    reply = desk.types(f"bounces read {folder} --json")
    assert reply.code == 0, reply.err
    found = reply.json
    assert [(b["deliveries"], b["handled"], b["status"]) for b in found] == [
        ([sent["id"]], "settled", "5.1.1"),
        ([], "unknown", "5.1.1"),
        ([], "unknown", ""),
    ]
    [refused] = deliveries(desk)
    assert (refused["state"], refused["fault"]) == ("refused", "address")
    assert (refused["attempts"][-1]["enhanced"], refused["attempts"][-1]["code"]) == ("5.1.1", None)
    assert "1 mejl avvisades" in desk.types("board").out

    again = desk.types(f"bounces read {folder}")
    assert again.code == 0
    assert "redan känd" in again.out
    assert "ingen leverans härifrån" in again.out
    assert len(deliveries(desk)[0]["attempts"]) == 2

    desk.on(DAY + timedelta(days=2)).records("scope-reclassified --scope local --reason kontoret")
    desk.types("worker --once")
    second = deliveries(desk, "--state sent")
    assert second, "one report is not enough"
    (tmp_path / "en-fil").write_bytes(report(second[-1]["message_id"], words="still no such user"))
    told = desk.types(f"bounces read {tmp_path / 'en-fil'}")
    assert "avstängd eftersom adressen avvisar våra mejl" in told.err
    [subscriber] = desk.types("subscriber list --json").json
    assert subscriber["state"] == "suspended"
    assert "1 prenumerant är avstängd" in desk.types("board").out
    desk.types(f"subscriber resume {subscriber['subscriber']}")
    assert "avstängd" not in desk.types("board").out


def test_a_delay_is_noted_and_changes_nothing(desk: Terminal, mails: Mailroom, tmp_path: Path) -> None:
    desk.records(OUTAGE)
    desk.types("worker --once")
    [sent] = deliveries(desk)
    (tmp_path / "rapport").write_bytes(report(sent["message_id"], "delayed", "4.4.1", "no answer"))
    [handled] = desk.types(f"bounces read {tmp_path / 'rapport'} --json").json
    assert handled["handled"] == "noted"
    [after] = deliveries(desk)
    assert (after["state"], after["attempts"][-1]["reply"]) == ("sent", "delayed: 550 no answer")


def test_reports_that_are_not_there_are_refused_in_words(desk: Terminal) -> None:
    missing = desk.types("bounces read finns-inte")
    assert (missing.code, missing.err) == (
        3,
        "Inga rapporter kan läsas från finns-inte: ange en fil eller en Maildir-mapp.\n",
    )


def test_a_matter_of_policy_is_the_operators_alarm_and_not_the_subscribers_fault(
    desk: Terminal, mails: Mailroom, tmp_path: Path
) -> None:
    desk.records(OUTAGE)
    desk.types("worker --once")
    [sent] = deliveries(desk)
    (tmp_path / "rapport").write_bytes(report(sent["message_id"], status="5.7.1", words="not allowed"))
    desk.types(f"bounces read {tmp_path / 'rapport'}")
    assert "enligt sina regler" in desk.types("board").out
    assert deliveries(desk)[0]["fault"] == "policy"


def test_a_worker_that_stays_holds_a_fact_for_company_and_one_that_is_asked_once_does_not(
    desk: Terminal, mails: Mailroom
) -> None:
    def a_round() -> int:
        return asyncio.run(Round(desk.desk, at_once=False).run()).sent

    desk.at("08:00").records(OUTAGE)
    assert a_round() == 0
    desk.at("08:00:10").records("prognosis-received --restored-by 11:00")
    assert a_round() == 0
    desk.at("08:00:20")
    assert a_round() == 1
    assert {d["message_id"] for d in deliveries(desk)} == {str(mails.mails[0]["Message-ID"])}
    desk.records("prognosis-received --restored-by 12:00")
    assert desk.types("worker --once --json").json["sent"] == 1


def set_to(desk: Terminal, **more: Any) -> None:
    desk.desk.settings = replace(desk.settings, **more)


@pytest.mark.parametrize(
    ("lang", "words"), [("sv", ("mapp", "skrivet i mappen")), ("en", ("folder", "written into the folder"))]
)
def test_in_an_exercise_everybody_is_told_in_a_folder_nobody_is_mailed_and_the_ledger_says_so(
    desk: Terminal, mails: Mailroom, tmp_path: Path, lang: str, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "besked"
    folder.mkdir()
    set_to(desk, notice_folder=folder, only_channel=ChannelName.FOLDER)
    desk.types("subscriber add berit@example.se --audience staff --channel folder")
    desk.records(OUTAGE)
    assert desk.types("worker --once --json").json["sent"] == 2
    assert mails.mails == []
    told = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in folder.iterdir()]
    assert {str(mail["To"]) for mail in told} == {"anna@example.se", "berit@example.se"}
    assert {str(mail["Message-ID"]) for mail in told} == {row["message_id"] for row in deliveries(desk)}
    assert {row["channel"] for row in deliveries(desk)} == {"folder"}
    shown = " ".join(desk.types(f"deliveries 1 --lang {lang}").out.split())
    for word in words:
        assert word in shown
    page = tmp_path / "report.html"
    assert desk.types(f"export 1 --format html -o {page} --lang {lang}").code == 0
    for said in (shown, desk.types(f"replay 1 --lang {lang}").out, page.read_text(encoding="utf-8")):
        assert words[-1] in " ".join(said.split())
        assert "e-post" not in said
        assert "mail server" not in said
    [step] = desk.types("replay 1 --json").json
    assert {one["channel"] for one in step["told"]} == {"folder"}


def test_after_an_exercise_each_is_told_by_their_own_channel_again(
    desk: Terminal, mails: Mailroom, tmp_path: Path
) -> None:
    desk.types("subscriber add berit@example.se --audience staff --channel folder")
    set_to(desk, notice_folder=tmp_path / "not-there-yet", only_channel=ChannelName.FOLDER)
    desk.records(OUTAGE)
    assert desk.types("worker --once --json").json == {
        "sent": 0, "deferred": 2, "refused": 0, "ambiguous": 0, "waiting": 2
    }  # fmt: skip
    set_to(desk)
    desk.at("08:10")
    assert desk.types("worker --once --json").json["sent"] == 1
    assert mails.subjects("anna")
    assert {row["channel"]: row["state"] for row in deliveries(desk)} == {"email": "sent", "folder": "deferred"}
    (tmp_path / "told").mkdir()
    set_to(desk, notice_folder=tmp_path / "told")
    assert desk.types("worker --once --json").json["sent"] == 1
    assert len(mails.mails) == len(list((tmp_path / "told").iterdir())) == 1


@pytest.mark.parametrize(("lang", "words"), [("sv", ("e-post", "mapp")), ("en", ("e-mail", "folder"))])
def test_who_is_told_how_stands_in_the_register(desk: Terminal, lang: str, words: tuple[str, ...]) -> None:
    added = desk.types("subscriber add berit@example.se --audience staff --channel folder --json").json
    assert added["channel"] == "folder"
    assert {row["channel"] for row in desk.types("subscriber list --json").json} == {"email", "folder"}
    shown = desk.types(f"subscriber list --lang {lang}").out
    for word in words:
        assert word in shown
    assert desk.types("subscriber add cecilia@example.se --audience staff --channel brevduva").code == 2


def test_who_had_been_told_by_then_goes_by_when_each_attempt_was_made(
    desk: Terminal, mails: Mailroom, tmp_path: Path
) -> None:
    """Anna is told and her address returns it at 09:00; Berit's refuses at once; Cia is told, and erased afterwards."""
    for name in ("berit", "cia"):
        desk.types(f"subscriber add {name}@example.se --audience staff")
    mails.refuses = "berit@example.se"
    desk.at("08:10").records(OUTAGE)
    desk.types("worker --once")
    cia = deliveries(desk)[-1]["subscriber"]
    (tmp_path / "report.eml").write_bytes(report(mails.to("anna")[0]["Message-ID"]))
    assert desk.at("09:00").types(f"bounces read {tmp_path / 'report.eml'}").code == 0
    desk.at("09:30").types(f"subscriber remove {cia}")
    desk.at("10:00").records("service-restored --system sesam-s2")
    desk.types("worker --once")

    def stood(clock: str) -> list[str]:
        return [row["state"] for row in desk.types(f"deliveries 1 --at {clock} --json").json]

    assert stood("08:09") == []
    assert stood("08:30") == ["sent", "refused", "sent"]
    assert stood("09:30") == ["refused", "refused", "sent"]
    shown = desk.types("deliveries --at 08:30").out
    readers = [line for line in shown.splitlines() if line.startswith("p-")]
    assert len(readers) == 3
    assert sum("post 1 avvisades 08:10 CET (5.1.1)" in line for line in readers) == 1
    assert f"{cia}  e-post  post 1, senast avbrott upptäckt 08:10 CET" in readers
    assert "post 1 kom tillbaka 09:00 CET (5.1.1)" in " ".join(desk.types("deliveries 1 --at 09:30").out.split())
    assert "Ingen hade fått besked" in desk.types("deliveries --at 08:00").out
    known = desk.types("replay 1 --known-at 08:30").out
    assert "inte skickat då" not in known
    assert "avvisat av e-postservern" in " ".join(known.split())
    assert desk.types("deliveries 1 --at 08:30 --retry 1").code == 2


def test_what_ended_untried_waited_before_and_keeps_its_own_reason_after(desk: Terminal, mails: Mailroom) -> None:
    desk.at("08:10").records(OUTAGE)
    desk.desk.settings = replace(desk.settings, mail_server=None)
    desk.types("worker --once")
    [anna] = {row["subscriber"] for row in deliveries(desk)}
    desk.at("08:20").types(f"subscriber pause {anna}")
    before, after = (desk.types(f"deliveries 1 --at {clock} --json").json for clock in ("08:15", "08:25"))
    assert [(row["state"], row["reason"]) for row in before] == [("queued", None)]
    assert [(row["state"], row["reason"]) for row in after] == [("superseded", "paused")]
