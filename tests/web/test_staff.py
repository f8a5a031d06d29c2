"""Staff's page as it is served: a real process, asked by a real client. What the pages say is tested where they are
made; here who gets them, and that nobody can do anything but read."""

import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from application.desk import Desk
from application.settings import Settings
from cli.app import run
from infrastructure.database.grants import READER
from infrastructure.database.roles import set_up
from tests import postgres
from tests.conftest import on_sqlite
from tests.empty_log import empty_log
from tests.terminal import Terminal

PROGRAM = Path(sys.executable).with_name("reservrutin")
NUMBER = "2026-0001"


@dataclass
class Server:
    """Staff's page, and the log behind it."""

    url: str
    place: str
    log: Path
    process: "subprocess.Popen[bytes]"
    headers: dict[str, str] = field(default_factory=dict)

    def asks(self, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
        """What is answered; the body as text."""
        is_socket = self.place.startswith("unix:")
        connection = HTTPConnection("localhost" if is_socket else self.place.removeprefix("http://"), timeout=20)
        if is_socket:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(self.place.removeprefix("unix:"))
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in (self.headers | headers).items():
            for one in value.split("\n"):
                connection.putheader(name.replace("_", "-"), one.encode())
        connection.endheaders()
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return answer, said

    def types(self, line: str) -> str:
        """A command in another process, at the same log."""
        out, err = io.StringIO(), io.StringIO()
        desk = Desk(Settings(database_url=self.url))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(line.split(), desk)
        desk.close()
        assert code == 0, err.getvalue()
        return out.getvalue()

    @property
    def told(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


@contextmanager
def served(folder: Path, url: str, listen: str = "127.0.0.1:0", **settings: str) -> Iterator[Server]:
    around = os.environ | {"RESERVRUTIN_DATABASE_URL": url} | settings
    log = folder / "server.log"
    command: list[str | Path] = [PROGRAM, "web", "--staff", "--listen", listen]
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, env=around, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        try:
            assert process.stdout
            line = process.stdout.readline().decode()
            place = re.search(r"(http://\S+?|unix:\S+?)\. ", line)
            assert place, line + log.read_text(encoding="utf-8")
            yield Server(url, place[1], log, process)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


@pytest.fixture(scope="module")
def open_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page as it stands where no header says who looks."""
    folder = tmp_path_factory.mktemp("open")
    with served(folder, empty_log(folder / "log.sqlite")) as server:
        server.types("record outage-detected --scope all-users --system sesam-s2")
        yield server


@pytest.fixture(scope="module")
def behind_login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page behind a proxy that says who looks; Anna and Per of the partner are registered."""
    folder = tmp_path_factory.mktemp("login")
    with served(folder, empty_log(folder / "log.sqlite"), RESERVRUTIN_WEB_STAFF_HEADER="X-Remote-User") as server:
        server.types("record outage-detected --scope all-users --system sesam-s2")
        server.types("staff add anna --role hjalpmedel-administration")
        server.types("staff add åsa --role partner")
        yield server


PAGES = ["/", "/samtal", "/handelser", *(f"/handelse/{NUMBER}{page}" for page in ("", "/rapport", "/historia"))]


def test_what_is_recorded_in_one_terminal_stands_on_the_page_when_it_reloads(open_page: Server) -> None:
    before = open_page.asks("/samtal")[1]
    open_page.types("record prognosis-received --restored-by +90m --source Visma")
    answer, page = open_page.asks("/samtal")
    assert answer.headers["refresh"] == "30"
    assert "Det finns ingen prognos just nu." in before
    assert "Det finns ingen prognos just nu." not in page
    [told] = json.loads(open_page.types("say --json"))
    for sentence in told["say"]["sv"]:
        assert sentence in unescape(page)


def test_it_reloads_only_while_that_is_wanted_and_says_so(open_page: Server) -> None:
    for path in ("/", "/en/", "/samtal", f"/handelse/{NUMBER}"):
        answer, page = open_page.asks(path)
        assert answer.headers["refresh"] == "30", path
        assert f'href="{path}?reload=off"' in page
        answer, page = open_page.asks(f"{path}?reload=off")
        assert answer.headers["refresh"] is None
        assert f'href="{path}"' in page
    for path in ("/handelser", f"/handelse/{NUMBER}/rapport", f"/handelse/{NUMBER}/historia", "/finns-inte"):
        assert open_page.asks(path)[0].headers["refresh"] is None, path


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_fetches_nothing_and_has_the_style_that_its_policy_lets_it_have(
    open_page: Server, path: str
) -> None:
    answer, page = open_page.asks(path)
    assert answer.status == 200
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    ours = b64encode(sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{ours}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert "<script" not in page
    assert not re.search(r"\s(?:style|on\w+|src)=", page)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["set-cookie"] is None


def test_the_report_is_the_one_that_is_exported(open_page: Server, tmp_path: Path) -> None:
    exported = tmp_path / "rapport.html"
    open_page.types(f"export {NUMBER} --format html -o {exported}")
    shown = open_page.asks(f"/handelse/{NUMBER}/rapport")[1]
    words = [re.sub(r"<svg.*?</svg>|\d+", "", text, flags=re.DOTALL) for text in (shown, exported.read_text("utf-8"))]
    assert words[0] == words[1]
    assert '<html lang="en">' in open_page.asks(f"/en/incident/{NUMBER}/report")[1]


def test_nothing_can_be_written_by_any_method(open_page: Server) -> None:
    entries = open_page.types(f"log {NUMBER} --json")
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"):
        for path in PAGES:
            answer, page = open_page.asks(path, method)
            assert (answer.status, "Här kan du bara läsa" in page) == (405, True), (method, path)
            assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert open_page.types(f"log {NUMBER} --json") == entries
    answer, page = open_page.asks("/", "HEAD")
    assert (answer.status, page) == (200, "")


def test_what_is_not_there_is_said_to_be_so_in_the_pages_language(open_page: Server) -> None:
    answer, page = open_page.asks("/handelse/2026-0999")
    assert (answer.status, "Det finns ingen händelse 2026-0999" in page) == (404, True)
    answer, page = open_page.asks("/en/incident/--config%2Fetc/report")
    assert (answer.status, '<html lang="en">' in page) == (404, True)
    assert "Sidan finns inte" in open_page.asks("/finns-inte")[1]
    answer, page = open_page.asks(f"/handelse/{NUMBER}/historia?at=%3Cscript%3E&known=")
    assert answer.status == 200
    assert "&lt;script&gt;” är ingen tid" in page
    assert "9" * 101 not in open_page.asks(f"/handelse/{NUMBER}/historia?at={'9' * 5000}")[1]
    assert f'href="/en/incident/{NUMBER}/replay?at=%3Cscript%3E"' in page, "the other language is asked for the same"


def test_a_name_that_a_stranger_has_pointed_to_this_machine_gets_nothing(open_page: Server) -> None:
    """A page elsewhere that has its own name lead here would else be let to read all of it (DNS rebinding)."""
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""):
        answer, page = open_page.asks("/", Host=host)
        assert answer.status in (400, 421), host
        assert NUMBER not in page
    for host in ("localhost", "LOCALHOST:8021", "127.0.0.1:8021", "[::1]:8021"):
        assert open_page.asks("/", Host=host)[0].status == 200, host


def test_without_the_setting_nobody_is_named_whatever_a_header_says(open_page: Server) -> None:
    answer, page = open_page.asks("/", X_Remote_User="anna")
    assert answer.status == 200
    assert "Sidan vet inte vem du är" in page
    assert ">Härnäst</dt>" not in page


def test_each_sees_what_is_theirs_by_the_login_that_the_proxy_names(behind_login: Server) -> None:
    page = behind_login.asks("/", X_Remote_User="anna")[1]
    assert ">Härnäst</dt>" in page
    assert "Du ser det här som anna." in page
    page = behind_login.asks("/", X_Remote_User="åsa")[1]
    assert ">Härnäst</dt>" not in page
    assert "Du ser det här som åsa." in page


@pytest.mark.parametrize("path", [*PAGES, "/en/"])
def test_a_login_that_is_not_of_the_staff_sees_how_to_become_so_and_nothing_else(
    behind_login: Server, path: str
) -> None:
    answer, page = behind_login.asks(path, X_Remote_User="mallory")
    assert answer.status == 403
    assert "mallory" in page
    assert "reservrutin staff add" in page
    assert "vet inte vem du är" not in page, "it has just said who"
    assert "does not know who you are" not in page
    assert "Sesam S2" not in page


@pytest.mark.parametrize("named", ["", "anna\nanna", "anna\nåsa", "anna\x7f", "an\u200bna", "anna, åsa", "a" * 300])
def test_who_is_not_named_once_and_plainly_is_nobody(behind_login: Server, named: str) -> None:
    answer, page = behind_login.asks("/", X_Remote_User=named)
    assert answer.status == 403
    assert "Sesam S2" not in page
    assert behind_login.asks("/")[0].status == 403, "the header is missing"


def test_the_servers_own_log_names_nobody_and_no_incident(behind_login: Server) -> None:
    behind_login.asks(f"/handelse/{NUMBER}/historia?at=09:13", X_Remote_User="anna")
    deadline = time.monotonic() + 20
    while not (lines := [line for line in behind_login.told if line.get("page") == "replay"]):
        assert time.monotonic() < deadline, "the line is written when the answer has gone"
        time.sleep(0.05)
    assert lines[-1]["status"] == 200
    written = behind_login.log.read_text(encoding="utf-8")
    for secret in ("anna", NUMBER, "09:13", "mallory"):
        assert secret not in written


def test_a_log_that_is_away_is_said_to_be_and_the_page_comes_back_by_itself(tmp_path: Path) -> None:
    """At a socket, where the proxy calls the page what it likes."""
    path, place, called = tmp_path / "log.sqlite", tmp_path / "staff.sock", "reservrutin.intern.example.se"
    with served(tmp_path, f"sqlite:///{path}", f"unix:{place}") as server:
        assert place.stat().st_mode & 0o007 == 0
        answer, page = server.asks("/", Host=called)
        assert (answer.status, answer.headers["refresh"]) == (503, "30")
        assert "Loggen svarar inte" in page
        assert "senast" not in page, "it has never been read"
        empty_log(path)
        answer, page = server.asks("/", Host=called)
        assert (answer.status, "Ingen händelse är öppen." in page) == (200, True)
        hidden = path.rename(tmp_path / "away.sqlite")
        answer, page = server.asks("/en/", Host=called)
        assert (answer.status, answer.headers["refresh"]) == (503, "30")
        assert re.search(r"The log was last read \d{4}-\d\d-\d\d \d\d:\d\d CES?T\.", page)
        hidden.rename(path)
        assert server.asks("/", Host=called)[0].status == 200
    assert not place.exists()
    assert [each.name for each in tmp_path.glob("log.sqlite*")] == ["log.sqlite"], "all of the log is in the one file"


def test_on_postgresql_a_role_that_can_write_nothing_is_enough_and_learns_no_login(tmp_path: Path) -> None:
    """As `deploy/` has it: the database's reader, behind a proxy that says who looks."""
    with postgres.database_url(empty=True) as url:
        set_up(url)
        reader = url.replace("//postgres@", f"//{READER}@")
        with served(tmp_path, reader, RESERVRUTIN_WEB_STAFF_HEADER="X-Remote-User") as server:
            owner = replace(server, url=url)
            owner.types("record outage-detected --scope all-users --system sesam-s2")
            owner.types("staff add anna --role hjalpmedel-administration")
            for path in PAGES:
                assert server.asks(path, X_Remote_User="anna")[0].status == 200, path
                assert server.asks(path, X_Remote_User="' OR true --")[0].status == 403, path
            page = server.asks("/", X_Remote_User="anna")[1]
            assert ">Härnäst</dt>" in page
            assert "inga inloggningar" not in page
            page = server.asks(f"/handelse/{NUMBER}", X_Remote_User="anna")[1]
            assert "(anna)" not in page
            assert "inga inloggningar" not in page, "which this server never shows, whoever looks"
        with postgres.administering(reader) as connection:
            told = connection.execute("SELECT * FROM functions_of('anna')").fetchall()
            assert told == [('["hjalpmedel-administration"]',)], "and no pseudonym, which stands beside each entry"
            for asked in ("NULL", "''", "'%'", "'ann'"):
                assert connection.execute(f"SELECT * FROM functions_of({asked})").fetchall() == []


@on_sqlite
@pytest.mark.parametrize("place", ["0.0.0.0:8021", "[::]:8021", "192.0.2.7:80", "example.se:8021"])
def test_it_refuses_to_answer_anybody_but_this_machine(
    terminal: Terminal, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.serving.serve", lambda *_given: pytest.fail("it answers there"))
    reply = terminal.types(f"web --staff --listen {place}")
    assert reply.code == 2
    assert "Personalens sida svarar bara på den här datorn" in reply.err


def test_it_is_fast_enough_to_stand_on_every_desk(open_page: Server) -> None:
    open_page.types("record outage-detected --scope local --system websesam --incident new")
    open_page.types("record outage-detected --scope local --system visma-websesam --incident new")
    took = []
    for _ in range(10):
        began = time.perf_counter()
        assert open_page.asks("/")[0].status == 200
        took.append(time.perf_counter() - began)
    assert min(took) < 0.05
