"""Half a year later: who had been told of each fact, and when the mail server took it."""

from typing import Any

import pytest

from tests.mailroom import Mailroom
from tests.terminal import Terminal


def by_fact(desk: Terminal, limits: str = "") -> dict[str, Any]:
    return {step["fact"]: step["told"] for step in desk.types(f"replay 1 {limits} --json").json}


@pytest.fixture
def told(desk: Terminal, mails: Mailroom) -> Terminal:
    """Those on duty are told at 08:05; of two who work there the second is refused by the mail server."""
    desk.types("subscriber add borta@example.se --audience staff")
    mails.refuses = "borta@example.se"
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("08:06").types("worker --once")
    desk.at("08:20").records("prognosis-received --restored-by 10:00")
    desk.at("08:40").types("worker --once")
    return desk.at("12:00")


def test_the_replay_says_who_was_told_and_when_the_mail_server_took_it(told: Terminal) -> None:
    to = by_fact(told)
    taken = {"first_sent_at": "2026-12-07T07:06:00Z", "last_sent_at": "2026-12-07T07:06:00Z"}
    assert to["outage-detected"] == [
        {"audience": "duty", "channel": "email", "state": "sent", "subscribers": 1} | taken,
        {"audience": "staff", "channel": "email", "state": "refused", "subscribers": 1}
        | {"first_sent_at": None, "last_sent_at": None},
        {"audience": "staff", "channel": "email", "state": "sent", "subscribers": 1} | taken,
    ]
    words = " ".join(told.types("replay 1").out.split())
    assert "Besked systemansvarig och ersättare 1, VO Hjälpmedel och Hjälpmedel Administration 1 – e-post" in words
    assert "e-postservern tog emot 08:06 CET" in words
    assert "e-postservern tog emot 08:40 CET" in words, "said with the time it was taken, not when it was recorded"
    assert {one["state"] for one in to["prognosis-received"]} == {"sent", "refused"}


def test_who_had_been_told_by_then_is_not_known_from_what_came_later(told: Terminal) -> None:
    for limit in ("--known-at 08:30", "--as-of 08:30 --known-at 11:00"):
        to = by_fact(told, limit)
        assert {(one["audience"], one["state"]) for one in to["outage-detected"]} == {
            ("duty", "sent"),
            ("staff", "sent"),
            ("staff", "refused"),
        }
        assert to["prognosis-received"] == [], "nobody had planned it yet"
    words = " ".join(told.types("replay 1 --known-at 08:30").out.split())
    assert "Hjälpmedel Administration 1 – avvisat av e-postservern" in words
    waited = " ".join(told.types("replay 1 --known-at 08:05").out.split())
    assert "inte skickat då" not in waited, "and nothing had been planned"
