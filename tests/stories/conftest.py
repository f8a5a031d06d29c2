"""A help desk with a real log and a real mail server on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mailroom import Mailroom, mailroom
from tests.terminal import Terminal


@pytest.fixture
def mails() -> Iterator[Mailroom]:
    with mailroom() as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path, url: str, mails: Mailroom) -> Iterator[Terminal]:
    opened = Terminal(tmp_path, smtp_url=mails.url, url=url).at("08:00")
    for name, audience in (
        ("forskrivare", "public"),
        ("handlaggare", "staff"),
        ("aktiv", "partner"),
        ("systemansvarig", "duty"),
        ("granskare", "compliance"),
    ):
        assert opened.types(f"subscriber add {name}@example.se --audience {audience}").code == 0
    yield opened
    opened.close()
