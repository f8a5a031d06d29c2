"""Whatever people write stays text: no header, no markup, no line too long."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from domain import facts as f
from domain.fact import Fact
from domain.refusals import Invalid
from domain.vocabulary import Audience, Channel, Scope
from notifiers.email.layout import WIDTH, wrap
from notifiers.email.mailing import Mailing
from notifiers.email.message import render
from notifiers.email.outgoing import Extensions
from notifiers.email.settings import MailSettings
from tests.notifiers.outage import ALL, DETECTED, DRIFTINFO, SETTINGS, recorded, told
from wording.words import catalogue

NASTY = st.sampled_from([
    "Hej\r\nBcc: alla@example.se",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "{incident} %(x)s %s {0}",
    "=?utf-8?q?=0ABcc:_alla?=",
    "å" * 200,
    "\u2028Bcc: alla@example.se",
])  # fmt: skip
WRITTEN = st.one_of(st.text(min_size=1, max_size=300), NASTY).filter(lambda text: len(text.strip()) > 0)
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Thread-Index",
    "Thread-Topic", "List-Id", "List-Unsubscribe",
    "List-Help", "List-Owner", "List-Post", "Auto-Submitted", "X-Auto-Response-Suppress", "Precedence",
    "Content-Language", "MIME-Version", "Content-Type",
}  # fmt: skip
TAGS = {
    "html", "head", "meta", "title", "style", "body", "div", "p", "h1", "h2", "br", "dl", "dt", "dd", "ul", "li", "a",
    "strong", "table", "tr", "td",
}  # fmt: skip
ATTRIBUTES = {
    "lang",
    "charset",
    "name",
    "content",
    "style",
    "class",
    "href",
    "role",
    "width",
    "cellspacing",
    "cellpadding",
}


class Reader(HTMLParser):
    """What a mail reader makes of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}


def _written(fact: type[Fact], **fields: object) -> Fact | None:
    try:
        return fact.model_validate(fields)
    except ValueError:
        return None  # nothing was left of it once the invisible was taken out


@given(WRITTEN, WRITTEN, WRITTEN, st.sampled_from(list(Audience)))
def test_what_people_write_can_add_no_header_and_no_markup(text: str, note: str, why: str, audience: Audience) -> None:
    detected = _written(f.OutageDetected, scope=Scope.ALL_USERS, systems=ALL, summary=text)
    published = _written(f.OperatingInformationPublished, channels=[Channel.INTRANET], text=text)
    reason = _written(f.PrognosisWithdrawn, reason=text)
    for fact in filter(None, [published] if audience is Audience.PUBLIC else [detected, published, reason]):
        along = tuple(
            recorded(one, entry=2 + n, note=note) for n, one in enumerate(filter(None, [published, detected]))
        )
        notice = told(audience, recorded(fact, note=note, deviation=why), also=along, replaces=along)
        mail = render(notice, SETTINGS, catalogue("en"), notice.recorded.recorded_at)
        received = message_from_bytes(mail.as_bytes(), policy=policy.default)
        assert set(received.keys()) == HEADERS
        plain, page = received.iter_parts()
        assert all(len(line) <= WIDTH or "://" in line for line in plain.get_content().splitlines())
        reader = Reader()
        reader.feed(page.get_content())
        assert reader.tags <= TAGS
        assert reader.attributes <= ATTRIBUTES
        assert reader.links == {SETTINGS.driftinfo_url, SETTINGS.mailto("unsubscribe k7q2m9x4")}


@given(st.one_of(NASTY, st.text(max_size=80), st.from_regex(r"[a-z]+[ -~]{0,5}@[a-z]+[ -~]{0,5}\.se")))
def test_nothing_in_an_address_adds_a_header_or_a_command(address: str) -> None:
    signed = MailSettings(
        sender=("", "a@example.se"), driftinfo_url=DRIFTINFO, return_path="b@example.se", return_secret="s" * 16
    )
    notice = told(Audience.STAFF, DETECTED, address=address, subscriber="p-0123456789")
    try:
        mail = Mailing(signed, catalogue).mail(notice, DETECTED.recorded_at, float("inf"))
    except Invalid:
        return
    received = message_from_bytes(mail.data, policy=policy.default)
    assert set(received.keys()) == HEADERS
    offers = Extensions(pipelining=True, size=True, dsn=True, utf8=True)
    sender, recipient, data = (command.decode() for command in offers.envelope(mail))
    assert re.fullmatch(r"MAIL FROM:<b\+1\.[0-9a-f]{20}@example\.se> [!-~ ]*\r\n", sender)
    assert re.fullmatch(r"RCPT TO:<[^\s<>\x00-\x1f]+@[!-;=?-~]+> [!-~ ]*\r\n", recipient)
    assert data == "DATA\r\n"


@given(WRITTEN, WRITTEN)
def test_the_subject_is_the_same_whatever_people_write(text: str, other: str) -> None:
    subjects = set()
    for written in (text, other):
        detected = f.OutageDetected(scope=Scope.ALL_USERS, systems=ALL, summary=written[:300])
        notice = told(Audience.STAFF, recorded(detected, note=written, deviation=written))
        subjects.add(render(notice, SETTINGS, catalogue("en"), notice.recorded.recorded_at)["Subject"])
    assert subjects == {"[7] Down since 08:05: Sesam S2, websesam, Visma websesam"}


@given(st.text(), st.integers(0, 30))
def test_wrapped_text_is_narrow_and_keeps_every_word(text: str, indent: int) -> None:
    wrapped = wrap(text, indent)
    assert all(len(line) <= WIDTH or "://" in line for line in wrapped.splitlines())
    assert "".join(wrapped.split()) == "".join(text.split())


def test_an_address_stays_whole_however_long() -> None:
    address = "https://example.se/" + "a" * 100
    assert address in wrap(f"Läs mer på {address} i dag.").splitlines()
