"""The subscriber's pages, as browsers, mail programs and mail scanners meet them."""

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from domain.vocabulary import SWEDEN, System
from infrastructure.database.database import Database
from infrastructure.registers import wishes
from infrastructure.registers.confirmations import mark_confirmed
from infrastructure.registers.tokens import hash_of
from infrastructure.registers.ways_out import reader_of
from infrastructure.registers.wishes import MOST_FROM_ONE_NETWORK, Wish, WishKind
from tests.empty_log import empty_log
from tests.web.served import ADDRESS, Served, a_confirmation, a_reader, every_page, served

ONE_CLICK = "List-Unsubscribe=One-Click"
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return empty_log(tmp_path_factory.mktemp("door") / "log.sqlite")


@pytest.fixture(scope="module")
def door(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all of these: each test has readers of its own."""
    with served(address, tmp_path_factory.mktemp("settings")) as server:
        yield server


@pytest.fixture
def log(address: str) -> Iterator[Database]:
    """The door's log, in which no wish of an earlier test waits."""
    database = Database(address)
    connection = database.connection()
    for wish in asked_for(database):
        wishes.done(connection, wish, database.now())
    yield database
    database.close()


def asked_for(database: Database) -> list[Wish]:
    """What waits for a worker, the oldest first."""
    return wishes.waiting(database.connection(), database.now())


class Links(HTMLParser):
    """Whatever a page leads to or fetches."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.elements: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.found += [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")]


# ---- Leaving -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (ONE_CLICK, URLENCODED),
        (
            '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
            {"content-type": "multipart/form-data; boundary=x"},
        ),
    ],
)
@pytest.mark.parametrize("path", ["/avsluta/{}", "/en/leave/{}"])
def test_one_click_leaves_at_once_in_either_form_and_the_second_time_too(
    door: Served, log: Database, path: str, body: str, headers: dict[str, str]
) -> None:
    """RFC 8058: POST alone, no redirect, no cookie, nothing to be asked first; the receiver chooses the body's form."""
    reader = path.format(a_reader(log, f"one-click-{len(body)}-{path[1]}"))
    for _press in range(2):
        answer = door.asks("POST", reader, body, headers)
        assert answer.status == 200
        assert "location" not in answer.headers
        assert "set-cookie" not in answer.headers
    assert [wish.kind for wish in asked_for(log)] == ["leave"] * len(asked_for(log))
    assert asked_for(log)
    assert "<form" not in door.gets(reader).says, "who has left is asked for nothing"
    token = reader.rpartition("/")[2]
    for answer in (door.gets(f"/val/{token}"), door.sends(f"/val/{token}", do="choose", language="sv")):
        assert (answer.status, "<form" in answer.says) == (200, False), "nor has anything to choose"
    assert {wish.kind for wish in asked_for(log)} == {"leave"}


def test_a_scanner_that_follows_every_link_confirms_and_cancels_nothing(door: Served, log: Database) -> None:
    reader, letter = a_reader(log, "scanned"), a_confirmation(log, "scanned-too")
    seen: set[str] = set()
    to_see = every_page(reader, letter)
    while to_see:
        path = to_see.pop()
        if path in seen or path.startswith(("http", "mailto:", "#")):
            continue
        seen.add(path)
        answer, head = door.gets(path), door.asks("HEAD", path)
        assert (head.status, head.headers["content-length"], head.body) == (
            answer.status,
            answer.headers["content-length"],
            b"",
        )
        to_see += Links(answer.text).found
    assert len(seen) > 12
    assert asked_for(log) == []


def test_a_token_is_good_for_its_own_page_alone(door: Served, log: Database) -> None:
    reader, letter = a_reader(log, "own"), a_confirmation(log, "own-too")
    for path in (f"/avsluta/{letter}", f"/val/{letter}", f"/bekrafta/{reader}", f"/avsluta/{'a' * 26}"):
        assert door.gets(path).status == door.sends(path, language="sv").status == 404
        assert "Länken fungerar inte" in door.gets(path).says
    assert asked_for(log) == []


# ---- Getting in ----------------------------------------------------------------------------------------------------


def test_the_answer_says_nothing_of_the_address(door: Served, log: Database) -> None:
    """Known, new, left, or one that nobody has: the same status, bytes and headers."""
    a_reader(log, "known")
    gone = a_reader(log, "gone")
    door.sends(f"/avsluta/{gone}")
    answers = []
    for address in ("known@example.se", "new@example.se", "gone@example.se", "KNOWN@EXAMPLE.SE", "ö@räksmörgås.se"):
        answer = door.sends("/", address=address, language="sv")
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        answers.append((answer.status, headers, answer.body))
    assert answers == answers[:1] * len(answers)
    assert answers[0][0] == 200
    assert [wish.address for wish in asked_for(log) if wish.kind == "subscribe"] == [
        "known@example.se",
        "new@example.se",
        "gone@example.se",
        "known@example.se",
        "ö@räksmörgås.se",
    ]


def test_what_was_chosen_is_what_is_asked_for(door: Served, log: Database) -> None:
    chosen: dict[str, str | list[str]] = {"language": "en", "system": ["websesam", "sesam-s2"], "area": "tens"}
    door.sends("/en/", address=" anna@example.se ", paused_until="2199-01-01", **chosen)
    [wish] = asked_for(log)
    assert (wish.address, wish.choices.language) == ("anna@example.se", "en")
    assert (set(wish.choices.systems), wish.choices.areas) == ({"websesam", "sesam-s2"}, ("tens",))
    assert wish.choices.paused_until is None, "which that form does not ask"


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("", "Skriv en e-postadress"),
        ("anna", "Skriv en e-postadress"),
        ('"><script>@x.se', "Skriv en e-postadress"),
        ("anna@example.se, bo@example.se", "Skriv en e-postadress"),
        ("19121212-1212@example.se", "personnummer"),
    ],
)
def test_a_faulty_form_says_by_the_field_what_is_right_and_keeps_what_was_typed(
    door: Served, log: Database, typed: str, right: str
) -> None:
    answer = door.sends("/", address=typed, language="en", system="websesam")
    assert answer.status == 422
    assert asked_for(log) == []
    assert re.search(rf'<a href="#address">[^<]*{right}', answer.says), "a list at the top leads to the field"
    field = re.search(r"<input id=\"address\"[^>]*>", answer.says)
    assert field
    assert 'aria-describedby="address-fault" aria-invalid="true"' in field[0]
    assert re.search(rf'id="address-fault">.*{right}', answer.says)
    assert typed.replace('"', "&#34;").replace(">", "&gt;").replace("<", "&lt;") in field[0]
    assert re.search(r'value="websesam" checked', answer.says)
    assert re.search(r'value="en" checked', answer.says)
    assert "<title>Rätta: " in answer.text
    assert "script" not in Links(answer.text).elements


def test_a_choice_that_was_not_offered_is_no_form_of_ours(door: Served, log: Database) -> None:
    for fields in ({"language": "xx"}, {"system": "x' OR 1=1"}, {"area": "no-such"}, {"language": ""}):
        answer = door.sends("/", **{"address": "anna@example.se", "language": "sv"} | fields)
        assert answer.status == 400
        assert "Det gick inte att läsa" in answer.says
    assert asked_for(log) == []


def test_a_form_that_no_browser_writes_so_is_not_read(door: Served, log: Database) -> None:
    for body in (b"address=%ff%fe%40example.se&language=sv", "address=é@example.se&language=sv".encode(), b"a=1&" * 65):
        assert door.asks("POST", "/", body, URLENCODED).status == 400
    assert asked_for(log) == []


def test_an_address_is_confirmed_by_the_button_as_often_as_it_is_pressed(door: Served, log: Database) -> None:
    letter = a_confirmation(log, "confirms")
    assert "<button" in door.gets(f"/bekrafta/{letter}").says
    assert asked_for(log) == []
    for _press in range(2):
        answer = door.sends(f"/en/confirm/{letter}")
        assert (answer.status, "Your address is confirmed" in answer.says) == (200, True)
    assert {wish.kind for wish in asked_for(log)} == {"confirm"}
    reader = reader_of(log, hash_of(a_reader(log, "confirms")))
    assert reader
    mark_confirmed(log, hash_of(letter), reader.id, log.now())
    assert "Din adress är bekräftad" in (says := door.gets(f"/bekrafta/{letter}").says)
    assert "<button" not in says, "what is done is not asked again"


def test_a_letter_that_is_too_old_says_what_to_do_instead(door: Served, log: Database) -> None:
    letter = a_confirmation(log, "late", valid=timedelta(seconds=-1))
    for answer in (door.gets(f"/en/confirm/{letter}"), door.sends(f"/en/confirm/{letter}")):
        assert answer.status == 404
        assert "fill in the form again" in answer.says
        assert '<a href="/en/">' in answer.says
    assert asked_for(log) == []


# ---- Choosing ------------------------------------------------------------------------------------------------------


def test_a_reader_chooses_pauses_and_sees_what_was_chosen(door: Served, log: Database) -> None:
    reader = a_reader(log, "chooses")
    day = (log.now().astimezone(SWEDEN) + timedelta(days=30)).date()
    answer = door.sends(
        f"/val/{reader}", do="choose", language="en", system="websesam", area="tens", paused_until=str(day)
    )
    assert f"Du får inga mejl före den {day.day} " in answer.says
    assert "<title>Klart: " in answer.text, "which a screen reader says first"
    [wish] = asked_for(log)
    assert (wish.kind, wish.choices.language) == ("choose", "en")
    assert (wish.choices.systems, wish.choices.areas) == (("websesam",), ("tens",))
    assert wish.choices.paused_until == datetime(day.year, day.month, day.day, tzinfo=SWEDEN)
    again = door.gets(f"/en/choices/{reader}").says
    for shown in ('value="en" checked', 'value="websesam" checked', 'value="tens" checked', f'value="{day}"'):
        assert shown in again
    assert "checked" not in re.findall(r'<input[^>]*value="vision"[^>]*>', again)[0]


def test_what_only_the_regions_own_routine_names_is_shown_and_stays_chosen(door: Served, log: Database) -> None:
    """The door may not read which routine the log has adopted; staff have chosen this system for their reader."""
    reader = a_reader(log, "has-chosen", [System("nytt-system")])
    assert re.search(r'value="nytt-system" checked', door.gets(f"/val/{reader}").says)
    assert door.sends(f"/val/{reader}", do="choose", language="en", system="nytt-system").status == 200
    [wish] = asked_for(log)
    assert wish.choices.systems == ("nytt-system",)
    assert door.sends("/", address="anna@example.se", language="sv", system="nytt-system").status == 400


@pytest.mark.parametrize("day", ["2020-01-01", "2199-01-01", "0000-00-00", "0001-01-01", "i morgon", "9999-12-31"])
def test_a_pause_that_is_none_is_said_and_kept(door: Served, log: Database, day: str) -> None:
    reader = a_reader(log, f"pauses-{day.replace(' ', '-')}")
    answer = door.sends(f"/val/{reader}", do="choose", language="sv", paused_until=day)
    assert answer.status == 422
    assert f'value="{day}" aria-describedby="paused_until-hint paused_until-fault" aria-invalid="true"' in answer.says
    assert '<a href="#paused_until">Skriv en dag mellan ' in answer.says
    assert asked_for(log) == []


def test_another_address_is_written_to_before_anything_changes(door: Served, log: Database) -> None:
    reader = a_reader(log, "moves")
    wrong = door.sends(f"/val/{reader}", do="move", address="nowhere")
    assert (wrong.status, 'value="nowhere"' in wrong.says) == (422, True)
    answer = door.sends(f"/val/{reader}", do="move", address="known@example.se")
    other = door.sends(f"/val/{reader}", do="move", address="never-seen@example.se")
    assert answer.body == other.body
    assert "Till dess går mejlen till den gamla adressen" in answer.says
    assert [(wish.kind, wish.address) for wish in asked_for(log)] == [
        ("move", "known@example.se"),
        ("move", "never-seen@example.se"),
    ]


# ---- What every answer has in common -------------------------------------------------------------------------------


def test_every_page_fetches_nothing_runs_nothing_and_leads_to_itself_in_the_other_language(
    door: Served, log: Database
) -> None:
    for path in every_page(a_reader(log, "walks"), a_confirmation(log, "walks-too")):
        answer = door.asks("GET", path, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
        page = Links(answer.text)
        assert "evil" not in answer.text + str(answer.headers), "nothing is made of what the client calls us"
        assert not page.elements & {"script", "img", "iframe", "object", "video", "audio", "base"}
        outside = {link for link in page.found if "://" in link} - {"https://vardgivare.skane.se/"}
        assert all(link.startswith("https://www.digg.se/") for link in outside)
        language = "en" if path.startswith("/en/") else "sv"
        assert f'<html lang="{language}">' in answer.text
        [other] = re.findall(r'<link rel="alternate" hreflang="\w+" href="([^"]+)">', answer.text)
        assert other.startswith("/en/") != path.startswith("/en/")
        is_no_page = path in ("/finns-inte", "/en/not-there")
        assert door.gets(other).status == (200 if is_no_page else answer.status)


def test_a_path_that_is_nearly_one_is_no_page_and_leads_nowhere(door: Served) -> None:
    """A redirect would lead to whatever the client calls us."""
    for path in ("/halsa/", "/tillganglighet/", "/en", "//evil.example/", "/avsluta/", "/val/a/b", "/%2e%2e/en/"):
        answer = door.asks("GET", path, headers={"host": "evil.example"})
        assert (answer.status, answer.headers["location"]) == (404, None)
    assert 'hreflang="en" href="/en/choices/a%3Fb%23c"' in door.gets("/val/a%3Fb%23c").text


def test_every_answer_says_that_it_is_to_be_kept_nowhere_and_shown_in_no_other_page(door: Served) -> None:
    asked = [
        door.gets("/"),
        door.gets("/nope"),
        door.sends("/", address="x", language="sv"),
        door.asks("PUT", "/"),
        door.gets("/halsa"),
        door.asks("POST", "/", b"x" * 5000, URLENCODED),
        door.asks("POST", "/", b"{}", {"content-type": "application/json"}),
    ]
    assert [answer.status for answer in asked] == [200, 404, 422, 405, 200, 413, 415]
    for answer in asked:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert policy.endswith("form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        assert "server" not in answer.headers
    assert "GET" in asked[3].headers["allow"]
    [style] = re.findall(r"<style>(.*?)</style>", asked[0].text, re.DOTALL)
    ours = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{ours}';" in asked[0].headers["content-security-policy"], "or the page has no look"


def test_too_many_from_one_network_are_asked_to_come_back_and_may_leave_all_the_same(
    door: Served, log: Database
) -> None:
    reader, busy = a_reader(log, "leaves-anyhow"), "203.0.113.7"
    for _each in range(MOST_FROM_ONE_NETWORK):
        wishes.add(log, Wish(WishKind.SUBSCRIBE, log.now(), None, "x@example.se"), busy)
    form, through_our_proxy = "address=anna%40example.se&language=en", URLENCODED | {"x-forwarded-for": busy}
    answer = door.asks("POST", "/en/", form, through_our_proxy)
    assert (answer.status, answer.headers["retry-after"]) == (429, "3600")
    assert "Nothing was changed. Try again in an hour." in answer.says
    assert door.asks("POST", "/en/", form, URLENCODED | {"x-forwarded-for": "203.0.113.8"}).status == 200
    assert door.asks("POST", f"/avsluta/{reader}", ONE_CLICK, through_our_proxy).status == 200


def test_the_paths_below_which_a_proxy_serves_the_door_stand_in_its_links(address: str, tmp_path: Path) -> None:
    with served(address, tmp_path, web_url=f"{ADDRESS}/driftinformation/", subscribe_domains="skane.se") as door:
        answer = door.gets("/en/")
        links = [link for link in Links(answer.text).found if "://" not in link]
        assert links
        assert all(link.startswith("/driftinformation/") for link in links)
        assert "Addresses at skane.se can subscribe." in answer.says
        refused = door.sends("/en/", address="anna@example.com", language="en")
        assert refused.status == 422
        assert '<a href="#address">Write an address at skane.se: no others can subscribe.</a>' in refused.says
        assert 'aria-describedby="address-hint address-fault" aria-invalid="true"' in refused.says
        assert door.sends("/en/", address="anna@Skane.se", language="en").status == 200
