"""What is told at the end of a long work is recorded then, so that no clock seems to have been set back."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from domain.delivery import Receipt
from domain.fact import By
from domain.suspension import SuspensionPolicy
from domain.vocabulary import Function
from infrastructure.log import own_streams
from infrastructure.outbox.bounces import handle
from tests.mailroom import mailroom
from tests.terminal import Terminal

BY = By(Function.VO_HJALPMEDEL, "s-1")


def test_reports_that_take_minutes_to_read_are_told_of_when_they_have_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mailroom() as mails:
        desk = Terminal(tmp_path, smtp_url=mails.url).at("08:00")
        desk.types("subscriber add anna@example.se --audience staff")
        desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
        desk.types("worker --once")
    counted = count(0.0, 120.0)
    monkeypatch.setattr(own_streams, "time", SimpleNamespace(monotonic=lambda: next(counted)))

    def read() -> Iterator[Receipt]:
        """While they are read somebody else writes."""
        desk.at("08:31").records("note-added --text 'det ringer'")
        yield Receipt(1, "", "failed", "5.1.1", "no such user")

    now = desk.at("08:30").desk.now()
    handle(desk.desk.database, read(), now, SuspensionPolicy(1.0), BY)
    handle(desk.desk.database, [Receipt(1, "", "failed", "5.1.1", "no such user")], now, SuspensionPolicy(1.0), BY)
    told = desk.types("log --of deliveries --json").json
    assert [fact["data"]["decision"] for fact in told] == ["reported"], "the same report again is nothing new"
    assert desk.at("08:40").types("verify").code == 0
