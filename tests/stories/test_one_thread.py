"""Whoever is told of an incident has it in one thread, in any program, and no other log's in it."""

from base64 import b64decode

import pytest

from tests.mailroom import Mailroom
from tests.terminal import Terminal


def test_an_outages_mails_are_one_thread_of_this_log(desk: Terminal, mails: Mailroom) -> None:
    desk.types("record outage-detected --scope all-users --system sesam-s2")
    desk.types("worker --once")
    desk.at("09:00").types("record service-restored --system sesam-s2 --as system-owner")
    desk.types("worker --once")
    outage, restored = mails.to("handlaggare")
    assert outage["Subject"] != restored["Subject"]
    assert outage["Thread-Topic"] == restored["Thread-Topic"] == "Reservrutin Sesam 2026-0001"
    assert len({b64decode(mail["Thread-Index"])[:22] for mail in mails.mails}) == 1
    [root] = {mail["References"].split()[0] for mail in mails.mails}
    assert len(root.partition("@")[0].split(".")) == 3, "the incident's number and the log's id"


def test_an_incident_that_was_open_at_an_upgrade_goes_on_in_its_readers_thread(
    desk: Terminal, mails: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer names the first mail, whose own References name the root of before."""
    desk.types("record outage-detected --scope all-users --system sesam-s2")
    with monkeypatch.context() as before:
        before.setattr("notifiers.email.message.thread_root", lambda number, _settings: f"<incident.{number}@x.se>")
        desk.types("worker --once")
    desk.at("09:00").types("record service-restored --system sesam-s2 --as system-owner")
    desk.types("worker --once")
    outage, restored = mails.to("handlaggare")
    assert outage["References"] == "<incident.2026-0001@x.se>"
    assert restored["References"].split()[0] != outage["References"]
    assert restored["In-Reply-To"] == outage["Message-ID"] == restored["References"].split()[-1]
