"""A reader's browser and mail program in few lines: they look at a page of the door, and press a button."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from importlib.util import find_spec
from os import environ
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import click

from application.settings import PREFIX
from cli.terminal.page_lines import page_lines
from wording.door_paths import HEALTH

ANSWERS_WITHIN = 20.0
SHOWN = 2
"""Blocks of a page that say what it is about."""


def can_serve() -> bool:
    """Whether the libraries of `reservrutin web` are here."""
    return all(find_spec(library) for library in ("starlette", "uvicorn"))


@contextmanager
def door(folder: Path, database_url: str, address: str) -> Iterator[None]:
    """A real `reservrutin web` at this address, once it answers, with settings of its own in the folder."""
    settings = folder / "door.toml"
    settings.write_text(f'database_url = "{database_url}"\nweb_url = "{address}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "reservrutin", "web", "--config", str(settings)]
    around = {name: value for name, value in environ.items() if not name.startswith(PREFIX)}
    with (folder / "door.log").open("w", encoding="utf-8") as log:
        listening = [*command, "--listen", address.removeprefix("http://")]
        process = subprocess.Popen(listening, env=around, stdout=log, stderr=log)  # noqa: S603 - this program itself
    try:
        until = time.monotonic() + ANSWERS_WITHIN
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit((folder / "door.log").read_text(encoding="utf-8"))
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(ANSWERS_WITHIN)


def _answers(address: str) -> bool:
    try:
        with urlopen(address + HEALTH, timeout=5):  # noqa: S310 - on this machine
            return True
    except URLError:
        return False


def looks_at(url: str) -> None:
    """Nothing happens by that."""
    _shown("GET", url)


def presses(url: str, fields: Mapping[str, str]) -> None:
    """The button of the page, with what was filled in."""
    _shown("POST", url, urlencode(fields))


def _shown(method: str, url: str, body: str = "") -> None:
    click.echo(click.style(f"  {method} {url}", fg="blue"))
    if body:
        click.echo(click.style(f"       {body}", fg="blue"))
    with urlopen(url, body.encode() if method == "POST" else None, timeout=30) as answer:  # noqa: S310 - on this machine
        click.echo(page_lines(answer.read().decode(), SHOWN))


def link_in(mail: Path, address: str) -> str:
    """Where the mail's first link to the door leads."""
    text = message_from_bytes(mail.read_bytes(), policy=policy.default).get_body(("plain",))
    found = re.search(rf"{re.escape(address)}/\S+", text.get_content() if text else "")
    return found[0] if found else ""
