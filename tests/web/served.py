"""The door as a process of its own, spoken to as browsers, mail programs and worse do."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from sqlalchemy import insert

from domain.vocabulary import Audience, System
from infrastructure.database.database import Database
from infrastructure.database.tables import confirmations
from infrastructure.log.codec import written
from infrastructure.registers.subscribers import Subscribers
from infrastructure.registers.tokens import hash_of, new_token
from infrastructure.registers.ways_out import make_ways_out
from wording.door_paths import PATHS, DoorPage, door_path
from wording.words import LANGUAGES

ADDRESS = "https://prenumerera.example.se"
"""What readers call the door; in these tests nobody is there, and nothing may ask it for anything."""

START = """
import sys
import web.serving
from cli.__main__ import main
web.serving.PATIENCE = float(sys.argv.pop(1))
main()
"""


@dataclass
class Answered:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def says(self) -> str:
        """What stands in the page's main part."""
        return self.text.partition("<main")[2].partition("</main>")[0]


@dataclass
class Served:
    """A server that runs; `host` and `port` are where."""

    process: "subprocess.Popen[str]"
    log: Path
    host: str
    port: int
    said: list[dict[str, Any]] = field(default_factory=list)
    """The lines of its log, once it has stopped."""

    def asks(
        self, method: str, path: str, body: bytes | str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        with closing(HTTPConnection(self.host, self.port, timeout=30)) as connection:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answered(answer.status, answer.msg, answer.read())

    def gets(self, path: str) -> Answered:
        return self.asks("GET", path)

    def sends(self, path: str, **fields: str | list[str]) -> Answered:
        """A form, as a browser sends it."""
        form = {"content-type": "application/x-www-form-urlencoded"}
        return self.asks("POST", path, urlencode(fields, doseq=True), form)

    def stops(self) -> int:
        """Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)
        self.said = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]
        return self.process.returncode


@contextmanager
def served(url: str, folder: Path, patience: float = 15.0, **settings: str) -> Iterator[Served]:
    """The door at this log, for as long as this lasts."""
    given = {"database_url": url, "web_url": ADDRESS, "lang": "en"} | settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RESERVRUTIN_")}
    environment |= {"XDG_CONFIG_HOME": str(folder)} | {f"RESERVRUTIN_{n.upper()}": v for n, v in given.items()}
    log = folder / f"{uuid4().hex}.log"
    with log.open("wb") as errors:  # not a pipe, which a server that says much would have to wait for
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(patience), "web", "--listen", "127.0.0.1:0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout
    try:
        line = process.stdout.readline()
        place = urlsplit(next((word.rstrip(".") for word in line.split() if word.startswith("http")), ""))
        assert place.hostname, log.read_text(encoding="utf-8")
        assert place.port
        server = Served(process, log, place.hostname, place.port)
        yield server
        if process.poll() is None:
            assert server.stops() == 0
    finally:
        process.kill()
        process.communicate()


def a_reader(database: Database, name: str = "anna", systems: Sequence[System] = ()) -> str:
    """The token of somebody who subscribes, as it stands in their mail."""
    added = Subscribers(database).add(f"{name}@example.se", Audience.PUBLIC, systems, [], "sv")
    with database.writing() as connection:
        return make_ways_out(connection, {added.id}, database.now())[added.id]


def a_confirmation(database: Database, name: str = "bo", valid: timedelta = timedelta(hours=48)) -> str:
    """The token in a letter that asks somebody to confirm their address."""
    token, now = new_token(), database.now()
    row = {
        "id": hash_of(token),
        "address": f"{name}@example.se",
        "language": "sv",
        "systems": [],
        "areas": [],
        "mailed_at": written(now),
        "until": written(now + valid),
    }
    with database.engine.begin() as connection:
        connection.execute(insert(confirmations), row)
    return token


def every_page(reader: str, confirmation: str) -> list[str]:
    """The path of every page that somebody can look at, in both languages; with a reader's token and a letter's."""
    token_of = dict.fromkeys(DoorPage, reader) | {DoorPage.CONFIRM: confirmation}
    found = [door_path(page, language, token_of[page]) for page in PATHS for language in LANGUAGES]
    dead = [door_path(page, "sv", "a" * 26) for page in (DoorPage.CONFIRM, DoorPage.CHOICES, DoorPage.LEAVE)]
    return [*found, *dead, "/finns-inte", "/en/not-there"]
