"""A mail that is filled in for a reader is the mail that would have been written for that reader alone."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import facts as f
from domain.audience import Subscriber
from domain.delivery import Notice
from domain.fact import Fact, Recorded
from domain.vocabulary import Audience
from notifiers.email.mailing import Mailing
from notifiers.email.message import message_id, render
from notifiers.email.outgoing import ENDS, stuffed
from notifiers.email.settings import MailSettings
from tests.notifiers.email.test_injection import WRITTEN
from tests.notifiers.outage import BEGAN, DRIFTINFO, PUBLISHED, SETTINGS, after, every_fact, recorded, told
from wording.words import catalogue

INF = float("inf")
PSEUDONYM = st.text("0123456789abcdef", min_size=10, max_size=10).map("p-{}".format)
TOKEN = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
ADDRESS = st.sampled_from(
    [
        "a@example.se",
        "ö@räksmörgås.se",
        "anna@räksmörgås.se",
        f"{'a' * 60}@{'b' * 60}.{'c' * 60}.se",
        "a.b+c@example.se",
    ]
)
FIRST = st.just("") | st.integers(1, 10**8).map("<2026-0007.{}.p-0123456789@example.se>".format)
MOMENT = st.integers(0, 8 * 3600).map(lambda seconds: BEGAN + timedelta(seconds=seconds))
FACTS = st.sampled_from(every_fact())
Reader = tuple[str, str, str, str, datetime | None]


@st.composite
def readers(draw: st.DrawFn) -> Reader:
    return draw(PSEUDONYM), draw(TOKEN), draw(ADDRESS), draw(FIRST), draw(st.one_of(st.none(), MOMENT))


def told_to(notice: Notice, reader: Reader) -> Notice:
    pseudonym, token, address, first, dated = reader
    old = notice.subscriber
    own_id = message_id(notice.incident.number, notice.recorded.entry, pseudonym, SETTINGS.domain)
    somebody = Subscriber(pseudonym, address, old.audience, language=old.language)
    return replace(notice, subscriber=somebody, message_id=own_id, first=first, dated=dated, way_out=token)


def alone(notice: Notice, now: datetime, settings: MailSettings = SETTINGS) -> bytes:
    return render(notice, settings, catalogue(notice.subscriber.language), now).as_bytes()


@settings(max_examples=60, deadline=None)
@given(
    st.data(),
    st.sampled_from(list(Audience)),
    st.sampled_from(["sv", "en"]),
    st.booleans(),
    st.lists(FACTS, max_size=2),
    st.lists(FACTS, max_size=2),
    WRITTEN,
    MOMENT,
    st.sampled_from(["", "https://besked.example.se", f"https://{'d' * 50}.example.se/{'p' * 40}"]),
)
def test_a_filled_mail_is_the_mail_written_for_that_reader_alone(
    data: st.DataObject,
    audience: Audience,
    language: str,
    summary: bool,
    also: list[Fact],
    replaces: list[Fact],
    note: str,
    now: datetime,
    door: str,
) -> None:
    fact = PUBLISHED if audience is Audience.PUBLIC else data.draw(FACTS)
    what = recorded(fact, 5, entry=9, note=note)
    notice = replace(
        told(audience, what, after(what), language=language, summary=summary),
        also=tuple(recorded(one, 2, entry=3 + n) for n, one in enumerate(also)),
        replaces=tuple(recorded(one, 1, entry=6 + n) for n, one in enumerate(replaces)),
    )
    mail_settings = replace(SETTINGS, door=door)
    mailing = Mailing(mail_settings, catalogue)
    for reader, seconds in data.draw(st.lists(st.tuples(readers(), st.sampled_from([0, 1, 59, 3600])), max_size=4)):
        mine = told_to(notice, reader)
        then = now + timedelta(seconds=seconds)
        mail = mailing.mail(mine, then, INF)
        expected = alone(mine, then, mail_settings)
        assert mail.data == stuffed(expected) + ENDS
        assert mail.size == len(expected)


def test_the_pseudonym_is_filled_in_wherever_a_line_break_divides_it() -> None:
    """However long the address before it is, the pseudonym then meets every column of quoted-printable."""
    divided = 0
    for length in range(1, 60):
        mail_settings = MailSettings(sender=("", f"{'r' * length}@example.se"), driftinfo_url=DRIFTINFO)
        mailing = Mailing(mail_settings, catalogue)
        for pseudonym in ("p-0000000000", "p-fedcba9876"):
            notice = told(Audience.STAFF, recorded(PUBLISHED), subscriber=pseudonym, language="sv")
            expected = render(notice, mail_settings, catalogue("sv"), BEGAN).as_bytes()
            divided += any(f"{pseudonym[:cut]}=\r\n".encode() in expected for cut in range(1, 12))
            assert mailing.mail(notice, BEGAN, INF).data == stuffed(expected) + ENDS
    assert divided, "or this test shows nothing"


def test_another_fact_of_the_same_number_is_another_mail() -> None:
    """A correction changes what an entry says; what was taken apart before it must not be told after it."""
    mailing = Mailing(SETTINGS, catalogue)
    for text in ("vänta", "gå över till papper"):
        notice = told(Audience.STAFF, recorded(f.InstructionReceived(text=text), 5, entry=9), subscriber="p-0000000000")
        assert mailing.mail(notice, BEGAN, INF).data == stuffed(alone(notice, BEGAN)) + ENDS


def test_a_deadline_that_passes_within_a_minute_is_not_told_from_before_it() -> None:
    until = BEGAN + timedelta(hours=1, seconds=30)
    what: Recorded = recorded(f.PrognosisReceived(restored_by=until), 5, entry=9)
    notice = told(Audience.STAFF, what, subscriber="p-0000000000")
    mailing = Mailing(SETTINGS, catalogue)
    for now in (until - timedelta(seconds=20), until + timedelta(seconds=20)):
        assert mailing.mail(notice, now, INF).data == stuffed(alone(notice, now)) + ENDS


def test_a_retry_keeps_the_date_of_its_first_try() -> None:
    notice = told(Audience.STAFF, recorded(PUBLISHED), subscriber="p-0000000000", dated=BEGAN + timedelta(minutes=1))
    mail = Mailing(SETTINGS, catalogue).mail(notice, BEGAN + timedelta(hours=1), INF)
    assert b"\r\nDate: Mon, 07 Dec 2026 08:06:00 +0100\r\n" in mail.data


def test_the_envelope_names_the_delivery_and_nobody() -> None:
    signed = MailSettings(
        sender=("", "a@example.se"), driftinfo_url=DRIFTINFO, return_path="bounces@example.se", return_secret="s" * 16
    )
    notice = told(Audience.STAFF, recorded(PUBLISHED), subscriber="p-0000000000", delivery=17)
    mail = Mailing(signed, catalogue).mail(notice, BEGAN, INF)
    assert mail.sender.startswith("bounces+17.")
    assert mail.envelope_id == "2026-0007.1.p-0000000000"
    assert Mailing(SETTINGS, catalogue).mail(notice, BEGAN, INF).sender == "reservrutin@example.se"
