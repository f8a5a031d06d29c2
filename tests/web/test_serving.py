"""The server: whoever dawdles is let go, it ends well, and what it tells its keeper names nobody."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from starlette.requests import Request

from application.listening import listening
from domain.refusals import Invalid, Unavailable
from infrastructure.database.database import Database
from infrastructure.database.grants import DOOR
from infrastructure.database.roles import set_up
from infrastructure.registers import wishes
from tests import postgres
from tests.empty_log import empty_log
from tests.terminal import Terminal
from tests.web.served import ADDRESS, a_confirmation, a_reader, served
from web.network import network
from web.serving import bound
from web.site import status_of

PATIENCE = 1.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(empty_log(tmp_path / "log.sqlite"))
    yield database
    database.close()


FORM = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 400\r\n\r\n"


def is_let_go(connection: socket.socket) -> bool:
    try:
        return connection.recv(4096) == b""
    except (ConnectionResetError, BrokenPipeError):
        return True
    except TimeoutError:
        return False


def test_whoever_sends_a_byte_now_and_then_is_let_go_and_the_rest_are_answered(
    database: Database, tmp_path: Path
) -> None:
    with served(database.url, tmp_path, patience=PATIENCE) as door, ExitStack() as stack:
        began = time.monotonic()
        waiting = []
        for begun in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nX: ", FORM, FORM + b"address="):
            connection = stack.enter_context(socket.create_connection((door.host, door.port), timeout=0.05))
            connection.sendall(begun)
            waiting.append(connection)
        while waiting:
            assert time.monotonic() - began < 20 * PATIENCE, "they would wait for ever"
            for connection in list(waiting):
                with suppress(BrokenPipeError, ConnectionResetError):
                    connection.sendall(b"x")
                if is_let_go(connection):
                    assert time.monotonic() - began > PATIENCE * 0.8, "a slow line is no attack"
                    waiting.remove(connection)
            assert door.gets("/halsa").status == 200
        again = stack.enter_context(socket.create_connection((door.host, door.port)))
        for _each in range(2):  # a connection may be used again, and then not for ever
            again.sendall(b"GET /halsa HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(PATIENCE * 0.7)
            assert b"200 OK" in again.recv(4096)
        assert is_let_go(again)


def test_an_answer_that_takes_us_long_is_cut_off_for_nobody(database: Database, tmp_path: Path) -> None:
    """Only whoever keeps us waiting is let go: another writes in the log for longer than a client's patience."""
    with served(database.url, tmp_path, patience=PATIENCE / 4) as door, ThreadPoolExecutor(1) as mail_program:
        token = a_reader(database)
        with database.writing():
            answer = mail_program.submit(door.sends, f"/avsluta/{token}")
            time.sleep(PATIENCE)
            assert not answer.done()
        assert answer.result().status == 200


def test_two_servers_answer_from_one_log_and_a_wish_at_one_is_seen_at_the_other(
    database: Database, tmp_path: Path
) -> None:
    reader = a_reader(database)
    with served(database.url, tmp_path) as one, served(database.url, tmp_path) as other:
        for count in range(5):
            for door in (one, other):
                assert door.sends("/", address=f"{door.port}-{count}@example.se", language="sv").status == 200
        assert one.sends(f"/en/choices/{reader}", do="choose", language="en").status == 200
        assert 'value="en" checked' in other.gets(f"/val/{reader}").says
        assert other.sends(f"/avsluta/{reader}").status == 200
        assert "Du får inga fler mejl" in one.gets(f"/val/{reader}").says
    assert len(wishes.waiting(database.connection(), database.now())) == 12


def test_it_ends_well_when_asked_and_its_log_names_nobody(database: Database, tmp_path: Path) -> None:
    reader, letter = a_reader(database), a_confirmation(database)
    with served(database.url, tmp_path) as door:
        forwarded = {"x-forwarded-for": "192.0.2.77", "content-type": "application/x-www-form-urlencoded"}
        door.asks("POST", "/?anna@example.se", "address=anna%40example.se&language=sv", forwarded)
        door.asks("ANNA", f"/avsluta/{reader}?q=anna@example.se", headers=forwarded)
        door.gets(f"/avsluta/{reader}")
        door.sends(f"/en/confirm/{letter}")
        door.gets("/anna@example.se")
        with closing(socket.create_connection((door.host, door.port))) as connection:
            connection.sendall(b"anna@example.se 192.0.2.77\r\n\r\n")
            assert b" 400 " in connection.recv(4096)
        with closing(socket.create_connection((door.host, door.port))) as waits:
            waits.sendall(b"GET /halsa HTTP/1.1\r\n")
            began = time.monotonic()
            assert door.stops() == 0
            assert time.monotonic() - began < 10
    requests = [(line["method"], line["page"], line["status"]) for line in door.said if line["event"] == "request"]
    assert requests == [
        ("POST", "subscribe", 200),
        ("other", "leave", 405),
        ("GET", "leave", 200),
        ("POST", "confirm", 200),
        ("GET", "none", 404),
    ]
    assert {line["event"] for line in door.said} >= {"listening", "request", "stopped"}
    for named in ("anna", "ANNA", "192.0.2", reader, letter):
        assert named not in json.dumps(door.said)


def test_what_is_no_request_behind_one_that_is_cuts_the_line_and_is_no_fault_of_ours(
    database: Database, tmp_path: Path
) -> None:
    """The library would answer both at once, and tell its keeper of an error."""
    chunked = b"GET /en/accessibility HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with served(database.url, tmp_path) as door:
        for sent in (chunked + b"no chunk\r\n", FORM + b"x" * 400 + b"\x00no request\r\n\r\n" * 3):
            for _each in range(5):
                with closing(socket.create_connection((door.host, door.port), timeout=20)) as connection:
                    connection.sendall(sent)
                    while not is_let_go(connection):
                        pass
        assert door.gets("/halsa").status == 200
        door.stops()
    assert [line for line in door.said if line["level"] == "error"] == []


def test_a_database_that_is_away_is_said_on_a_page_and_in_the_log(database: Database, tmp_path: Path) -> None:
    with served(database.url, tmp_path) as door:
        assert door.gets("/halsa").status == 200
        Path(database.url.removeprefix("sqlite:///")).write_bytes(b"no database at all" * 400)
        answers = [door.gets("/halsa"), door.sends("/", address="anna@example.se", language="sv")]
        assert all(answer.status >= 500 for answer in answers)
        assert all("<h1>" in answer.says for answer in answers)
        door.stops()
    assert [line["event"] for line in door.said if line["level"] == "error"].count("failed") == 2


def test_it_answers_at_a_socket_and_takes_the_place_of_one_that_was_killed_alone(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "door.sock"
    place = listening(f"unix:{path}")
    bound(place).close()
    assert path.is_socket(), "nobody has cleared up"
    with bound(place), pytest.raises(Invalid, match="web-listen"):
        bound(place)
    environment = os.environ | {"RESERVRUTIN_DATABASE_URL": database.url, "RESERVRUTIN_WEB_URL": ADDRESS}
    command = [sys.executable, "-m", "cli", "web", "--listen", f"unix:{path}", "--lang", "en"]
    with subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as door:
        assert door.stdout
        assert door.stdout.readline() == f"Answers on unix:{path}. Stop with Ctrl-C.\n"
        with closing(socket.socket(socket.AF_UNIX)) as connection:
            connection.connect(str(path))
            connection.sendall(b"GET /halsa HTTP/1.0\r\n\r\n")
            assert b"200 OK" in connection.recv(4096)
        assert oct(path.stat().st_mode)[-3:] == "660"
        door.send_signal(signal.SIGTERM)
        assert door.stdout.read() == "Stopped.\n"
    assert door.returncode == 0
    assert not path.exists()


@pytest.mark.long
def test_the_role_that_can_do_no_more_is_enough_for_the_door(tmp_path: Path) -> None:
    """On PostgreSQL, where it reads no address and no fact."""
    with postgres.database_url(empty=True) as url:
        set_up(url)
        owner = Database(url)
        reader, letter = a_reader(owner), a_confirmation(owner)
        with served(url.replace("//postgres@", f"//{DOOR}@"), tmp_path) as door:
            assert door.gets("/halsa").status == 200
            assert door.sends("/", address="eva@example.se", language="sv").status == 200
            assert door.sends(f"/bekrafta/{letter}").status == 200
            assert door.sends(f"/val/{reader}", do="choose", language="en").status == 200
            assert door.sends(f"/avsluta/{reader}").status == 200
        found = [wish.kind for wish in wishes.waiting(owner.connection(), owner.now())]
        owner.close()
    assert found == ["confirm", "choose", "leave", "subscribe"], "what needs a letter comes last"


def test_what_is_not_installed_or_not_set_is_one_sentence(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(tmp_path, url=database.url)
    told = terminal.types("web --lang en")
    assert (told.code, "web_url" in told.err) == (2, True)
    assert terminal.types("web --listen 80 --lang en").err.startswith("--listen takes HOST:PORT or unix:/PATH")
    for name in [name for name in sys.modules if name.partition(".")[0] in ("web", "starlette")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    told = terminal.types("web --lang en")
    assert (told.code, told.err) == (2, "The pages need a web server of their own: install reservrutin[web].\n")
    terminal.close()


@pytest.mark.parametrize(
    ("error", "status"),
    [(Unavailable("log-away"), 503), (Unavailable("too-many-wishes"), 429), (Invalid("x"), 500), (OSError(), 500)],
)
def test_a_log_that_is_away_is_worth_another_try_and_what_nobody_thought_of_is_our_fault(
    error: Exception, status: int
) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize(
    ("peer", "said", "found"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.9"], "192.0.2.7"),  # whoever is no proxy of ours may say what they like
        ("127.0.0.1", ["198.51.100.9"], "198.51.100.9"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.9"], "198.51.100.9"),  # the client wrote what stands first
        ("127.0.0.1", ["6.6.6.6", "198.51.100.9"], "198.51.100.9"),
        ("", ["2001:db8:1:2:aaaa::7"], "2001:db8:1::/56"),
        ("::1", ["[2001:db8:1:2::8]"], "2001:db8:1::/56"),
        ("::ffff:192.0.2.7", [], "192.0.2.7"),
        ("", ["anna@example.se"], ""),
        ("", [], ""),
    ],
)
def test_whose_network_it_is_our_own_proxy_says(peer: str, said: list[str], found: str) -> None:
    headers = [(b"x-forwarded-for", value.encode()) for value in said]
    asked = Request({"type": "http", "client": (peer, 1) if peer else None, "headers": headers})
    assert network(asked) == found


@pytest.mark.parametrize(
    ("text", "is_private"),
    [
        ("127.0.0.1:8020", True),
        ("[::1]:8020", True),
        ("localhost:0", True),
        ("unix:/run/door.sock", True),
        ("0.0.0.0:80", False),
        ("[::]:80", False),
        ("door.example.se:80", False),
    ],
)
def test_a_place_to_listen_at_is_private_where_nobody_elses_machine_reaches_it(text: str, is_private: bool) -> None:
    assert listening(text).is_private is is_private


@pytest.mark.parametrize("text", ["", "8020", ":8020", "127.0.0.1:", "127.0.0.1:99999", "unix:", "unix:door", "a b:1"])
def test_what_is_no_place_to_listen_at(text: str) -> None:
    with pytest.raises(ValueError, match="^" + text[:3]):
        listening(text)
