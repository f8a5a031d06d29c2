"""deploy/nginx.conf in a real nginx, before programs that tell what they were sent: what it lets through, as what."""

import json
import os
import re
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import trustme

from application.door.door import Door
from tests.mailroom import free_port
from tests.programs import found, needs
from tests.terminal import Terminal
from tests.web.served import a_reader

EXAMPLE = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text(encoding="utf-8")
NGINX = found("nginx")
DOOR, PAGES, STAFF = "prenumerera.example.se", "driftinformation.example.se", "reservrutin.intern.example.se"
TOKEN = "abcdefghijklmnopqrstuvwxyz"  # noqa: S105 - it opens nothing
LEAVE = f"/avsluta/{TOKEN}"
ONE_CLICK = {"Content-Type": "application/x-www-form-urlencoded"}

pytestmark = needs("nginx")


class Tells(BaseHTTPRequestHandler):
    """Answers with the request as it came. One who logs in is called as the cookie says."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        told = {"path": self.path, "method": self.command, "body": self.rfile.read(length).decode()}
        sent = json.dumps(told | {"headers": self.headers.items()}).encode()
        self.send_response(401 if self.path == "/oauth2/auth" and "Cookie" not in self.headers else 200)
        if self.path == "/oauth2/auth" and (login := self.headers.get("Cookie", "")):
            self.send_header("X-Auth-Request-User", login.removeprefix("session="))
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_GET  # noqa: N815 - the library's name

    def address_string(self) -> str:
        return ""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


class OnSocket(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class OnPort(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True


@contextmanager
def telling(server: socketserver.BaseServer) -> Iterator[None]:
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


@dataclass
class Nginx:
    folder: Path
    https: int
    http: int
    trusts: ssl.SSLContext

    def asks(
        self,
        host: str,
        path: str,
        method: str = "GET",
        body: str = "",
        *,
        tls: bool = True,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[HTTPResponse, Any]:
        """The answer, and the request as the program behind was sent it."""
        connection: HTTPConnection
        if tls:
            connection = HTTPSConnection("127.0.0.1", self.https, context=self.trusts, timeout=10)
            connection.sock = self.trusts.wrap_socket(
                socket.create_connection(("127.0.0.1", self.https)), server_hostname=host
            )
        else:
            connection = HTTPConnection("127.0.0.1", self.http, timeout=10)
        connection.request(method, path, body or None, {"Host": host} | (ONE_CLICK if body else {}) | dict(headers))
        answer = connection.getresponse()
        told = answer.read().decode()
        connection.close()
        return answer, json.loads(told) if told.startswith("{") else told

    @property
    def logs(self) -> str:
        return "".join(log.read_text(encoding="utf-8") for log in sorted(self.folder.glob("*.log")))


def adapted(folder: Path, https: int, http: int, login: int) -> str:
    """The example on ports and in a folder of our own, and what a system's nginx.conf says around it."""
    own = (
        EXAMPLE.replace("/run/reservrutin-door/", f"{folder}/")
        .replace("/run/reservrutin-staff/", f"{folder}/")
        .replace("/var/log/nginx/", f"{folder}/")
        .replace("/etc/ssl/private/", f"{folder}/")
        .replace("/etc/ssl/", f"{folder}/")
        .replace("/srv/driftinformation", f"{folder}/pages")
        .replace("127.0.0.1:4180", f"127.0.0.1:{login}")
    )
    own = re.sub(r"listen \[::\]:.*;", "", own)
    own = own.replace("rate=20r/s", "rate=2r/s").replace("burst=200", "burst=20")  # so that few requests are too many
    own = own.replace("listen 443 ", f"listen 127.0.0.1:{https} ").replace("listen 80;", f"listen 127.0.0.1:{http};")
    scratch = "".join(
        f"{name}_temp_path {folder}/temp;\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.getuid() == 0 else ""
    return (
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log {folder}/access.log;\n{scratch}{own}}}\n"
    )


@contextmanager
def running(folder: Path) -> Iterator[Nginx]:
    """nginx by the example, before whatever listens at the sockets in the folder, and a login that knows everybody."""
    assert NGINX
    authority = trustme.CA()
    for name in (DOOR, PAGES, STAFF):
        made = authority.issue_cert(name)
        made.private_key_pem.write_to_path(folder / f"{name}.key")
        made.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
    trusts = ssl.create_default_context()
    authority.configure_trust(trusts)
    (folder / "pages").mkdir()
    https, http, login = free_port(), free_port(), free_port()
    config = folder / "nginx.conf"
    config.write_text(adapted(folder, https, http, login), encoding="utf-8")
    with telling(OnPort(("127.0.0.1", login), Tells)):
        process = subprocess.Popen([NGINX, "-p", folder, "-c", config, "-e", folder / "error.log"])
        try:
            _answers(https, process, folder)
            yield Nginx(folder, https, http, trusts)
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(20)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    folder = tmp_path_factory.mktemp("nginx")
    with ExitStack() as stack:
        for name in ("door", "staff"):
            stack.enter_context(telling(OnSocket(str(folder / f"{name}.sock"), Tells)))
        yield stack.enter_context(running(folder))


def _answers(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, (folder / "error.log").read_text(encoding="utf-8")
            assert time.monotonic() < until
            time.sleep(0.05)


def test_nginx_understands_every_line(nginx: Nginx) -> None:
    assert "nginx: " not in nginx.logs
    assert not re.search(r"\[(warn|error|crit|alert|emerg)\]", nginx.logs)


@pytest.mark.parametrize("tls", [True, False])
def test_one_click_comes_through_on_both_ports_and_is_never_redirected(nginx: Nginx, tls: bool) -> None:
    """RFC 8058: 200 to the POST itself; a redirect would be followed by nobody."""
    answer, told = nginx.asks(DOOR, LEAVE, "POST", "List-Unsubscribe=One-Click", tls=tls)
    assert answer.status == 200
    assert (told["method"], told["path"], told["body"]) == ("POST", LEAVE, "List-Unsubscribe=One-Click")


def test_a_person_without_tls_is_shown_the_way(nginx: Nginx) -> None:
    for path in ("/", LEAVE, "/en/"):
        answer, _told = nginx.asks(DOOR, path, tls=False)
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{DOOR}{path}")
    answer, _told = nginx.asks(PAGES, "/feed.atom", tls=False)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{PAGES}/feed.atom")


def test_what_a_client_says_of_itself_does_not_reach_the_door(nginx: Nginx) -> None:
    said = {"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1", "Cookie": "a=b", "Authorization": "Basic x"}
    _answer, told = nginx.asks(DOOR, "/", headers=said)
    headers = told["headers"]
    assert [value for name, value in headers if name.lower() == "x-forwarded-for"] == ["127.0.0.1"]
    assert {name.lower() for name, _value in headers} & {"forwarded", "cookie", "authorization"} == set()
    assert ["Host", DOOR] in headers


def test_a_form_of_more_than_four_kilobytes_goes_no_further(nginx: Nginx) -> None:
    answer, told = nginx.asks(DOOR, "/", "POST", "a" * 5000)
    assert answer.status == 413
    assert "method" not in told


def test_whoever_asks_and_asks_is_slowed_down_but_one_click_is_not(nginx: Nginx) -> None:
    """Hundreds leave from one network, that of their mail company; a hurried person's burst is let through."""
    pressed = [nginx.asks(DOOR, LEAVE, "POST", "List-Unsubscribe=One-Click")[0].status for _time in range(60)]
    assert set(pressed) == {200}
    asked = [nginx.asks(DOOR, "/")[0].status for _time in range(60)]
    assert asked[:10] == [200] * 10
    assert asked[-1] == 429


def test_no_log_holds_a_token_also_when_the_door_is_away(nginx: Nginx) -> None:
    assert nginx.asks(DOOR, f"/en/leave/{TOKEN}?x={TOKEN}")[0].status == 200
    here, away = nginx.folder / "door.sock", nginx.folder / "away.sock"
    here.rename(away)
    try:
        answers = {nginx.asks(DOOR, LEAVE, "POST", "x", tls=tls)[0].status for tls in (True, False) for _again in "123"}
        assert nginx.asks(DOOR, f"/val/{TOKEN}")[0].status in (502, 429)
    finally:
        away.rename(here)
    assert 502 in answers
    assert " /avsluta/- 502 " in nginx.logs
    assert TOKEN not in nginx.logs


def test_the_pages_are_files_that_need_no_program(nginx: Nginx) -> None:
    (nginx.folder / "pages" / "index.html").write_text("<p>Sesam ligger nere å ä ö", encoding="utf-8")
    (nginx.folder / "pages" / "feed.atom").write_text("<feed/>", encoding="utf-8")
    (nginx.folder / "pages" / ".index.html.x").write_text("<p>Ses", encoding="utf-8")
    answer, page = nginx.asks(PAGES, "/")
    assert (answer.status, page) == (200, "<p>Sesam ligger nere å ä ö")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "max-age=60"
    assert nginx.asks(PAGES, "/feed.atom")[0].headers["Content-Type"].startswith("application/atom+xml")
    for path in ("/.index.html.x", "/../error.log", "/%2e%2e/error.log", "/2026-0001.html"):
        assert nginx.asks(PAGES, path)[0].status in (400, 404)
    assert nginx.asks(PAGES, "/", "POST", "x")[0].status == 405


@pytest.mark.parametrize("forged", ["X-Remote-User", "x-remote-user", "X_Remote_User"])
def test_who_it_is_that_reads_staffs_page_the_login_alone_says(nginx: Nginx, forged: str) -> None:
    def named(cookie: str) -> list[str]:
        _answer, told = nginx.asks(STAFF, "/", headers={forged: "chefen", "Cookie": cookie})
        return [value for name, value in told["headers"] if name.lower().replace("_", "-") == "x-remote-user"]

    answer, _told = nginx.asks(STAFF, "/", headers={forged: "chefen"})
    assert (answer.status, answer.headers["Location"]) == (302, f"https://{STAFF}/oauth2/start?rd=/")
    assert named("session=anna") == ["anna"]
    assert named("session=") == [], "whom the login does not name is nobody"


@contextmanager
def serving(folder: Path, name: str, url: str, *options: str, **settings: str) -> Iterator[Path]:
    """The program itself at a socket in the folder; where it logs."""
    path, log = folder / f"{name}.sock", folder / f"{name}.jsonl"
    given = {"DATABASE_URL": url, "WEB_URL": f"https://{DOOR}"} | settings
    around = {known: value for known, value in os.environ.items() if not known.startswith("RESERVRUTIN_")}
    around |= {"XDG_CONFIG_HOME": str(folder)} | {f"RESERVRUTIN_{known}": value for known, value in given.items()}
    command = [sys.executable, "-m", "reservrutin", "web", *options, "--listen", f"unix:{path}"]
    with log.open("wb") as errors:
        process = subprocess.Popen(command, env=around, stdout=subprocess.DEVNULL, stderr=errors)
    try:
        until = time.monotonic() + 60
        while not path.exists():
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < until
            time.sleep(0.05)
        yield log
    finally:
        process.terminate()
        process.wait(30)


def test_the_program_itself_is_reached_through_the_example(tmp_path: Path) -> None:
    """One click leaves, and staff's page knows who reads: by the login that nginx asked."""
    terminal = Terminal(tmp_path).at("08:05")
    url = terminal.settings.database_url
    token = a_reader(terminal.desk.database)
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    assert terminal.types("staff add anna --role vo-hjalpmedel").code == 0
    with (
        serving(tmp_path, "door", url) as log,
        serving(tmp_path, "staff", url, "--staff", WEB_STAFF_HEADER="X-Remote-User"),
        running(tmp_path) as nginx,
    ):
        assert nginx.asks(DOOR, "/halsa")[1] == "reservrutin"
        answer, page = nginx.asks(DOOR, f"/avsluta/{token}", "POST", "List-Unsubscribe=One-Click")
        assert (answer.status, answer.headers["Set-Cookie"]) == (200, None)
        assert "Du får inga fler mejl" in page
        assert nginx.asks(STAFF, "/")[0].status == 302
        answer, board = nginx.asks(STAFF, "/", headers={"Cookie": "session=anna"})
        assert (answer.status, "2026-0001" in board) == (200, True)
        answer, told = nginx.asks(STAFF, "/", headers={"Cookie": "session=bo", "X-Remote-User": "anna"})
        assert (answer.status, "2026-0001" in told) == (403, False)
        assert token not in log.read_text(encoding="utf-8") + nginx.logs
    door = Door(terminal.desk).way(token)
    assert door is not None
    assert door.over
    terminal.close()
