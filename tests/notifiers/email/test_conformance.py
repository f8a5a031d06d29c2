"""Every kind of mail, in both languages, held against the standards that it claims to keep."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import count, product
from urllib.parse import unquote, urlsplit

import pytest

from domain import facts as f
from domain.audience import is_told
from domain.delivery import DeliveryState, Notice
from domain.fact import Recorded
from domain.routine_document import builtin
from domain.vocabulary import Audience
from notifiers.email.message import render
from notifiers.email.outgoing import LARGEST
from notifiers.email.session import Session
from notifiers.subject import LONGEST
from tests.notifiers.outage import BEGAN, DETECTED, PUBLISHED, SETTINGS, after, every_fact, recorded, told
from tests.notifiers.relay import Relay, deliver, listening
from wording.words import catalogue

LONG_LINK = "https://vardgivare.example.se/stod-och-hjalp/reservrutin?sida=" + "a%C3%A5" * 30
INFORMATION = PUBLISHED.model_copy(update={"links": (*PUBLISHED.links, LONG_LINK)})
ALSO = (
    recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=6), source="Region Skåne IT"), 20, entry=7),
    recorded(INFORMATION, 21, entry=8),
)
REPLACES = (recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=4)), 10, entry=5),)

MSG_ID = r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+>"
ONCE = [
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Thread-Index",
    "Thread-Topic", "List-Id", "List-Unsubscribe",
    "List-Help", "List-Owner", "List-Post", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type",
]  # fmt: skip


@cache
def kinds() -> tuple[Notice, ...]:
    return tuple(_kinds())


def _kinds() -> Iterator[Notice]:
    """Every told fact × audience × language, alone, as a summary, and with others along with it or replaced."""
    for audience, fact, language in product(Audience, every_fact(), ("sv", "en")):
        what = recorded(fact, 30, entry=12, late=20, note="ett skäl, “åäö” ☎", deviation="Å" * 90)
        if not is_told(audience, what, builtin()):
            continue
        for summary, also, replaces in product((False, True), ((), ALSO), ((), REPLACES)):
            notice = told(audience, what, after(*ALSO, what), language=language, subscriber="p-0123456789")
            yield replace(
                notice, summary=summary, also=also, replaces=replaces, first="<2026-0007.1.p-0123456789@example.se>"
            )


DOOR = {"sv": "", "en": "https://besked.example.se"}
"""Those who read English have a door that answers, the others none."""


def mail_of(notice: Notice) -> EmailMessage:
    settings = replace(SETTINGS, door=DOOR[notice.subscriber.language])
    return render(notice, settings, catalogue(notice.subscriber.language), notice.recorded.recorded_at)


def wire_of(notice: Notice) -> bytes:
    return mail_of(notice).as_bytes()


def headers_of(wire: bytes) -> list[tuple[str, str]]:
    """The headers as they stand on the wire, folds and all."""
    head = wire.partition(b"\r\n\r\n")[0].decode("ascii")
    return [tuple(header.split(":", 1)) for header in re.split(r"\r\n(?![ \t])", head)]


def test_there_are_kinds_of_mail_to_look_at() -> None:
    assert len(kinds()) > 300


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_header_of_every_kind_of_mail_keeps_to_its_standard(language: str) -> None:
    for notice in (notice for notice in kinds() if notice.subscriber.language == language):
        wire = wire_of(notice)
        assert wire.isascii()
        assert b"\n" not in wire.replace(b"\r\n", b"")
        assert b"\r" not in wire.replace(b"\r\n", b"")
        headers = headers_of(wire)
        names = [name for name, _ in headers]
        ours = {*ONCE, "X-Auto-Response-Suppress", "Precedence", *(["List-Unsubscribe-Post"] if DOOR[language] else [])}
        assert sorted(names) == sorted(ours), "each once, no other"
        for name, value in headers:
            _check_lines(name, value)
        _check_values(notice, {name: " ".join(value.split()) for name, value in headers})


def _check_lines(name: str, value: str) -> None:
    """RFC 5322 §2.1.1 and §2.2.3, RFC 2047 §2."""
    assert re.fullmatch(r"[A-Za-z-]+", name)
    assert value.startswith(" ")
    for number, line in enumerate(f"{name}:{value}".split("\r\n")):
        assert line.strip(), "no line of a header is empty"
        assert line.isprintable() or line.startswith("\t")
        assert len(line) <= 78 or len(line.split()) <= 2 - (number > 0), line
        for encoded in re.findall(r"=\?[^ ]+\?=", line):
            assert len(encoded) <= 75
            assert len(line) <= 76
            assert name in ("Subject", "Thread-Topic", "From"), "what machines read is never encoded"
            bytes_ = decode_header(encoded)[0][0]
            assert isinstance(bytes_, bytes)
            bytes_.decode("utf-8")  # no character is divided between two words


def _check_values(notice: Notice, mail: dict[str, str]) -> None:
    own, root = notice.message_id, "<incident.2026-0007@example.se>"
    assert re.fullmatch(MSG_ID, mail["Message-ID"])
    assert mail["Message-ID"] == own
    references = mail["References"].split()
    assert all(re.fullmatch(MSG_ID, reference) for reference in references)
    assert (references[0], references[-1]) == (root, mail["In-Reply-To"])
    assert own not in references
    assert len(references) == len(set(references)) <= 2
    assert parsedate_to_datetime(mail["Date"]) == notice.recorded.recorded_at.replace(microsecond=0)
    assert re.fullmatch(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}", mail["Date"])
    assert re.fullmatch(r"<[a-z0-9-]+(\.[a-z0-9-]+)+>", mail["List-Id"])  # RFC 2919 §2
    assert len(mail["List-Id"]) <= 257
    *by_door, by_mail = mail["List-Unsubscribe"].split(", ")
    for written in (*by_door, by_mail, mail["List-Help"], mail["List-Owner"]):  # RFC 2369 §2
        assert re.fullmatch(r"<[^<>\s]+>", written)
    for written in (by_mail, mail["List-Help"], mail["List-Owner"]):
        uri = urlsplit(written[1:-1])
        assert (uri.scheme, uri.path) == ("mailto", "reservrutin@example.se")
    stop = "avsluta" if notice.subscriber.language == "sv" else "unsubscribe"
    assert unquote(urlsplit(by_mail[1:-1]).query) == f"subject={stop} p-0123456789"
    door = DOOR[notice.subscriber.language]
    assert by_door == ([f"<{door}/en/leave/p-0123456789>"] if door else [])  # RFC 8058 §3.1
    assert mail.get("List-Unsubscribe-Post") == ("List-Unsubscribe=One-Click" if door else None)
    assert mail["List-Post"] == "NO"
    assert mail["Auto-Submitted"] == "auto-generated"  # RFC 3834 §5
    assert mail["Content-Language"] == notice.subscriber.language  # RFC 3282
    subject = str(make_header(decode_header(mail["Subject"])))
    assert subject.startswith("[7] ") == (notice.subscriber.audience is not Audience.PUBLIC)
    assert len(subject) <= LONGEST
    assert "  " not in subject


@pytest.mark.parametrize("language", ["sv", "en"])
def test_both_parts_of_every_kind_of_mail_can_be_read_everywhere(language: str) -> None:
    for notice in (notice for notice in kinds() if notice.subscriber.language == language):
        mail = message_from_bytes(wire_of(notice), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        assert mail.get_content_type() == "multipart/alternative"
        parts = list(mail.iter_parts())
        assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
        for part in parts:
            assert part.get_content_charset() == "utf-8"
            assert part["Content-Transfer-Encoding"] == "quoted-printable"
            assert max(map(len, part.as_bytes().split(b"\n"))) <= 78
            assert not part.defects
        assert not mail.defects
        text = parts[0].get_content()
        assert all(len(line) <= 72 or "://" in line for line in text.splitlines()), text
        assert not any(line.endswith(" ") and line != "-- " for line in text.splitlines())


async def test_every_kind_of_mail_passes_through_a_server_byte_for_byte() -> None:
    some = [notice for number, notice in zip(count(), kinds(), strict=False) if number % 7 == 0]
    relay = Relay()
    relay.offers = ("PIPELINING",)
    async with listening(relay), Session(relay.server) as session:
        for notice in some:
            assert (await deliver(session, mail_of(notice), "anna@example.se")).state is DeliveryState.SENT
    assert [envelope.original_content for envelope in relay.mails] == [wire_of(notice) for notice in some]
    for notice, envelope in zip(some, relay.mails, strict=True):
        read = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(read, EmailMessage)
        text = read.get_body(("plain",))
        page = read.get_body(("html",))
        assert text is not None
        assert page is not None
        if notice.also:
            assert LONG_LINK in text.get_content()
            assert LONG_LINK in page.get_content()


def test_the_largest_notice_there_can_be_is_smaller_than_our_limit() -> None:
    longest = "\U0001d538" * 2000
    links = tuple(f"https://example.se/{'a' * 470}{number}" for number in range(100))
    fact = PUBLISHED.model_copy(update={"text": longest, "links": links})
    what = recorded(fact, note=longest, deviation=longest)
    many: tuple[Recorded, ...] = tuple(recorded(fact.model_copy(update={"links": ()}), entry=n) for n in range(2, 7))
    notice = replace(told(Audience.STAFF, what, after(DETECTED)), also=many)
    assert len(wire_of(notice)) < LARGEST
