"""What staff's pages say: what the commands say, to whom they would say it."""

import re
from html import unescape

import pytest

from application import authority
from application.staff_page import standing
from application.staff_page.history import ReplayAsked, replay_seen
from application.staff_page.incident import incident_seen
from application.staff_page.pages import board_page, callers_page, incident_page, incidents_page, replay_page
from application.staff_page.paths import StaffPage
from application.staff_page.standing import all_incidents, open_incidents
from application.staff_page.trouble import refused
from application.staff_page.visit import Visit, whose
from domain.refusals import Damaged, NotAuthorised, Unavailable
from tests.conftest import on_sqlite
from tests.given import moment
from tests.terminal import Terminal

pytestmark = on_sqlite  # what is read is read by what the commands read by; the server's own tests have both

NUMBER = "2026-0001"


@pytest.fixture
def day(outage: Terminal) -> Terminal:
    """An outage in which somebody did not answer, an entry was corrected, paper came and nobody has activated."""
    outage.at("08:10").records("system-owner-contacted --outcome no-answer")
    outage.at("08:20").records("prognosis-received --restored-by 11:00 --source Visma")
    outage.at("08:25").records("entry-corrected --entry 2 --occurred-at 08:08 --reason 'fel tid'")
    for minute in range(5):
        outage.at(f"08:3{minute}").records(f"referral-received --serial OT-{minute} --via fax --unit Lund")
    outage.at("09:00").records("disturbance-reported --unit 'Ortopeden <Lund> & Malmö' --incident new")
    return outage.at("11:40")


def visit(terminal: Terminal, page: StaffPage, login: str = "", number: str = "") -> Visit:
    return Visit(terminal.desk.texts, page, number, login, whose(terminal.desk, login))


def board(terminal: Terminal, login: str = "") -> str:
    looks = visit(terminal, StaffPage.BOARD, login)
    return board_page(looks, open_incidents(terminal.desk, looks.person))


def incident(terminal: Terminal, login: str = "", number: str = NUMBER) -> str:
    looks = visit(terminal, StaffPage.INCIDENT, login, number)
    logins = authority.logins(terminal.desk, login) if login else {}
    return incident_page(looks, incident_seen(terminal.desk, looks.person, logins, number))


def history(terminal: Terminal, **asked: str) -> str:
    by_writing = bool(asked.pop("written", ""))
    looks = visit(terminal, StaffPage.REPLAY, "anna", NUMBER)
    found = replay_seen(terminal.desk, looks.person, NUMBER, ReplayAsked(**asked, by_writing=by_writing))
    return replay_page(looks, found)


def plain(page: str) -> str:
    """What a person reads of it, on one line."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    apart = re.sub(r"<[^>]*>", " ", re.sub(r"</?(?:span|b|s)\b[^>]*>", "", body))
    return " ".join(unescape(apart).split())


def words(text: str) -> set[str]:
    return set(text.split())


def test_the_board_says_what_the_command_says(day: Terminal) -> None:
    day.types("subscriber add a@example.se --audience staff")
    day.records(f"note-added --text 'ringde igen' --incident {NUMBER}")
    page, said = plain(board(day, "anna")), day.types("board").out
    said = "\n".join(line for line in said.splitlines() if "reservrutin due" not in line)
    assert words(said.casefold()) - words(page.casefold()) <= {"säg", "till"}
    assert "Säg till den som ringer" in page
    assert "senast 12:05 CET (om 25 min)" in page
    assert "Ortopeden" not in page
    assert "reservrutin worker" in page, "that nobody sends the mail is said here too"


def test_what_to_tell_callers_is_what_the_command_tells(day: Terminal) -> None:
    looks = visit(day, StaffPage.CALLERS)
    page = plain(callers_page(looks, open_incidents(day.desk, None)))
    told = day.types("say --json").json
    assert [len(one["say"]["sv"]) for one in told] == [4, 1]
    for sentence in (sentence for one in told for sentence in one["say"]["sv"]):
        assert sentence in page


def test_an_incident_shows_its_duties_and_each_entry_as_it_was_written(day: Terminal) -> None:
    page = plain(incident(day))
    for verdict in day.types(f"review {NUMBER} --json").json["verdicts"]:
        assert verdict["verdict"] == "not-applicable" or verdict["quote"] in page, verdict
    for entry in day.types(f"log {NUMBER} --json").json:
        assert f'id="entry-{entry["entry"]}"' in incident(day)
    assert "Rättad av post 4" in page


def test_what_people_wrote_is_no_markup(day: Terminal) -> None:
    page = incident(day, number="2026-0002")
    assert "Ortopeden &lt;Lund&gt; &amp; Malmö" in page
    assert "<Lund>" not in page


def test_a_replay_says_what_the_command_says_by_both_clocks_and_in_both_orders(day: Terminal) -> None:
    for asked, command in (
        ({}, ""),
        ({"at": "10:00"}, "--as-of 10:00"),
        ({"at": "08:09", "known": "08:15"}, "--as-of 08:09 --known-at 08:15"),
        ({"known": "08:22", "written": "yes"}, "--known-at 08:22 --written"),
    ):
        page, said = plain(history(day, **asked)), day.types(f"replay {NUMBER} --unfold {command}").out
        assert words(said.casefold()) - words(page.casefold()) <= {"säg", "till"}, command
        assert said.splitlines()[0].split("  ", 1)[1][:30] in page, "which reading it is"
        assert ("Så stod det till" in page) == bool(asked), "of all that there is the incident's own page says it"


def test_a_time_that_is_none_is_told_beside_its_field_and_kept(day: Terminal) -> None:
    page = history(day, at="nittio", known="08:20")
    assert 'id="at-wrong">”nittio” är ingen tid' in page
    assert 'value="nittio"' in page
    assert 'value="08:20"' in page
    assert 'id="steps"' not in page
    assert 'id="at-wrong">I den ordning' in history(day, at="08:20", written="yes")


def test_what_had_not_happened_yet_is_said_to_be_nothing(day: Terminal) -> None:
    assert day.types(f"replay {NUMBER} --as-of 07:00").out.splitlines()[1] in plain(history(day, at="07:00"))


def test_each_sees_what_is_theirs_to_do_and_nobody_named_sees_nothing_as_theirs(day: Terminal) -> None:
    day.types("staff add anna --role hjalpmedel-administration")
    day.types("staff add per --role partner")
    assert ">Härnäst</dt>" in board(day, "anna")
    for page in (board(day, "per"), board(day)):
        assert ">Härnäst</dt>" not in page
        assert ">Väntar på</dt>" in page
    assert "Du ser det här som per." in board(day, "per")
    assert "Sidan vet inte vem du är" in board(day)


def test_logins_are_for_those_who_are_registered_themselves(day: Terminal) -> None:
    day.types("staff add anna --role hjalpmedel-administration")
    pseudonym = day.types("staff list --json").json[0]["id"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cli.commands.record.login_at_the_keyboard", lambda: "anna")
        day.records(f"note-added --text 'ringde igen' --incident {NUMBER}")
    assert f"{pseudonym} (anna)" in incident(day, "anna")
    assert pseudonym in incident(day)
    assert "anna" not in incident(day)


def test_a_login_that_is_not_of_the_staff_sees_nothing_once_there_is_staff(day: Terminal) -> None:
    assert "2026-0001" in board(day, "vem-som-helst"), "while nobody is registered anybody may look"
    day.types("staff add anna --role hjalpmedel-administration")
    with pytest.raises(NotAuthorised, match="login-not-registered"):
        board(day, "vem-som-helst")


def test_one_incident_that_cannot_be_judged_leaves_the_others_on_the_board(
    day: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = type(day.desk.histories).course

    def broken(histories: object, number: str) -> object:
        if number == NUMBER:
            raise ValueError("något är fel")
        return course(day.desk.histories, number)

    monkeypatch.setattr(type(day.desk.histories), "course", broken)
    page = plain(board(day))
    assert "2026-0001 kan inte bedömas" in page
    assert "okänt system" in page


def test_a_clock_that_is_off_and_a_board_that_cannot_read_on_are_said_here_too(
    day: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raises(*_asked: object) -> None:
        raise RuntimeError("trasig")

    monkeypatch.setattr(type(day.desk.board), "apply", raises)
    day.records("disturbance-reported --unit Lund --incident new")
    page = plain(board(day.at("07:30"), "anna"))
    assert "klocka går 4 h 10 min efter" in page, page[-600:]
    assert "RuntimeError: trasig" in page


def test_a_replay_says_what_a_wrong_clock_has_kept_out_of_it(day: Terminal) -> None:
    day.at("08:31").records(f"note-added --text 'skriven med fel klocka' --incident {NUMBER}")
    page = plain(history(day.at("11:40"), known="08:32"))
    assert "skriven med fel klocka" not in page
    assert "Utelämnad: post" in page


def test_every_incident_is_on_the_list_the_newest_first(day: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    day.records("incident-voided --incident 2 --reason test")
    page = incidents_page(visit(day, StaffPage.INCIDENTS), all_incidents(day.desk))
    assert page.index(">2026-0002<") < page.index(">2026-0001<")
    assert "2026-0002 ogiltig" in plain(page)
    monkeypatch.setattr(standing, "NEWEST", 1)
    page = incidents_page(visit(day, StaffPage.INCIDENTS), all_incidents(day.desk))
    assert (">2026-0002<" in page, ">2026-0001<" in page) == (True, False), "as many as a page has room for"


def test_a_log_that_can_not_be_read_is_told_as_what_it_is(terminal: Terminal) -> None:
    found = refused(Damaged("newer-schema", found="9999", known="0017"), terminal.desk.words, None)
    assert (found.status, found.may_pass) == (500, False)
    assert "9999" in found.said
    away = refused(
        Unavailable("database", problem="host db.example.se, user anna"), terminal.desk.words, moment("08:05")
    )
    assert (away.status, away.may_pass) == (503, True)
    assert away.said.startswith("Loggen lästes senast 2026-12-07 08:05 CET.")
    assert "anna" not in away.said


def test_every_page_leads_to_itself_in_english_and_back(day: Terminal) -> None:
    looks = visit(day, StaffPage.REPLAY, number=NUMBER)
    [(language, path)] = looks.others
    assert (language, path) == ("en", "/en/incident/2026-0001/replay")
    there = Visit(day.desk.speaking("en").texts, StaffPage.REPLAY, NUMBER)
    assert there.others == [("sv", looks.path())]
    english = board_page(Visit(there.texts, StaffPage.BOARD), open_incidents(day.desk.speaking("en"), None))
    assert 'lang="en"' in english
    assert "What to tell callers" in english


def test_whoever_has_switched_the_reloading_off_keeps_it_off_as_they_go(day: Terminal) -> None:
    looks = Visit(day.desk.texts, StaffPage.BOARD, stays=True)
    page = board_page(looks, open_incidents(day.desk, None))
    assert not looks.reloads
    assert 'href="/samtal?reload=off"' in page
    assert f'href="/handelse/{NUMBER}?reload=off"' in page
    assert '<a href="/">Läs om den av sig själv</a>' in page
    assert '<a href="/?reload=off">Sluta läsa om den</a>' in board(day)
