"""The way to the subscriber's door that stands in mail: headers, foot, and whether anybody is there to keep it."""

import asyncio
import ssl
from dataclasses import replace
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from time import monotonic

import pytest
import trustme

from domain.vocabulary import Audience
from notifiers.email import door_probe
from notifiers.email.door_probe import DoorProbe, probed
from tests.doorway import certificate, doorway, trusted
from tests.mailroom import port_of_nobody
from tests.notifiers.email.test_headers import mail_of, parts
from tests.notifiers.outage import DETECTED, SETTINGS, told

TOKEN = "abcdefgh2345ijklmnop67qrst"  # noqa: S105 - a test's own
DOOR = "https://besked.example.se"
OPEN = replace(SETTINGS, door=DOOR)


def mail(language: str = "sv", *, token: str = TOKEN, **settings: object) -> EmailMessage:
    notice = told(Audience.STAFF, DETECTED, language=language, way_out=token)
    return mail_of(notice, replace(OPEN, **settings))  # type: ignore[arg-type]  # fields of the settings


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("sv", f"<{DOOR}/avsluta/{TOKEN}>, <mailto:reservrutin@example.se?subject=avsluta%20{TOKEN}>"),
        ("en", f"<{DOOR}/en/leave/{TOKEN}>, <mailto:reservrutin@example.se?subject=unsubscribe%20{TOKEN}>"),
    ],
)
def test_a_mail_program_is_offered_the_door_first_and_then_the_mailbox(language: str, expected: str) -> None:
    """RFC 8058 §3.1: one https URI, and the one value. RFC 2369 §2: a program takes the first that it can."""
    written = mail(language)
    assert " ".join(written["List-Unsubscribe"].split()) == expected
    assert written.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]


@pytest.mark.parametrize(
    "settings",
    [
        {"door": ""},
        {"door": "http://besked.example.se"},
        {"one_click": False},
        {"token": ""},
    ],
    ids=str,
)
def test_neither_header_promises_what_nobody_keeps(settings: dict[str, object]) -> None:
    written = mail(**settings)  # type: ignore[arg-type]  # as above
    assert "https" not in written["List-Unsubscribe"]
    assert written["List-Unsubscribe"].startswith("<mailto:")
    assert "List-Unsubscribe-Post" not in written


FEET = {
    "sv": f"""\
Du får det här mejlet för att du prenumererar som: VO Hjälpmedel och
Hjälpmedel Administration.
Ändra eller avsluta prenumerationen:
{DOOR}/val/{TOKEN}
Du kan också avsluta genom att skriva till reservrutin@example.se med
ämnet: avsluta {TOKEN}
""",
    "en": f"""\
You receive this mail because you subscribe as: VO Hjälpmedel and
Hjälpmedel Administration.
Change or stop the subscription:
{DOOR}/en/choices/{TOKEN}
You can also stop it by writing to reservrutin@example.se with the
subject: unsubscribe {TOKEN}
""",
}


class Links(HTMLParser):
    """The page's links by what they say."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._to = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._to = dict(attrs).get("href") or "" if tag == "a" else ""

    def handle_data(self, data: str) -> None:
        if self._to:
            self.found[data] = self._to
        self._to = ""


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_foot_leads_to_the_readers_own_page_and_keeps_the_mailbox(language: str) -> None:
    text, page = parts(mail(language))
    assert FEET[language] in text.replace("\r\n", "\n")
    links = Links(page).found
    change, write = ("Ändra eller avsluta prenumerationen", "Skriv nu") if language == "sv" else (
        "Change or stop the subscription", "Write now",
    )  # fmt: skip
    assert links[change] in FEET[language].splitlines()
    assert links[write].startswith("mailto:reservrutin@example.se?subject=")


def test_links_are_there_without_https_and_without_one_click_but_not_without_a_door() -> None:
    for there in ({"door": "http://localhost:8000"}, {"one_click": False}):
        assert all(f"/val/{TOKEN}" in part for part in parts(mail(**there)))
    for part in parts(mail(door="")):
        assert "/val/" not in part
        assert "avsluta" in part


# Whether it answers


def test_a_door_is_what_answers_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trusted(tmp_path, monkeypatch)
    with doorway(certificate(authority)) as door:
        assert probed(door.url) == ""
        door.body = b"<h1>Welcome to nginx!</h1>"
        assert probed(door.url) == "web-other"
        door.body = b"reservrutins webbplats"
        assert probed(door.url) == "web-other"
        door.body, door.status = b"reservrutin", 503
        assert probed(door.url) == "web-unwell"
        door.status = 404
        assert probed(door.url) == "web-other"
        assert set(door.asked) == {"/halsa"}


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    with doorway() as elsewhere, doorway() as door:
        door.status, door.location = 302, f"{elsewhere.url}/halsa"
        assert probed(door.url) == "web-other"
        assert elsewhere.asked == []


def test_what_is_wrong_with_the_way_there_is_told_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_probe, "WITHIN", 0.3)
    authority = trusted(tmp_path, monkeypatch)
    for context in (certificate(trustme.CA()), certificate(authority, "annan.example.se")):
        with doorway(context) as door:
            assert probed(door.url) == "web-certificate"
            assert door.asked == []
    with doorway() as plain:
        assert probed(plain.url.replace("http:", "https:")) == "web-tls"
    assert probed(f"https://localhost:{port_of_nobody()}") == "web-away"
    assert probed("https://finns-inte.invalid") == "web-away"
    with doorway(certificate(authority)) as slow:
        slow.is_slow = True
        assert probed(slow.url) == "web-silent"


async def test_a_slow_door_is_waited_for_once_and_not_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_probe, "WITHIN", 0.2)
    changes: list[str] = []
    with doorway() as door:
        door.is_slow = True
        probe = DoorProbe(door.url, changes.append)
        began = monotonic()
        assert await asyncio.gather(*(probe.answering() for _ in range(4))) == [""] * 4
        assert 0.2 <= monotonic() - began < 2
        assert (changes, len(door.asked)) == (["web-silent"], 1)
        monkeypatch.setattr(door_probe, "TRIED_EVERY", 0.0)
        began = monotonic()
        assert await probe.answering() == ""
        assert monotonic() - began < 0.15, "beside the sending: no mail waits for it"


async def test_a_door_is_tried_again_after_five_minutes_and_a_change_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changes: list[str] = []
    with doorway() as door:
        probe = DoorProbe(door.url, changes.append)
        assert [await probe.answering() for _ in range(3)] == [door.url] * 3
        assert len(door.asked) == 1
        monkeypatch.setattr(door_probe, "TRIED_EVERY", 0.0)
        door.status = 503
        assert [await probe.answering() for _ in range(3)] == [""] * 3
        door.status = 200
        async with asyncio.timeout(5):
            while await probe.answering() == "":
                await asyncio.sleep(0.01)
        assert changes == ["web-unwell", ""]


async def test_where_no_door_is_set_nobody_is_asked() -> None:
    assert await DoorProbe("", pytest.fail).answering() == ""


def test_our_own_trust_is_the_systems() -> None:
    """Whoever trusts a test's authority does so by what the system's own are read from."""
    assert ssl.get_default_verify_paths().openssl_cafile_env == "SSL_CERT_FILE"
