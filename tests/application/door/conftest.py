"""A desk whose worker carries out what is asked for at the door, and where its mail arrives."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.application.door.readers import DOOR_AT, set_to
from tests.mailroom import Mailroom, mailroom
from tests.terminal import Terminal


@pytest.fixture
def mails() -> Iterator[Mailroom]:
    with mailroom() as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path, mails: Mailroom, url: str) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, smtp_url=mails.url, url=url).at("08:00")
    set_to(terminal, web_url=DOOR_AT)
    yield terminal
    assert terminal.types("verify").code == 0, "what the door did, the log tells"
    terminal.close()
