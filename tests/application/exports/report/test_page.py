"""A report says what the log, the review and the ledger say, and can be read anywhere."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from application.exports.report.export import write
from application.exports.report.model import NoticeTold, Report
from application.exports.report.page import page
from domain import facts as f
from domain import routine_document as routines
from domain.audience import ChannelName
from domain.delivery import DeliveryState
from domain.fact import plain
from domain.refusals import NotFound
from domain.vocabulary import Audience, Function
from tests.application.exports.report.days import DAYS, long_night, on, ordinary_day, region_wide_day, subscribe
from tests.application.exports.report.reading import Page, report_of
from tests.conftest import on_sqlite
from tests.given import ACTIVATED, LINK, Day, correction, moment, outage, restored
from tests.mailroom import mailroom
from tests.terminal import DRIFTINFO, Terminal
from wording.words import Language, texts_in

ODD_LINK = f"{LINK}?a=1&b={{{{7*7}}}}"
SMALL_DAYS = [name for name in DAYS if name != "crowded"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """The ordinary day, with mail; one prescriber's address is refused."""
    with mailroom() as mails:
        mails.refuses = "lund@example.se"
        terminal = Terminal(tmp_path_factory.mktemp("told"), smtp_url=mails.url)
        subscribe(on(terminal, "2026-12-07 08:00"))
        ordinary_day(terminal)
        yield terminal
        terminal.close()


@on_sqlite
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("day", SMALL_DAYS)
def test_every_day_makes_a_sound_page_that_fetches_and_runs_nothing(
    terminal: Terminal, day: str, language: Language
) -> None:
    page = report_of(terminal, DAYS[day](terminal), language)
    assert page.addresses == []
    assert not {"script", "link", "iframe", "object", "img", "form"} & {tag for tag, *_names in page.shape}
    assert not [name for _tag, *names in page.shape for name in names if name.startswith("on") or name == "style"]
    assert "url(" not in page.style
    assert "@import" not in page.style
    assert "default-src 'none'" in page.html
    assert len(page.ids) == len(set(page.ids))
    inside = {target.removeprefix("#") for target in page.targets if target.startswith("#")}
    assert inside <= set(page.ids)
    assert {target for target in page.targets if not target.startswith("#")} <= {DRIFTINFO}
    assert f'<html lang="{language}">' in page.html
    assert ("Tidslinje" in page.text) == (language == "sv")
    assert ("Timeline" in page.text) == (language == "en")


def test_the_day_of_the_demo_is_small(told: Terminal) -> None:
    assert len(report_of(told, "2026-0001").html.encode()) < 150_000


def test_its_verdicts_deviations_and_entries_are_those_of_the_review_and_the_log(told: Terminal) -> None:
    page = report_of(told, "2026-0001", "sv")
    review = told.types("review 2026-0001 --json").json
    for verdict in review["verdicts"]:
        assert verdict["quote"] in page.text
        assert verdict["reading"] in page.text
    words = {"kept": "uppfylld", "late": "för sent", "missed": "inte gjord"}
    for word, said in words.items():
        pills = page.html.count(f'<span class="pill {word}">')
        assert pills == sum(verdict["verdict"] == word for verdict in review["verdicts"])
        assert not pills or said in page.text
    order = re.findall(r'<span class="pill (missed|late|kept)">', page.html)
    assert order == sorted(order, key=["missed", "late", "kept"].index), "what was not kept comes first"
    assert set(order) == set(words)
    kept = sum(verdict["verdict"] == "kept" for verdict in review["verdicts"])
    judged = sum(verdict["verdict"] in words for verdict in review["verdicts"])
    assert f"{kept} av {judged}" in page.text
    entries = told.types("log 2026-0001 --json").json
    assert [f"entry-{entry['entry']}" for entry in entries] == [i for i in page.ids if i.startswith("entry-")]
    assert "ingen akut remiss av det slag som reservrutinen gäller" in page.text
    assert "följd, med avvikelser" in page.text
    assert "Leverantören skrevs in sent." in page.text


def test_what_was_recorded_late_shows_its_gap_and_who_it_was(told: Terminal) -> None:
    page = report_of(told, "2026-0001", "en")
    assert "supplier contacted 08:50 CET 09:55 CET 1 h 5 min Hjälpmedel Administration" in page.spaced
    [late] = re.findall(r'<line class="stroke late" x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"', page.html)[:1]
    assert float(late[1]) > float(late[0]) + 20, "it slants from when it happened to when it was recorded"


def test_a_correction_stands_beside_what_it_corrects(told: Terminal) -> None:
    page = report_of(told, "2026-0001", "en")
    log = page.spaced[page.spaced.index("The log as it was written") :]
    entry = log[log.index("callers informed") :]
    [correction] = [e["entry"] for e in told.types("log 2026-0001 --json").json if e["fact"] == "entry-corrected"]
    assert entry.index("Number of callers 7") < entry.index(f"Corrected by entry {correction} ; reads now")
    assert entry.index("reads now") < entry.index("Happened 08:45 CET") < entry.index("Number of callers 9")
    assert "ghost" in page.html


def test_the_paper_is_balanced_by_number(told: Terminal) -> None:
    page = report_of(told, "2026-0001", "en")
    assert "3 received = 2 entered + 1 set aside + 0 left" in page.text
    assert "entered 14:40 CET, 884213" in page.text
    assert "set aside 14:50 CET: not acute" in page.text


def test_how_long_paper_waited_and_what_an_agreement_can_be_held_against(told: Terminal) -> None:
    page = report_of(told, "2026-0001", "en")
    assert "until it was entered: 1 h 49 min in the middle, at most 2 h (OT-0017)." in page.text
    follow_up = page.spaced[page.spaced.index("What the agreements promise is not in the log") :]
    assert "(SR-040, SR-041, SR-042)" in follow_up
    assert "6 h 15 min" in follow_up
    assert "supplier contacted: Outcome: reached 08:50 CET 45 min" in follow_up
    assert "Hjälpmedel Administration 3 of 4; VO Hjälpmedel 6 of 7" in follow_up


def test_alike_papers_are_one_line_that_opens_and_nothing_that_deviates_is_in_it(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    page = report_of(terminal, long_night(terminal), "en")
    closed = re.sub(r"<details.*?</summary>(.*?)</details>", "", page.html, flags=re.DOTALL)
    lines = re.findall(r'<span class="nr">([\d–]+)</span><span class="when">.*?<b>(.*?)</b>', page.html)
    assert lines == [
        ("9–48", "40 paper referrals received (OT-0001 … OT-0040)"),
        ("52–68", "17 paper referrals entered (OT-0001 … OT-0017)"),
        ("70–81", "12 paper referrals entered (OT-0019 … OT-0030)"),
        ("84–92", "9 paper referrals entered (OT-0032 … OT-0040)"),
    ]
    log = terminal.types("log 1 --json").json
    deviating = [e["entry"] for e in log if e["fact"] in ("referral-set-aside", "entry-corrected")]
    deviating += [e["entry"] for e in log if "corrected_by" in e]
    assert len(deviating) == 3
    assert all(f'<li id="entry-{entry}">' in closed for entry in deviating)
    assert '<li id="entry-20">' not in closed
    assert [f"entry-{entry['entry']}" for entry in log] == [i for i in page.ids if i.startswith("entry-")]
    assert "38 paper referrals (OT-0001 … OT-0040): came 2027-10-31 01:55 CEST – 02:52 CET" in page.spaced
    assert "02 CEST" in page.says
    assert "01:36 CEST reserve routine activated" in page.says


def test_paper_that_was_noted_afterwards_folds_too_and_the_line_says_how_late(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    on(terminal, "2026-12-07 08:05").records("outage-detected --scope all-users --system sesam-s2")
    on(terminal, "2026-12-07 12:06").records("reserve-routine-activated")
    for place in range(6):
        late = on(terminal, f"2026-12-07 17:0{place}")
        late.records(f"referral-received --serial OT-{place} --at 13:{place + 10} --late-because 'strömmen gick'")
    page = report_of(terminal, "2026-0001", "en")
    papers = "6 paper referrals received (OT-0 … OT-5), strömmen gick"
    assert f"{papers}, entry 3–8, recorded at most 3 h 50 min later" in page.text
    assert page.text.count("recorded at most 3 h 50 min later") == 2, "and in the log"
    assert "has waited longest" in page.text
    terminal.close()


def test_who_was_told_and_when_the_mail_server_took_it(told: Terminal) -> None:
    page = report_of(told, "2026-0001", "en")
    rows = told.types("deliveries 2026-0001 --json").json
    sent = {row["message_id"] for row in rows if row["state"] == "sent"}
    assert f"Mails sent{len(sent)}" in page.text
    assert "prescribers and ordering units, VO Hjälpmedel and Hjälpmedel Administration: sent 08:30 CET; " in page.text
    assert "prescribers and ordering units: refused 08:30 CET (5.1.1)" in page.text
    assert "2 refused" in page.text
    assert '<path class="refused"' in page.html


def test_it_holds_pseudonyms_and_no_address_nor_what_a_mail_server_quoted(told: Terminal) -> None:
    told.types("staff add anna.andersson --role vo-hjalpmedel")
    try:
        html = report_of(told, "2026-0001").html
    finally:
        told.types("staff remove anna.andersson")
    assert "@example.se" not in html
    assert "no such user" not in html
    assert "anna.andersson" not in html


def test_its_footer_says_which_part_of_the_log_it_is_and_by_which_routine(told: Terminal) -> None:
    page = report_of(told, "2026-0001", "en")
    last = len(told.types("log 2026-0001 --json").json)
    written = told.desk.history("2026-0001")  # the ledger's seals stand in between, and its readers before
    between = f"{written[0].position}–{written[-1].position}"
    assert f"entries 1–{last}, at the positions {between} of the log" in page.text
    assert "reservrutin-sesam, version 1.0.1, valid from 2026-11-28" in page.text
    assert "none has been made of this log" in page.text
    assert "reservrutin review 2026-0001 – the same verdicts" in page.text
    assert re.search(r"2027-06-03 10:00 CEST, reservrutin \d", page.text)


def test_a_checkpoint_stands_in_the_footer_and_says_whether_it_covers_the_report(terminal: Terminal) -> None:
    number = DAYS["local"](terminal)
    with terminal.desk.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO checkpoints (size, root, frontier, note) "
                "VALUES (2, :root, :root, 'old'), (5, :root, :root, :note)"
            ),
            {"root": bytes(32), "note": "log.example.se/sesam\n5\nAAAA\n\n— signed\n"},
        )
    page = report_of(terminal, number, "en")
    assert "5 facts, root AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=. It covers every entry" in page.text
    assert "log.example.se/sesam" in page.text
    terminal.records("incident-reopened --incident 2026-0001 --as vo-hjalpmedel --reason mer")
    assert "Entries at the end are newer than it." in report_of(terminal, number, "en").text


def test_an_open_incident_says_when_it_was_looked_at_and_draws_the_line_of_now(terminal: Terminal) -> None:
    page = report_of(terminal, region_wide_day(terminal), "en")
    assert "The incident is not closed: this is how it stood 2026-12-15 10:35 CET." in page.text
    assert '<line class="now"' in page.html
    assert "1 paper referral of 3 is neither entered nor set aside." in page.text
    assert "vi visste inte att det gällde hela regionen" in page.text


def test_what_still_goes_on_is_said_of_what_is_still_down(terminal: Terminal) -> None:
    page = report_of(terminal, DAYS["going-on"](terminal), "en")
    assert "websesam and Visma websesam can't be reached since 08:05 CET, 2 h." in page.text
    assert "Sesam S2, websesam and Visma websesam can't" not in page.text
    assert "The reserve routine has not been activated." in page.text
    assert re.search(r'<rect class="bar ahead"[^>]*><title>4 h at 12:05', page.html)


def test_the_reserve_routine_is_not_spoken_of_where_it_does_not_apply(terminal: Terminal) -> None:
    page = report_of(terminal, DAYS["local"](terminal), "en")
    assert "All 2 duties were kept." in page.text
    assert "reserve routine" not in page.text[: page.text.index("Timeline")].replace("Reserve routine for", "")


def test_there_is_no_report_of_what_is_not_there(terminal: Terminal) -> None:
    with pytest.raises(NotFound):
        write(terminal.desk, "2026-0009", io.BytesIO())


def crowded_with(texts: list[str], language: Language = "sv") -> Report:
    """A day where every free text of every kind is one of these."""

    def say(place: int) -> str:
        return texts[place % len(texts)]

    day = Day()
    day.at("08:00").records(f.DisturbanceReported(unit=say(0), description=say(1)), note=say(2))
    day.at("08:05").records(outage(), deviation=say(3))
    day.at("08:10").records(f.SupplierContacted(outcome="reached", reference=say(4)))
    day.at("08:20", written="09:30").records(f.PrognosisReceived(restored_by=moment("10:00"), source=say(5)))
    day.at("10:30").records(f.PrognosisWithdrawn(reason=say(6)))
    day.at("12:05").records(ACTIVATED)
    day.at("12:10").records(
        f.OperatingInformationPublished(channels=("vardgivare-skane",), text=say(7), links=(ODD_LINK,))
    )
    day.at("12:20").records(f.ReferralReceived(serial="A-1", unit=say(8)))
    day.at("13:00").records(restored())
    day.at("13:10").records(f.ReferralSetAside(serial="A-1", reason="other", explanation=say(9)), Function.PARTNER)
    day.at("13:20").records(correction(1, unit=say(10)))
    day.at("13:30").records(f.NoteAdded(text=say(11)))
    day.at("14:00").records(f.IncidentReviewed(verdict="followed", findings=say(12)))
    history = [recorded._replace(position=recorded.entry) for recorded in day.facts]
    told = [
        NoticeTold(2, audience, "p-1", DeliveryState.SENT, "<m1>", ChannelName.EMAIL, moment("08:06"))
        for audience in Audience
    ]
    return Report(incident=day.incident, history=history, told=told, made_at=moment("15:00"), texts=texts_in(language))


HOSTILE = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "</title></style></svg><img src=x onerror=alert(1)>",
        "\"' onmouseover='alert(1)",
        "{{ 7 * 7 }}{% raw %}",
        "]]>--><!--",
        "&lt;b&gt;&amp;&#0;",
        "javascript:alert(1)",
        "%(count)s {time} {0}",
        "rad ett\nrad två",
        "א" * 40 + "<b>",
        "x" * 1900,
    ]
)


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(st.one_of(HOSTILE, st.text(max_size=60)), min_size=1, max_size=13),
    language=st.sampled_from(["sv", "en"]),
)
def test_no_text_of_anybody_becomes_anything_but_text(texts: list[str], language: Language) -> None:
    said = [plain("x" + text) for text in texts]
    found = Page(page(crowded_with(said, language)))
    assert found.shape == Page(page(crowded_with(["x"] * len(said), language))).shape
    for text_ in said:
        assert re.sub(r"\s+", " ", text_).strip() in found.text


def test_a_routine_of_somebody_elses_is_only_text_as_well() -> None:
    report = crowded_with(["x"])
    hostile = routines.builtin_text().replace("Hjälpmedel Administration", "<script>alert(1)</script>")
    routine = routines.parse(hostile.replace("Kontakta", "</svg><b>"))
    found = Page(page(replace(report, incident=replace(report.incident, routine=routine))))
    assert found.shape == Page(page(report)).shape
    assert "<script>alert(1)</script>" in found.text
    assert "</svg><b> systemleverantören" in found.text


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("place", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_text_stands_out_from_what_is_behind_it(place: int) -> None:
    style = (Path(__file__).parents[4] / "application/exports/report/templates/report.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", style, re.DOTALL)[place]))
    pairs = [(text_, "paper") for text_ in ("ink", "quiet", "link", "mail", "warn")]
    pairs += [
        ("ink", "sheet"),
        ("quiet", "sheet"),
        ("ink", "neutral-soft"),
        ("ink", "warn-soft"),
        ("quiet", "warn-soft"),
    ]
    pairs += [("ink", "clock-soft"), ("ink", "prognosis-soft"), ("quiet", "fold")]
    pairs += [(colour, f"{colour}-soft") for colour in ("good", "bad", "warn")]
    pairs += [("outage-on", bar) for bar in ("outage", "clock", "reserve", "wait")]
    poor = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}
