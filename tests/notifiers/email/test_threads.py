"""An incident's mails are one thread, in programs that go by References and in Outlook, and no other log's."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain import facts as f
from domain.delivery import Notice
from domain.vocabulary import Audience
from notifiers.email.message import render
from notifiers.email.settings import MailSettings
from notifiers.email.threads import thread_index
from tests.notifiers.outage import BEGAN, DETECTED, PUBLISHED, SETTINGS, recorded, told
from wording.words import catalogue

HERE, ELSEWHERE = (replace(SETTINGS, log=letter * 64) for letter in "ab")
FIRST = "<2026-0007.1.k7q2m9x4@example.se>"


def headers(notice: Notice, settings: MailSettings = HERE) -> dict[str, str]:
    mail = render(notice, settings, catalogue("sv"), notice.recorded.recorded_at)
    return {name: str(value) for name, value in mail.items()}


def index(notice: Notice, settings: MailSettings = HERE) -> bytes:
    return b64decode(headers(notice, settings)["Thread-Index"])


def test_outlook_keeps_one_thread_whoever_is_told_and_whatever_the_subject() -> None:
    restored = recorded(f.ServiceRestored(systems=("sesam-s2",)), 90, entry=9)
    mails = [told(Audience.STAFF, DETECTED), told(Audience.STAFF, restored, first=FIRST)]
    mails.append(told(Audience.PUBLIC, recorded(PUBLISHED, 30, entry=5)))
    assert len({headers(mail)["Subject"] for mail in mails}) == 3
    assert {headers(mail)["Thread-Topic"] for mail in mails} == {"Reservrutin Sesam 2026-0007"}
    assert len({index(mail)[:22] for mail in mails}) == 1
    assert [len(index(mail)) for mail in mails] == [22, 27, 22]


def test_two_logs_with_one_sender_have_no_thread_in_common() -> None:
    here, there = (headers(told(Audience.STAFF, DETECTED), settings) for settings in (HERE, ELSEWHERE))
    assert here["References"] == "<incident.2026-0007.aaaaaaaaaaaaaaaa@example.se>"
    assert there["References"] == "<incident.2026-0007.bbbbbbbbbbbbbbbb@example.se>"
    assert here["Thread-Index"] != there["Thread-Index"]


def test_two_incidents_of_a_log_have_no_thread_in_common() -> None:
    assert len({thread_index(f"2026-000{n}", HERE, None) for n in (1, 2)}) == 2


def test_what_holds_a_thread_together_does_not_tell_when_the_incident_began() -> None:
    """The public is told at 09.30 of what began at 08.05."""
    told_of_it = told(Audience.PUBLIC, recorded(PUBLISHED, 85, entry=5))
    another_day = replace(told_of_it, began_at=BEGAN - timedelta(days=3))
    assert index(told_of_it) == index(another_day)
    assert _began(index(told_of_it)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_second_try_has_the_same_place_in_the_thread() -> None:
    dated = BEGAN + timedelta(hours=1)
    notice = told(Audience.STAFF, recorded(PUBLISHED, 30, entry=5), first=FIRST, dated=dated)
    assert index(notice) == index(replace(notice, recorded=recorded(PUBLISHED, 95, entry=5)))


@given(st.timedeltas(timedelta(0), timedelta(days=3 * 366)))
def test_an_answer_says_when_it_was_written_as_outlook_reads_it(after: timedelta) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    block = b64decode(thread_index("2026-0007", HERE, began + after))[22:]
    said = int.from_bytes(block) >> 8
    unit = 23 if said >> 31 else 18
    elapsed = timedelta(microseconds=((said & 0x7FFFFFFF) << unit) // 10)
    assert timedelta(0) <= after - elapsed < timedelta(seconds=1)


def _began(index: bytes) -> datetime:
    """The FILETIME of an index, whose lower two octets are left out there."""
    ticks = int.from_bytes(index[:6]) << 16
    return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(seconds=round(ticks / 1e7))
