"""The headers of every fact told to every audience, in both languages."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest

from domain.delivery import Notice
from domain.fact import Fact
from domain.vocabulary import Audience
from notifiers.email.headers import MAIL
from notifiers.email.message import message_id, render
from notifiers.email.settings import MailSettings
from notifiers.email.threads import thread_root
from notifiers.subject import LONGEST
from tests.notifiers.outage import (
    DETECTED,
    DRIFTINFO,
    INTERN,
    INTERNAL,
    PUBLISHED,
    SETTINGS,
    every_fact,
    recorded,
    told,
)
from wording.words import catalogue

INSIDE = [audience for audience in Audience if audience is not Audience.PUBLIC]
EVERYTHING = [(Audience.PUBLIC, PUBLISHED), *((audience, fact) for audience in INSIDE for fact in every_fact())]
NAMES = [f"{audience}-{fact.wire}" for audience, fact in EVERYTHING]


def mail_of(notice: Notice, settings: MailSettings = SETTINGS) -> EmailMessage:
    """The mail as a reader gets it: written, sent over the wire and read again."""
    written = render(notice, settings, catalogue(notice.subscriber.language), notice.recorded.recorded_at)
    wire = written.as_bytes()
    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    assert b"\n" not in wire.replace(b"\r\n", b"")
    received = message_from_bytes(wire, policy=policy.default)
    assert received["Subject"] == written["Subject"]
    return received


def parts(mail: EmailMessage) -> tuple[str, str]:
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    return text.get_content(), page.get_content()


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(("audience", "fact"), EVERYTHING, ids=NAMES)
def test_every_fact_is_told_with_the_headers_of_a_notice(audience: Audience, fact: Fact, language: str) -> None:
    notice = told(audience, recorded(fact, 30, entry=12, note="ett skäl"), language=language)
    mail = mail_of(notice)
    stop = "avsluta" if language == "sv" else "unsubscribe"
    happened = "måndag 7 december kl. 08.35" if language == "sv" else "Monday 7 December 08:35"
    assert mail["Subject"].startswith("[7] ") == (audience is not Audience.PUBLIC)
    assert len(mail["Subject"]) <= LONGEST
    assert {name: mail[name] for name in set(mail.keys()) - {"Subject", "Content-Type"}} == {
        "From": "Reservrutin Sesam <reservrutin@example.se>",
        "To": "anna@example.se",
        "Date": "Mon, 07 Dec 2026 08:35:00 +0100",
        "Message-ID": "<2026-0007.12.k7q2m9x4@example.se>",
        "In-Reply-To": "<incident.2026-0007@example.se>",
        "References": "<incident.2026-0007@example.se>",
        "Thread-Index": "Adx6sZKBOUKcB7J/WEmW9x54KLsFlA==",
        "Thread-Topic": "Reservrutin Sesam 2026-0007",
        "List-Id": "<reservrutin.example.se>",
        "List-Unsubscribe": f"<mailto:reservrutin@example.se?subject={stop}%20k7q2m9x4>",
        "List-Help": "<mailto:reservrutin@example.se?subject=help>",
        "List-Owner": "<mailto:reservrutin@example.se>",
        "List-Post": "NO",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Precedence": "bulk",
        "Content-Language": language,
        "MIME-Version": "1.0",
    }
    assert mail.get_content_type() == "multipart/alternative"
    text, page = parts(mail)
    label = INTERN if language == "sv" else INTERNAL
    assert f'<html lang="{language}">' in page
    for said in (text, page):
        assert DRIFTINFO in said
        assert (label in said) == (audience is not Audience.PUBLIC)
        assert happened.casefold() in said.casefold()
    if audience is not Audience.PUBLIC:
        assert "".join(text.split("\r")).split("\n\n")[1] == label, "below the first line"
    assert all(len(line) <= 72 or "://" in line for line in text.splitlines())


def test_a_second_try_is_the_same_mail_to_the_byte() -> None:
    notice = told(Audience.STAFF, DETECTED)
    first, second = (render(notice, SETTINGS, catalogue("en"), DETECTED.recorded_at) for _ in range(2))
    assert first.as_bytes() == second.as_bytes()


def test_a_message_id_names_the_incident_the_entry_and_the_reader_and_nothing_else() -> None:
    assert message_id("2026-0007", 12, "k7q2m9x4", "example.se") == "<2026-0007.12.k7q2m9x4@example.se>"
    assert thread_root("2026-0007", SETTINGS) == "<incident.2026-0007@example.se>"


def test_a_mail_answers_the_readers_first_and_the_incidents_root() -> None:
    first = message_id("2026-0007", 1, "k7q2m9x4", "example.se")
    mail = mail_of(told(Audience.STAFF, recorded(PUBLISHED, entry=6), first=first))
    assert mail["In-Reply-To"] == first
    assert mail["References"].split() == ["<incident.2026-0007@example.se>", first]


def test_long_ids_and_addresses_reach_the_wire_unencoded() -> None:
    long = "0123456789abcdef" * 5
    notice = told(Audience.STAFF, DETECTED, subscriber=long, first=f"<{long}@example.se>")
    wire = render(notice, SETTINGS, catalogue("en"), DETECTED.recorded_at).as_bytes()
    head = wire.split(b"\r\n\r\n")[0].decode()
    assert f"Message-ID: <2026-0007.1.{long}@example.se>\r\n" in head
    assert f"\r\n <{long}@example.se>\r\n" in head
    assert f"List-Unsubscribe: <mailto:reservrutin@example.se?subject=unsubscribe%20{long}>\r\n" in head


def test_the_date_carries_stockholms_offset_in_summer_too() -> None:
    notice = told(Audience.STAFF, recorded(PUBLISHED, minutes=150 * 24 * 60))
    mail = mail_of(notice)
    assert mail["Date"].endswith("+0200")
    assert parsedate_to_datetime(mail["Date"]) == notice.recorded.recorded_at


def test_an_archive_is_named_only_where_there_is_one() -> None:
    settings = MailSettings(
        sender=("", "a@example.se"),
        driftinfo_url=DRIFTINFO,
        base_url="https://logg.example.se",
        unsubscribe_to="b@example.se",
    )
    mail = mail_of(told(Audience.STAFF, DETECTED), settings)
    assert mail["List-Archive"] == "<https://logg.example.se>"
    assert mail["List-Owner"] == "<mailto:b@example.se>"
    assert "List-Unsubscribe-Post" not in mail


def test_the_domain_and_the_list_can_outlive_a_change_of_sender() -> None:
    derived = MailSettings(sender=("Förvaltning", "x@mail.example.se"), driftinfo_url=DRIFTINFO)
    assert (derived.domain, derived.list_id) == ("mail.example.se", "reservrutin.mail.example.se")
    fixed = MailSettings(sender=("", "x@new.example.se"), driftinfo_url=DRIFTINFO, domain="old.example.se")
    assert (fixed.domain, fixed.list_id, fixed.unsubscribe_to) == (
        "old.example.se",
        "reservrutin.old.example.se",
        "x@new.example.se",
    )


LONG = "[Driftstörning 2026-0001] Prognos återtagen – Sesam S2, websesam, Visma websesam åäö "


def test_a_long_swedish_subject_survives_with_every_space() -> None:
    for length in range(40, 140):
        subject = (LONG * 3)[:length].strip()
        mail = EmailMessage(policy=MAIL)
        mail["Subject"] = subject
        mail.set_content("x")
        sent = mail.as_bytes()
        assert max(map(len, sent.splitlines())) <= 78
        assert message_from_bytes(sent, policy=policy.default)["Subject"] == subject
