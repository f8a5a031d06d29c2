"""What has been published, as pages in a folder: all of it, nothing else, and whole at every moment."""

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree import ElementTree

import feedparser  # type: ignore[import-untyped]  # has no types of its own
import pytest

from application.publishing.folder import PublicFolder
from domain.refusals import Unavailable
from tests.mailroom import Mailroom, mailroom
from tests.terminal import Terminal

ATOM = "{http://www.w3.org/2005/Atom}"
DOWN = "Sesam S2 ligger nere. Avvakta med beställningar."
DIGG = "https://www.digg.se/tdosanmalan"
WORKS = "Sesam S2 fungerar igen. Beställ som vanligt."
PUBLISH = "operating-information-published --as system-owner --channel vardgivare-skane"


@pytest.fixture
def desk(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path).at("08:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "driftinformation"


@pytest.fixture
def mails() -> Iterator[Mailroom]:
    with mailroom() as opened:
        yield opened


def set_to(desk: Terminal, **more: Any) -> None:
    """From now on, with these settings."""
    desk.settings = replace(desk.settings, **more)
    desk.desk.settings = desk.settings


def every_byte(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))


def entries(folder: Path, name: str = "feed.atom") -> list[dict[str, str]]:
    root = ElementTree.parse(folder / name).getroot()  # noqa: S314 - our own file
    return [
        {part: entry.findtext(f"{ATOM}{part}") or "" for part in ("id", "title", "updated", "content")}
        for entry in root.findall(f"{ATOM}entry")
    ]


def page(folder: Path, name: str = "index.html") -> str:
    """What a reader sees of the page."""
    text = (folder / name).read_text(encoding="utf-8")
    seen = re.sub(r"<(style|title)>.*?</\1>|<details>.*?</details>", " ", text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", seen).split())


def test_the_page_says_first_where_operating_information_is_then_what_applies_and_what_to_do(
    desk: Terminal, folder: Path
) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    assert desk.types(f"publish {folder} --json").json["folder"] == str(folder)
    seen = page(folder)
    assert seen.startswith("Aktuell driftinformation finns alltid här: https://vardgivare.skane.se/driftinformation")
    places = [seen.index(words) for words in ("Det här gäller nu", "Ligger nere", "Gör så här nu", "Avvakta", DOWN)]
    assert places == sorted(places)
    assert "Publicerat måndag 7 december 2026 kl. 08.20" in seen
    assert "Ärende 2026-0001" in seen
    english = page(folder, "index.en.html")
    assert "What applies now" in english
    assert f'<blockquote lang="sv">{DOWN}' in (folder / "index.en.html").read_text().replace("\n", "")


def test_of_several_publications_the_page_now_names_all(desk: Terminal, folder: Path) -> None:
    """That one system is back says nothing of the other."""
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2 --system websesam")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text 'Sesam S2 och websesam ligger nere.'")
    desk.at("09:00").records("service-restored --system websesam")
    desk.at("09:05").records(f"{PUBLISH} --situation works-again --text 'websesam fungerar igen.'")
    desk.types(f"publish {folder}")
    so_far = page(folder).partition("Publicerat hittills om detta")[2]
    assert so_far.index("Fungerar igen") < so_far.index("Ligger nere, avvakta: Sesam S2, websesam")


def test_what_no_longer_applies_asks_nobody_for_anything(desk: Terminal, folder: Path) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    desk.at("09:00").records("service-restored --system sesam-s2")
    desk.at("09:05").records(f"{PUBLISH} --situation works-again --text '{WORKS}'")
    desk.types(f"publish {folder}")
    own = page(folder, "2026-0001.html")
    assert own.count("Gör så här nu") == 1
    assert "Beställ som vanligt." in own[: own.index("Det här har publicerats")]
    assert own.index(WORKS) < own.index(DOWN), "the newest first"
    desk.at("10:00").records("incident-closed --as vo-hjalpmedel --deviation 'inget papper'")
    desk.types(f"publish {folder}")
    assert "Inget som är publicerat gäller nu." in page(folder)
    assert "Publicerat tidigare Fungerar igen" in page(folder)
    assert "Gör så här nu" not in page(folder)


def test_a_folder_that_is_kept_up_follows_what_becomes_of_what_was_published(desk: Terminal, folder: Path) -> None:
    public = PublicFolder(desk.desk, folder)
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    public.bring_up()
    assert DOWN in page(folder)
    desk.at("08:30").records("service-restored --system sesam-s2")
    desk.at("08:40").records("incident-closed --as vo-hjalpmedel --deviation 'inget papper'")
    assert "index.html" in public.bring_up()
    assert "Inget som är publicerat gäller nu." in page(folder)
    assert public.bring_up() == []


def test_what_was_taken_back_before_anything_was_published_is_nobodys_news(desk: Terminal, folder: Path) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:10").records("incident-voided --reason 'fel'")
    desk.at("08:15").records("entry-withdrawn --incident 1 --entry 2 --reason 'det var inte fel'")
    desk.at("08:20").records(f"{PUBLISH} --incident 1 --situation down --text '{DOWN}'")
    desk.types(f"publish {folder}")
    assert [entry["title"] for entry in entries(folder)] == ["Ligger nere, avvakta: Sesam S2"]


def test_a_correction_and_a_withdrawal_are_entries_of_the_feed_and_none_takes_anothers_place(
    desk: Terminal, folder: Path
) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    desk.types(f"publish {folder}")
    first = entries(folder)
    assert [(entry["title"], entry["updated"]) for entry in first] == [
        ("Ligger nere, avvakta: Sesam S2", "2026-12-07T07:20:00Z")
    ]
    desk.at("08:30").records(
        "entry-corrected --as system-owner --entry 2 --set text='Sesam S2 ligger nere till 12.' --reason hemligt-1"
    )
    desk.types(f"publish {folder}")
    second = entries(folder)
    assert second[1] == first[0], "what has been read stays as it was"
    assert second[0]["title"].startswith("Rättat: ligger nere")
    assert "Sesam S2 ligger nere till 12." in second[0]["content"]
    assert "Sesam S2 ligger nere till 12." in page(folder)
    desk.at("08:40").records("entry-withdrawn --as system-owner --entry 2 --reason hemligt-2")
    desk.types(f"publish {folder}")
    third = entries(folder)
    assert third[1:] == second
    assert third[0]["title"].startswith("Gäller inte längre")
    assert len({entry["id"] for entry in third}) == 3
    assert all(re.fullmatch(r"tag:example\.se,2026:[0-9a-f]{16}/2026-0001/\d", entry["id"]) for entry in third)
    assert "Inget som är publicerat gäller nu." in page(folder)
    assert "hemligt" not in every_byte(folder)


def test_the_feed_is_valid_by_another_parser(desk: Terminal, folder: Path) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text 'Sesam S2 <nere> & \"borta\"'")
    desk.types(f"publish {folder}")
    for name, language in (("feed.atom", "sv"), ("feed.en.atom", "en")):
        read = feedparser.parse((folder / name).read_bytes())
        assert not read.bozo, read.get("bozo_exception")
        assert (read.version, read.feed.language) == ("atom10", language)
        assert {"id", "title", "updated", "author"} <= set(read.feed)
        assert all({"id", "title", "updated", "link"} <= set(entry) for entry in read.entries)
        assert 'Sesam S2 <nere> & "borta"' in read.entries[0].content[0].value


SCENARIOS = {
    "all-users": [
        "disturbance-reported --unit 'Ortopeden {}' --note {}",
        "outage-detected --incident 1 --scope all-users --system sesam-s2 --system websesam --note {}",
        "system-owner-contacted --outcome reached --note {}",
        "operating-information-requested --text 'Snälla publicera {}'",
        f"{PUBLISH} --situation down --text '{DOWN}' --note {{}}",
        "prognosis-received --restored-by 14:00 --source '{}'",
        "operating-information-observed --channel vardgivare-skane --text 'sett {}'",
        "decision-made --decision 'beslut {}' --decided-by vo-hjalpmedel --reason 'för att {}'",
        "service-restored --system sesam-s2 --system websesam --note {}",
        f"{PUBLISH} --situation works-again --text '{WORKS}' --note {{}}",
        "incident-closed --as vo-hjalpmedel --deviation '{}'",
    ],
    "region-wide": [
        "outage-detected --scope region-wide --cause infrastructure --note {}",
        "instruction-received --text 'Gör så här {}' --source '{}'",
        f"{PUBLISH} --situation down --text '{DOWN}' --deviation {{}}",
        "note-added --text 'anteckning {}'",
        "incident-voided --reason 'fel {}'",
    ],
    "local": [
        "outage-detected --scope local --system visma-websesam --note {}",
        "callers-informed --count 3 --advice wait --note {}",
        "note-added --text '{}'",
        "incident-voided --reason 'fel {}'",
    ],
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_but_what_was_published_is_in_any_byte_at_any_time(scenario: str, desk: Terminal, folder: Path) -> None:
    """Q9 and SR-015: pages are written after every step, and everything that ever stood in them is read."""
    for address, audience in (("hemlig.forskrivare", "public"), ("hemlig.agare", "duty")):
        assert desk.types(f"subscriber add {address}@example.se --audience {audience}").code == 0
    seen, has_published, secrets = "", False, map("hemligt-{}".format, count())
    for minute, line in enumerate(SCENARIOS[scenario], 5):
        desk.at(f"08:{minute:02d}").records(line.format(*(next(secrets) for _ in range(line.count("{}")))))
        has_published = has_published or line.startswith(PUBLISH)
        assert desk.types(f"publish {folder}").code == 0
        now = every_byte(folder)
        seen += now
        assert ("2026-0001" in now) is has_published, "not even that there is an incident"
    assert "hemlig" not in seen
    assert (DOWN in seen) is has_published


def test_a_page_fetches_nothing_and_runs_nothing(desk: Terminal, folder: Path) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '<script>alert(1)</script>'")
    desk.types(f"publish {folder}")

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "img", "iframe", "object", "form", "base")
            assert not any(name == "src" or name.startswith("on") for name, _value in attrs)

    pages = [path for path in folder.iterdir() if path.suffix == ".html"]
    for path in pages:
        text = path.read_text(encoding="utf-8")
        Reader().feed(text)
        assert "default-src 'none'" in text
        assert ("&lt;script&gt;" in text) is not path.name.startswith("accessibility")
        for link in re.findall(r'href="([^"]+)"', text):
            assert link.startswith(("https://vardgivare.skane.se/", DIGG)) or (folder / link.partition("#")[0]).exists()
    assert len(pages) == 6


def test_each_page_leads_to_the_accessibility_statement_of_its_language(desk: Terminal, folder: Path) -> None:
    """The Act 2018:1937, 13 §."""
    set_to(desk, organisation="Region Skåne", accessibility_contact="tillganglighet@example.se")
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    desk.types(f"publish {folder}")
    for path in folder.glob("*.html"):
        statement = "accessibility.en.html" if ".en" in path.name else "accessibility.html"
        assert f'<a href="{statement}">' in path.read_text(encoding="utf-8")
    assert "Region Skåne står bakom sidorna ”Publicerad driftinformation”." in page(folder, "accessibility.html")
    assert "Region Skåne is behind the pages" in page(folder, "accessibility.en.html")
    assert DIGG in page(folder, "accessibility.html")


def test_what_has_not_changed_keeps_its_file_and_only_new_is_written(desk: Terminal, folder: Path) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    assert len(desk.types(f"publish {folder} --json").json["written"]) == 9
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    assert "som den var" in desk.types(f"publish {folder}").out
    desk.at("08:25").records("note-added --text 'inget för allmänheten'")
    assert desk.types(f"publish {folder} --json").json["written"] == []
    assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}, "a web server reads it"


def test_every_page_carries_a_checkpoint_that_covers_it(tmp_path: Path, desk: Terminal, folder: Path) -> None:
    desk.types(f"keys create {tmp_path / 'k.key'}")
    set_to(desk, signing_key_file=tmp_path / "k.key")
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    desk.types("checkpoint")
    desk.types(f"publish {folder}")
    own = (folder / "2026-0001.html").read_bytes()
    for path in folder.iterdir():
        if path.suffix != ".json":
            assert desk.types(f"verify --against {path}").code == 0, path.name
    desk.at("08:30").records("note-added --text 'mer'")
    desk.types("checkpoint")
    desk.types(f"publish {folder}")
    assert (folder / "2026-0001.html").read_bytes() == own, "nothing new was published of it"
    assert json.loads((folder / "status.json").read_text())["checkpoint"]["size"] == 3


def test_the_worker_writes_the_pages_and_says_once_that_it_cannot(tmp_path: Path, desk: Terminal, folder: Path) -> None:
    set_to(desk, publish_dir=folder)
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    assert desk.types("worker --once").code == 0
    assert DOWN in page(folder)
    set_to(desk, publish_dir=tmp_path / "log.sqlite" / "here")
    said = desk.types("worker --once")
    assert said.code == 0
    assert "Sidorna kan inte skrivas i" in said.err


def test_mail_goes_out_where_the_pages_cannot(tmp_path: Path, mails: Mailroom) -> None:
    desk = Terminal(tmp_path, smtp_url=mails.url).at("08:00")
    set_to(desk, publish_dir=tmp_path / "log.sqlite" / "here")
    desk.types("subscriber add forskrivare@example.se --audience public")
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    desk.types("worker --once")
    assert mails.subjects("forskrivare") == ["Ligger nere, avvakta: Sesam S2"]


@pytest.mark.parametrize(
    ("error", "code"), [(RuntimeError("a page that is broken"), 0), (Unavailable("database", problem="gone"), 75)]
)
def test_pages_that_fail_in_the_midst_of_the_mail_cut_none_off(
    tmp_path: Path, mails: Mailroom, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    """The mail was taken, and had not been written down: the next round sent it again."""

    def fails(_folder: PublicFolder) -> list[str]:
        raise error

    monkeypatch.setattr(PublicFolder, "bring_up", fails)
    desk = Terminal(tmp_path, smtp_url=mails.url).at("08:00")
    set_to(desk, publish_dir=tmp_path / "ut")
    for name in ("anna", "bo"):
        desk.types(f"subscriber add {name}@example.se --audience staff")
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    worked = desk.types("worker --once")
    assert worked.code == code
    assert ("Sidorna kunde inte skrivas (RuntimeError)" in worked.err) is (code == 0)
    desk.types("worker --once")
    assert [len(mails.to(name)) for name in ("anna", "bo")] == [1, 1]


def test_somebody_elses_page_is_left_alone(desk: Terminal, folder: Path) -> None:
    folder.mkdir()
    (folder / "index.html").write_text("<h1>Regionens egen sida</h1>")
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    refused = desk.types(f"publish {folder}")
    assert refused.code == 2
    assert "inte har skrivit" in refused.err
    assert [path.name for path in folder.iterdir()] == ["index.html"]
    assert "Regionens egen" in every_byte(folder)


def test_nobody_ever_reads_half_a_page(desk: Terminal, folder: Path) -> None:
    """A reader reads on while twenty publications are written: each page it sees is whole."""
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.types(f"publish {folder}")
    seen: set[str] = set()
    done = False

    def read() -> None:
        while not done:
            seen.update(path.read_text(encoding="utf-8")[-8:] for path in folder.glob("*.html"))

    reader = Thread(target=read)
    reader.start()
    public = PublicFolder(desk.desk, folder)
    for minute in range(20):
        desk.at(f"09:{minute:02d}").records(f"{PUBLISH} --situation down --text 'Nere, besked {minute}.'")
        public.bring_up()
    done = True
    reader.join()
    assert seen == {"</html>\n"}
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    assert "Nere, besked 19." in page(folder)


def test_the_pages_lead_to_where_one_subscribes_where_readers_can(desk: Terminal, folder: Path) -> None:
    desk.records("outage-detected --scope all-users --system sesam-s2")
    desk.records(f'{PUBLISH} --situation down --text "{DOWN}"')
    PublicFolder(desk.desk, folder).bring_up()
    assert "Prenumerera på driftinformation" not in every_byte(folder)
    set_to(desk, web_url="https://anmal.example.se")
    PublicFolder(desk.desk, folder).bring_up()
    for name, address in (
        ("index.html", "https://anmal.example.se/"),
        ("index.en.html", "https://anmal.example.se/en/"),
    ):
        assert f'<li><a href="{address}">' in (folder / name).read_text(encoding="utf-8")


def test_a_page_that_was_rewritten_elsewhere_is_told_from_one_that_is_written_anew(
    desk: Terminal, folder: Path, tmp_path: Path
) -> None:
    """What a page says is not signed, but it is the same to the byte whenever it is written."""
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:20").records(f"{PUBLISH} --situation down --text '{DOWN}'")
    desk.types(f"publish {folder}")
    desk.at("11:00").records("note-added --text 'ett halvår senare'")
    desk.types(f"publish {tmp_path / 'anew'}")
    for name in ("2026-0001.html", "2026-0001.en.html"):
        assert (folder / name).read_bytes() == (tmp_path / "anew" / name).read_bytes()
